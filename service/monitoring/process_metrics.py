"""Metrics of the process for Prometheus; several processes count together.

With PROMETHEUS_MULTIPROC_DIR set before this is imported, counters live in files there, and
whichever process is asked adds up those of all.
"""

import os
from collections.abc import Mapping
from functools import cache

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from service.models.batching import Metrics

MULTIPROCESS = "PROMETHEUS_MULTIPROC_DIR"
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class ProcessMetrics:
    """The service's own metrics; those of HTTP are the framework's."""

    def __init__(self) -> None:
        self.search = Histogram(
            "seogo_search_seconds",
            "Time of a search: the query's vectors (encode), the ranking (sql), both (total)",
            ["part"],
            buckets=SECONDS,
        )
        self.query_log = Counter(
            "seogo_query_log_searches",
            "Searches by what became of them in the query log: written, dropped",
            ["outcome"],
        )
        self._queries = Counter(
            "seogo_encoder_queries",
            "Queries by what became of them: answered, failed, refused, abandoned",
            ["encoder", "outcome"],
        )
        self._batches = Counter(
            "seogo_encoder_batches", "Batches by the number of queries in them", ["encoder", "size"]
        )
        self._waited = Counter(
            "seogo_encoder_wait_seconds", "Time that queries waited for their batch", ["encoder"]
        )
        self._encoded = Counter(
            "seogo_encoder_busy_seconds", "Time that encoders were at work", ["encoder"]
        )
        self._seen: dict[tuple[str, str, str], float] = {}

    def take_over(self, metrics: Mapping[str, Metrics]) -> None:
        """Add what encoders have process_metrics since the last time."""
        for identity, one in metrics.items():
            name = one.encoder
            for outcome in ("answered", "failed", "refused", "abandoned"):
                more = self._growth(identity, "queries", outcome, getattr(one, outcome))
                self._queries.labels(name, outcome).inc(more)
            for size, n in one.sizes.items():
                more = self._growth(identity, "sizes", str(size), n)
                self._batches.labels(name, str(size)).inc(more)
            self._waited.labels(name).inc(self._growth(identity, "waited", "", one.waited_s))
            self._encoded.labels(name).inc(self._growth(identity, "busy", "", one.encoded_s))

    def _growth(self, identity: str, what: str, label: str, now: float) -> float:
        before = self._seen.get((identity, what, label), 0.0)
        self._seen[identity, what, label] = now
        return max(0.0, now - before)


@cache
def meters() -> ProcessMetrics:
    """The metrics of this process; each can be registered only once."""
    return ProcessMetrics()


def metrics_text() -> bytes:
    """The metrics of all processes of this server, in the format of Prometheus."""
    registry = REGISTRY
    if MULTIPROCESS in os.environ:
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return generate_latest(registry)
