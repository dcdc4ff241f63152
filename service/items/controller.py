"""Items: write, read, list, delete, and find similar ones."""

from typing import Annotated

from litestar import Controller, Response, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.openapi.spec import Example
from litestar.params import FromPath, FromQuery, QueryParameter
from msgspec.structs import asdict

from db.items import editing, items, listing, stored_pictures
from db.items.editing import EarlierReading, Edit, PictureReading
from db.items.rows import Item
from flows.article import ArticleOut, article
from flows.errors import NoSuchItem
from flows.items.editing import edit
from flows.search.filters import AsOf, dated, filter_text
from flows.search.request import MAX_K, MAX_QUERY, SearchIn, SpaceName, like_legs
from service.auth.callers import needs
from service.data.database import CallersDatabase, Db
from service.flows.performer import Performer
from service.http import examples
from service.http.parameters import Limit, json_body
from service.http.responses import BUSY, GONE, ONE, READING, WITH_BODY, answer
from service.items import ingest
from service.items.ingest import ItemWriter
from service.items.picture_files import Urls
from service.items.pictures import Pictures
from service.items.schemas import ItemOut, ItemPatch, ItemsIn, ItemsOut
from service.search.schemas import SearchOut
from service.search.searcher import Searcher

ItemsBody = Annotated[ItemsIn, json_body(*examples.ITEMS)]
EDIT = Example(
    summary="Another title, and no year",
    value={
        "changes": [
            {"part": "fields", "name": "title", "from": "pump", "to": "dry pump"},
            {"part": "metadata", "name": "year", "from": 2021, "to": None},
        ]
    },
)
PatchBody = Annotated[ItemPatch, json_body(EDIT)]


class CollectionItemController(Controller):
    """The items of a collection."""

    path = "/collections/{collection:str}/items"
    tags = ("items",)
    opt = needs("reader")

    @post(
        summary="Write up to 1000 items",
        status_code=200,
        opt=needs("writer", body="large"),
        responses={207: answer(ItemsOut, "Some were refused"), **WITH_BODY},
    )
    async def upsert_items(
        self,
        collection: FromPath[str],
        data: ItemsBody,
        database: Db,
        pictures: NamedDependency[Pictures],
        urls: NamedDependency[Urls],
    ) -> Response[ItemsOut]:
        """Insert or update by `external_id`. Searchable at once; by meaning after `seogo embed`.

        207 when items or pictures were refused: the answer says which and why, the others are
        written.
        """
        writer = ItemWriter(database, collection, pictures, urls)
        result = await ingest.write(writer, collection, data.items)
        refused = result.refused or result.refused_pictures
        return Response(result, status_code=207 if refused else 200)

    @get(summary="List items", responses=ONE)
    async def list_items(
        self,
        collection: FromPath[str],
        database: Db,
        limit: Limit = 100,
        after: Annotated[
            int, QueryParameter(ge=0, description="The last `item_id` of the page before.")
        ] = 0,
        filter: FromQuery[str | None] = None,
        as_of: FromQuery[AsOf | None] = None,
        external_id: FromQuery[str | None] = None,
    ) -> list[Item]:
        """In the order of their ids; page by `after`. `external_id` finds the one item that has it.

        All of them; with `as_of` those that are valid on that day.
        """
        return await database.fetch(
            listing.listed(
                collection=collection,
                limit=limit,
                after=after,
                filter=filter_text(dated(filter, as_of)),
                external_id=external_id,
            )
        )


class ItemController(Controller):
    """Single items."""

    path = "/items/{item_id:int}"
    tags = ("items",)
    opt = needs("reader")

    @get(summary="Get an item", responses=ONE)
    async def get_item(self, item_id: FromPath[int], database: Db) -> ItemOut:
        """Fields, metadata, its pictures with captions and the lines read in them, and the caption of all."""
        item = await find_item(database, item_id)
        media = await database.fetch(stored_pictures.media(item_id=item_id))
        whole = await database.fetch(stored_pictures.whole(item_id=item_id))
        spaces = await database.fetch(stored_pictures.spaces(item_id=item_id))
        return ItemOut(
            **asdict(item),
            media=media,
            caption=whole[0] if whole else None,
            spaces=[space.name for space in spaces],
        )

    @patch(
        summary="Change fields and metadata of an item",
        opt=needs("writer"),
        responses={409: BUSY, **WITH_BODY},
    )
    async def edit_item(
        self,
        item_id: FromPath[int],
        data: PatchBody,
        database: Db,
        performer: NamedDependency[Performer],
    ) -> list[Edit]:
        """All or none: each says what was there (`from`); 409 `stale-edit` where it is so no longer."""
        await find_item(database, item_id)
        return await performer.run(database, edit(item_id, data.changes))

    @get("/readings", summary="Readings of an item's pictures", responses=ONE)
    async def list_readings(self, item_id: FromPath[int], database: Db) -> list[PictureReading]:
        """Reader, time and result of the last ones, and who was tried before them."""
        await find_item(database, item_id)
        return await database.fetch(editing.readings(item_id=item_id))

    @get("/readings/earlier", summary="Earlier readings of an item's pictures", responses=ONE)
    async def list_earlier_readings(
        self, item_id: FromPath[int], database: Db
    ) -> list[EarlierReading]:
        """Texts and captions that later ones have replaced, the latest first; ten per picture and kind."""
        await find_item(database, item_id)
        return await database.fetch(editing.earlier_readings(item_id=item_id))

    @delete(summary="Delete an item", opt=needs("writer"), responses={404: GONE, **READING})
    async def delete_item(self, item_id: FromPath[int], database: Db) -> None:
        """No search finds the item any more; pictures that no other item has are deleted later."""
        missing = NoSuchItem(f"unknown item: {item_id}", "It may have been deleted before.")
        await database.one(listing.delete_item(item_id=item_id), missing)

    @get("/article", summary="An article in its place", responses=ONE)
    async def read_article(
        self,
        item_id: FromPath[int],
        database: Db,
        performer: NamedDependency[Performer],
        words: Annotated[
            str | None,
            QueryParameter(max_length=MAX_QUERY, description="Words to look for in parts."),
        ] = None,
        earlier: Annotated[
            int | None,
            QueryParameter(ge=1, description="Compare with this item, not the version before."),
        ] = None,
    ) -> ArticleOut:
        """Its parts, its versions and what changed, its neighbours, what it cites and what cites it."""
        await find_item(database, item_id)
        if earlier is not None:
            await find_item(database, earlier)
        return await performer.run(database, article(item_id, query=words, earlier=earlier))

    @get("/similar", summary="Similar items", tags=["search"], responses=ONE)
    async def similar_items(
        self,
        item_id: FromPath[int],
        database: Db,
        searcher: NamedDependency[Searcher],
        space: FromQuery[SpaceName | None] = None,
        k: Annotated[int, QueryParameter(ge=1, le=MAX_K)] = 10,
        skip: Annotated[int, QueryParameter(ge=0, le=9000)] = 0,
        filter: FromQuery[str | None] = None,
    ) -> SearchOut:
        """By the stored vectors: in one space, or in all that the item has vectors in, fused."""
        item = await find_item(database, item_id)
        request = SearchIn(like=[item_id], k=k, skip=skip, filter=filter, legs=like_legs(space))
        return await searcher.search(database, item.collection, request)


async def find_item(database: CallersDatabase, item_id: int) -> Item:
    """Find an item.

    Raises:
        NoSuchItem: there is none that the caller may see.
    """
    missing = NoSuchItem(f"unknown item: {item_id}", "Ids are `item_id` in search results.")
    return await database.one(items.item(item_id=item_id), missing)
