"""Identification of the server process of a data folder, by number, start time and folder."""

from __future__ import annotations

import contextlib
from enum import Enum
from pathlib import Path
from typing import NamedTuple

import psutil

PID_FILE = "postmaster.pid"
PROGRAM = "postgres"
# The file has whole seconds, and the system counts a process's start from its boot.
START_TOLERANCE_S = 10.0
_READY = ("ready", "standby")


class PidFile(NamedTuple):
    """The content of `postmaster.pid`.

    Attributes:
        pid: number of the server's process.
        started: when it started, in seconds since 1970; None when the file lacks it.
        socket_folder: where its socket is; None while it starts.
        ready: it accepts connections.
    """

    pid: int
    started: float | None
    socket_folder: Path | None
    ready: bool


class Process(Enum):
    """The kind of process that a pid file refers to."""

    OURS = "the server of this data folder"
    GONE = "none, or a stranger that got the number"
    UNSURE = "a PostgreSQL of this folder that started at another time than the file says"


def read(data: Path) -> PidFile | None:
    """Read the pid file of a data folder; None when it is missing or unreadable."""
    try:
        lines = (data / PID_FILE).read_text(encoding="utf-8", errors="replace").splitlines()
        pid = abs(int(lines[0]))
    except (OSError, ValueError, IndexError):
        return None
    lines += [""] * (8 - len(lines))
    started = None
    with contextlib.suppress(ValueError):
        started = float(lines[2])
    socket_folder = Path(lines[4]) if lines[4].strip() else None
    return PidFile(pid, started, socket_folder, lines[7].strip() in _READY)


def identify(found: PidFile, data: Path) -> Process:
    """Identify the process that has the number in a pid file now."""
    try:
        process = psutil.Process(found.pid)
        if process.status() == psutil.STATUS_ZOMBIE or process.name() != PROGRAM:
            return Process.GONE
        folder = _data_folder(process)
        began = process.create_time()
    except (psutil.NoSuchProcess, ValueError, OverflowError):
        return Process.GONE
    if folder is not None and not _same(folder, data):
        return Process.GONE
    if found.started is not None and abs(began - found.started) <= START_TOLERANCE_S:
        return Process.OURS
    return Process.UNSURE if folder is not None else Process.GONE


def runs(pid: int) -> bool:
    """Whether a process runs; a zombie does not, as they stay in containers without an init process."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def orphans(data: Path) -> list[psutil.Process]:
    """Processes of a server on this folder whose own server is dead."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.name() != PROGRAM or process.status() == psutil.STATUS_ZOMBIE:
                continue
            parent = process.parent()
            folder = _data_folder(process)
            if (
                folder is not None
                and _same(folder, data)
                and (parent is None or parent.name() != PROGRAM)
            ):
                found.append(process)
    return found


def _data_folder(process: psutil.Process) -> Path | None:
    """The data folder of a server process: its working directory, or its -D where that is hidden."""
    with contextlib.suppress(psutil.AccessDenied, OSError):
        return Path(process.cwd())
    with contextlib.suppress(psutil.AccessDenied):
        arguments = process.cmdline()
        if "-D" in arguments[:-1]:
            return Path(arguments[arguments.index("-D") + 1])
    return None


def _same(folder: Path, data: Path) -> bool:
    try:
        return folder.samefile(data)
    except OSError:
        return folder == data
