"""Find, start and stop the server process of a data folder."""

from __future__ import annotations

import contextlib
import re
import signal
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from db.errors import EmbeddedUnavailable
from db.server import postmaster, socketfolder
from db.server.account import environment
from db.server.postmaster import PidFile, Process

if TYPE_CHECKING:
    from collections.abc import Callable

    from db.server.account import Account

START_TIMEOUT_S = 300  # crash recovery of a large database takes its time
STOP_TIMEOUT_S = 120
LOG = "log"
_LOG_BYTES = 10_000_000
_POLL_S = 0.05
_ORPHANS_S = 10
_REASON_LINES = 6
# The shell only parts the server from us: it goes on when we end, and nobody has to bury it.
_BACKGROUND = 'log=$1; shift; "$@" </dev/null >>"$log" 2>&1 & echo $!'
_STAMP = re.compile(r"^[\d-]+ [\d:.]+ \w+ \[\d+\] ")


def find(data: Path, answers: Callable[[PidFile], bool]) -> PidFile | None:
    """Find the server that runs on a data folder, once it is ready; None when none does.

    Args:
        data: the data folder.
        answers: whether the server behind a pid file says that it serves this folder. Asked only where
            the process alone does not tell, as after a change of the clock.

    Raises:
        EmbeddedUnavailable: a PostgreSQL works in this folder that the file does not speak of, or the
            server is not ready in time.
    """
    deadline = time.monotonic() + START_TIMEOUT_S
    while (found := postmaster.read(data)) is not None:
        process = postmaster.identify(found, data)
        if process is Process.GONE:
            return None
        if found.ready and (process is Process.OURS or answers(found)):
            return found
        if process is Process.UNSURE:
            raise EmbeddedUnavailable(
                f"process {found.pid} is a PostgreSQL that works in {data}, but not the one that"
                f" {postmaster.PID_FILE} speaks of",
                f"look at it (`ps -fp {found.pid}`) and end it: nothing is killed that cannot be named",
            )
        if time.monotonic() > deadline:
            raise _late(data)
        time.sleep(_POLL_S)
    return None


def start(data: Path, bin_folder: Path, socket_folder: Path, account: Account) -> PidFile:
    """Start the server and wait until it accepts connections.

    Raises:
        EmbeddedUnavailable: it ended, or is not ready in time; with the last lines of its log.
    """
    _end_orphans(data)
    # Left by a server that is dead: PostgreSQL would believe the number, whoever has it now.
    (data / postmaster.PID_FILE).unlink(missing_ok=True)
    for left in socket_folder.glob(f".s.PGSQL.{socketfolder.PORT}*"):
        left.unlink(missing_ok=True)
    log = _log(data, account)
    size_before = log.stat().st_size
    pid = _run(data, bin_folder, socket_folder, account, log)
    deadline = time.monotonic() + START_TIMEOUT_S
    while postmaster.runs(pid):
        found = postmaster.read(data)
        if found is not None and found.pid == pid and found.ready:
            return found
        if time.monotonic() > deadline:
            raise _late(data)
        time.sleep(_POLL_S)
    raise EmbeddedUnavailable(
        f"the embedded PostgreSQL on {data} does not start: {_reason(log, size_before)}",
        f"mend what it says, or choose another folder with SEOGO_HOME; the whole log: {log}",
    )


def end(found: PidFile, data: Path) -> None:
    """Stop the server in order; its connections are closed at once.

    Raises:
        EmbeddedUnavailable: it still runs after two minutes.
    """
    psutil.Process(found.pid).send_signal(signal.SIGINT)
    deadline = time.monotonic() + STOP_TIMEOUT_S
    while postmaster.runs(found.pid):
        if time.monotonic() > deadline:
            raise EmbeddedUnavailable(
                f"the server (process {found.pid}) is still ending after {STOP_TIMEOUT_S} s",
                f"its log tells why: {data / LOG}",
            )
        time.sleep(_POLL_S)
    if found.socket_folder is not None:
        with contextlib.suppress(OSError):  # in /run or /tmp it would stay for ever
            found.socket_folder.rmdir()


def reload(found: PidFile) -> None:
    """Reload the server's settings and rules."""
    psutil.Process(found.pid).send_signal(signal.SIGHUP)


def _end_orphans(data: Path) -> None:
    """End the processes that a killed server left; while they hold its shared memory no new one starts."""
    orphans = postmaster.orphans(data)
    for process in orphans:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.send_signal(signal.SIGQUIT)
    psutil.wait_procs(orphans, timeout=_ORPHANS_S)


def _run(data: Path, bin_folder: Path, socket_folder: Path, account: Account, log: Path) -> int:
    server = [
        str(bin_folder / postmaster.PROGRAM),
        "-D",
        str(data),
        f"--port={socketfolder.PORT}",
        "--listen_addresses=",
        f"--unix_socket_directories={socket_folder}",
        "--unix_socket_permissions=0700",
    ]
    done = subprocess.run(
        ["/bin/sh", "-c", _BACKGROUND, "sh", str(log), *server],
        check=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        start_new_session=True,  # Ctrl-C is for us, not for the server
        cwd="/",
        env=environment(),
        **account.identity(),
    )
    return int(done.stdout)


def _log(data: Path, account: Account) -> Path:
    log = data / LOG
    if log.exists() and log.stat().st_size > _LOG_BYTES:
        log.replace(data / f"{LOG}.1")
    log.touch(mode=0o600)
    account.own(log)
    return log


def _late(data: Path) -> EmbeddedUnavailable:
    return EmbeddedUnavailable(
        f"the server on {data} is not ready after {START_TIMEOUT_S} s",
        f"after a crash it may take longer: try again; its log tells how far it is: {data / LOG}",
    )


def _reason(log: Path, size_before: int) -> str:
    """The last lines that the server logged since it was started, without their times."""
    with log.open("rb") as file:
        file.seek(size_before)
        lines = file.read().decode("utf-8", errors="replace").splitlines()
    return (
        "\n".join(_STAMP.sub("", line) for line in lines[-_REASON_LINES:])
        or "it ended without a word"
    )
