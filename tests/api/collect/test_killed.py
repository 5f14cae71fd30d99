"""A server that is killed under load, again and again: what it answered for is in the warehouse, and once."""

from __future__ import annotations

import itertools
import os
import random
import signal
import subprocess
import sys
import threading
import time
from typing import Any

import httpx
import pytest

from tests.conftest import REPOSITORY
from warehouse.sessions import Warehouse
from warehouse.stream.settle import settle

KILLS = 15
SENDERS = 4
SEED = 20261122

# Makes the application once, and for every order becomes two: the copy says its number and serves until it is killed.
# The port stays open meanwhile, so senders wait for the next copy as they would behind a balancer.
SERVER = """
import os, sys
from pathlib import Path
from api.app import create_app
from api.serving import open_port, serve
from warehouse.sessions import Warehouse
from warehouse.settings import Settings
url, home, key = sys.argv[1:]
listener = open_port("127.0.0.1", 18600, or_next=True)
warehouse = Warehouse.connect(Settings(home=Path(home), database_url=url, secret_key=key))
port = listener.getsockname()[1]
app = create_app(warehouse, parts={"api"}, bind_host="127.0.0.1", port=port)
warehouse.engine.dispose()
print(port, flush=True)
while sys.stdin.readline():
    copy = os.fork()
    if not copy:
        print(os.getpid(), flush=True)
        serve(app, listener)
        os._exit(0)
    os.waitpid(copy, 0)
    print("over", flush=True)
"""


class Site:
    """The server's process, which serves and dies at ``url`` again and again."""

    def __init__(self, warehouse: Warehouse) -> None:
        settings = warehouse.settings
        command = [sys.executable, "-c", SERVER, settings.database_url, str(settings.home), settings.secret_key]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
        self.parent = subprocess.Popen(command, cwd=REPOSITORY, text=True, **pipes)
        self.url = f"http://127.0.0.1:{self.parent.stdout.readline().strip()}"
        self.start()

    def start(self) -> None:
        self.parent.stdin.write("go\n")
        self.parent.stdin.flush()
        self.pid = int(self.parent.stdout.readline())

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)
        assert self.parent.stdout.readline() == "over\n"

    def close(self) -> None:
        self.parent.communicate()


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_every_answered_event_is_there_and_once(warehouse: Warehouse, key: str, rows: Any) -> None:
    site, over = Site(warehouse), threading.Event()
    answered: list[str] = []
    unanswered: list[str] = []

    def send(sender: int) -> None:
        with httpx.Client(headers={"authorization": f"Bearer {key}"}, timeout=10) as client:
            for number in itertools.count():
                if over.is_set():
                    return
                ids = [f"{sender}-{number}-{part}" for part in range(1 + number % 5)]
                calls = [{"type": "track", "event": "killed", "messageId": i, "anonymousId": f"v{i}"} for i in ids]
                try:
                    answer = client.post(f"{site.url}/v1/batch", json={"batch": calls})
                except httpx.TransportError:
                    unanswered.extend(ids)
                    time.sleep(0.02)
                    continue
                assert answer.status_code == 200, answer.text
                answered.extend(ids)

    threads = [threading.Thread(target=send, args=(sender,), daemon=True) for sender in range(SENDERS)]
    for thread in threads:
        thread.start()
    chance = random.Random(SEED)
    for _ in range(KILLS):
        before, until = len(answered), time.monotonic() + 30
        while len(answered) < before + 20 and time.monotonic() < until:  # it is at work
            time.sleep(0.005)
        time.sleep(chance.uniform(0, 0.1))
        site.kill()
        site.start()
    time.sleep(0.5)
    over.set()
    for thread in threads:
        thread.join()
    site.kill()
    while settle(warehouse):
        pass
    assert len(answered) > KILLS * 20
    assert unanswered, "no kill met a request"
    there = rows("SELECT count(*) AS n, count(DISTINCT event_id) AS ids FROM core.web_event WHERE name = 'killed'")[0]
    people = rows("SELECT count(*) AS n FROM landing.streamed_event WHERE name = 'killed'")[0].n
    # What was not answered may have been written; a sender sends it again, and then it is known.
    assert len(answered) <= there.n == there.ids == people <= len(answered) + len(unanswered)
    with httpx.Client(headers={"authorization": f"Bearer {key}"}) as client:
        site.start()
        sent = [*answered, *unanswered]
        for first in range(0, len(sent), 500):
            calls = [
                {"type": "track", "event": "killed", "messageId": i, "anonymousId": f"v{i}"}
                for i in sent[first : first + 500]
            ]
            assert client.post(f"{site.url}/v1/batch", json={"batch": calls}, timeout=30).status_code == 200
        site.kill()
    site.close()
    while settle(warehouse):
        pass
    assert rows("SELECT count(*) AS n FROM landing.streamed_event WHERE name = 'killed'")[0].n == len(sent)
    assert rows("SELECT count(*) AS n FROM core.web_event WHERE name = 'killed'")[0].n == len(sent)
