"""API keys, made and ended by administrators."""

from typing import Annotated

from litestar import Controller, delete, get, post
from litestar.openapi.spec import Example
from litestar.params import FromPath

from db.errors import UnknownName
from db.operations import keys
from db.operations.keys import ApiKey, Token
from service.auth.callers import needs
from service.auth.schemas import KeyIn, KeyMade, KeyRotation
from service.data.database import Db
from service.http.parameters import json_body
from service.http.responses import ONE, READING, WITH_BODY

KEY = Example(value={"name": "shop", "scope": "reader", "collections": ["parts"], "days": 365})


class KeysController(Controller):
    """Keys of the service; secrets are shown once and not stored."""

    path = "/keys"
    tags = ("session",)
    opt = needs("admin", whole=True)

    @get(summary="List API keys", responses=READING)
    async def list_keys(self, database: Db) -> list[ApiKey]:
        """The latest first: rights, state, end, last use."""
        return await database.fetch(keys.keys())

    @post(summary="Make an API key", responses=WITH_BODY)
    async def make_key(self, data: Annotated[KeyIn, json_body(KEY)], database: Db) -> KeyMade:
        """Its `token` is in this answer and nowhere else. Once there is a key, every request needs one."""
        token, write = keys.new_key(
            name=data.name, scope=data.scope, collections=data.collections, days=data.days
        )
        await database.fetch(write)
        return _made(token)

    @post("/{prefix:str}/rotation", summary="Replace an API key", responses=WITH_BODY)
    async def rotate_key(
        self,
        prefix: FromPath[str],
        data: Annotated[KeyRotation, json_body(Example(value={"grace_hours": 24}))],
        database: Db,
    ) -> KeyMade:
        """A new key with the same rights; the old one ends after the grace period."""
        token, write = keys.replaced_key(prefix=prefix, grace_hours=data.grace_hours)
        await database.fetch(write)
        return _made(token)

    @delete("/{prefix:str}", summary="End an API key", responses=ONE)
    async def revoke_key(self, prefix: FromPath[str], database: Db) -> None:
        """At once. Ending the last one does not open the service again."""
        if not (await database.fetch(keys.revoke_key(prefix=prefix)))[0].done:
            raise UnknownName(f"there is no key {prefix} to end", "GET /keys lists them.")


def _made(token: Token) -> KeyMade:
    return KeyMade(prefix=token.prefix, token=str(token))
