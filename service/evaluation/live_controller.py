"""Live tests of fusion profiles: begun, stopped, looked at."""

from typing import Annotated

from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.openapi.spec import Example
from litestar.params import FromPath

from db.evaluation import live
from db.evaluation.live import LiveTest
from service.auth.callers import needs
from service.data.database import Db
from service.errors import Conflict
from service.evaluation.schemas import LiveTestIn
from service.flows.live_tests import LiveTests
from service.http.parameters import RowId, json_body
from service.http.responses import BUSY, ONE, WITH_BODY

HALF = Example(summary="Half of the visitors", value={"profile": "words-first", "share": 0.5})


class LiveTestController(Controller):
    """Profiles compared with the fusion in use by what people open, in answers drafted from both."""

    path = "/collections/{collection:str}/live-tests"
    tags = ("evaluation",)
    opt = needs("reader")

    @get(summary="List live tests of profiles", responses=ONE)
    async def list_live_tests(self, collection: FromPath[str], database: Db) -> list[LiveTest]:
        """The one that runs first; counts and evidence may be looked at whenever one likes."""
        return await database.fetch(live.live_tests(collection=collection))

    @post(
        summary="Begin a live test of a profile",
        status_code=201,
        opt=needs("admin", whole=True),
        responses=WITH_BODY,
    )
    async def start_live_test(
        self,
        collection: FromPath[str],
        data: Annotated[LiveTestIn, json_body(HALF)],
        database: Db,
        live_tests: NamedDependency[LiveTests],
    ) -> LiveTest:
        """It ends by itself: where the evidence decides, or after `most` decided answers.

        Searches that take part run two fusions, and take twice as long in SQL.
        """
        begun = live.start_live_test(
            collection=collection,
            profile=data.profile,
            share=data.share,
            most=data.most,
            policy=data.policy,
        )
        test_id = (await database.fetch(begun))[0].id
        live_tests.forget(collection)
        rows = await database.fetch(live.live_tests(collection=collection))
        return next(row for row in rows if row.test_id == test_id)

    @post(
        "/{test_id:int}/stop",
        summary="Stop a live test",
        status_code=200,
        opt=needs("admin", whole=True),
        responses={**ONE, 409: BUSY},
    )
    async def stop_live_test(
        self,
        collection: FromPath[str],
        test_id: FromPath[RowId],
        database: Db,
        live_tests: NamedDependency[LiveTests],
    ) -> None:
        """Nothing else changes; a test that has ended answers 409."""
        stopped = await database.fetch(live.stop_live_test(collection=collection, test_id=test_id))
        if not stopped[0].done:
            raise Conflict(
                f"no live test {test_id} of {collection} runs",
                "GET /collections/{collection}/live-tests lists them.",
            )
        live_tests.forget(collection)
