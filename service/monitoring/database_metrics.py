"""Metrics of the database for Prometheus: queues, vectors, runs, replicas and backups."""

from collections.abc import Iterable, Sequence

import psycopg
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from db.errors import SeogoDbError
from db.items import contradictions
from db.operations import metrics, shards
from db.spaces import embedding
from service.data.database import Database
from service.data.ttl_cache import TtlCache

# Counting all items for every scrape of every server would be a load of its own.
TTL_S = 15.0

QUEUE = "What waits for a worker, failed and is tried again, or is parked"
COVERAGE = "Items per collection and space, by the state of their vectors"
CONTRADICTIONS = "Contradictions found in collections, by the rule and what people decided"
RULE = ("collection", "rule", "state")
BACKUP = "When the latest backup that succeeded began"
SHARD_UP = "Whether a shard answers its coordinator"
SHARD_ITEMS = "Items on a shard, and those of them whose vectors are fresh, wait or failed"
LAG = "How far a replica is behind the primary; Inf: it does not answer"
STAGE = ", in the stages of the latest run of each kind"
# By the name of a figure in the stages of a run.
STAGES = {
    "done": ("seogo_stage_done", "Things finished" + STAGE),
    "failed": ("seogo_stage_failed", "Things that could not be done" + STAGE),
    "waiting": ("seogo_stage_waiting", "Things that wait for the stage" + STAGE),
    "busy_s": ("seogo_stage_busy_seconds", "Seconds of work" + STAGE),
    "rate": ("seogo_stage_rate", "Things finished per second" + STAGE),
}


class DatabaseMetrics:
    """Gauges of the database, asked at most once in a while."""

    def __init__(self, database: Database, ttl_s: float = TTL_S) -> None:
        self._database = database
        self._cache = TtlCache(self._text, ttl_s)

    async def text(self) -> bytes:
        """The gauges as Prometheus reads them; `seogo_up` alone where the database does not answer."""
        return await self._cache.get(None)

    async def _text(self, _: None) -> bytes:
        registry = CollectorRegistry()
        try:
            families, up = await self._families(), 1
        except (SeogoDbError, psycopg.Error):
            families, up = [], 0
        lags = self._database.replicas.lags()
        lag_s = [((name,), float("inf") if lag is None else lag) for name, lag in lags]
        replicas = _gauge("seogo_replica_lag_seconds", LAG, ("replica",), lag_s)
        answers = _gauge("seogo_up", "Whether the database answers", (), [((), up)])
        registry.register(_Families([answers, *families, replicas]))
        text: bytes = generate_latest(registry)
        return text

    async def _families(self) -> list[GaugeMetricFamily]:
        fetch = self._database.fetch
        queues = [
            ((one.queue, one.name, state), getattr(one, state))
            for one in await fetch(metrics.queues())
            for state in ("waiting", "failed", "parked")
        ]
        coverage = [
            ((one.collection, one.space, str(one.generation), state), getattr(one, state))
            for one in await fetch(embedding.coverage())
            for state in ("fresh", "stale", "missing", "failed", "without_text")
        ]
        runs = [((one.kind, one.state), one.n) for one in await fetch(metrics.run_counts())]
        backups = [((), one.started_at.timestamp()) for one in await fetch(metrics.last_backup())]
        stages = [
            (run.kind, stage, values)
            for run in await fetch(metrics.latest_stages())
            for stage, values in run.stages.items()
            if isinstance(values, dict)
        ]
        labels = ("collection", "space", "generation", "state")
        return [
            _gauge("seogo_queue_depth", QUEUE, ("queue", "name", "state"), queues),
            _gauge("seogo_coverage_items", COVERAGE, labels, coverage),
            await self._contradictions(),
            *await self._shards(),
            _gauge("seogo_runs", "Runs of jobs", ("kind", "state"), runs),
            _gauge("seogo_last_backup_timestamp_seconds", BACKUP, (), backups),
            *(_stage(figure, *family, stages) for figure, family in STAGES.items()),
        ]

    async def _shards(self) -> list[GaugeMetricFamily]:
        rows = await self._database.fetch(shards.shard_states())
        numbers = [
            ((one.shard, state), getattr(one, state))
            for one in rows
            for state in ("items", "fresh", "waiting", "failed")
            if one.answers
        ]
        return [
            _gauge("seogo_shard_up", SHARD_UP, ("shard",), [((o.shard,), o.answers) for o in rows]),
            _gauge("seogo_shard_items", SHARD_ITEMS, ("shard", "state"), numbers),
        ]

    async def _contradictions(self) -> GaugeMetricFamily:
        rows = await self._database.fetch(contradictions.counts())
        values = [((one.collection, one.rule, one.state), one.n) for one in rows]
        return _gauge("seogo_contradictions", CONTRADICTIONS, RULE, values)


def _stage(
    figure: str, name: str, text: str, stages: list[tuple[str, str, dict[str, float]]]
) -> GaugeMetricFamily:
    values = [((kind, stage), of[figure]) for kind, stage, of in stages if figure in of]
    return _gauge(name, text, ("kind", "stage"), values)


def _gauge(
    name: str, text: str, labels: Sequence[str], values: Iterable[tuple[Sequence[str], float]]
) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, text, labels=labels)
    for given, value in values:
        family.add_metric(given, value)
    return family


class _Families(Collector):
    def __init__(self, families: list[GaugeMetricFamily]) -> None:
        self._families = families

    def collect(self) -> Iterable[Metric]:
        return self._families
