"""Searches over time, what was asked most, evaluations over time, and the disk."""

from datetime import timedelta
from typing import Annotated

from litestar import Controller, get
from litestar.params import FromPath, FromQuery, QueryParameter

from db.evaluation import evals
from db.evaluation.rows import HistoryPoint
from db.operations import metrics
from db.operations.metrics import DiskPart
from db.search import query_log
from db.search.query_log import SearchTimes, TopQuery
from db.spaces import generations
from db.spaces.generations import Drift
from service.auth.callers import needs
from service.data.database import Db
from service.http.parameters import Limit
from service.http.responses import ONE, READING

ADMIN = needs("admin", whole=True)
Steps = Annotated[int, QueryParameter(ge=1, le=1000)]


class InsightController(Controller):
    """Figures over time. Queries of people are for administrators, the rest for keys that see everything."""

    path = "/insight"
    tags = ("evaluation",)
    opt = needs("reader", whole=True)

    @get("/searches", summary="Searches over time", opt=ADMIN, responses=ONE)
    async def list_search_times(
        self,
        database: Db,
        collection: FromQuery[str | None] = None,
        hours: Annotated[int, QueryParameter(ge=1, le=24 * 366)] = 24,
        steps: Steps = 24,
    ) -> list[SearchTimes]:
        """From the query log (SEOGO_QUERY_LOG): how many, and percentiles of their times."""
        within = timedelta(hours=hours)
        return await database.fetch(
            query_log.search_times(only_collection=collection, within=within, step=within / steps)
        )

    @get("/queries", summary="List the queries asked most", opt=ADMIN, responses=ONE)
    async def list_top_queries(
        self,
        database: Db,
        collection: FromQuery[str | None] = None,
        days: Annotated[int, QueryParameter(ge=1, le=3650)] = 30,
        limit: Limit = 20,
    ) -> list[TopQuery]:
        """From the query log; how often each was asked, found nothing, or was answered weakly."""
        asked = query_log.top_queries(
            only_collection=collection, within=timedelta(days=days), k=limit
        )
        return await database.fetch(asked)

    @get("/evaluations/{query_set:str}", summary="Evaluations of a set over time", responses=ONE)
    async def list_evaluation_history(
        self,
        query_set: FromPath[str],
        database: Db,
        source: Annotated[str, QueryParameter(min_length=1, max_length=100)] = "people",
        measure: Annotated[str, QueryParameter(min_length=1, max_length=20)] = "nDCG@10",
        limit: Limit = 50,
    ) -> list[HistoryPoint]:
        """The latest ones, oldest first, each with its date and 95 % interval."""
        points = evals.history(query_set=query_set, source=source, measure=measure, most_n=limit)
        return await database.fetch(points)

    @get("/disk", summary="Disk that the database takes", responses=READING)
    async def list_disk(self, database: Db) -> list[DiskPart]:
        """By what it is for, in bytes with indexes, the largest first; `database` is all."""
        return await database.fetch(metrics.disk())

    @get("/drift", summary="Drift of the vectors of spaces", responses=READING)
    async def list_vector_drift(self, database: Db) -> list[Drift]:
        """Distributions of similarities and norms of a generation beside the one before, as last measured."""
        return await database.fetch(generations.drift())
