"""Part numbers in the picture of a query, and texts of scanned pages, read by OCR."""

from collections.abc import Sequence
from functools import partial

from db.items import items
from encoders.base import Picture
from encoders.labels.reading import part_numbers
from encoders.ocr import auto
from encoders.ocr.base import OcrEngine, OcrTextLine
from encoders.ocr.registry import build_ocr
from encoders.ocr.settings import OcrOptions
from encoders.settings import EncoderSettings
from service.data.database import Database
from service.data.ttl_cache import TtlCache
from service.models.pool import Model, ModelPool

# One picture takes a second of all cores: more at once are no faster.
AT_ONCE = 1


class Readers:
    """OCR engines of collections. Belongs to one event loop."""

    def __init__(
        self, database: Database, settings: EncoderSettings, *, ttl_s: float, wait_s: float
    ) -> None:
        self._database = database
        self._options = OcrOptions(threads=settings.threads, models=settings.models_path)
        self._engines: TtlCache[str, str | None] = TtlCache(self._engine, ttl_s)
        self._pool = ModelPool("reading", threads=AT_ONCE, wait_s=wait_s)

    def close(self) -> None:
        """Stop the thread."""
        self._pool.close()

    async def part_numbers(self, collection: str, picture: Picture) -> list[str] | None:
        """Part and serial numbers in a picture, the likeliest first; None without an engine.

        Raises:
            UnknownName: no such collection.
            LegUnavailable: the engine does not load, failed, or took too long.
        """
        engine = await self._engines.get(collection)
        if engine is None:
            return None
        return await self._pool.run(self._model(engine), partial(_part_numbers, picture))

    async def text(self, picture: Picture) -> Sequence[OcrTextLine]:
        """All lines of text in a picture, by the engines that are installed.

        Raises:
            LegUnavailable: there is none, it does not load, failed, or took too long.
        """
        return await self._pool.run(self._model(auto.NAME), partial(_lines, picture))

    def _model(self, engine: str) -> Model[OcrEngine]:
        return Model(engine, engine, partial(build_ocr, engine, self._options))

    async def _engine(self, collection: str) -> str | None:
        (row,) = await self._database.fetch(items.picture_readers(collection=collection))
        return row.picture_readers.get("ocr")


def _part_numbers(picture: Picture, engine: OcrEngine) -> list[str]:
    return part_numbers(_lines(picture, engine))


def _lines(picture: Picture, engine: OcrEngine) -> Sequence[OcrTextLine]:
    return engine.read([picture])[0].lines
