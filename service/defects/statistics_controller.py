"""Statistics of inspections, and drift of their scores."""

from typing import Annotated

from litestar import Controller, get
from litestar.params import FromQuery, QueryParameter

from db.defects import statistics
from db.defects.statistic_rows import ScoreDrift
from service.auth.callers import needs
from service.data.database import Db
from service.defects.schemas import StatisticsOut
from service.http.responses import ONE, READING

Days = Annotated[int, QueryParameter(ge=1, le=3660)]


class StatisticsController(Controller):
    """Statistics of inspections."""

    path = "/defects"
    tags = ("defects",)
    opt = needs("reader", whole=True)

    @get("/statistics", summary="Count findings", responses=ONE)
    async def defect_statistics(
        self, database: Db, product: FromQuery[str | None] = None, days: Days = 30
    ) -> StatisticsOut:
        """Inspected pictures by day, product and finding; verdicts, scores and drift by bank."""
        return StatisticsOut(
            counts=await database.fetch(statistics.defect_counts(product=product, days=days)),
            days=await database.fetch(
                statistics.defect_statistics(only_product=product, days=days)
            ),
            drift=await database.fetch(statistics.latest_drift(product=product)),
        )

    @get("/drift", summary="List measurements of drift", responses=READING)
    async def list_drift(
        self, database: Db, product: FromQuery[str | None] = None, days: Days = 90
    ) -> list[ScoreDrift]:
        """The latest first; the nightly task `measure_drift` measures, see `search.score_drift`."""
        return await database.fetch(statistics.drift(product=product, days=days))
