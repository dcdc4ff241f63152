"""Server-sent events of work that takes a while: what it tells, then its result."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any, TypeAlias

import msgspec
from litestar.response import ServerSentEvent, ServerSentEventMessage

from service.auth.callers import AnyRequest
from service.http.problems import problem_of

# Proxies cut connections on which nothing happens, often after half a minute.
PING_S = 15.0
# Sends an event: its name and its value; from any thread.
Tell: TypeAlias = Callable[[str, Any], None]


async def streamed(
    request: AnyRequest, work: Callable[[Tell], Coroutine[Any, Any, Any]]
) -> ServerSentEvent:
    """Do work, and send what it tells as events; its result is the event `end`.

    An error before anything was told is raised here, and so is an answer with its status; later it is the
    event `problem`. Who goes away ends the work.
    """
    events: asyncio.Queue[tuple[str, Any]] = asyncio.Queue()
    loop = asyncio.get_running_loop()

    def tell(name: str, value: Any) -> None:
        loop.call_soon_threadsafe(events.put_nowait, (name, value))

    working = asyncio.create_task(work(tell))
    first = asyncio.create_task(events.get())
    await asyncio.wait({working, first}, return_when=asyncio.FIRST_COMPLETED)
    if first.done():
        return ServerSentEvent(_events(request, working, events, first.result()))
    first.cancel()
    return ServerSentEvent(_ended(working.result()))


async def _ended(result: Any) -> AsyncIterator[ServerSentEventMessage]:
    yield _event("end", result)


async def _events(
    request: AnyRequest,
    working: asyncio.Task[Any],
    events: asyncio.Queue[tuple[str, Any]],
    first: tuple[str, Any],
) -> AsyncIterator[ServerSentEventMessage]:
    try:
        yield _event(*first)
        while not (working.done() and events.empty()):
            waiting = asyncio.create_task(events.get())
            await asyncio.wait(
                {working, waiting}, timeout=PING_S, return_when=asyncio.FIRST_COMPLETED
            )
            if waiting.done():
                yield _event(*waiting.result())
                continue
            waiting.cancel()
            if not working.done():
                yield ServerSentEventMessage(data=None, comment="still there")
        try:
            yield _event("end", working.result())
        except Exception as exc:  # of whatever kind: the answer has begun
            yield _event("problem", problem_of(request, exc))
    finally:
        working.cancel()


def _event(name: str, value: Any) -> ServerSentEventMessage:
    return ServerSentEventMessage(event=name, data=msgspec.json.encode(value))
