"""Health, readiness and metrics."""

import asyncio

from service.data.database import Database
from service.features import Context, Feature, background, closing
from service.models.query_vectors import QueryEncoders
from service.monitoring.database_metrics import DatabaseMetrics
from service.monitoring.health_controller import SystemController
from service.monitoring.metrics_controller import MetricsController
from service.monitoring.process_metrics import meters
from service.monitoring.readiness import Readiness

COUNT_S = 5.0


def feature(context: Context) -> Feature:
    """Build the checks and metrics; encoders are preloaded and counted beside the requests."""
    store, encoders = context.get(Database), context.get(QueryEncoders)
    readiness = Readiness(store, encoders)

    async def count() -> None:
        """Take over what encoders count: whichever process is asked must find that of all."""
        while True:
            meters().take_over(encoders.metrics)
            await asyncio.sleep(COUNT_S)

    preload = [readiness.preload] if context.settings.preload else []
    return Feature(
        handlers=[SystemController, MetricsController],
        provides={"database_metrics": DatabaseMetrics(store), "readiness": readiness},
        lifespan=[closing(readiness.close), background(count, *preload)],
    )
