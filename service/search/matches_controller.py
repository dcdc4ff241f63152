"""Matches of words by meaning between a search and a hit, over HTTP."""

from typing import Annotated

from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.openapi.spec import Example
from litestar.params import FromPath, FromQuery, QueryParameter

from db.search.rows import MetWord
from flows.search.matches import Matches, met_words, token_matches
from flows.search.request import MAX_QUERY
from service.auth.callers import needs
from service.data.database import CallersDatabase
from service.flows.performer import Performer
from service.http.responses import ONE

Words = Annotated[
    str,
    QueryParameter(
        name="query",
        max_length=MAX_QUERY,
        description="The words that were searched for.",
        examples=[Example(value="진공 펌프 소음"), Example(value="noisy vacuum pump")],
    ),
]


class MatchesController(Controller):
    """Explaining hits by late interaction."""

    path = "/collections/{collection:str}"
    tags = ("search",)
    opt = needs("reader", cost=2)

    @get(
        "/matches",
        operation_id="tokenMatches",
        summary="Show which words of a query met which words of an item by meaning",
        responses=ONE,
    )
    async def token_matches(
        self,
        collection: FromPath[str],
        words: Words,
        item_id: FromQuery[int],
        database: NamedDependency[CallersDatabase],
        performer: NamedDependency[Performer],
        space: FromQuery[str | None] = None,
    ) -> Matches:
        """In the item's best passage, by a live space of kind multi (`matches`) or sparse (`tokens`).

        Without `space` the collection's first one. `words` null: what the model puts around the words.
        `in_words` false: the text does not have the token, the model added it.
        """
        flow = token_matches(collection, words, item_id, space)
        return await performer.run(database, flow)

    @get(
        "/met-words",
        summary="Show which words of a query an item has, and where",
        responses=ONE,
    )
    async def met_words(
        self,
        collection: FromPath[str],
        words: Words,
        item_id: FromQuery[int],
        database: NamedDependency[CallersDatabase],
        performer: NamedDependency[Performer],
    ) -> list[MetWord]:
        """A row per word and field; one without a `field` for a word that met nothing. Synonyms count."""
        return await performer.run(database, met_words(collection, words, item_id))
