"""Query sets, judgments, and results of evaluations."""

from typing import Annotated

from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, PathParameter, QueryParameter

from db.evaluation import evals
from db.evaluation.rows import RunMetric, Source
from service.auth.callers import needs
from service.data.database import Db
from service.evaluation.judging import JudgmentPools, Pooling
from service.evaluation.schemas import MAX_PROFILES, ToJudge
from service.http.responses import ADMISSION, ONE, READING

Measures = Annotated[
    list[str] | None,
    QueryParameter(max_items=8, description="Such as `nDCG@10`, `R@5`, `AP`, `RR`."),
]
SourceParameter = Annotated[str, QueryParameter(min_length=1, max_length=100)]
RunId = Annotated[int, PathParameter(ge=1, le=2**31 - 1)]


class EvaluationController(Controller):
    """Query sets belong to no collection: they are for keys that see all."""

    path = "/evaluation"
    tags = ("evaluation",)
    opt = needs("reader", whole=True)

    @get("/sets", summary="List query sets", responses=ADMISSION)
    async def list_query_sets(self, database: Db) -> list[Source]:
        """A row for each set and source of judgments."""
        return await database.fetch(evals.sources())

    @get("/sets/{query_set:str}/next", summary="Next query to judge", responses=ONE)
    async def next_to_judge(
        self,
        query_set: FromPath[str],
        collection: FromQuery[str],
        database: Db,
        pools: NamedDependency[JudgmentPools],
        source: SourceParameter = "people",
        profile: Annotated[list[str] | None, QueryParameter(max_items=MAX_PROFILES)] = None,
        depth: Annotated[int, QueryParameter(ge=1, le=100)] = 10,
        after: Annotated[int, QueryParameter(ge=0, le=2**63 - 1)] = 0,
        judge: Annotated[str | None, QueryParameter(min_length=1, max_length=100)] = None,
    ) -> ToJudge | None:
        """A query, and of the first `depth` hits of each profile those that nobody has judged.

        With `judge`: a query with items that others have judged and this person has not, for their
        agreement. `null` when there is nothing left behind `after`.
        """
        pooling = Pooling(collection, source, profile or [], depth, judge)
        return await pools.next(database, query_set, pooling, after)

    @get("/history", summary="Measures over time", responses=READING)
    async def evaluation_history(
        self,
        query_set: FromQuery[str],
        database: Db,
        source: SourceParameter = "people",
        measure: Measures = None,
    ) -> list[RunMetric]:
        """The finished evaluations of a set, oldest first."""
        return await database.fetch(
            evals.run_metrics(query_set=query_set, source=source, measures=measure or ["nDCG@10"])
        )
