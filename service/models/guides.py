"""Guides: written by the model or server that the settings name, loaded once."""

import asyncio
from functools import partial

from encoders.guide import registry
from encoders.guide.base import Case, Source, Writer
from encoders.guide.registry import Written
from encoders.settings import EncoderSettings, GuideSettings
from service.models.loading import Loader


class Guides:
    """Writes guides for any callers at the same time. Belongs to one event loop."""

    def __init__(self, settings: EncoderSettings, guide: GuideSettings) -> None:
        self._writers: Loader[Writer | None] = Loader()
        self._build = partial(registry.build, guide, settings.models_path, settings.threads)

    async def write(self, case: Case, sources: list[Source]) -> Written:
        """Write a guide, or an extract where the writer is unavailable."""
        try:
            writer = await self._writers.get("guide", self._build)
        except Exception as exc:  # whatever keeps a model from loading
            return registry.extract(sources, exc)
        # A server may take its time: not in the threads that look at pictures.
        return await asyncio.to_thread(registry.write, writer, case, sources)
