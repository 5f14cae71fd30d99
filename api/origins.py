"""Which names a request may use for this server, and from which pages it may come.

A web page can make a browser send requests to 127.0.0.1, and with DNS rebinding even read the answers under its own
name. Both show: the first in ``Origin`` and ``Sec-Fetch-Site``, the second in ``Host``.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from warehouse.errors import NotAllowed
from warehouse.settings import Settings

LOOPBACK_NAMES = ("127.0.0.1", "localhost", "::1")
_DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Address:
    """Host name in small letters without brackets, and port (None where the text names none)."""

    host: str
    port: int | None


@dataclass(frozen=True, slots=True)
class Doors:
    """Under which addresses the server answers. Made by :func:`doors_of`.

    ``loopback_ports`` are the ports under which the machine's own names are accepted, ``names`` the further host
    names with whatever port, ``any_ip`` whether an IP address is accepted as a name (it cannot be rebound).
    """

    loopback_ports: frozenset[int]
    names: frozenset[str]
    any_ip: bool
    secure: bool

    @property
    def local(self) -> bool:
        """Whether only this machine's own names lead here, so that nobody needs to sign in."""
        return not self.any_ip and not self.names

    def check(self, method: str, headers: Mapping[str, str]) -> None:
        """Raise :class:`NotAllowed` for a foreign ``Host``, ``Origin`` or page. Header names in small letters."""
        host = self.require_host(headers)
        origin = headers.get("origin")
        if origin is not None and not self._same(origin, host):
            raise NotAllowed("This request comes from a page of another site.", remedy="Use Causeway's own pages.")
        # Old browsers and programs do not send it. A link from another site may be followed, nothing else.
        site = headers.get("sec-fetch-site", "same-origin")
        followed = method == "GET" and headers.get("sec-fetch-mode") == "navigate"
        if site not in {"same-origin", "none"} and not (followed and headers.get("sec-fetch-dest") == "document"):
            raise NotAllowed("This request comes from a page of another site.", remedy="Use Causeway's own pages.")

    def require_host(self, headers: Mapping[str, str]) -> Address:
        """The name under which the request asks. Raises :class:`NotAllowed` for one that is not this server's."""
        host = parse_address(headers.get("host", ""))
        if host is None or not self._accepts(host):
            raise NotAllowed(
                "Causeway is not served under the name in this request's Host header.",
                remedy="Open the address that `causeway serve` printed, or add the name to CAUSEWAY_ALLOWED_HOSTS.",
            )
        return host

    def _accepts(self, address: Address) -> bool:
        if address.host in self.names:
            return True
        if address.host in LOOPBACK_NAMES:
            return (address.port or 80) in self.loopback_ports
        return self.any_ip and _is_ip(address.host)

    def _same(self, origin: str, host: Address) -> bool:
        parts = urlsplit(origin)
        address = parse_address(parts.netloc)
        if address is None or parts.scheme not in _DEFAULT_PORTS or address.host != host.host:
            return False
        default = _DEFAULT_PORTS[parts.scheme]
        return (address.port or default) == (host.port or default)


def doors_of(settings: Settings, *, bind_host: str, port: int) -> Doors:
    """The doors of a server bound to an address, with what the settings say about proxies before it."""
    public = urlsplit(settings.public_url) if settings.public_url else None
    public_host = (public.hostname or "").lower() if public else ""
    ports = {port}
    names = set(settings.allowed_hosts)
    if public is not None:
        if public_host in LOOPBACK_NAMES:
            ports.add(public.port or _DEFAULT_PORTS[public.scheme])
        else:
            names.add(public_host)
    if not is_loopback(bind_host) and not _is_ip(bind_host):
        names.add(bind_host.lower())
    return Doors(
        loopback_ports=frozenset(ports),
        names=frozenset(names - set(LOOPBACK_NAMES)),
        any_ip=not is_loopback(bind_host),
        secure=public is not None and public.scheme == "https",
    )


def parse_address(text: str) -> Address | None:
    """Read ``host``, ``host:port`` or ``[v6]:port``; None for anything else."""
    try:
        parts = urlsplit(f"//{text}")
        port = parts.port
    except ValueError:
        return None
    if not parts.hostname or parts.username is not None or parts.path or parts.query or parts.fragment:
        return None
    return Address(parts.hostname.rstrip("."), port)


def passed_on(headers: Mapping[str, str]) -> bool:
    """Whether a proxy passed the request on, so that the peer is not who asks."""
    return any(name in headers for name in ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via"))


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches a server that is bound to ``host``."""
    return host.lower() == "localhost" or (_is_ip(host) and ipaddress.ip_address(host).is_loopback)


def _is_ip(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
