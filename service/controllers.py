"""The endpoints: each parses, calls one thing, and answers with a Struct."""

from typing import Annotated, Any

from litestar import Controller, Response, get, post
from litestar.connection import ASGIConnection
from litestar.di import NamedDependency
from litestar.enums import RequestEncodingType
from litestar.exceptions import HTTPException
from litestar.handlers import BaseRouteHandler
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import Example
from litestar.params import BodyKwarg, FromPath

from db import items
from db.errors import UnknownName
from db.rows import Collection, Item
from service import ingest
from service.database import Database
from service.errors import NoSuchItem
from service.problems import MEDIA_TYPE, NotReady
from service.readiness import Readiness
from service.schemas import Health, ItemsIn, ItemsOut, Problem, Ready, SearchIn, SearchOut
from service.search import Searcher


def _problem(description: str) -> ResponseSpec:
    return ResponseSpec(
        Problem, description=description, media_type=MEDIA_TYPE, generate_examples=False
    )


BAD = _problem("The request is not valid: `errors` names the parts")
GONE = _problem("No such collection, space or item")
DOWN = _problem("The database or an encoder is not available; try again after `Retry-After`")

SearchBody = Annotated[
    SearchIn,
    BodyKwarg(
        media_type=RequestEncodingType.JSON,
        examples=[
            Example(summary="Words, part numbers and meaning", value={"query": "진공 펌프 소음"}),
            Example(
                summary="Only items whose metadata fit",
                value={"query": "vacuum pump", "k": 20, "filter": {"in_stock": True}},
            ),
            Example(
                summary="Chosen legs, meaning counted twice, a jsonpath filter",
                value={
                    "query": "pump that got loud",
                    "filter": "$.year >= 2019",
                    "legs": [{"kind": "lexical"}, {"kind": "vector", "space": "text", "weight": 2}],
                },
            ),
        ],
    ),
]
ITEMS_EXAMPLE = {
    "items": [
        {
            "external_id": "P-1001",
            "fields": {"title": "진공 펌프", "body": "오일리스, 220 V"},
            "metadata": {"maker": "SMC", "in_stock": True},
        }
    ]
}
ItemsBody = Annotated[
    ItemsIn,
    BodyKwarg(
        media_type=RequestEncodingType.JSON,
        examples=[Example(summary="One item", value=ITEMS_EXAMPLE)],
    ),
]


def json_only(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
    """Refuse bodies that are not declared as JSON.

    A page of any other site can make a browser post a form or plain text here, but not JSON:
    for that the browser asks us first, and we do not allow it.
    """
    given = connection.headers.get("content-type", "").partition(";")[0].strip().lower()
    if given != RequestEncodingType.JSON:
        raise HTTPException("send the body with Content-Type: application/json", status_code=415)


class SystemController(Controller):
    """For load balancers and operators."""

    tags = ("system",)

    @get("/health", operation_id="health", summary="The process lives")
    async def health(self) -> Health:
        """Always answers while the process runs, whatever the database does."""
        return Health()

    @get(
        "/ready",
        operation_id="ready",
        summary="Everything that is needed is there",
        responses={503: _problem("Something is missing: `checks` says what")},
    )
    async def ready(self, readiness: NamedDependency[Readiness]) -> Ready:
        """Check the database, its schema and the encoders of live spaces."""
        checks = await readiness.checks()
        if not all(check.ok for check in checks):
            raise NotReady(checks)
        return Ready(checks=checks)


class CollectionController(Controller):
    """Collections and what is done with one."""

    path = "/collections"

    @get(
        operation_id="listCollections",
        summary="All collections",
        tags=["collections"],
        responses={503: DOWN},
    )
    async def list_all(self, database: NamedDependency[Database]) -> list[Collection]:
        """Name, settings and number of items of every collection."""
        return await database.fetch(items.collections())

    @get(
        "/{collection:str}",
        operation_id="getCollection",
        summary="One collection",
        tags=["collections"],
        responses={404: GONE, 503: DOWN},
    )
    async def one(
        self, collection: FromPath[str], database: NamedDependency[Database]
    ) -> Collection:
        """Settings and number of items."""
        rows = await database.fetch(items.collections())
        found = next((row for row in rows if row.collection == collection), None)
        if found is None:
            names = ", ".join(row.collection for row in rows) or "none yet"
            raise UnknownName(f"unknown collection: {collection}", f"There are: {names}.")
        return found

    @post(
        "/{collection:str}/search",
        operation_id="search",
        summary="Hybrid search",
        tags=["search"],
        status_code=200,
        guards=[json_only],
        responses={400: BAD, 404: GONE, 503: DOWN},
    )
    async def search(
        self, collection: FromPath[str], data: SearchBody, searcher: NamedDependency[Searcher]
    ) -> SearchOut:
        """Rank items by words, identifiers and meaning, fused by reciprocal rank.

        A leg that cannot be had now is left out and named in `degraded`.
        """
        return await searcher.search(collection, data)

    @post(
        "/{collection:str}/items",
        operation_id="upsertItems",
        summary="Write up to 1000 items",
        tags=["items"],
        status_code=200,
        guards=[json_only],
        responses={
            207: ResponseSpec(ItemsOut, description="Some were refused", generate_examples=False),
            400: BAD,
            404: GONE,
            503: DOWN,
        },
    )
    async def upsert(
        self, collection: FromPath[str], data: ItemsBody, database: NamedDependency[Database]
    ) -> Response[ItemsOut]:
        """Insert or update by `external_id`. Searchable at once; by meaning after `seogo embed`.

        207 when some items were refused: `refused` says which and why, the others are written.
        """
        result = await ingest.write(database, collection, data.items)
        return Response(result, status_code=207 if result.refused else 200)


class ItemController(Controller):
    """Single items."""

    path = "/items"
    tags = ("items",)

    @get(
        "/{item_id:int}",
        operation_id="getItem",
        summary="One item",
        responses={404: GONE, 503: DOWN},
    )
    async def one(self, item_id: FromPath[int], database: NamedDependency[Database]) -> Item:
        """Fields, metadata and collection of an item, by the id that a search returns."""
        rows = await database.fetch(items.item(item_id=item_id))
        if not rows:
            raise NoSuchItem(f"unknown item: {item_id}", "Ids are `item_id` in search results.")
        return rows[0]
