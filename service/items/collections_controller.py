"""Collections, their spaces, and their coverage by vectors."""

from typing import Annotated

from litestar import Controller, delete, get, patch, post, put
from litestar.di import NamedDependency
from litestar.openapi.spec import Example
from litestar.params import FromPath, FromQuery, QueryParameter

from db.errors import BadRequest, UnknownName
from db.items import editing, items
from db.items.items import Deleted
from db.items.rows import Collection
from db.search import functions
from db.search.functions import FacetKey
from db.spaces import embedding
from db.spaces.rows import Coverage, Space
from flows.search.results import MAX_FACETS
from service.auth.callers import needs
from service.data.database import CallersDatabase, Db
from service.data.spaces import LiveSpaces
from service.errors import Conflict
from service.http.parameters import json_body
from service.http.responses import ADMISSION, BUSY, ONE, READING, WITH_BODY, answer
from service.items.collection_schemas import (
    CollectionChange,
    CollectionIn,
    Labels,
    QueuedOut,
    Sources,
    VectorsGone,
)

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
CHANGE = Example(value={"analyzer": "korean", "field_weights": {"title": 3.0}})
SOURCES = Example(value={"item": ["[maker] {maker}", "title", "description"]})
NAMES = Example(
    value={
        "torque_nm": {"ko": "토크(Nm)", "en": "torque (Nm)"},
        "kind": {"values": {"pump": {"ko": "펌프", "en": "pump"}}},
        "old_key": None,
    }
)
LabelsBody = Annotated[Labels, json_body(NAMES)]
SourcesBody = Annotated[Sources, json_body(SOURCES)]
NewBody = Annotated[CollectionIn, json_body(NEW)]


class CollectionController(Controller):
    """Groups of items that are searched together."""

    tags = ("collections",)
    opt = needs("reader")

    @get("/collections", summary="List collections", responses=ADMISSION)
    async def list_collections(self, database: Db) -> list[Collection]:
        """Name, settings and number of items of every collection that the key may see."""
        return await database.fetch(items.collections())

    @post(
        "/collections",
        summary="Create a collection",
        opt=needs("admin"),
        responses={201: answer(Collection, "It is there"), 409: BUSY, **WITH_BODY},
    )
    async def create_collection(self, data: NewBody, database: Db) -> Collection:
        """With the settings it has already, nothing changes; with others the answer is 409."""
        query = items.create_collection(name=data.name, settings=data.settings())
        try:
            await database.fetch(query)
        except BadRequest as exc:
            there = await database.fetch(items.collections())
            if any(row.collection == data.name for row in there):
                raise Conflict(str(exc), exc.hint) from exc
            raise
        return await _find_collection(database, data.name)

    @get("/collections/{collection:str}", summary="Get a collection", responses=ONE)
    async def get_collection(self, collection: FromPath[str], database: Db) -> Collection:
        """Settings and number of items."""
        return await _find_collection(database, collection)

    @get(
        "/collections/{collection:str}/size",
        operation_id="getCollectionSize",
        summary="What deleting a collection would delete",
        opt=needs("admin"),
        responses=ONE,
    )
    async def get_collection_size(self, collection: FromPath[str], database: Db) -> Deleted:
        """Items, their pictures, products and analyses; nothing is deleted."""
        call = items.delete_collection(name=collection, count_only=True)
        return (await database.fetch(call))[0]

    @put(
        "/collections/{collection:str}/settings",
        summary="Change how words and part numbers of a collection are indexed",
        opt=needs("admin"),
        responses=WITH_BODY,
    )
    async def change_collection(
        self,
        collection: FromPath[str],
        data: Annotated[CollectionChange, json_body(CHANGE)],
        database: Db,
    ) -> Collection:
        """Words: searches use the old index until the task `merge_postings` has built the new one.

        Part numbers are read from all items at once.
        """
        change = items.alter_collection(
            name=collection,
            analyzer=data.analyzer,
            field_weights=data.field_weights,
            identifier_fields=data.identifier_fields,
        )
        await database.fetch(change)
        return await _find_collection(database, collection)

    @delete(
        "/collections/{collection:str}",
        summary="Delete a collection with everything in it",
        status_code=200,
        opt=needs("admin"),
        responses=ONE,
    )
    async def delete_collection(self, collection: FromPath[str], database: Db) -> Deleted:
        """Items with their vectors, products, evaluations and profiles. There is no way back."""
        return (await database.fetch(items.delete_collection(name=collection)))[0]

    @put(
        "/collections/{collection:str}/vector-sources/{space:str}",
        summary="Change what a space embeds",
        opt=needs("admin"),
        responses=WITH_BODY,
    )
    async def set_vector_sources(
        self,
        collection: FromPath[str],
        space: FromPath[str],
        data: SourcesBody,
        database: Db,
        count_only: FromQuery[bool] = False,
    ) -> QueuedOut:
        """Fields, templates such as `[maker] {maker}`, and `@role`, per source.

        Items whose content is another one are queued; their old vectors answer until a worker has renewed
        them. With `count_only` they are counted, and nothing is changed.
        """
        change = items.set_vector_sources(
            collection=collection, space=space, sources=data, count_only=count_only
        )
        return QueuedOut((await database.fetch(change))[0].n)

    @delete(
        "/collections/{collection:str}/vector-sources/{space:str}",
        operation_id="removeVectorSources",
        summary="Embed nothing of a collection in a space any more",
        status_code=200,
        opt=needs("admin"),
        responses=ONE,
    )
    async def remove_vector_sources(
        self,
        collection: FromPath[str],
        space: FromPath[str],
        database: Db,
        count_only: FromQuery[bool] = False,
    ) -> VectorsGone:
        """The vectors of the collection there are deleted; with `count_only` their items are counted."""
        change = items.set_vector_sources(
            collection=collection, space=space, sources=None, count_only=count_only
        )
        return VectorsGone((await database.fetch(change))[0].n)

    @patch(
        "/collections/{collection:str}/labels",
        summary="Name keys and values in Korean and English",
        opt=needs("admin"),
        responses=WITH_BODY,
    )
    async def set_labels(
        self, collection: FromPath[str], data: LabelsBody, database: Db
    ) -> Collection:
        """Pages show the names. A key or a value that is not given keeps its own; null removes them."""
        await database.fetch(editing.set_labels(collection=collection, labels=data))
        return await _find_collection(database, collection)

    @get("/collections/{collection:str}/facets", summary="Metadata keys for facets", responses=ONE)
    async def list_facet_keys(
        self,
        collection: FromPath[str],
        database: Db,
        limit: Annotated[int, QueryParameter(ge=1, le=MAX_FACETS)] = 4,
    ) -> list[FacetKey]:
        """Keys that most items have and whose values many items share; fewest values first."""
        return await database.fetch(functions.facet_keys(collection=collection, top_n=limit))

    @get("/spaces", summary="List live embedding spaces", responses=ADMISSION)
    async def list_spaces(
        self, database: Db, live_spaces: NamedDependency[LiveSpaces]
    ) -> list[Space]:
        """Live spaces: which model made the vectors, what it takes, and whether they are indexed."""
        return await live_spaces.seen_by(database.caller)

    @get("/coverage", summary="Coverage of items by vectors", responses=READING)
    async def coverage(
        self, database: Db, collection: FromQuery[str | None] = None
    ) -> list[Coverage]:
        """Per collection and space: items with fresh, stale, missing and failed vectors."""
        rows = await database.fetch(embedding.coverage())
        return [row for row in rows if collection in (None, row.collection)]


async def _find_collection(database: CallersDatabase, name: str) -> Collection:
    rows = await database.fetch(items.collections())
    found = next((row for row in rows if row.collection == name), None)
    if found is None:
        names = ", ".join(row.collection for row in rows) or "none yet"
        raise UnknownName(f"unknown collection: {name}", f"There are: {names}.")
    return found
