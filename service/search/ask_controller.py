"""Answers to questions, over HTTP: whole, or as events while they are written."""

from functools import partial
from typing import Annotated

from litestar import Controller, post
from litestar.di import NamedDependency
from litestar.openapi.spec import Example
from litestar.params import FromPath
from litestar.response import ServerSentEvent
from msgspec import Struct

from encoders.cited.base import Statement
from flows.ask import AskAnswer, AskIn, AskPassage
from service.auth.callers import AnyRequest, needs
from service.data.database import CallersDatabase
from service.http.parameters import json_body
from service.http.responses import WITH_BODY, answer
from service.http.telling import streamed
from service.monitoring.schemas import Problem
from service.search.searcher import Searcher

ASK = json_body(
    Example(summary="A question", value={"question": "진공 펌프에서 소음이 나면?"}),
    Example(
        summary="Of items that pass a filter, without a language model",
        value={
            "question": "Which gauge is digital?",
            "filter": "year:2015..",
            "writer": "extractive",
        },
    ),
)


class AskEvent(Struct, frozen=True, kw_only=True):
    """Data of the events: `passages` is a list, `statement` one, `end` the answer, `problem` an error."""

    passages: list[AskPassage]
    statement: Statement
    end: AskAnswer
    problem: Problem


class AskController(Controller):
    """Answering questions from a collection."""

    path = "/collections/{collection:str}/ask"
    tags = ("search",)
    opt = needs("reader", cost=5)

    @post(
        "",
        operation_id="ask",
        summary="Answer a question, each statement with the passages it is from",
        status_code=200,
        responses=WITH_BODY,
    )
    async def ask(
        self,
        collection: FromPath[str],
        data: Annotated[AskIn, ASK],
        database: NamedDependency[CallersDatabase],
        searcher: NamedDependency[Searcher],
    ) -> AskAnswer:
        """Search with the question, and answer from the best passages of what was found.

        Every statement cites passages that are in the answer; others are dropped and counted. Where the
        search is weak, `refused` says so and there is no statement.
        """
        return await searcher.ask(database, collection, data)

    @post(
        "/stream",
        operation_id="askStream",
        summary="Answer a question while it is written",
        status_code=200,
        responses={
            **WITH_BODY,
            200: answer(AskEvent, "Such events, one after the other", "text/event-stream"),
        },
    )
    async def ask_stream(
        self,
        collection: FromPath[str],
        data: Annotated[AskIn, ASK],
        request: AnyRequest,
        database: NamedDependency[CallersDatabase],
        searcher: NamedDependency[Searcher],
    ) -> ServerSentEvent:
        """As `ask`, as server-sent events: `passages`, each `statement` once it is checked, `end`.

        An error after the first event is the event `problem`.
        """
        return await streamed(request, partial(searcher.ask, database, collection, data))
