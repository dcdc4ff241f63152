"""Tools of agents: each is one request to the HTTP API."""

from typing import Annotated, Any, Literal
from urllib.parse import quote

from mcp.server.mcpserver import Context, MCPServer
from mcp.types import ToolAnnotations
from pydantic import Field

from service.agents.api import Api
from service.agents.shortening import shortened

Answer = dict[str, Any]
Collection = Annotated[str, Field(description="Name of a collection; see `collections`.")]
Words = Annotated[
    str,
    Field(description="Words, a part number or a sentence, Korean or English, as a person asks."),
]
Filter = Annotated[
    str | None,
    Field(
        description='On metadata, such as price:10..20, {"maker": "SMC"} or $.year >= 2019;'
        " keys are in `facets`."
    ),
]
Many = Annotated[int, Field(ge=1, le=100, description="How many.")]
READS = ToolAnnotations(read_only_hint=True, open_world_hint=False)


def _path(collection: str, rest: str) -> str:
    return f"/collections/{quote(collection, safe='')}/{rest}"


class Searches:
    """Tools that look for items."""

    def __init__(self, api: Api) -> None:
        self._api = api

    async def search(
        self,
        ctx: Context,
        collection: Collection,
        query: Annotated[Words | None, Field(description="Leave out to search by picture.")] = None,
        k: Many = 10,
        skip: Annotated[int, Field(ge=0, le=9000, description="So many are passed over.")] = 0,
        filter: Filter = None,
        picture_base64: Annotated[
            str | None, Field(description="File of a picture of what is looked for, in base64.")
        ] = None,
        explain: Annotated[
            bool, Field(description="What each leg found, with its scores.")
        ] = False,
    ) -> Answer:
        """Search a collection by words, part numbers, meaning and pictures at once.

        `weak` says that nothing near was found, `degraded` what the answer was found without,
        `did_you_mean` that the query was mistyped. An item is cited by its `external_id`.
        """
        found = await self._api.post(
            ctx,
            _path(collection, "search"),
            query=query,
            k=k,
            skip=skip,
            filter=filter,
            picture=picture_base64 and {"base64": picture_base64},
            highlight=query is not None,
            explain=explain,
        )
        return shortened(found)

    async def ask(
        self,
        ctx: Context,
        collection: Collection,
        question: Annotated[str, Field(description="A question, Korean or English.")],
        k: Annotated[int, Field(ge=1, le=20, description="Items whose passages are read.")] = 5,
        filter: Filter = None,
    ) -> Answer:
        """Answer a question from a collection, each statement with the passages that it cites.

        `refused` says why there is no answer; `passages` are what was read, whatever they say.
        """
        path = _path(collection, "ask")
        return shortened(await self._api.post(ctx, path, question=question, k=k, filter=filter))

    async def suggest(
        self, ctx: Context, collection: Collection, prefix: str, k: Many = 10, filter: Filter = None
    ) -> Answer:
        """Titles, words, part numbers and frequent queries that begin so, with their counts."""
        path = _path(collection, "suggest")
        found: Answer = await self._api.get(ctx, path, prefix=prefix, k=k, filter=filter)
        return found

    async def phrase(
        self,
        ctx: Context,
        collection: Collection,
        query: Words,
        k: Many = 10,
        filter: Filter = None,
    ) -> Answer:
        """Items that have exactly these words next to each other."""
        path = _path(collection, "phrase")
        hits = await self._api.get(ctx, path, query=query, k=k, filter=filter)
        return shortened({"hits": hits})


class Items:
    """Tools about one item."""

    def __init__(self, api: Api) -> None:
        self._api = api

    async def item(
        self,
        ctx: Context,
        item_id: Annotated[int, Field(ge=1, description="`item_id` of a result.")],
        begin: Annotated[int, Field(ge=0, description="Texts from this character on.")] = 0,
        length: Annotated[int, Field(ge=1, le=50_000, description="So many of each.")] = 20_000,
    ) -> Answer:
        """One item: fields, metadata, what was read in its pictures, captions."""
        found: Answer = await self._api.get(ctx, f"/items/{item_id}")
        texts = found.get("fields") or {}
        end = begin + length
        longer = {name: len(text) for name, text in texts.items() if len(text) > end}
        found["fields"] = {name: text[begin:end] for name, text in texts.items()}
        return found | ({"go_on_at": end, "lengths": longer} if longer else {})

    async def similar(
        self,
        ctx: Context,
        item_id: Annotated[int, Field(ge=1, description="`item_id` of a result.")],
        space: Annotated[
            str | None, Field(description="One space, such as text or image; all by default.")
        ] = None,
        k: Many = 10,
        filter: Filter = None,
    ) -> Answer:
        """Items near another one, by the vectors of their texts and pictures."""
        path = f"/items/{item_id}/similar"
        return shortened(await self._api.get(ctx, path, space=space, k=k, filter=filter))


class Contents:
    """Tools about what there is."""

    def __init__(self, api: Api) -> None:
        self._api = api

    async def collections(self, ctx: Context) -> Answer:
        """Collections there are, with their fields, number of items, and what can be asked."""
        return {"collections": await self._api.get(ctx, "/collections")}

    async def facets(
        self,
        ctx: Context,
        collection: Collection,
        key: Annotated[
            str | None,
            Field(description="Metadata key to count; without it: which keys there are."),
        ] = None,
        kind: Annotated[
            Literal["terms", "ranges", "histogram", "statistics"],
            Field(description="Of numbers and dates: ranges, histogram, statistics."),
        ] = "terms",
        query: Words | None = None,
        filter: Filter = None,
    ) -> Answer:
        """Metadata keys of a collection, or the values of one, counted over what a search matches."""
        if key is None:
            return {"keys": await self._api.get(ctx, _path(collection, "facets"))}
        asked = {"field": key} | ({} if kind == "terms" else {"kind": kind})
        path = _path(collection, "search")
        found = await self._api.post(
            ctx,
            path,
            query=query,
            sort=None if query else [key],  # a list of all that pass the filter
            filter=filter,
            facets=[asked],
            k=1,
            total=True,
        )
        found.pop("hits", None)
        return shortened(found)

    async def coverage(self, ctx: Context, collection: Collection) -> Answer:
        """Counts of items with fresh vectors and read pictures, and of those that still wait."""
        return {"coverage": await self._api.get(ctx, "/coverage", collection=collection)}

    async def sql(
        self,
        ctx: Context,
        query: Annotated[str, Field(description="One SELECT; see the resource seogo://sql.")],
        limit: Annotated[int, Field(ge=1, le=1000, description="Rows at most.")] = 100,
    ) -> Answer:
        """Rows of a statement that only reads, for what no other tool answers.

        The schema `search` has views and functions, such as search.hybrid and search.coverage.
        """
        return shortened(await self._api.post(ctx, "/sql", query=query, limit=limit))


def register(server: MCPServer[Any], api: Api) -> None:
    """Add the tools to a server."""
    found, one, there = Searches(api), Items(api), Contents(api)
    for tool in (
        *(found.search, found.ask, found.suggest, found.phrase, one.item, one.similar),
        *(there.collections, there.facets, there.coverage, there.sql),
    ):
        server.add_tool(tool, annotations=READS)
