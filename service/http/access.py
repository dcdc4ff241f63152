"""The request id, security headers and log line of every request, whatever answers it."""

import logging
import re
import time
import uuid

from litestar.datastructures import MutableScopeHeaders
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from db import logs
from service.auth.callers import caller_name
from service.http.presence import Presence
from service.http.transfer import Transfer
from service.monitoring import tracing
from service.settings import ServiceSettings

log = logging.getLogger("seogo.access")

HEADER = "X-Request-ID"
# Pages of other sites may not even embed what is here: a browser would add our cookie for them.
SAFE_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_KEY = "seogo_request_id"
_ACCEPTABLE = re.compile(rb"[A-Za-z0-9._-]{1,64}")


class AccessLog:
    """Wraps the whole application: middleware would not see requests that match no route."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, then log it. The query string and the body are never logged."""
        if scope["type"] != ScopeType.HTTP:
            await self._app(scope, receive, send)
            return
        key = _given_id(scope) or uuid.uuid4().hex
        scope["state"][_KEY] = key
        logs.request_id.set(key)
        started = time.perf_counter()
        status = 0

        async def send_and_note(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableScopeHeaders.from_message(message)
                headers.update({HEADER: key, **SAFE_HEADERS})
            await send(message)

        try:
            await self._app(scope, receive, send_and_note)
        finally:
            method, path = scope["method"], scope["path"]
            ms = round((time.perf_counter() - started) * 1000, 1)
            about = {"method": method, "path": path, "status": status, "ms": ms}
            extra = logs.fields(**about, key=caller_name(scope))
            log.info("%s %s", method, path, extra=extra)


def wrapped(app: ASGIApp, settings: ServiceSettings) -> ASGIApp:
    """The application within what sees every request: its log line, transfer and presence, its span."""
    spans = tracing.spans_of(settings)
    whole = Transfer(Presence(app))
    return AccessLog(whole if spans is None else tracing.Traced(whole, spans))


def request_id(scope: Scope) -> str:
    """The id of the request that is being answered."""
    return str(scope["state"].get(_KEY, "-"))


def _given_id(scope: Scope) -> str | None:
    """The caller's id, when it has one that is safe to repeat in a header and a log."""
    name = HEADER.lower().encode()
    value = next((v for k, v in scope["headers"] if k.lower() == name), b"")
    return value.decode() if _ACCEPTABLE.fullmatch(value) else None
