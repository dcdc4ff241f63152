"""The member of a fleet: one replica, through all processes that it has had."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from db import logs
from jobs.fleet.replica import LogLine, ReplicaReport, WorkDone

if TYPE_CHECKING:
    from collections.abc import Callable

State = Literal["starting", "working", "restarting", "stopping", "stopped"]
FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 30.0
LAST_REPORT_S = 5.0

log = logging.getLogger("seogo.fleet")


@dataclass
class FleetMember:
    """A replica under a number that it keeps when Ray places it anew."""

    number: int
    start: Callable[[], tuple[Any, Any]]
    state: State = "starting"
    machine: str = "?"
    restarts: int = 0
    deaths_in_vain: int = 0
    last_words: str = ""
    trouble: str | None = None
    actor: Any = None
    run: Any = None
    report: Any = None
    since: float = 0.0
    waits: bool = False
    logged: int = 0
    _before: dict[str, WorkDone] = field(default_factory=dict)
    _now: dict[str, WorkDone] = field(default_factory=dict)
    _not_before: float = 0.0

    @property
    def counted(self) -> dict[str, WorkDone]:
        """The work of all its processes, by meter."""
        names = self._before | self._now
        none = WorkDone()
        return {n: self._before.get(n, none) + self._now.get(n, none) for n in names}

    def begin(self) -> None:
        """Start a process, unless it is to rest first."""
        if self.actor is None and time.monotonic() >= self._not_before:
            self.since = time.monotonic()
            self.actor, self.run = self.start()

    def ask(self) -> None:
        """Ask for a report, if none is on its way."""
        if self.actor is not None and self.report is None:
            self.report = self.actor.report.remote()

    def take(self, found: ReplicaReport) -> None:
        """Take a report: counts, and lines into this program's log."""
        if self.state in ("starting", "restarting"):
            log.info("replica %d works on %s, process %d", self.number, found.machine, found.pid)
            self.state = "working"
        self.machine, self.trouble, self.waits = found.machine, found.trouble, False
        if sum(c.done + c.failed for c in found.counted.values()):
            self.deaths_in_vain = 0
        self._now = found.counted
        for line in found.lines:
            self._log(line)
        if found.dropped:
            log.warning("replica %d: %d lines more were dropped", self.number, found.dropped)

    def late(self, seconds: float) -> bool:
        """Whether nothing was heard of its process for so long, said once."""
        silent = self.actor is not None and self.state in ("starting", "restarting")
        late = silent and not self.waits and time.monotonic() - self.since > seconds
        self.waits = self.waits or late
        return late

    def died(self, why: str) -> None:
        """Record the death of its process; another one starts after a pause, which grows."""
        self.last_words = why
        self._before, self._now = self.counted, {}
        self.actor = self.run = self.report = None
        self.restarts += 1
        self.deaths_in_vain += 1
        pause_s = min(FIRST_PAUSE_S * 2 ** (self.deaths_in_vain - 1), LONGEST_PAUSE_S)
        self._not_before = time.monotonic() + pause_s
        self.state = "restarting"
        log.warning("replica %d on %s died: %s; placed anew", self.number, self.machine, why)

    def stopped(self) -> None:
        """Record that it stopped as it was told to."""
        self.actor = self.run = self.report = None
        self.state = "stopped"

    def _log(self, line: LogLine) -> None:
        record = logging.LogRecord(line.logger, line.level, "", 0, line.message, None, None)
        record.created = line.created
        vars(record).update(logs.fields(replica=self.number, machine=self.machine))
        if (logger := logging.getLogger(line.logger)).isEnabledFor(line.level):
            logger.handle(record)
