"""Suggestions while typing, over HTTP."""

from typing import Annotated

from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.openapi.spec import Example
from litestar.params import FromPath, FromQuery, QueryParameter

from flows.search.suggest import MAX_PREFIX, MAX_SUGGESTIONS, Suggestions, suggest
from service.auth.callers import needs
from service.data.database import CallersDatabase
from service.flows.performer import Performer
from service.http.responses import ONE


class SuggestController(Controller):
    """Completing what somebody is typing."""

    path = "/collections/{collection:str}"
    tags = ("search",)
    opt = needs("reader")

    @get(
        "/suggest",
        operation_id="suggest",
        summary="Complete what somebody is typing",
        responses=ONE,
    )
    async def suggest(
        self,
        collection: FromPath[str],
        prefix: Annotated[
            str,
            QueryParameter(
                max_length=MAX_PREFIX,
                description="What was typed so far; Korean may end within a syllable.",
                examples=[
                    Example(value="진고"),
                    Example(value="ㅈㄱㅍㅍ"),
                    Example(value="wlsrhd"),
                ],
            ),
        ],
        database: NamedDependency[CallersDatabase],
        performer: NamedDependency[Performer],
        k: Annotated[int, QueryParameter(ge=1, le=MAX_SUGGESTIONS)] = 10,
        filter: FromQuery[str | None] = None,
    ) -> Suggestions:
        """Titles, words, phrases, part numbers and frequent queries that begin so, each with its count.

        With a filter, each has an item that passes. `state` says whether older items are still missing.
        """
        return await performer.run(database, suggest(collection, prefix, k=k, filter=filter))
