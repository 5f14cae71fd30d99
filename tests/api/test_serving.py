from __future__ import annotations

import socket

import pytest

from api.serving import open_port
from warehouse.errors import BadSetting


def test_a_taken_port_is_refused_or_passed_over() -> None:
    with open_port("127.0.0.1", 0, or_next=False) as first:
        taken = first.getsockname()[1]
        with pytest.raises(BadSetting, match=f"Port {taken} of 127.0.0.1 is taken"):
            open_port("127.0.0.1", taken, or_next=False)
        with open_port("127.0.0.1", taken, or_next=True) as second:
            assert taken < second.getsockname()[1] <= taken + 20


def test_an_address_of_another_machine_is_refused() -> None:
    with pytest.raises(BadSetting, match=r"Nothing can be served on 192\.0\.2\.1"):
        open_port("192.0.2.1", 8050, or_next=True)


def test_connections_wait_until_the_server_is_ready() -> None:
    with open_port("127.0.0.1", 0, or_next=False) as listener, socket.create_connection(listener.getsockname()) as one:
        assert one.getpeername() == listener.getsockname()
