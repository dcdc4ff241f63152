"""Synonyms of a collection."""

from typing import Annotated

from litestar import Controller, Response, delete, get, post, put
from litestar.di import NamedDependency
from litestar.enums import RequestEncodingType
from litestar.openapi.spec import Example
from litestar.params import BodyKwarg, FromPath

from db.errors import UnknownName
from db.search import synonyms
from db.search.synonyms import SynonymGroup
from flows.search import synonyms as flow
from flows.search.synonyms import SynonymsIn, SynonymsWritten
from service.auth.callers import needs
from service.data.database import Db
from service.flows.performer import Performer
from service.http.parameters import json_body
from service.http.responses import ONE, WITH_BODY
from service.http.tables import CSV, TableForm, table_file, table_response

GROUPS = Example(
    summary="Two names of one thing, and a word for two others that count a little less",
    value=[
        {"words": ["진공 펌프", "vacuum pump"]},
        {"typed": ["seal"], "words": ["o-ring", "패킹"], "weight": 0.8},
    ],
)


class SynonymsController(Controller):
    """Synonyms of a collection."""

    path = "/collections/{collection:str}/synonyms"
    tags = ("search",)
    opt = needs("reader")

    @get("/", summary="List synonyms", responses=ONE)
    async def list_synonyms(self, collection: FromPath[str], database: Db) -> list[SynonymGroup]:
        """All groups; without `typed`, each of the words finds the others."""
        return await database.fetch(synonyms.synonyms(collection=collection))

    @post("/", summary="Add synonyms", status_code=200, opt=needs("admin"), responses=WITH_BODY)
    async def add_synonyms(
        self,
        collection: FromPath[str],
        data: Annotated[list[SynonymsIn], json_body(GROUPS)],
        database: Db,
        performer: NamedDependency[Performer],
    ) -> SynonymsWritten:
        """In force at once; a group that is refused is named by its number, the others are taken."""
        return await performer.run(database, flow.write_groups(collection, data))

    @put("/", summary="Replace all synonyms", opt=needs("admin"), responses=WITH_BODY)
    async def replace_synonyms(
        self,
        collection: FromPath[str],
        data: Annotated[list[SynonymsIn], json_body(GROUPS)],
        database: Db,
        performer: NamedDependency[Performer],
    ) -> SynonymsWritten:
        """Groups that are not given are removed, unless one given is refused."""
        steps = flow.write_groups(collection, data, replace=True)
        return await performer.run(database, steps)

    @delete("/{group_id:int}", summary="Remove synonyms", opt=needs("admin"), responses=ONE)
    async def remove_synonyms(
        self, collection: FromPath[str], group_id: FromPath[int], database: Db
    ) -> None:
        """A group; 404 where there is none."""
        call = synonyms.remove_synonyms(collection=collection, group_ids=[group_id])
        if not (await database.fetch(call))[0].n:
            raise UnknownName(f"no synonyms {group_id}", "GET …/synonyms lists them")

    @post(
        "/import",
        summary="Add synonyms from a CSV table",
        status_code=200,
        opt=needs("admin"),
        responses=WITH_BODY,
    )
    async def import_synonyms(
        self,
        collection: FromPath[str],
        data: Annotated[TableForm, BodyKwarg(media_type=RequestEncodingType.MULTI_PART)],
        database: Db,
        performer: NamedDependency[Performer],
    ) -> SynonymsWritten:
        """With the columns words, typed, weight; `|` parts words; `refused` names lines."""
        async with table_file(data) as file:
            steps = flow.import_table(collection, file, replace=data.replace)
            return await performer.run(database, steps)

    @get("/export", summary="Synonyms as a CSV table", media_type=CSV, responses=ONE)
    async def export_synonyms(
        self,
        collection: FromPath[str],
        database: Db,
        performer: NamedDependency[Performer],
    ) -> Response[str]:
        """As `import` takes it."""
        return table_response(await performer.run(database, flow.export_table(collection)))
