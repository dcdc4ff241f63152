"""Errors of evaluations, their legs beside each other, decisions on fusion, samples of queries."""

from typing import Annotated

from litestar import Controller, get, post
from litestar.openapi.spec import Example
from litestar.params import FromPath, FromQuery, PathParameter, QueryParameter
from msgspec import to_builtins

from db.evaluation import proof, tuning
from db.evaluation.proof import GridCell, LostQuery, SampleStored
from db.evaluation.tuning import Decision
from service.auth.callers import needs
from service.data.database import Db
from service.evaluation.schemas import LegsOut, SampleIn
from service.http.parameters import Limit, json_body
from service.http.responses import ONE, READING, WITH_BODY

Number = Annotated[int, PathParameter(ge=1, le=2**31 - 1)]
Depth = Annotated[int, QueryParameter(ge=1, le=10_000)]
Truth = Annotated[str | None, QueryParameter(max_length=100)]
RECIPE = {
    "query_set": "parts-q",
    "collection": "parts",
    "n": 300,
    "by": "category",
    "version": "by-category",
}
SampleBody = Annotated[SampleIn, json_body(Example(value=RECIPE))]


class ProofController(Controller):
    """Query sets and decisions belong to no one key's collections: they are for keys that see all."""

    path = "/evaluation"
    tags = ("evaluation",)
    opt = needs("reader", whole=True)

    @get("/runs/{run_id:int}/errors", summary="List the queries that lost an item", responses=ONE)
    async def list_evaluation_errors(
        self,
        run_id: FromPath[Number],
        database: Db,
        source: Truth = None,
        k: Depth = 10,
        limit: Limit = 100,
    ) -> list[LostQuery]:
        """Each with the module that lost it (`verdict`) and the rank that every leg gave the item."""
        asked = proof.error_log(run_id=run_id, source=source, k=k, most_n=limit)
        return await database.fetch(asked)

    @get("/runs/{run_id:int}/legs", summary="Compare the legs of an evaluation", responses=ONE)
    async def compare_legs(
        self, run_id: FromPath[Number], database: Db, source: Truth = None, k: Depth = 10
    ) -> LegsOut:
        """Relevant items that two legs share, that one alone has, that none has; the oracle of all."""
        overlap = proof.leg_overlap(run_id=run_id, source=source, k=k)
        whole = proof.complementarity(run_id=run_id, source=source, k=k)
        return LegsOut(
            overlap=await database.fetch(overlap), whole=(await database.fetch(whole))[0]
        )

    @get("/decisions", summary="List decisions on fusion and rerankers", responses=READING)
    async def list_decisions(
        self, database: Db, collection: FromQuery[str | None] = None, limit: Limit = 50
    ) -> list[Decision]:
        """Latest first: what was proposed, whether it went live, and why."""
        return (await database.fetch(tuning.decisions(collection=collection)))[:limit]

    @get("/decisions/{decision_id:int}/grid", summary="Get the grid of a tuning", responses=ONE)
    async def get_tuning_grid(self, decision_id: FromPath[Number], database: Db) -> list[GridCell]:
        """Every weighting of the legs under every way of scaling, on the queries that were learned from."""
        return await database.fetch(proof.tuning_grid(decision_id=decision_id))

    @post(
        "/samples",
        summary="Make a query set from a collection",
        status_code=200,
        opt=needs("admin", whole=True),
        responses=WITH_BODY,
    )
    async def make_sample(self, data: SampleBody, database: Db) -> SampleStored:
        """Known-item queries with their answers, by a recipe that is kept.

        `as_before`: null, the set is new; false without `replace`, it would come out otherwise and was
        not written.
        """
        recipe = to_builtins(data)
        named = {name: recipe.pop(name) for name in ("query_set", "replace")}
        stored = proof.store_sample(recipe=recipe, **named)
        return (await database.fetch(stored))[0]
