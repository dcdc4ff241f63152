"""Metrics for Prometheus."""

from litestar import Controller, Response, get
from litestar.di import NamedDependency

from service.auth.callers import needs
from service.http.responses import ADMISSION, answer
from service.monitoring.database_metrics import DatabaseMetrics
from service.monitoring.process_metrics import metrics_text


class MetricsController(Controller):
    """Counters of all processes of this server, and gauges of the database."""

    tags = ("system",)
    opt = needs("reader", whole=True)

    @get(
        "/metrics",
        summary="Metrics for Prometheus",
        responses={200: answer(str, "Text", "text/plain"), **ADMISSION},
    )
    async def metrics(self, database_metrics: NamedDependency[DatabaseMetrics]) -> Response[bytes]:
        """Requests, searches, encoders, queues, coverage, runs and their stages."""
        text = metrics_text() + await database_metrics.text()
        return Response(text, media_type="text/plain; version=0.0.4; charset=utf-8")
