"""Every setting of Causeway once: its name in the environment, its default, its meaning.

``docs/settings.md``, ``.env.example`` and the containers are checked against this file by the tests. A setting whose
value is a secret can also be given as ``NAME_FILE``, the path of a file that holds it.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import platformdirs

from warehouse.errors import BadSetting

PREFIX = "CAUSEWAY_"
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
LOG_FORMATS = ("text", "json")
SHORTEST_SECRET = 32


@dataclass(frozen=True, slots=True)
class Setting:
    """What is known about one setting: where it is read, what it means, how its text becomes a value."""

    field: str
    name: str
    words: str
    default: str  # in words, as the documentation shows it
    secret: bool
    parse: Callable[[str], Any]

    @property
    def names(self) -> tuple[str, ...]:
        """The environment variables that give this setting."""
        return (self.name, f"{self.name}_FILE") if self.secret else (self.name,)


def _setting(
    name: str,
    words: str,
    *,
    default: Any = None,
    default_factory: Callable[[], Any] | None = None,
    default_words: str = "",
    parse: Callable[[str], Any] = str,
    secret: bool = False,
) -> Any:
    meta = {
        "name": PREFIX + name,
        "words": words,
        "default": default_words or str(default),
        "secret": secret,
        "parse": parse,
    }
    if default_factory is not None:
        return field(default_factory=default_factory, repr=not secret, metadata=meta)
    return field(default=default, repr=not secret, metadata=meta)


def _text(value: str) -> str:
    return value


def _path(value: str) -> Path:
    path = Path(value).expanduser()
    return path if path.is_absolute() else Path.cwd() / path


def _port(value: str) -> int:
    return _whole_number(value, low=1, high=65535)


def _positive(value: str) -> int:
    return _whole_number(value, low=1, high=1_000_000)


def _whole_number(value: str, *, low: int, high: int) -> int:
    try:
        number = int(value)
    except ValueError:
        number = low - 1
    if not low <= number <= high:
        message = f"must be a whole number from {low} to {high}"
        raise ValueError(message)
    return number


def _currency(value: str) -> str:
    if len(value) != 3 or not (value.isascii() and value.isalpha()):
        message = "must be the three letters of a currency, such as USD or EUR"
        raise ValueError(message)
    return value.upper()


def _one_of(allowed: tuple[str, ...]) -> Callable[[str], str]:
    def parse(value: str) -> str:
        for candidate in allowed:
            if value.lower() == candidate.lower():
                return candidate
        message = f"must be one of {', '.join(allowed)}"
        raise ValueError(message)

    return parse


def _web_address(value: str) -> str:
    if not value.startswith(("http://", "https://")) or len(value.split("/")[2]) == 0:
        message = "must be an address that starts with http:// or https://"
        raise ValueError(message)
    return value.rstrip("/")


def _names(value: str) -> tuple[str, ...]:
    return tuple(part for part in (piece.strip().lower() for piece in value.split(",")) if part)


def _secret_key(value: str) -> str:
    if len(value) < SHORTEST_SECRET:
        message = f"must have at least {SHORTEST_SECRET} characters"
        raise ValueError(message)
    return value


def _default_home() -> Path:
    return Path(platformdirs.user_data_dir("causeway", appauthor=False))


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings, checked. Build it with :meth:`from_environment`; tests build it with keywords."""

    home: Path = _setting(
        "HOME",
        "Folder for everything that Causeway keeps on this machine: the embedded warehouse, its logs, the key.",
        default_factory=_default_home,
        default_words="the user data folder, e.g. ~/.local/share/causeway",
        parse=_path,
    )
    database_url: str | None = _setting(
        "DATABASE_URL",
        "A PostgreSQL 15 to 18 server to use as the warehouse, as postgresql://user:password@host:5432/name.",
        default_words="the embedded server under CAUSEWAY_HOME",
        parse=_text,
        secret=True,
    )
    sql_port: int | None = _setting(
        "SQL_PORT",
        "Port of 127.0.0.1 on which the embedded server also listens for BI tools, with password log-ins.",
        default_words="closed",
        parse=_port,
    )
    reporting_currency: str = _setting(
        "REPORTING_CURRENCY",
        "Currency into which amounts are converted when accounts with several currencies are shown together.",
        default="USD",
        parse=_currency,
    )
    host: str = _setting(
        "HOST",
        "Address on which dashboard and API are served. Anything but this machine's own demands log-in.",
        default="127.0.0.1",
        parse=_text,
    )
    port: int = _setting("PORT", "Port on which dashboard and API are served.", default=8050, parse=_port)
    public_url: str | None = _setting(
        "PUBLIC_URL",
        "Address under which people reach Causeway when it stands behind a proxy; its host is allowed.",
        default_words="http://HOST:PORT",
        parse=_web_address,
    )
    allowed_hosts: tuple[str, ...] = _setting(
        "ALLOWED_HOSTS",
        "Further host names, separated by commas, under which requests are answered.",
        default=(),
        default_words="none",
        parse=_names,
    )
    secret_key: str | None = _setting(
        "SECRET_KEY",
        f"Key that signs sessions and cursors, {SHORTEST_SECRET} characters or more; the same for all processes.",
        default_words="generated once into CAUSEWAY_HOME/secret-key",
        parse=_secret_key,
        secret=True,
    )
    log_level: str = _setting(
        "LOG_LEVEL",
        f"Least severity that is logged: {', '.join(LOG_LEVELS)}.",
        default="INFO",
        parse=_one_of(LOG_LEVELS),
    )
    log_format: str = _setting(
        "LOG_FORMAT",
        "How log lines are written: text for people, json for machines.",
        default="text",
        parse=_one_of(LOG_FORMATS),
    )
    s3_endpoint_url: str | None = _setting(
        "S3_ENDPOINT_URL",
        "Address of an S3-compatible store that s3:// paths mean instead of Amazon's.",
        default_words="Amazon's",
        parse=_web_address,
    )
    pool_size: int = _setting(
        "POOL_SIZE",
        "Connections to the warehouse that one process keeps open; it may open as many again under load.",
        default=5,
        parse=_positive,
    )
    collect_origins: tuple[str, ...] = _setting(
        "COLLECT_ORIGINS",
        "Sites whose pages may send events to /collect, as https://shop.example.com, separated by commas; * is all.",
        default=(),
        default_words="none",
        parse=_names,
    )
    collect_queue: int = _setting(
        "COLLECT_QUEUE",
        "Events that may wait to be written before /collect turns senders away for a moment.",
        default=20_000,
        parse=_positive,
    )
    statement_timeout: int = _setting(
        "STATEMENT_TIMEOUT",
        "Seconds after which a reader's query is cancelled.",
        default=60,
        parse=_positive,
    )

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] | None = None) -> Settings:
        """Read every setting from ``environ`` (the process's own when omitted). An empty value counts as not set.

        Raises :class:`BadSetting` that names the variable, never a secret's value.
        """
        source = os.environ if environ is None else environ
        values = {}
        for setting in all_settings():
            text = _text_of(setting, source)
            if text:
                values[setting.field] = _value_of(setting, text)
        return cls(**values)


def all_settings() -> Iterator[Setting]:
    """Every setting in the order in which the documentation lists them."""
    for f in fields(Settings):
        yield Setting(field=f.name, **f.metadata)


def signing_key(settings: Settings) -> str:
    """The key for sessions and cursors: the configured one, or one that is made once and kept under the home.

    Raises :class:`BadSetting` when the file cannot be written or read.
    """
    if settings.secret_key:
        return settings.secret_key
    path = settings.home / "secret-key"
    try:
        if not path.exists():
            _create_once(path, secrets.token_urlsafe(48))
        return path.read_text(encoding="ascii").strip()
    except OSError as error:
        message = f"The key file {path} cannot be used: {error.strerror}."
        raise BadSetting(message, remedy="Set CAUSEWAY_SECRET_KEY or a CAUSEWAY_HOME that you may write to.") from error


def _create_once(path: Path, text: str) -> None:
    """Write a private file whole, or leave the one that another process wrote meanwhile."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(text + "\n")
        if not path.exists():
            os.link(draft, path)
    except FileExistsError:
        return
    finally:
        draft.unlink()


def _text_of(setting: Setting, environ: Mapping[str, str]) -> str:
    direct = environ.get(setting.name, "").strip()
    if not setting.secret:
        return direct
    name = f"{setting.name}_FILE"
    path = environ.get(name, "").strip()
    if not path:
        return direct
    if direct:
        message = f"Both {setting.name} and {name} are set."
        raise BadSetting(message, remedy="Keep one of them.")
    try:
        return Path(path).expanduser().read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not text"
        message = f"{name} is {path!r}, which cannot be read: {why}."
        raise BadSetting(message, remedy="Give the path of a readable file that holds the value.") from error


def _value_of(setting: Setting, text: str) -> Any:
    try:
        return setting.parse(text)
    except (ValueError, IndexError) as error:
        shown = "" if setting.secret else f" is {text!r}; it"
        message = f"{setting.name}{shown} {error}."
        raise BadSetting(message, remedy=f"Change or unset it; the default is: {setting.default}.") from error
