"""Which caller an API key, or the session of a browser, stands for."""

import hmac
import time
from typing import NamedTuple

from db.calls.query import Query
from db.operations import keys
from db.operations.keys import CheckedKey, Token, new_session, parse_token, session_digest
from service.auth.callers import Caller
from service.data.database import Database

MAX_REMEMBERED = 1000
# A key that is revoked or expires works for so long at most.
REMEMBERED_S = 5.0
# How often a process tells that a key is in use; the database writes once a minute, whoever tells it.
NOTED_S = 10.0
_NOBODY = bytes(32)


class _Entry(NamedTuple):
    key: CheckedKey
    until: float


class Keyring:
    """Looks keys up, and remembers them for some seconds."""

    def __init__(self, database: Database, ttl_s: float = REMEMBERED_S) -> None:
        self._database = database
        self._ttl_s = ttl_s
        self._entries: dict[str, _Entry] = {}
        self._noted: dict[int, float] = {}

    async def exist(self) -> bool:
        """Whether there are API keys at all, valid or not."""
        return (await self._checked("", keys.check_key(prefix=""))).any_keys

    async def caller(self, token: str) -> Caller | None:
        """Who shows this token; None where it is not that of a valid key."""
        shown = parse_token(token) or Token("", "")
        key = await self._checked(shown.prefix, keys.check_key(prefix=shown.prefix))
        # Compared also where there is no such key, and in constant time: the time tells nothing.
        same = hmac.compare_digest(shown.digest, key.digest or _NOBODY)
        return await self._as_caller(key) if same else None

    async def of_session(self, token: str) -> Caller | None:
        """Whose session this is the token of; None where it is over, or the key is not valid."""
        digest = session_digest(token)
        query = keys.check_session(digest=digest)
        return await self._as_caller(await self._checked(f"session:{digest.hex()}", query))

    async def open_session(self, caller: Caller) -> str:
        """Begin a session of a key; returns its token, which nobody keeps."""
        token = new_session()
        query = keys.open_session(key_id=caller.key_id or 0, digest=session_digest(token))
        await self._database.fetch(query)
        return token

    async def close_session(self, token: str) -> None:
        """End a session: here at once, in other processes within seconds."""
        digest = session_digest(token)
        await self._database.fetch(keys.close_session(digest=digest))
        self._entries.pop(f"session:{digest.hex()}", None)

    async def _as_caller(self, key: CheckedKey) -> Caller | None:
        if key.id is None or key.scope is None:
            return None
        await self._note_use(key.id)
        limited = None if key.collections is None else tuple(key.collections)
        return Caller(key_id=key.id, name=key.name or "", scope=key.scope, collections=limited)

    async def _note_use(self, key_id: int) -> None:
        """Tell the database that a key whose secret was shown is in use."""
        now = time.monotonic()
        if now - self._noted.get(key_id, -NOTED_S) >= NOTED_S:
            self._noted[key_id] = now
            await self._database.fetch(keys.note_key_use(key_id=key_id))

    async def _checked(self, name: str, query: Query[CheckedKey]) -> CheckedKey:
        now = time.monotonic()
        entry = self._entries.get(name)
        if entry is None or entry.until < now:
            (found,) = await self._database.fetch(query)
            if len(self._entries) >= MAX_REMEMBERED:  # prefixes come from anybody
                self._entries.clear()
            entry = self._entries[name] = _Entry(found, now + self._ttl_s)
        return entry.key
