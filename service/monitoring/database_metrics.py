"""What the database says of queues, vectors and runs, in the words of Prometheus."""

import time
from collections.abc import Iterable
from typing import NamedTuple

import psycopg
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from db.errors import SeogoDbError
from db.operations import metrics
from db.operations.metrics import (
    LastBackup,
    QueueDepth,
    RunCount,
    RunStages,
)
from db.rows import Coverage
from db.spaces import embedding
from service.data.database import Database

# Counting all items for every scrape of every server would be a load of its own.
REMEMBERED_S = 15.0


class _Found(NamedTuple):
    queues: list[QueueDepth]
    coverage: list[Coverage]
    runs: list[RunCount]
    stages: list[RunStages]
    backups: list[LastBackup]


class Gauges:
    """Asks the database at most once in a while."""

    def __init__(self, database: Database, ttl_s: float = REMEMBERED_S) -> None:
        self._database = database
        self._ttl_s = ttl_s
        self._text = b""
        self._until = 0.0

    async def text(self) -> bytes:
        """The gauges; `seogo_up` alone where the database does not answer."""
        if time.monotonic() > self._until:
            self._text = await self._asked()
            self._until = time.monotonic() + self._ttl_s
        return self._text

    async def _asked(self) -> bytes:
        registry = CollectorRegistry()
        try:
            found = _Found(
                queues=await self._database.fetch(metrics.queues()),
                coverage=await self._database.fetch(embedding.coverage()),
                runs=await self._database.fetch(metrics.run_counts()),
                stages=await self._database.fetch(metrics.latest_stages()),
                backups=await self._database.fetch(metrics.last_backup()),
            )
        except (SeogoDbError, psycopg.Error):
            registry.register(_Families([_up(0)]))
        else:
            registry.register(_Families([_up(1), *_families(found)]))
        registry.register(_Families([_replicas(self._database.replicas.lags())]))
        text: bytes = generate_latest(registry)
        return text


class _Families(Collector):
    def __init__(self, families: list[GaugeMetricFamily]) -> None:
        self._families = families

    def collect(self) -> Iterable[Metric]:
        return self._families


def _up(value: int) -> GaugeMetricFamily:
    return GaugeMetricFamily("seogo_up", "Whether the database answers", value=value)


def _replicas(lags: Iterable[tuple[str, float | None]]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(
        "seogo_replica_lag_seconds",
        "How far a replica is behind the primary; Inf: it does not answer",
        labels=["replica"],
    )
    for name, lag_s in lags:
        family.add_metric([name], float("inf") if lag_s is None else lag_s)
    return family


def _backup(found: _Found) -> GaugeMetricFamily:
    family = GaugeMetricFamily(
        "seogo_last_backup_timestamp_seconds", "When the latest backup that succeeded began"
    )
    for row in found.backups:
        family.add_metric([], row.started_at.timestamp())
    return family


def _families(found: _Found) -> list[GaugeMetricFamily]:
    return [_queues(found), _coverage(found), _runs(found), _backup(found), *_stages(found)]


def _queues(found: _Found) -> GaugeMetricFamily:
    family = GaugeMetricFamily(
        "seogo_queue_depth",
        "What waits for a worker, failed and is tried again, or is parked",
        labels=["queue", "name", "state"],
    )
    for row in found.queues:
        for state in ("waiting", "failed", "parked"):
            family.add_metric([row.queue, row.name, state], getattr(row, state))
    return family


def _coverage(found: _Found) -> GaugeMetricFamily:
    family = GaugeMetricFamily(
        "seogo_coverage_items",
        "Items per collection and space, by the state of their vectors",
        labels=["collection", "space", "generation", "state"],
    )
    for row in found.coverage:
        for state in ("fresh", "stale", "missing", "failed", "without_text"):
            labels = [row.collection, row.space, str(row.generation), state]
            family.add_metric(labels, getattr(row, state))
    return family


def _runs(found: _Found) -> GaugeMetricFamily:
    family = GaugeMetricFamily("seogo_runs", "Runs of jobs", labels=["kind", "state"])
    for row in found.runs:
        family.add_metric([row.kind, row.state], row.n)
    return family


def _stages(found: _Found) -> list[GaugeMetricFamily]:
    families = []
    for figure, about in (
        ("done", "Things finished"),
        ("failed", "Things that could not be done"),
        ("waiting", "Things that wait for the stage"),
        ("busy_s", "Seconds of work"),
        ("rate", "Things finished per second"),
    ):
        family = GaugeMetricFamily(
            f"seogo_stage_{figure.replace('_s', '_seconds')}",
            f"{about}, in the stages of the latest run of each kind",
            labels=["kind", "stage"],
        )
        for row in found.stages:
            for stage, values in row.stages.items():
                if isinstance(values, dict) and figure in values:
                    family.add_metric([row.kind, stage], values[figure])
        families.append(family)
    return families
