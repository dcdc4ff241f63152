"""Guides: written by the model or server that the settings name, loaded once."""

import asyncio
from functools import partial

from encoders.guide import registry
from encoders.guide.base import Case, GuideSource, GuideWriter
from encoders.guide.registry import WrittenGuide
from encoders.settings import EncoderSettings, GuideSettings
from flows.errors import LegUnavailable
from service.models.pool import Model, ModelPool


class Guides:
    """Writes guides for any callers at the same time. Belongs to one event loop."""

    def __init__(self, settings: EncoderSettings, guide: GuideSettings, pool: ModelPool) -> None:
        build = partial(registry.build, guide, settings.models_path, settings.threads)
        self._writer: Model[GuideWriter | None] = Model("guide", "guide", build)
        self._pool = pool

    async def write(self, case: Case, sources: list[GuideSource]) -> WrittenGuide:
        """Write a guide, or an extract where the writer is unavailable."""
        try:
            writer = await self._pool.load(self._writer)
        except LegUnavailable as exc:
            return registry.extract(sources, exc)
        # A server may take its time: not in the threads that look at pictures.
        return await asyncio.to_thread(registry.write, writer, case, sources)
