"""Resources that an agent may read, and prompts that a person may choose."""

from typing import Annotated, Any
from urllib.parse import quote

from mcp.server.mcpserver import Context, MCPServer
from pydantic import Field

from service.agents.api import Api

FILTERS = """\
A filter is on metadata (`facets` names the keys):
  {"maker": "SMC", "in_stock": true}     all of these
  $.year >= 2019 && $.maker == "SMC"     a jsonpath predicate
  price:10..20   year:2015..             a range, both ends included
A list of filters: all of them hold (over HTTP).
"""
SQL = """\
Tables and functions of the schema `search`, read only:
  SELECT rank, external_id, score FROM search.hybrid('parts', 'vacuum pump', k => 5);
  SELECT * FROM search.lexical('parts', 'vacuum pump', k => 5);
  SELECT * FROM search.coverage;
  SELECT metadata ->> 'maker' AS maker, count(*) FROM core.item GROUP BY 1 ORDER BY 2 DESC;
search.hybrid without vectors of the query asks by words and numbers; the tool `search` brings vectors.
"""


class Collections:
    """Resources about collections."""

    def __init__(self, api: Api) -> None:
        self._api = api

    async def read(self, collection: str, ctx: Context) -> dict[str, Any]:
        """A collection: fields, weights, analyzer, spaces, and the keys of its metadata."""
        path = f"/collections/{quote(collection, safe='')}"
        return {
            "collection": await self._api.get(ctx, path),
            "facets": await self._api.get(ctx, f"{path}/facets"),
        }


def find(
    collection: Annotated[str, Field(description="Where to look. / 컬렉션")],
    question: Annotated[str, Field(description="What is wanted. / 찾는 것")],
) -> str:
    """Answer a question from a collection, each statement with the item that it is from."""
    return (
        f"Answer from the collection {collection!r} alone: {question}\n"
        "Search with `search`, in the words of the question and in others, Korean and English."
        " Read with `item` what you rely on. Put the external_id behind each statement, as"
        " [P-1001]. Where `weak` is true or nothing fits, say that nothing was found."
    )


def alike(
    collection: Annotated[str, Field(description="Where to look. / 컬렉션")],
    thing: Annotated[str, Field(description="Id, part number or description. / 번호나 설명")],
) -> str:
    """Find what is like a thing, and say in what it differs."""
    return (
        f"Find {thing!r} in the collection {collection!r} with `search`, then what is like it"
        " with `similar`. Compare the best five in a table: id, what is alike, what differs."
    )


def register(server: MCPServer[Any], api: Api) -> None:
    """Add resources and prompts to a server."""
    server.resource("seogo://filters", name="filters", description="Filters on metadata.")(
        lambda: FILTERS
    )
    server.resource("seogo://sql", name="sql", description="What the tool `sql` can ask.")(
        lambda: SQL
    )
    server.resource("seogo://collections/{collection}", mime_type="application/json")(
        Collections(api).read
    )
    server.prompt(title="Find and cite / 찾아서 인용하기")(find)
    server.prompt(title="What is like this / 비슷한 것")(alike)
