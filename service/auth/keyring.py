"""API keys and sessions of browsers: which caller each stands for."""

import hmac
import time

from db.operations import keys
from db.operations.keys import CheckedKey, Token, new_session, parse_token, session_digest
from service.auth.callers import Caller
from service.data.database import Database
from service.data.ttl_cache import TtlCache

# A key that is revoked or expires works for so long at most.
TTL_S = 5.0
# How often a process reports that a key is in use; the database writes that once a minute.
NOTE_USE_S = 10.0
_NOBODY = bytes(32)


class Keyring:
    """Looks up API keys and sessions, through a cache of some seconds."""

    def __init__(self, database: Database, ttl_s: float = TTL_S) -> None:
        self._database = database
        self._keys = TtlCache(self._by_prefix, ttl_s)
        self._sessions = TtlCache(self._by_session, ttl_s)
        self._noted: dict[int, float] = {}

    async def any_keys(self) -> bool:
        """Whether there are API keys at all, valid or not."""
        return (await self._keys.get("")).any_keys

    async def caller(self, token: str) -> Caller | None:
        """The caller who shows this token; None where it is not that of a valid key."""
        shown = parse_token(token) or Token("", "")
        key = await self._keys.get(shown.prefix)
        # Compared also where there is no such key, and in constant time: the time tells nothing.
        same = hmac.compare_digest(shown.digest, key.digest or _NOBODY)
        return await self._as_caller(key) if same else None

    async def caller_of_session(self, token: str) -> Caller | None:
        """The caller whose session this is the token of; None where it is over, or the key not valid."""
        return await self._as_caller(await self._sessions.get(session_digest(token)))

    async def open_session(self, caller: Caller) -> str:
        """Begin a session of a key; returns its token, which nobody keeps."""
        token = new_session()
        digest = session_digest(token)
        await self._database.fetch(keys.open_session(key_id=caller.key_id or 0, digest=digest))
        return token

    async def close_session(self, token: str) -> None:
        """End a session: here at once, in other processes within seconds."""
        digest = session_digest(token)
        await self._database.fetch(keys.close_session(digest=digest))
        self._sessions.forget(digest)

    async def _as_caller(self, key: CheckedKey) -> Caller | None:
        if key.id is None or key.scope is None:
            return None
        await self._note_use(key.id)
        limited = None if key.collections is None else tuple(key.collections)
        return Caller(key_id=key.id, name=key.name or "", scope=key.scope, collections=limited)

    async def _note_use(self, key_id: int) -> None:
        """Report to the database that a key whose secret was shown is in use."""
        now = time.monotonic()
        if now - self._noted.get(key_id, -NOTE_USE_S) >= NOTE_USE_S:
            self._noted[key_id] = now
            await self._database.fetch(keys.note_key_use(key_id=key_id))

    async def _by_prefix(self, prefix: str) -> CheckedKey:
        return (await self._database.fetch(keys.check_key(prefix=prefix)))[0]

    async def _by_session(self, digest: bytes) -> CheckedKey:
        return (await self._database.fetch(keys.check_session(digest=digest)))[0]
