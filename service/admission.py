"""Who is let in: API keys, this machine alone while there are none, and how often one may ask."""

import ipaddress
import logging
import math
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

import psycopg
from litestar.handlers import BaseRouteHandler

from db import keys
from db.errors import SeogoDbError
from service.callers import LOCAL, Caller, Connection, remember
from service.database import Database
from service.errors import NotAdmitted, NotAllowed, TooManyRequests
from service.keyring import Keyring
from service.settings import ServiceSettings

log = logging.getLogger("seogo.service")

COOKIE = "seogo_key"
CREATE_HINT = "Make a key on the machine of the service: seogo keys create NAME --scope reader"
# Who shows wrong keys may do so this often, per address.
WRONG_PER_MINUTE = 30.0
WRONG_BURST = 10.0

_READING = ("GET", "HEAD", "OPTIONS")
_OUR_NAMES = ("localhost", "127.0.0.1", "::1")
_FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip")

Guard = Callable[[Connection, BaseRouteHandler], Awaitable[None]]


class Admission:
    """Lets requests in, or raises what is answered instead."""

    def __init__(self, database: Database, keyring: Keyring, settings: ServiceSettings) -> None:
        self._database = database
        self._keyring = keyring
        self._settings = settings

    async def guard(self, connection: Connection, handler: BaseRouteHandler) -> None:
        """Find out who asks and whether they may; handlers say what they need in `opt`.

        Raises:
            NotAdmitted: a key is needed, or the one that was shown is not valid.
            NotAllowed: the caller may not do this.
            TooManyRequests: not now.
        """
        needed = handler.opt.get("needs", "admin")
        if needed == "nothing":
            return
        caller = await self._caller(connection)
        if not caller.may(needed):
            raise NotAllowed(
                f"the key {caller.name} is a {caller.scope}'s; this takes a {needed}'s",
            )
        if caller.collections is not None and handler.opt.get("whole"):
            raise NotAllowed(f"the key {caller.name} is for {', '.join(caller.collections)} only")
        if caller.key_id is not None:
            await self._take(
                f"key:{caller.key_id}",
                self._settings.rate_per_minute,
                self._settings.rate_burst,
                cost=handler.opt.get("cost", 1),
            )
        remember(connection.scope, caller)

    async def _caller(self, connection: Connection) -> Caller:
        token, ambient = shown_key(connection)
        if token is None and not await self._keyring.exist():
            check_local(connection)
            check_same_site(connection)
            return LOCAL
        if token is None:
            raise NotAdmitted("this needs an API key", "Send it as Authorization: Bearer KEY.")
        caller = await self._keyring.caller(token)
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
            if not await self._keyring.exist():
                log.warning("no API keys: only this machine is served. %s", CREATE_HINT)
        except (SeogoDbError, psycopg.Error):
            log.warning("whether there are API keys is not known: the database does not answer")


def check_local(connection: Connection) -> None:
    """Refuse whoever is not a program on this machine that asked for this machine.

    A page of a foreign site can make the browser here ask us under the site's own name (DNS
    rebinding), and a proxy here asks on behalf of anybody: both show in the headers.

    Raises:
        NotAllowed: it comes from elsewhere.
    """
    name = urlsplit(f"//{connection.headers.get('host', '')}").hostname
    forwarded = any(header in connection.headers for header in _FORWARDED)
    if not _is_loopback(connection) or forwarded or name not in _OUR_NAMES:
        raise NotAllowed("there are no API keys yet: only this machine is served", CREATE_HINT)


def check_same_site(connection: Connection) -> None:
    """Refuse what a page of another site makes a browser send: the browser would add our cookie.

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


def _is_loopback(connection: Connection) -> bool:
    try:
        return (
            connection.client is not None
            and ipaddress.ip_address(connection.client.host).is_loopback
        )
    except ValueError:
        return False


def shown_key(connection: Connection) -> tuple[str | None, bool]:
    """The key that was shown, and whether the browser adds it by itself."""
    kind, _, value = connection.headers.get("authorization", "").partition(" ")
    if kind.lower() == "bearer":
        return value.strip(), False
    if value := connection.headers.get("x-api-key", ""):
        return value, False
    value = connection.cookies.get(COOKIE, "")
    return (value, True) if value else (None, False)
