"""What every measurement shares: a server of its own, peak memory of a process, CPU of a server, and the result."""

from __future__ import annotations

import contextlib
import multiprocessing
import resource
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path
from typing import ParamSpec, TypeVar

import psutil
from sqlalchemy import create_engine, text

from warehouse import migrate
from warehouse.embedded import release_embedded, start_embedded, stop_embedded
from warehouse.local_owner import local_owner
from warehouse.sessions import Warehouse
from warehouse.settings import Settings

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Result:
    """One line of the table. ``met`` is None where the line only informs."""

    what: str
    measured: str
    against: str
    ratio: str
    target: str
    met: bool | None


@dataclass(slots=True)
class Server:
    """An embedded PostgreSQL, as Causeway configures it, with one migrated database to make others from."""

    home: Path
    pid: int
    template: Warehouse
    _numbers: Iterator[int] = field(default_factory=count)

    def fresh(self) -> Warehouse:
        """A warehouse without data."""
        name = f"bench_{next(self._numbers)}"
        url = self.template.engine.url
        self.template.engine.dispose()
        admin = create_engine(url.set(database="postgres"), isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {url.database}"))
        admin.dispose()
        address = url.set(database=name).render_as_string(hide_password=False)
        return Warehouse.connect(replace(self.template.settings, database_url=address), application_name="bench")

    def cpu_seconds(self) -> float:
        """CPU spent so far by the server's processes, those that ended included."""
        postmaster = psutil.Process(self.pid)
        own = postmaster.cpu_times()
        spent = own.user + own.system + own.children_user + own.children_system
        for child in postmaster.children():
            with contextlib.suppress(psutil.NoSuchProcess):  # a parallel worker ends when it likes
                times = child.cpu_times()
                spent += times.user + times.system
        return spent


@contextlib.contextmanager
def temporary_server() -> Iterator[Server]:
    """A server in a folder that goes away with it."""
    home = Path(tempfile.mkdtemp(prefix="causeway-bench-"))
    try:
        running = start_embedded(home)
        settings = Settings(home=home, database_url=running.url, secret_key="only-for-benchmarks-" + "x" * 32)
        template = Warehouse.connect(settings)
        migrate.upgrade(template.engine)
        local_owner(template)
        # What it does by itself in the background, whenever it likes, would be counted for what is measured just then.
        with template.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("ALTER SYSTEM SET autovacuum = off"))
            connection.execute(text("SELECT pg_reload_conf()"))
        template.engine.dispose()
        yield Server(home, running.pid, template)
    finally:
        release_embedded(home)  # or it is released at exit, in a folder made anew for that
        stop_embedded(home)
        shutil.rmtree(home)


def in_own_process(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> tuple[R, float]:
    """What ``function`` returns in a fresh interpreter, and that process's peak resident memory in MB."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        answer = pool.submit(function, *args, **kwargs).result()
        return answer, pool.submit(peak_memory).result()


def peak_memory() -> float:
    """The most memory that this process ever had resident, in MB (10^6 bytes)."""
    if sys.platform == "linux":
        # ru_maxrss would begin with the parent's size, which Linux hands on through fork and exec.
        status = Path("/proc/self/status").read_text(encoding="ascii")
        kilobytes = next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))
        return int(kilobytes) * 1024 / 1e6
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


def server_version(warehouse: Warehouse) -> str:
    """PostgreSQL's own version, such as 18.4."""
    with warehouse.engine.connect() as connection:
        return str(connection.execute(text("SHOW server_version")).scalar_one())
