"""Collections, their spaces, and how far their vectors are."""

from typing import Annotated

from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.enums import RequestEncodingType
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import Example
from litestar.params import BodyKwarg, FromPath, FromQuery, QueryParameter

from db.errors import BadRequest, UnknownName
from db.items import items
from db.rows import Collection, Coverage, Space
from db.search import functions
from db.search.functions import FacetKey
from db.spaces import embedding
from service.auth.callers import needs
from service.data.database import CallersDatabase
from service.data.spaces import LiveSpaces
from service.errors import Conflict
from service.http.responses import (
    ADMISSION,
    BUSY,
    ONE,
    READING,
    WITH_BODY,
    json_only,
)
from service.items.collection_schemas import CollectionIn
from service.search.schemas import MAX_FACETS

NEW = Example(
    summary="Korean and English texts, found by words, part numbers and meaning",
    value={
        "name": "manuals",
        "analyzer": "korean",
        "field_weights": {"title": 2.0},
        "identifier_fields": ["part_number"],
        "vector_sources": {"text": {"item": ["title", "body"]}},
    },
)
NewBody = Annotated[CollectionIn, BodyKwarg(media_type=RequestEncodingType.JSON, examples=[NEW])]


class CollectionController(Controller):
    """Groups of items that are searched together."""

    tags = ("collections",)
    opt = needs("reader")

    @get(
        "/collections",
        operation_id="listCollections",
        summary="All collections",
        responses=ADMISSION,
    )
    async def list_all(self, database: NamedDependency[CallersDatabase]) -> list[Collection]:
        """Name, settings and number of items of every collection that the key may see."""
        return await database.fetch(items.collections())

    @post(
        "/collections",
        operation_id="createCollection",
        summary="Make a collection",
        opt=needs("admin"),
        guards=[json_only],
        responses={
            201: ResponseSpec(Collection, description="It is there", generate_examples=False),
            409: BUSY,
            **WITH_BODY,
        },
    )
    async def create(self, data: NewBody, database: NamedDependency[CallersDatabase]) -> Collection:
        """Make a collection; once more with the same settings changes nothing, with others is 409."""
        query = items.create_collection(name=data.name, settings=data.settings())
        try:
            await database.fetch(query)
        except BadRequest as exc:
            if any(
                row.collection == data.name for row in await database.fetch(items.collections())
            ):
                raise Conflict(str(exc), exc.hint) from exc
            raise
        return await _one(database, data.name)

    @get(
        "/collections/{collection:str}",
        operation_id="getCollection",
        summary="One collection",
        responses=ONE,
    )
    async def one(
        self, collection: FromPath[str], database: NamedDependency[CallersDatabase]
    ) -> Collection:
        """Settings and number of items."""
        return await _one(database, collection)

    @get(
        "/collections/{collection:str}/facets",
        operation_id="listFacetKeys",
        summary="Metadata keys worth counting by",
        responses=ONE,
    )
    async def facet_keys(
        self,
        collection: FromPath[str],
        database: NamedDependency[CallersDatabase],
        limit: Annotated[int, QueryParameter(ge=1, le=MAX_FACETS)] = 4,
    ) -> list[FacetKey]:
        """For `facets` of a search: most items have them, and many share a value; fewest values first."""
        return await database.fetch(functions.facet_keys(collection=collection, top_n=limit))

    @get(
        "/spaces",
        operation_id="listSpaces",
        summary="Embedding spaces that can be searched",
        responses=ADMISSION,
    )
    async def spaces(
        self,
        database: NamedDependency[CallersDatabase],
        live_spaces: NamedDependency[LiveSpaces],
    ) -> list[Space]:
        """Live spaces: which model made the vectors, what it takes, and whether they are indexed."""
        return await live_spaces.seen_by(database.caller)

    @get(
        "/coverage",
        operation_id="coverage",
        summary="How far the vectors are",
        responses=READING,
    )
    async def coverage(
        self,
        database: NamedDependency[CallersDatabase],
        collection: FromQuery[str | None] = None,
    ) -> list[Coverage]:
        """Per collection and space: items with fresh, stale, missing and failed vectors."""
        rows = await database.fetch(embedding.coverage())
        return [row for row in rows if collection in (None, row.collection)]


async def _one(database: CallersDatabase, name: str) -> Collection:
    rows = await database.fetch(items.collections())
    found = next((row for row in rows if row.collection == name), None)
    if found is None:
        names = ", ".join(row.collection for row in rows) or "none yet"
        raise UnknownName(f"unknown collection: {name}", f"There are: {names}.")
    return found
