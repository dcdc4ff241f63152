"""Answers to questions, over HTTP: whole, or as events while they are written."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated, Any

import msgspec
from litestar import Controller, post
from litestar.di import NamedDependency
from litestar.openapi.spec import Example
from litestar.params import FromPath
from litestar.response import ServerSentEvent, ServerSentEventMessage
from msgspec import Struct

from encoders.cited.base import Statement
from flows.ask import AskAnswer, AskIn, AskPassage
from service.auth.callers import AnyRequest, needs
from service.data.database import CallersDatabase
from service.http.parameters import json_body
from service.http.problems import problem_of
from service.http.responses import WITH_BODY, answer
from service.monitoring.schemas import Problem
from service.search.searcher import Searcher

# Proxies cut connections on which nothing happens, often after half a minute.
PING_S = 15.0
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
        events: asyncio.Queue[tuple[str, Any]] = asyncio.Queue()
        loop = asyncio.get_running_loop()

        def tell(name: str, value: Any) -> None:
            loop.call_soon_threadsafe(events.put_nowait, (name, value))

        asking = asyncio.create_task(searcher.ask(database, collection, data, tell))
        first = asyncio.create_task(events.get())
        await asyncio.wait({asking, first}, return_when=asyncio.FIRST_COMPLETED)
        if (
            not first.done()
        ):  # it failed before there was anything to tell: an answer with its status
            first.cancel()
            asking.result()
        return ServerSentEvent(_events(request, asking, events, first.result()))


async def _events(
    request: AnyRequest,
    asking: asyncio.Task[AskAnswer],
    events: asyncio.Queue[tuple[str, Any]],
    first: tuple[str, Any],
) -> AsyncIterator[ServerSentEventMessage]:
    """The events of an answer; who goes away ends it."""
    try:
        yield _event(*first)
        while not (asking.done() and events.empty()):
            waiting = asyncio.create_task(events.get())
            await asyncio.wait(
                {asking, waiting}, timeout=PING_S, return_when=asyncio.FIRST_COMPLETED
            )
            if waiting.done():
                yield _event(*waiting.result())
                continue
            waiting.cancel()
            if not asking.done():
                yield ServerSentEventMessage(data=None, comment="still there")
        try:
            yield _event("end", asking.result())
        except Exception as exc:  # of whatever kind: the answer has begun
            yield _event("problem", problem_of(request, exc))
    finally:
        asking.cancel()


def _event(name: str, value: Any) -> ServerSentEventMessage:
    return ServerSentEventMessage(event=name, data=msgspec.json.encode(value))
