"""Statements, guides and descriptions by the models or servers that the settings name, loaded once."""

import asyncio
from collections.abc import Sequence
from functools import partial

from encoders.cited import registry
from encoders.cited.base import CitedSource, Tell, Writer, WritingTask
from encoders.cited.registry import WritingOutcome
from encoders.guide import look
from encoders.guide.base import Case
from encoders.guide.look import Looker, PictureLook
from encoders.settings import EncoderSettings, GuideSettings
from flows.errors import LegUnavailable
from flows.models import running
from service.models.pool import Model, ModelPool


class Guides:
    """Writes for any callers at the same time. Belongs to one event loop."""

    def __init__(self, settings: EncoderSettings, guide: GuideSettings, pool: ModelPool) -> None:
        build = partial(registry.build, guide, settings.models_path, settings.threads)
        self._writer: Model[Writer | None] = Model("guide", "guide", build)
        self._looker: Model[Looker | None] = Model("look", "look", partial(look.build, guide))
        self._pool = pool

    async def look(self, case: Case, images: Sequence[bytes]) -> PictureLook | None:
        """Have a model look at a picture and its map; None where the settings name none.

        Raises:
            LegUnavailable: the server is unavailable, or gave no answer.
        """
        looker = await self._pool.load(self._looker)
        if looker is None:
            return None
        with running("look"):
            return await asyncio.to_thread(looker.look, case, images)

    async def write(
        self, task: WritingTask, sources: list[CitedSource], tell: Tell | None
    ) -> WritingOutcome:
        """Write statements that cite sources; `tell` is called from another thread."""
        try:
            writer = await self._pool.load(self._writer)
        except LegUnavailable as exc:
            return WritingOutcome(None, str(exc))
        # A server may take its time: not in the threads that look at pictures.
        return await asyncio.to_thread(registry.write, writer, task, sources, tell)
