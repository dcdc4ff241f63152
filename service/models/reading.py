"""The numbers in a picture that somebody searches by, read as the collection reads its own."""

from functools import partial

from db.items import items
from encoders.base import Picture
from encoders.labels.reading import numbers
from encoders.ocr.base import OcrEngine
from encoders.ocr.registry import build_ocr
from encoders.ocr.settings import OcrOptions
from encoders.settings import EncoderSettings
from service.data.database import Database
from service.data.ttl_cache import TtlCache
from service.models.pool import Crew

# One picture takes a second of all cores: more at once are no faster.
AT_ONCE = 1


class Readers:
    """OCR engines of collections. Belongs to one event loop."""

    def __init__(
        self, database: Database, settings: EncoderSettings, *, ttl_s: float, wait_s: float
    ) -> None:
        self._database = database
        self._options = OcrOptions(threads=settings.threads)
        self._engines: TtlCache[str, str | None] = TtlCache(self._engine, ttl_s)
        self._crew: Crew[OcrEngine] = Crew("reading", threads=AT_ONCE, wait_s=wait_s)

    def close(self) -> None:
        """Stop the thread."""
        self._crew.close()

    async def numbers(self, collection: str, picture: Picture) -> list[str] | None:
        """Part and serial numbers in a picture, the likeliest first; None where nothing reads.

        Raises:
            UnknownName: no such collection.
            LegUnavailable: the engine cannot be had, failed, or took too long.
        """
        engine = await self._engines.get(collection)
        if engine is None:
            return None
        return await self._crew.run(
            engine, partial(build_ocr, engine, self._options), partial(_numbers, picture)
        )

    async def _engine(self, collection: str) -> str | None:
        (row,) = await self._database.fetch(items.picture_readers(collection=collection))
        return row.picture_readers.get("ocr")


def _numbers(picture: Picture, engine: OcrEngine) -> list[str]:
    return numbers(engine.read([picture])[0].lines)
