"""Admission of requests: API keys, local programs while there are none, and rate limits."""

import logging
import math
from functools import cache
from urllib.parse import urlsplit

import psycopg
from litestar.exceptions import ValidationException
from litestar.handlers import BaseRouteHandler
from litestar.params import QueryParameter

from db.errors import SeogoDbError
from db.operations import keys
from service.auth.callers import LOCAL, Caller, Connection, caller_of, set_caller
from service.auth.keyring import Keyring
from service.auth.local import CREATE_HINT, check_local
from service.data.database import Database
from service.errors import NotAdmitted, NotAllowed, TooManyRequests
from service.limits.lanes import Lanes
from service.settings import ServiceSettings

log = logging.getLogger("seogo.service")

COOKIE = "seogo_session"
# So often may wrong keys be tried, per address.
WRONG_PER_MINUTE = 30.0
WRONG_BURST = 10.0

_READING = ("GET", "HEAD", "OPTIONS")


class Admission:
    """Admits requests, or raises the error that is answered instead."""

    def __init__(
        self,
        database: Database,
        keyring: Keyring,
        settings: ServiceSettings,
        lanes: Lanes,
        *,
        same_user: bool = True,
    ) -> None:
        """Set the rules; `same_user`: without keys, serve only programs of the service's account."""
        self._database = database
        self._keyring = keyring
        self._settings = settings
        self._lanes = lanes
        self._same_user = same_user

    async def guard(self, connection: Connection, handler: BaseRouteHandler) -> None:
        """Identify the caller and check their rights; handlers declare what they need in `opt`.

        Raises:
            NotAdmitted: a key is needed, or the one that was shown is not valid.
            NotAllowed: the caller may not do this.
            TooManyRequests: not now.
            ValidationException: the URL has an unknown parameter.
        """
        needed = handler.opt.get("needs", "admin")
        if needed == "nothing":
            return
        caller = await self._caller(connection)
        if not caller.may(needed):
            raise NotAllowed(
                f"the key {caller.name} is a {caller.scope}'s; this takes a {needed}'s"
            )
        if caller.collections is not None and handler.opt.get("whole"):
            raise NotAllowed(f"the key {caller.name} is for {', '.join(caller.collections)} only")
        if caller.key_id is not None:
            await self._take(
                caller.bucket,
                self._settings.rate_per_minute,
                self._settings.rate_burst,
                cost=handler.opt.get("cost", 1),
            )
        set_caller(connection.scope, caller)
        endless = handler.opt.get("body") == "endless"
        await self._lanes.admit(caller.bucket, endless=endless)
        check_parameters(connection, handler)

    async def count_more(self, caller: Caller, n: int) -> None:
        """Count a request that was admitted as so many more of its key.

        Raises:
            TooManyRequests: not now.
        """
        if caller.key_id is not None and n > 0:
            settings = self._settings
            await self._take(caller.bucket, settings.rate_per_minute, settings.rate_burst, cost=n)

    async def check_again(self, connection: Connection) -> None:
        """Check again that the caller of a long request is still admitted: keys end.

        Raises:
            NotAdmitted: the key is not valid any more.
            NotAllowed: there are keys now, and none was shown.
        """
        if await self._caller(connection) != caller_of(connection.scope):
            raise NotAdmitted("the API key is another one now")

    async def _caller(self, connection: Connection) -> Caller:
        token, ambient = shown_key(connection)
        if token is None and self._settings.keyless and not await self._keyring.any_keys():
            check_local(connection, same_user=self._same_user)
            check_same_site(connection)
            return LOCAL
        if token is None:
            raise NotAdmitted("this needs an API key", "Send it as Authorization: Bearer KEY.")
        look_up = self._keyring.caller_of_session if ambient else self._keyring.caller
        caller = await look_up(token)
        if caller is None:
            address = connection.client.host if connection.client else "unknown"
            await self._take(f"address:{address}", WRONG_PER_MINUTE, WRONG_BURST)
            raise NotAdmitted("the API key is not valid", "It may have expired or been revoked.")
        if ambient:
            check_same_site(connection)
        return caller

    async def _take(self, bucket: str, per_minute: float, burst: float, cost: float = 1) -> None:
        if per_minute <= 0:
            return
        query = keys.take_token(bucket=bucket, per_minute=per_minute, burst=burst, cost=cost)
        (wait,) = await self._database.fetch(query)
        if wait.seconds > 0:
            raise TooManyRequests(math.ceil(wait.seconds))

    async def announce(self) -> None:
        """Say in the log how to make a key, where there is none."""
        try:
            if not await self._keyring.any_keys():
                log.warning("no API keys: only this machine is served. %s", CREATE_HINT)
        except (SeogoDbError, psycopg.Error):
            log.warning("whether there are API keys is not known: the database does not answer")


def check_parameters(connection: Connection, handler: BaseRouteHandler) -> None:
    """Refuse parameters of the URL that the handler does not know: they would be ignored silently.

    Raises:
        ValidationException: there is one.
    """
    known = _parameters(handler)
    if unknown := [name for name in connection.query_params if name not in known]:
        there = ", ".join(sorted(known)) or "none"
        raise ValidationException(
            extra=[
                {"key": name, "message": f"unknown parameter; there are: {there}"}
                for name in sorted(set(unknown))
            ]
        )


@cache
def _parameters(handler: BaseRouteHandler) -> frozenset[str]:
    found = handler.parsed_fn_signature.parameters.items()
    return frozenset(
        one.kwarg_definition.name or name
        for name, one in found
        if isinstance(one.kwarg_definition, QueryParameter)
    )


def check_same_site(connection: Connection) -> None:
    """Refuse cross-site requests: the browser would add our cookie.

    Raises:
        NotAllowed: a browser says that another site's page asks for a change.
    """
    if connection.scope["method"] in _READING:  # type: ignore[typeddict-item]
        return
    site = connection.headers.get("sec-fetch-site", "none")
    origin = connection.headers.get("origin")
    ours = origin is None or urlsplit(origin).netloc == connection.headers.get("host")
    if site not in ("none", "same-origin") or not ours:
        raise NotAllowed("pages of other sites may not do this")


def shown_key(connection: Connection) -> tuple[str | None, bool]:
    """The API key of a request, or its session token; and whether it is a session's, which browsers add."""
    kind, _, value = connection.headers.get("authorization", "").partition(" ")
    if kind.lower() == "bearer":
        return value.strip(), False
    if value := connection.headers.get("x-api-key", ""):
        return value, False
    value = connection.cookies.get(COOKIE, "")
    return (value, True) if value else (None, False)
