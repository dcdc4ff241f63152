"""Contradictions between pictures, what is read on them, and fields."""

from typing import Annotated, Literal

from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.openapi.spec import Example
from litestar.params import FromPath, FromQuery, QueryParameter

from db.items import contradictions as sql
from db.items.contradictions import Contradiction, DecidedContradiction, JudgeStep, Rule
from flows import quality as flow
from flows.quality import ConsistencyReport
from service.auth.callers import needs
from service.data.database import Db
from service.flows.performer import Performer
from service.http.parameters import Limit, RowId, json_body
from service.http.responses import ONE, WITH_BODY
from service.quality.schemas import ContradictionIn, JudgeIn

States = Literal["open", "accepted", "mended", "all"]
JudgeBody = Annotated[JudgeIn, json_body(Example(summary="Begin a run", value={}))]
DecisionBody = Annotated[
    ContradictionIn, json_body(Example(value={"state": "accepted", "note": "two plates on it"}))
]


class QualityController(Controller):
    """Contradictions of a collection."""

    path = "/collections/{collection:str}"
    tags = ("items",)
    opt = needs("reader")

    @get("/quality", summary="Count contradictions", responses=ONE)
    async def get_quality(
        self, collection: FromPath[str], database: Db, performer: NamedDependency[Performer]
    ) -> ConsistencyReport:
        """Contradictions by rule and state, the latest run, and what it could not judge and why."""
        return await performer.run(database, flow.report(collection))

    @post(
        "/quality",
        summary="Judge the next items",
        status_code=200,
        opt=needs("writer", cost=10),
        responses=WITH_BODY,
    )
    async def judge_quality(
        self,
        collection: FromPath[str],
        data: JudgeBody,
        database: Db,
        performer: NamedDependency[Performer],
    ) -> JudgeStep:
        """Judges 200 items; ask again with the `run_id` of the answer until it is `done`.

        Whole collections, every night or now, are judged by the scheduler's task `judge_quality`.
        """
        return await performer.run(database, flow.judge_next(collection, data.run_id))

    @get("/contradictions", summary="List contradictions", responses=ONE)
    async def list_contradictions(
        self,
        collection: FromPath[str],
        database: Db,
        status: FromQuery[States] = "open",
        rule: FromQuery[Rule | None] = None,
        limit: Limit = 50,
        skip: Annotated[int, QueryParameter(ge=0, le=10_000)] = 0,
    ) -> list[Contradiction]:
        """The surest first; `evidence` says what contradicts what, by the rule."""
        state = None if status == "all" else status
        listed = sql.contradictions(
            collection=collection, state=state, rule=rule, limit=limit, skip=skip
        )
        return await database.fetch(listed)

    @post(
        "/contradictions/{contradiction_id:int}",
        summary="Accept or mend a contradiction",
        status_code=200,
        opt=needs("writer"),
        responses=WITH_BODY,
    )
    async def decide_contradiction(
        self,
        collection: FromPath[str],
        contradiction_id: FromPath[RowId],
        data: DecisionBody,
        database: Db,
    ) -> DecidedContradiction:
        """The name of the key and the time are kept; the last decision counts.

        What is mended and found again is open again.
        """
        decided = sql.decide(
            collection=collection,
            contradiction_id=contradiction_id,
            state=data.state,
            decided_by=database.caller.name,
            note=data.note,
        )
        return (await database.fetch(decided))[0]
