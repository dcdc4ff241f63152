"""Evaluations asked over HTTP, with their progress, and two of them compared."""

import asyncio
from functools import partial
from typing import Annotated

from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.openapi.spec import Example
from litestar.params import FromPath, FromQuery, PathParameter, QueryParameter
from litestar.response import ServerSentEvent

from db.errors import BadRequest
from db.evaluation import evals, query_sets
from db.evaluation.rows import EvaluationRun
from db.search.rows import Leg
from flows.evaluation import asking
from flows.evaluation.asking import RunSettings
from flows.evaluation.compare import compare_runs
from flows.search.request import LegIn
from service.auth.callers import AnyRequest, needs
from service.data.database import CallersDatabase, Db
from service.evaluation.schemas import ComparisonOut, EvaluationOut, RunIn, RunProgress
from service.flows.performer import Performer
from service.http.parameters import Limit, json_body
from service.http.responses import ONE, READING, WITH_BODY, answer
from service.http.telling import Tell, streamed

# Asked one after the other while somebody looks on; larger sets are for `seogo eval run`.
MOST_QUERIES = 1000
# As deep as measures look by default, and as a comparison of lists shows.
DEPTH = 100
Number = Annotated[int, PathParameter(ge=1, le=2**31 - 1)]
Measures = Annotated[list[str] | None, QueryParameter(max_items=8)]
RUN = Example(value={"collection": "parts", "query_set": "asked", "label": "words twice"})


class EvaluationRunController(Controller):
    """Runs ask sets that belong to no collection: they are for keys that see all."""

    path = "/evaluation/runs"
    tags = ("evaluation",)
    opt = needs("reader", whole=True)

    @get(summary="List evaluations", responses=READING)
    async def list_evaluations(
        self, database: Db, query_set: FromQuery[str | None] = None, limit: Limit = 50
    ) -> list[EvaluationRun]:
        """Latest first: query set, collection, settings and duration."""
        rows = await database.fetch(evals.runs(query_set=query_set))
        return rows[::-1][:limit]

    @get("/{run_id:int}", summary="Get an evaluation", responses=ONE)
    async def get_evaluation(
        self,
        run_id: FromPath[Number],
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

    @post(
        operation_id="runEvaluation",
        summary="Ask a query set and keep the answers",
        status_code=200,
        opt=needs("admin", whole=True, cost=10),
        responses={
            **WITH_BODY,
            200: answer(RunProgress, "Such events, one after the other", "text/event-stream"),
        },
    )
    async def run_evaluation(
        self,
        data: Annotated[RunIn, json_body(RUN)],
        request: AnyRequest,
        database: Db,
        performer: NamedDependency[Performer],
    ) -> ServerSentEvent:
        """By the fusion in use, by a saved `profile`, or by `legs` with weights.

        Server-sent events: `progress` after each query, `end` with the evaluation; an error after the first
        is the event `problem`. A run that is left before its end is forgotten.
        """
        return await streamed(request, partial(_ask, database, performer, data))

    @get(
        "/{run_id:int}/comparison",
        operation_id="compareRuns",
        summary="Compare two evaluations of a set",
        responses=ONE,
    )
    async def compare_evaluations(
        self,
        run_id: FromPath[Number],
        other: Annotated[int, QueryParameter(ge=1, le=2**31 - 1)],
        database: Db,
        performer: NamedDependency[Performer],
        source: FromQuery[str | None] = None,
        measure: Measures = None,
        shown: Annotated[int, QueryParameter(ge=0, le=100)] = 10,
    ) -> list[ComparisonOut]:
        """Per measure: both means, the mean difference with its 95 % interval, two tests, wins and losses.

        Differences are `other` minus this one; `losses` and `gains` name the queries that changed most.
        """
        flow = compare_runs(run_id, other, measure or ["nDCG@10"], source)
        compared = await performer.run(database, flow)
        return [
            ComparisonOut(
                comparison=found,
                losses=[one for one in changes[:shown] if one.difference < 0],
                gains=[one for one in changes[::-1][:shown] if one.difference > 0],
            )
            for found, changes in compared.values()
        ]


async def _ask(
    database: CallersDatabase, performer: Performer, data: RunIn, tell: Tell
) -> EvaluationRun:
    queries = await database.fetch(query_sets.queries(query_set=data.query_set))
    if len(queries) > MOST_QUERIES:
        raise BadRequest(
            f"{data.query_set} has {len(queries):,} queries; {MOST_QUERIES:,} can be asked here",
            f"On the command line: seogo eval run -c {data.collection} --set {data.query_set}",
        )
    run_id = (await database.fetch(asking.begin(_settings(data))))[0].run_id
    tell("progress", RunProgress(done=0, all=len(queries)))

    def on_query(done: int, all_: int) -> None:
        tell("progress", RunProgress(done=done, all=all_))

    try:
        await performer.run(database, asking.ask(run_id, data.query_set, on_query))
    except BaseException:
        await asyncio.shield(database.fetch(evals.drop_run(run_id=run_id)))
        raise
    return (await database.fetch(evals.run(run_id=run_id)))[0]


def _settings(data: RunIn) -> RunSettings:
    legs = None if data.legs is None else [_leg(one) for one in data.legs]
    return RunSettings(
        collection=data.collection,
        query_set=data.query_set,
        legs=legs,
        k=DEPTH,
        profile=data.profile,
        method=data.method,
        label=data.label,
    )


def _leg(given: LegIn) -> Leg:
    if given.kind == "like":
        raise BadRequest(
            "a query of a set is like nothing", "Legs are lexical, identifier, vector."
        )
    return Leg(
        kind=given.kind,
        name=given.name,
        space=given.space,
        source=given.source,
        weight=given.weight,
        pool_n=given.pool_n,
    )
