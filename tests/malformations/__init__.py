"""The ways in which :mod:`tests.malformed` spoils good export files, a module for each idea."""
