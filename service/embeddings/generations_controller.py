"""Generations of the embedding spaces: how far they are, and the way back."""

from litestar import Controller, get, post
from litestar.params import FromPath

from db.spaces import generations
from db.spaces.generations import Generation
from service.auth.callers import needs
from service.data.database import Db
from service.http.responses import BUSY, ONE, READING


class GenerationsController(Controller):
    """Generations belong to spaces, which several collections share: for keys that see everything."""

    tags = ("embeddings",)
    opt = needs("reader", whole=True)

    @get("/generations", summary="List generations of embedding spaces", responses=READING)
    async def list_generations(self, database: Db) -> list[Generation]:
        """By space, the newest first: live, being built (with progress and rate), or retired."""
        return await database.fetch(generations.overview())

    @post(
        "/spaces/{space:str}/rollback",
        summary="Go back to the generation before",
        status_code=200,
        opt=needs("admin", whole=True),
        responses={**ONE, 409: BUSY},
    )
    async def roll_back(self, space: FromPath[str], database: Db) -> list[Generation]:
        """At once; again, forward. Items that changed since are queued by the task `embed_stale`."""
        await database.fetch(generations.rollback(space=space))
        return await database.fetch(generations.overview(space=space))
