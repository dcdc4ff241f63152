"""Query sets, judgments, and results of evaluations."""

from typing import Annotated

from litestar import Controller, get, put
from litestar.di import NamedDependency
from litestar.openapi.spec import Example
from litestar.params import FromPath, FromQuery, PathParameter, QueryParameter
from msgspec.structs import asdict

from db.evaluation import evals, judging
from db.evaluation.judging import JudgmentsWritten
from db.evaluation.rows import EvaluationRun, Judgment, RunMetric, Source
from service.auth.callers import needs
from service.data.database import Db
from service.evaluation.judging import JudgmentPools, Pooling, check_set
from service.evaluation.schemas import MAX_PROFILES, EvaluationOut, JudgmentsIn, ToJudge
from service.http.parameters import Limit, json_body
from service.http.responses import ADMISSION, ONE, READING, WITH_BODY

Measures = Annotated[
    list[str] | None,
    QueryParameter(max_items=8, description="Such as `nDCG@10`, `R@5`, `AP`, `RR`."),
]
SourceParameter = Annotated[str, QueryParameter(min_length=1, max_length=100)]
RunId = Annotated[int, PathParameter(ge=1, le=2**31 - 1)]
JUDGMENT = {"query": "q1", "external_id": "P-1001", "grade": 2}
JudgmentsBody = Annotated[
    JudgmentsIn, json_body(Example(value={"judge": "mina", "judgments": [JUDGMENT]}))
]


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
    ) -> ToJudge | None:
        """A query, and of the first `depth` hits of each profile those that nobody has judged.

        `null` when there is nothing left behind `after`.
        """
        pooling = Pooling(collection, source, profile or [], depth)
        return await pools.next(database, query_set, pooling, after)

    @put(
        "/sets/{query_set:str}/judgments",
        summary="Write up to 1000 judgments",
        opt=needs("writer", whole=True),
        responses=WITH_BODY,
    )
    async def put_judgments(
        self, query_set: FromPath[str], data: JudgmentsBody, database: Db
    ) -> JudgmentsWritten:
        """Judgments of a source; `unknown` names queries that the set does not have."""
        judgments = [Judgment(j.query, j.external_id, j.grade) for j in data.judgments]
        given = asdict(data) | {"judgments": judgments}
        (written,) = await database.fetch(judging.judge(query_set=query_set, **given))
        if written.unknown:
            await check_set(database, query_set)
        return written

    @get("/runs", summary="List evaluations", responses=READING)
    async def list_evaluations(
        self, database: Db, query_set: FromQuery[str | None] = None, limit: Limit = 50
    ) -> list[EvaluationRun]:
        """Latest first: query set, collection, settings and duration."""
        rows = await database.fetch(evals.runs(query_set=query_set))
        return rows[::-1][:limit]

    @get("/runs/{run_id:int}", summary="Get an evaluation", responses=ONE)
    async def get_evaluation(
        self,
        run_id: RunId,
        database: Db,
        source: Annotated[str | None, QueryParameter(max_length=100)] = None,
        measure: Measures = None,
    ) -> EvaluationOut:
        """Measures by a source of judgments, causes of lost relevant items, contribution of each leg."""
        (run,) = await database.fetch(evals.run(run_id=run_id))
        metrics = evals.metrics(run_id=run_id, measures=measure, source=source)
        return EvaluationOut(
            run=run,
            metrics=await database.fetch(metrics),
            blame=await database.fetch(evals.blame_table(run_id=run_id, source=source)),
            legs=await database.fetch(evals.leg_table(run_id=run_id, source=source)),
        )

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
