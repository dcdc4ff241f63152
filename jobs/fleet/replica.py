"""The replica: a worker in a process of its own, which Ray places on a machine."""

from __future__ import annotations

import logging
import os
import socket
import threading
from collections import deque

import msgspec

from db.settings import PREFIX, read
from jobs.stages.config import from_environment
from jobs.stages.settings import WorkerSettings
from jobs.stages.stage import StageKey  # noqa: TC001 - read by msgspec
from jobs.stages.worker import Worker

# Lines kept between two reports; of more the oldest are dropped, and counted.
MOST_LINES = 1000
# What belongs to a machine: its own value counts, where it has one.
OF_MACHINES = frozenset({f"{PREFIX}MODELS", f"{PREFIX}THREADS"})


class ReplicaOrder(msgspec.Struct, frozen=True, kw_only=True):
    """Order to a replica: the stages, and the environment to run them with.

    It goes from the program to the replica's process as the argument of a call: not in an argument list,
    not in Ray's records of actors, where anybody could read its passwords.

    Attributes:
        environment: variables that it runs with.
        stages: what it does.
        threads: of an encode call, where neither the program nor the machine says another number.
    """

    environment: dict[str, str]
    stages: tuple[StageKey, ...]
    threads: int

    def __repr__(self) -> str:
        return f"{type(self).__name__}(stages={self.stages})"


class LogLine(msgspec.Struct, frozen=True):
    """A line of a replica's log."""

    created: float
    level: int
    logger: str
    message: str


class WorkDone(msgspec.Struct, frozen=True):
    """Counts of a meter; busy_s over all threads."""

    done: int = 0
    failed: int = 0
    busy_s: float = 0.0

    def __add__(self, more: WorkDone) -> WorkDone:
        return WorkDone(self.done + more.done, self.failed + more.failed, self.busy_s + more.busy_s)


class ReplicaReport(msgspec.Struct, frozen=True, kw_only=True):
    """Report of a replica: its work since it started, its log lines since the last report.

    `trouble`: why the encoder of a space failed on everything, if one did.
    """

    machine: str
    pid: int
    counted: dict[str, WorkDone]
    trouble: str | None
    lines: list[LogLine]
    dropped: int


class _KeptLines(logging.Handler):
    """Keeps log lines until they are asked for."""

    def __init__(self) -> None:
        super().__init__()
        self._lines: deque[LogLine] = deque(maxlen=MOST_LINES)
        self._dropped = 0

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a line."""
        self._dropped += len(self._lines) == MOST_LINES
        text = record.getMessage()
        if record.exc_info:
            text += "\n" + logging.Formatter().formatException(record.exc_info)
        self._lines.append(LogLine(record.created, record.levelno, record.name, text))

    def take(self) -> tuple[list[LogLine], int]:
        """The lines kept, and how many were dropped; none is kept after it."""
        with self.lock or threading.RLock():
            lines, dropped = list(self._lines), self._dropped
            self._lines.clear()
            self._dropped = 0
        return lines, dropped


class WorkerReplica:
    """A worker that is run, asked for reports and stopped by calls of other threads."""

    def __init__(self) -> None:
        """Collect the log lines of this process."""
        self._worker: Worker | None = None
        self._stopped = False
        self._lines = _KeptLines()
        root = logging.getLogger()
        root.setLevel(logging.INFO)
        root.addHandler(self._lines)

    def run(self, order: ReplicaOrder) -> None:
        """Work until stopped."""
        sent = order.environment
        own = {name for name in OF_MACHINES if os.environ.get(name)}
        os.environ.update({name: value for name, value in sent.items() if name not in own})
        os.environ.setdefault(f"{PREFIX}THREADS", str(order.threads))
        self._worker = Worker(from_environment(), read(WorkerSettings), stages=order.stages)
        if not self._stopped:
            self._worker.run()

    def report(self) -> ReplicaReport:
        """Report what was done since the start, and the log lines since the last report."""
        meters = dict(self._worker.meters) if self._worker else {}
        now = {name: meter.read() for name, meter in meters.items()}
        counted = {name: WorkDone(m.done, m.failed, m.busy_s) for name, m in now.items()}
        lines, dropped = self._lines.take()
        return ReplicaReport(
            machine=socket.gethostname(),
            pid=os.getpid(),
            counted=counted,
            trouble=self._worker.trouble if self._worker else None,
            lines=lines,
            dropped=dropped,
        )

    def stop(self) -> None:
        """Ask to stop; the batches under way are finished."""
        self._stopped = True
        if self._worker:
            self._worker.request_stop()
