"""Cancellation of requests whose client leaves, and release of what they hold."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from contextvars import ContextVar
from typing import TypeVar

from litestar.enums import ScopeType
from litestar.exceptions import HTTPException
from litestar.types import ASGIApp, Message, Receive, ReceiveMessage, Scope, Send

T = TypeVar("T")

# Who sends nothing of a body for so long has gone, or means harm.
BODY_IDLE_S = 30.0
# What the log shows for a request whose client left; nobody receives it.
CLIENT_LEFT = 499
_ANNOUNCE_BODY = (b"content-length", b"transfer-encoding")
_NO_BODY: ReceiveMessage = {"type": "http.request", "body": b"", "more_body": False}
_LEFT: ReceiveMessage = {"type": "http.disconnect"}


class Visit:
    """One request. `held` is let go of when it is over, whatever the end.

    Attributes:
        held: what the request holds: memory, slots.
        who: whose share counts; set once the caller is known.
        on_piece: called with the size of each piece of the body, where it is kept in memory.
        left: whether the client went before its answer was complete.
        started: whether the answer has begun.
        working: whether it has had its turn.
        costly: whether it has one of the few turns of costly requests.
    """

    def __init__(self, receive: Receive, send: Send, *, head: bool) -> None:
        self.held = AsyncExitStack()
        self.who = ""
        self.on_piece: Callable[[int], Awaitable[None]] | None = None
        self.left = False
        self.started = False
        self.working = False
        self.costly = False
        self._receive = receive
        self._send = send
        self._head = head
        self._answered = asyncio.Event()
        self._gone = asyncio.Event()
        self._first: ReceiveMessage | None = None
        self._body_ended = False
        self._work: asyncio.Future[None] | None = None
        self._watch: asyncio.Future[None] | None = None

    async def attend(self, app: ASGIApp, scope: Scope) -> None:
        """Run the application until it has answered or nobody waits any more."""
        self._work = asyncio.ensure_future(app(scope, self.receive, self.send))
        if not any(name in _ANNOUNCE_BODY for name, _ in scope["headers"]):
            self._first, self._body_ended = _NO_BODY, True
            self._watch = asyncio.ensure_future(self._until_left())
        try:
            await self._work
        except asyncio.CancelledError:
            if not (self.left or (self._head and self._answered.is_set())):
                raise
        finally:
            if self._watch is not None:
                self._watch.cancel()

    async def receive(self) -> ReceiveMessage:
        """The next piece of the body; behind its end, that the client has left."""
        if self._first is not None:
            first, self._first = self._first, None
            return first
        if self._body_ended:
            await self._gone.wait()
            return _LEFT
        message = await self._piece()
        if message["type"] == "http.disconnect":
            self._body_ended = True
            self._gone.set()
        elif not message.get("more_body", False):
            self._body_ended = True
            self._watch = asyncio.ensure_future(self._until_left())
        if self.on_piece is not None and message["type"] == "http.request":
            await self.on_piece(len(message["body"]))
        return message

    async def _piece(self) -> ReceiveMessage:
        try:
            async with asyncio.timeout(BODY_IDLE_S):
                return await self._receive()
        except TimeoutError as exc:
            raise HTTPException("the rest of the body does not come", status_code=408) from exc

    async def _until_left(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self._gone.set()
        if not self._answered.is_set() and self._work is not None:
            self.left = True
            self._work.cancel()

    async def send(self, message: Message) -> None:
        """Pass an answer on; to HEAD without its body, which is why an endless one ends here."""
        if message["type"] != "http.response.body":
            self.started = True
            await self._send(message)
            return
        if self._head:
            if not self._answered.is_set():
                self._answered.set()
                await self._send({"type": "http.response.body", "body": b"", "more_body": False})
                if message.get("more_body") and self._work is not None:
                    self._work.cancel()
            return
        if not message.get("more_body", False):
            self._answered.set()
        await self._send(message)


_visit: ContextVar[Visit | None] = ContextVar("seogo_visit", default=None)


def current_visit() -> Visit | None:
    """The request that is being answered; None outside of requests."""
    return _visit.get()


def current_key() -> str:
    """The key whose share counts what is done now."""
    visit = current_visit()
    return "" if visit is None else visit.who


async def finished(running: asyncio.Future[T], started: Callable[[], bool] = lambda: True) -> T:
    """Wait for work in a thread, to its end when the client leaves: it cannot be stopped.

    What the request holds, memory and turns, stays taken for as long as the work goes on.
    """
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        visit = current_visit()
        if visit is not None and visit.left and started():
            await asyncio.wait([running])
        raise


class Presence:
    """Wraps the application; a request ends when its client leaves. HEAD is answered wherever GET is."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request while its client is there."""
        if scope["type"] != ScopeType.HTTP:
            await self._app(scope, receive, send)
            return
        head = scope["method"] == "HEAD"
        answered: Scope = {**scope, "method": "GET"} if head else scope
        visit = Visit(receive, send, head=head)
        _visit.set(visit)
        async with visit.held:
            await visit.attend(self._app, answered)
        if visit.left and not visit.started:
            await send({"type": "http.response.start", "status": CLIENT_LEFT, "headers": []})
