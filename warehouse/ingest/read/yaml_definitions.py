"""Definitions of experiments in YAML -> a table, as JSON would give it."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, Final

import orjson
import yaml

from warehouse.errors import LoadRefused
from warehouse.ingest.contract import RawTable
from warehouse.ingest.read.json_records import read_json
from warehouse.ingest.read.streams import Source

_LARGEST: Final = 4 << 20  # bytes; definitions are written by hand


def read_yaml(source: Source, vocabulary: frozenset[str]) -> Iterator[RawTable]:
    """The definitions below ``experiments`` (or ``experiment``) of one YAML document.

    Raises :class:`LoadRefused` for what is no such document. Only plain values are read, and no aliases: a few of
    them can stand for gigabytes.
    """
    text = orjson.dumps([_plain(one) for one in _defined(source.path, source.stream)], option=orjson.OPT_NON_STR_KEYS)
    yield from read_json(Source(source.path, source.name, io.BufferedReader(io.BytesIO(text))), vocabulary)


def definitions(path: Path) -> list[dict[str, Any]]:
    """The definitions of a file as they are written, values plain. Raises as :func:`read_yaml`."""
    try:
        with path.open("rb") as stream:
            return [_plain(one) for one in _defined(str(path), stream)]
    except OSError as error:
        raise LoadRefused(f"{path} cannot be read: {error.strerror}.", remedy="Check the path.") from error


def _defined(path: str, stream: IO[bytes]) -> list[dict[str, Any]]:
    data = stream.read(_LARGEST + 1)
    if len(data) > _LARGEST:
        raise LoadRefused(f"{path} is larger than {_LARGEST >> 20} MB.", remedy="Split the definitions.")
    try:
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(data, yaml.SafeLoader)):
            raise LoadRefused(f"{path} uses aliases (*name).", remedy="Write the values out.")
        document = yaml.load(data, _Loader)  # noqa: S506  # a safe one
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        where = getattr(error, "problem_mark", None)
        line = f", line {where.line + 1}" if where else ""
        what = getattr(error, "problem", None) or str(error)
        raise LoadRefused(f"{path}{line} is no YAML: {what}.", remedy="Correct it there.") from error
    named = {str(key).lower(): value for key, value in document.items()} if isinstance(document, dict) else {}
    defined = named.get("experiments") or named.get("experiment")
    if isinstance(defined, dict):
        defined = [defined]
    if not isinstance(defined, list) or not all(isinstance(one, dict) for one in defined):
        raise LoadRefused(
            f"{path} holds no definitions of experiments.",
            remedy="Write a list below experiments:, each with id, arms and metrics.",
        )
    return defined


class _Loader(yaml.SafeLoader):
    """Reads days and moments as they are written; whoever checks the rows finds those that do not exist."""


def _as_written(loader: _Loader, node: yaml.ScalarNode) -> str:
    return str(loader.construct_scalar(node))


_Loader.add_constructor("tag:yaml.org,2002:timestamp", _as_written)


def _plain(value: Any) -> Any:
    """The value as JSON can say it."""
    if isinstance(value, dict):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set):
        return [_plain(inner) for inner in value]
    return value if value is None or isinstance(value, str | bool | int | float) else str(value)
