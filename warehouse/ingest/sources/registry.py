"""Every platform and every source that is described in this folder."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache

from warehouse.ingest import sources
from warehouse.ingest.sources.model import Platform, Source


@cache
def all_sources() -> tuple[Source, ...]:
    """All sources in the order of their files' names."""
    return tuple(source for module in _described() for source in module[1])


@cache
def all_platforms() -> Mapping[str, Platform]:
    """All platforms by name."""
    return {platform.name: platform for platform, _ in _described()}


@cache
def _described() -> tuple[tuple[Platform, tuple[Source, ...]], ...]:
    names = sorted(info.name for info in pkgutil.iter_modules(sources.__path__))
    modules = [importlib.import_module(f"{sources.__name__}.{name}") for name in names]
    return tuple((m.PLATFORM, m.SOURCES) for m in modules if hasattr(m, "PLATFORM"))
