"""Query sets: their queries, progress and agreement of those who judge, grades taken back."""

from typing import Annotated, Any

from litestar import Controller, delete, get, post, put
from litestar.di import NamedDependency
from litestar.openapi.spec import Example
from litestar.params import FromPath, QueryParameter
from msgspec.structs import asdict

from db.evaluation import judging, profiles
from db.evaluation.judging import JudgedQuery, JudgmentsWritten, StandingGrade
from db.evaluation.profiles import Added
from db.evaluation.rows import Judgment
from db.operations.readings import store_picture
from encoders.pictures.sources import from_base64
from service.auth.callers import needs
from service.data.database import CallersDatabase, Db
from service.evaluation.judging import check_set
from service.evaluation.schemas import AgreementOut, JudgmentsIn, QueryAdd
from service.http.parameters import json_body
from service.http.responses import ONE, WITH_BODY
from service.items.pictures import Pictures

Source = Annotated[str, QueryParameter(min_length=1, max_length=100)]
Key = Annotated[str, QueryParameter(min_length=1, max_length=500)]
Judge = Annotated[str | None, QueryParameter(min_length=1, max_length=100)]
JUDGMENT = {"query": "q1", "external_id": "P-1001", "grade": 2}
JudgmentsBody = Annotated[
    JudgmentsIn, json_body(Example(value={"judge": "mina", "judgments": [JUDGMENT]}))
]
WORDS = Example(value={"query": "진공 펌프"})


class QuerySetController(Controller):
    """Query sets belong to no collection: they are for keys that see all."""

    path = "/evaluation/sets/{query_set:str}"
    tags = ("evaluation",)
    opt = needs("reader", whole=True)

    @get("/queries", summary="List the queries of a set", responses=ONE)
    async def list_set_queries(
        self, query_set: FromPath[str], database: Db, source: Source = "people"
    ) -> list[JudgedQuery]:
        """In their order, each with the number of items judged and relevant, and who judged."""
        rows = judging.judged_queries(query_set=query_set, source=source)
        return await database.fetch(rows)

    @post(
        "/queries",
        summary="Add a query of words, a picture or both",
        status_code=200,
        opt=needs("writer", whole=True, body="picture"),
        responses=WITH_BODY,
    )
    async def add_query(
        self,
        query_set: FromPath[str],
        data: Annotated[QueryAdd, json_body(WORDS)],
        database: Db,
        pictures: NamedDependency[Pictures],
    ) -> Added:
        """The set is made where it is missing; a query that asks the same stays."""
        picture = await _stored(data, database, pictures)
        call = profiles.add_query(query_set=query_set, query=data.query, picture=picture)
        return (await database.fetch(call))[0]

    @get("/agreement", summary="Agreement of those who judged", responses=ONE)
    async def get_agreement(
        self, query_set: FromPath[str], database: Db, source: Source = "people"
    ) -> AgreementOut:
        """Krippendorff's alpha of all, Cohen's kappa of each two, on items with two or more votes."""
        of: dict[str, Any] = {"query_set": query_set, "source": source}
        (together,) = await database.fetch(judging.reliability(**of))
        return AgreementOut(together=together, pairs=await database.fetch(judging.agreement(**of)))

    @put(
        "/judgments",
        summary="Write up to 1000 judgments",
        opt=needs("writer", whole=True),
        responses=WITH_BODY,
    )
    async def put_judgments(
        self, query_set: FromPath[str], data: JudgmentsBody, database: Db
    ) -> JudgmentsWritten:
        """Judgments of a source; `unknown` names queries that the set does not have."""
        judgments = [Judgment(j.query, j.external_id, j.grade, j.reason) for j in data.judgments]
        given = asdict(data) | {"judgments": judgments}
        (written,) = await database.fetch(judging.judge(query_set=query_set, **given))
        if written.unknown:
            await check_set(database, query_set)
        return written

    @delete(
        "/judgments",
        summary="Take a grade back",
        status_code=200,
        opt=needs("writer", whole=True),
        responses=ONE,
    )
    async def withdraw_judgment(
        self,
        query_set: FromPath[str],
        asked: Annotated[str, QueryParameter(name="query", min_length=1, max_length=500)],
        external_id: Key,
        database: Db,
        source: Source = "people",
        judge: Judge = None,
    ) -> StandingGrade:
        """That of a judge, or one that nobody signed; the latest other vote then stands, if any."""
        call = judging.withdraw_judgment(
            query_set=query_set, query=asked, external_id=external_id, source=source, judge=judge
        )
        return (await database.fetch(call))[0]


async def _stored(data: QueryAdd, database: CallersDatabase, pictures: Pictures) -> int | None:
    """The id of the picture of a query, stored if it is not yet; None where there is none."""
    if data.picture is None or data.picture.base64 is None:
        return None if data.picture is None else data.picture.id
    file = from_base64(data.picture.base64)
    async with pictures.budget.room(len(file)):
        decoded = await pictures.to_store(file)
    return (await database.fetch(store_picture(decoded)))[0].id
