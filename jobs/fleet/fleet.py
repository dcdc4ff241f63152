"""The fleet: replicas of a worker on the machines of a Ray cluster, as many as the queues need.

The outbox stays the queue: replicas claim from it as any worker does, and what a dead one had claimed is free
at once. Ray finds the machine for each and says when one is gone.
"""

from __future__ import annotations

import logging
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import psycopg

from db import connect
from db.errors import SeogoDbError
from jobs.errors import JobError
from jobs.fleet.backlog import backlog
from jobs.fleet.member import LAST_REPORT_S, FleetMember
from jobs.fleet.replica import ReplicaOrder, WorkDone, WorkerReplica
from jobs.fleet.scaling import Bounds, Recommendation, needed
from jobs.stages.progress import Meter

if TYPE_CHECKING:
    from collections.abc import Callable

    from jobs.fleet.cluster import MachineShare
    from jobs.stages.config import PipelineSettings

TICK_S = 0.2
REPORT_S = 1.0
LOG_EVERY_S = 60.0
# A replica that nothing was heard of for so long waits for room.
PLACED_S = 15.0
GRACE_S = 60.0
# So many processes of one replica that died without having done anything: it is no accident.
MOST_DEATHS = 5

log = logging.getLogger("seogo.fleet")


class FleetFailing(JobError):
    """The replicas cannot work."""


class Fleet:
    """Replicas; `run` returns when it was told to stop by `request_stop`, or when nothing waits."""

    def __init__(
        self,
        ray: Any,
        settings: PipelineSettings,
        order: ReplicaOrder,
        share: MachineShare,
        bounds: Bounds,
        *,
        poll_s: float = 5.0,
        drain_s: float = 60.0,
        window_s: float = 60.0,
        replica: type[WorkerReplica] = WorkerReplica,
    ) -> None:
        """Prepare a fleet.

        Args:
            ray: the module, joined to a cluster.
            settings: of the database and the stages.
            order: what each replica works on.
            share: what each takes of a machine.
            bounds: how many there are.
            poll_s: seconds between two looks at the queues.
            drain_s: seconds in which they should be drained; more replicas start where it would take longer.
            window_s: seconds for which a number of replicas is kept up once it was needed.
            replica: the class that Ray places.
        """
        self._ray = ray
        self._settings = settings
        self._order = order
        self._bounds = bounds
        self._poll_s, self._drain_s = poll_s, drain_s
        self._recommendation = Recommendation(bounds, window_s)
        # A replica that is gone is placed anew by us, after a pause that grows, and counted.
        self._actor = ray.remote(
            num_cpus=share.cpus, num_gpus=share.gpus, max_restarts=0, max_concurrency=3
        )(replica)
        self._share = share
        self._stop = threading.Event()
        self._numbers = 0
        self._next_report = 0.0
        self._metered: dict[str, WorkDone] = {}
        self.members: list[FleetMember] = []
        self.meters: dict[str, Meter] = {}
        self.waiting: dict[str, int] = {}

    def request_stop(self) -> None:
        """Ask to stop: batches under way are finished. May be called from a signal handler."""
        self._stop.set()

    def run(self, *, drain: bool = False, on_tick: Callable[[], None] = lambda: None) -> None:
        """Keep the replicas at work until stopped, or with `drain` until nothing waits.

        `on_tick` is called a few times a second.

        Raises:
            FleetFailing: replicas die without having done anything, or, draining, an encoder fails.
            ServerUnreachable: draining, the database is gone; otherwise it is waited for.
        """
        next_look = next_log = 0.0
        try:
            while not self._stop.is_set():
                now = time.monotonic()
                if now >= next_look:
                    if self._look(patient=not drain) and drain:
                        return
                    next_look = now + self._poll_s
                if now >= next_log:
                    self._log_progress()
                    next_log = now + LOG_EVERY_S
                self._tick(fail=drain)
                on_tick()
                self._stop.wait(TICK_S)
        finally:
            self._end()
            on_tick()

    @property
    def interrupted(self) -> bool:
        """Whether it was told to stop."""
        return self._stop.is_set()

    def working(self) -> list[FleetMember]:
        """The replicas that are not to stop."""
        return [m for m in self.members if m.state not in ("stopping", "stopped")]

    def _look(self, *, patient: bool) -> bool:
        """Look at the queues and bring the fleet to size; True where nothing waits."""
        try:
            with connect.session(self._settings.db) as conn:
                self.waiting = backlog(conn, self._settings, self._order.stages)
        except (SeogoDbError, psycopg.OperationalError) as exc:
            if not patient:
                raise
            log.warning("the queues cannot be seen: %s", exc)
            return False
        for name, n in self.waiting.items():
            self._meter(name).wait_for(n)
        self._resize()
        return not any(self.waiting.values())

    def _resize(self) -> None:
        running = len(self.working())
        need = needed(self.waiting, self._counted(), self._drain_s)
        wanted = self._recommendation.next(time.monotonic(), need, running)
        if wanted != running:
            log.info(
                "replicas: %d, were %d; %d things wait", wanted, running, sum(self.waiting.values())
            )
        for _ in range(wanted - running):
            self._numbers += 1
            self.members.append(FleetMember(self._numbers, self._started))
        for member in self.working()[wanted:]:
            self._ask_to_stop(member)

    def _started(self) -> tuple[Any, Any]:
        actor = self._actor.remote()
        return actor, actor.run.remote(self._order)

    def _tick(self, *, fail: bool) -> None:
        """Start, ask and hear the replicas."""
        for member in self.members:
            if member.state != "stopped":
                member.begin()
        if time.monotonic() >= self._next_report:
            self._next_report = time.monotonic() + REPORT_S
            for member in self.members:
                member.ask()
        self._hear()
        for member in self.members:
            if member.late(PLACED_S):
                log.warning("replica %d waits for a machine with %s", member.number, self._share)
            self._check(member, fail=fail)
        self._count()

    def _hear(self) -> None:
        """Take the reports that came, and see whose process has ended."""
        calls = {m.report: m for m in self.members if m.report is not None}
        for report in self._ready(list(calls)):
            member, calls[report].report = calls[report], None
            # A process that died ends its run in the same way, and that is where it is seen.
            with suppress(self._ray.exceptions.RayActorError):
                member.take(self._ray.get(report))
        runs = {m.run: m for m in self.members if m.run is not None}
        for run in self._ready(list(runs)):
            self._ended(runs[run])

    def _ready(self, calls: list[Any]) -> list[Any]:
        if not calls:
            return []
        ready: list[Any] = self._ray.wait(calls, num_returns=len(calls), timeout=0)[0]
        return ready

    def _ended(self, member: FleetMember) -> None:
        """Let a replica go that was told to stop; record the death of any other."""
        why = "it ended"
        try:
            self._ray.get(member.run)
            with suppress(self._ray.exceptions.RayError):
                member.take(self._ray.get(member.actor.report.remote(), timeout=LAST_REPORT_S))
        except self._ray.exceptions.RayError as exc:
            why = _words(exc)
        self._ray.kill(member.actor)
        if member.state == "stopping":
            log.info("replica %d on %s stopped", member.number, member.machine)
            member.stopped()
        else:
            member.died(why)

    def _ask_to_stop(self, member: FleetMember) -> None:
        placed = member.state == "working"
        member.state = "stopping"
        if placed:
            member.actor.stop.remote()
            return
        if member.actor is not None:
            self._ray.kill(member.actor)
        member.stopped()

    def _check(self, member: FleetMember, *, fail: bool) -> None:
        where = f"replica {member.number} on {member.machine}"
        if member.deaths_in_vain >= MOST_DEATHS:
            raise FleetFailing(
                f"{where} died {MOST_DEATHS} times without having done anything: {member.last_words}",
                "every machine needs the same seogo and Python; Ray's own log on that machine says"
                " more: /tmp/ray/session_latest/logs",
            )
        if fail and member.trouble:
            raise FleetFailing(f"{where}: {member.trouble}", "once it works, run this again")

    def _end(self) -> None:
        """Stop all replicas, and wait for the batches under way."""
        give_up = time.monotonic() + GRACE_S
        for member in self.working():
            self._ask_to_stop(member)
        while any(m.run is not None for m in self.members) and time.monotonic() < give_up:
            self._hear()
            time.sleep(TICK_S / 4)
        for member in self.members:
            if member.actor is not None:
                log.warning("replica %d did not stop in %.0f s: killed", member.number, GRACE_S)
                self._ray.kill(member.actor)
                member.stopped()
        self._count()
        self._log_progress()

    def _counted(self) -> dict[str, WorkDone]:
        """Add up the work of all replicas, by meter."""
        found: dict[str, WorkDone] = {}
        for member in self.members:
            for name, counted in member.counted.items():
                found[name] = found.get(name, WorkDone()) + counted
        return found

    def _count(self) -> None:
        """Bring the meters up to what was reported."""
        for name, now in self._counted().items():
            before, meter = self._metered.get(name, WorkDone()), self._meter(name)
            if now != before:
                meter.worked(now.busy_s - before.busy_s)
                meter.count(done=now.done - before.done, failed=now.failed - before.failed)
                self._metered[name] = now

    def _meter(self, name: str) -> Meter:
        return self.meters.setdefault(name, Meter(name))

    def _log_progress(self) -> None:
        for member in self.members:
            now = sum(member.counted.values(), WorkDone())
            if now.done + now.failed != member.logged:
                member.logged = now.done + now.failed
                counts = (member.number, member.machine, now.done, now.failed, now.busy_s)
                log.info("replica %d on %s: %d done, %d failed, %.0f s at work", *counts)


def _words(exc: Exception) -> str:
    """The line of one of Ray's errors that says what happened."""
    lines = [line.strip() for line in str(exc).splitlines() if line.strip()]
    said = [line for line in lines if "Error:" in line or "The actor died" in line]
    return (said or lines or [type(exc).__name__])[-1]
