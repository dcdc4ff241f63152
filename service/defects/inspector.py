"""A picture inspected: nearest known defects, where it is abnormal, the manual, a guide; then kept."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import msgspec

from db.defects import manuals, products
from db.defects.inspection import (
    Cited,
    Near,
    cited,
    merged,
    names,
    near,
)
from db.defects.rows import NewAnalysis, Product
from db.errors import UnknownName
from db.rows import Leg
from db.search.legs import vector_text
from db.spaces import embedding
from encoders.anomaly import render
from encoders.anomaly.inspection import likeliest
from encoders.base import Picture
from encoders.guide import registry as guides
from encoders.guide.base import Case, Guide, GuideSource, GuideWriter
from encoders.settings import EncoderSettings, GuideSettings
from service.data.database import CallersDatabase
from service.data.spaces import LiveSpaces
from service.defects.banks import Banks, Ready
from service.defects.schemas import AnalysisOut, AnalyzeIn, ManualOut
from service.errors import LegUnavailable
from service.items.pictures import Pictures
from service.models.pool import Model, ModelPool
from service.models.query_vectors import QueryEncoders

NEAREST = 5
SECTIONS = 4
# Of the two cores of a small machine one is left for everything else.
AT_ONCE = 1


class _Found(msgspec.Struct, kw_only=True):
    """What was found out so far."""

    product: Product
    defect: str | None = None
    bank_id: int | None = None
    score: float | None = None
    threshold: float | None = None
    patch_scores: list[list[float]] | None = None
    nearest: list[Near] = []
    sections: list[Cited] = []
    guide: Guide | None = None
    images: dict[str, bytes] = {}
    degraded: list[str] = []
    timing: dict[str, float] = {}

    @property
    def verdict(self) -> str:
        if self.score is None or self.threshold is None:
            return "unknown"
        return "defect" if self.score > self.threshold else "normal"


class Inspector:
    """Inspects pictures of any products at the same time: nothing is set for one of them."""

    def __init__(
        self,
        encoders: QueryEncoders,
        spaces: LiveSpaces,
        decoder: Pictures,
        settings: EncoderSettings,
        guide: GuideSettings,
    ) -> None:
        self._encoders = encoders
        self._spaces = spaces
        self._decoder = decoder
        self._pool = ModelPool("inspect", threads=AT_ONCE)
        self._banks = Banks(settings, self._pool)
        build = partial(guides.build, guide, settings.models_path, settings.threads)
        self._writer: Model[GuideWriter | None] = Model("guide", "guide", build)

    async def aclose(self) -> None:
        """Stop the thread; what waits is dropped."""
        await self._pool.aclose()

    async def inspect(
        self, database: CallersDatabase, asked: AnalyzeIn, data: bytes
    ) -> AnalysisOut:
        """Inspect a picture and keep what was found; a stage that fails is told in `degraded`.

        Raises:
            UnknownName: no such product, or the product has no such defect; the hint names those there are.
            PictureInvalid: it is no picture, is damaged, or exceeds the limits.
        """
        found = _Found(product=await product_of(database, asked.product))
        shown = await self._decoder.decoded(data)
        async with _timed(found, "search"):
            await self._search(database, asked, shown, found)
        async with _timed(found, "anomaly"):
            await self._judge(database, asked, shown, found)
        found.defect = asked.defect or _looks_like(found)
        async with _timed(found, "manual"):
            await self._read(database, asked, found)
        async with _timed(found, "guide"):
            await self._advise(asked, found)
        return await _kept(database, asked, found)

    async def manual(
        self,
        database: CallersDatabase,
        product: str,
        defect: str | None,
        query: str | None,
        k: int,
        kind: str | None,
    ) -> ManualOut:
        """Sections of manuals; raises as `inspect`."""
        degraded: list[str] = []
        legs = None
        if query is not None:
            about = await product_of(database, product)
            legs = await self._legs(about.manuals, query, degraded)
        rows = await database.fetch(
            manuals.manual(product=product, defect=defect, query=query, k=k, kind=kind, legs=legs)
        )
        return ManualOut(sections=rows, degraded=degraded)

    async def _search(
        self, database: CallersDatabase, asked: AnalyzeIn, shown: Picture, found: _Found
    ) -> None:
        spaces = await self._spaces.of(found.product.collection)
        space = next((one for one in spaces if one.modality == "image"), None)
        if space is None:
            found.degraded.append("no known defects: no space of pictures yet (seogo worker)")
            return
        try:
            vec = await self._encoders.vector(space, "", shown)
        except LegUnavailable as exc:
            found.degraded.append(f"no known defects: {exc}")
            return
        about: dict[str, Any] = {"product": asked.product, "query_vec": vec, "k": NEAREST}
        for normals in (False, True):  # in a large collection the nearest may all be normal
            query = manuals.similar_defects(**about, normals=normals, space=space.pinned)
            found.nearest = merged(found.nearest, near(await database.fetch(query)))

    async def _judge(
        self, database: CallersDatabase, asked: AnalyzeIn, shown: Picture, found: _Found
    ) -> None:
        try:
            ready = await self._banks.live(database, asked.product, asked.view)
        except LegUnavailable as exc:
            found.degraded.append(f"not judged: {exc}")
            found.images = {"picture": await self._pool.submit(render.plain, shown)}
            return
        scores = await self._pool.submit(ready.judge.scores, shown)
        normal = await self._normal(database, ready, scores.nearest)
        drawn = await self._pool.submit(ready.judge.drawn, shown, scores, normal)
        found.bank_id, found.score = ready.bank_id, scores.image
        found.threshold = ready.judge.threshold
        found.patch_scores = scores.patches.round(4).tolist()
        found.images = drawn._asdict()

    async def _normal(
        self, database: CallersDatabase, ready: Ready, patch_no: int
    ) -> Picture | None:
        query = products.patch_source(bank_id=ready.bank_id, patch_no=patch_no)
        for source in await database.fetch(query):
            (row,) = await database.fetch(embedding.pictures(ids=[source.picture_id]))
            return await self._decoder.decoded(row.bytes)
        return None

    async def _read(self, database: CallersDatabase, asked: AnalyzeIn, found: _Found) -> None:
        if found.defect is None:
            return
        words = asked.question.strip() or None
        try:
            told = await self.manual(database, asked.product, found.defect, words, SECTIONS, None)
        except UnknownName as exc:
            if asked.defect is not None and asked.defect not in _defects(found.product):
                raise
            found.degraded.append(f"no manual: {exc}")
            return
        found.sections = cited(told.sections)
        found.degraded += told.degraded

    async def _legs(self, collection: str, words: str, degraded: list[str]) -> list[Leg]:
        legs = [Leg(kind="lexical")]
        for space in await self._spaces.of(collection):
            try:
                vec = await self._encoders.vector(space, words, None)
            except LegUnavailable as exc:
                degraded.append(f"manuals searched by words alone: {exc}")
                continue
            text = vector_text(vec)
            legs.append(Leg(kind="vector", space=space.pinned, name=space.space, vec=text))
        return legs

    async def _advise(self, asked: AnalyzeIn, found: _Found) -> None:
        if not found.sections:
            if found.defect is not None:
                found.degraded.append(f"no section of a manual on {found.defect}")
            return
        product, defect = names(found.product, found.defect)
        case = Case(
            product=product, defect=defect, question=asked.question, language=asked.language
        )
        sources = msgspec.convert(found.sections, list[GuideSource], from_attributes=True)
        try:
            writer = await self._pool.load(self._writer)
        except LegUnavailable as exc:
            writer = None
            found.degraded.append(f"the guide is an extract: {exc}")
        # A server may take its time: not in the threads that look at pictures.
        written = await asyncio.to_thread(guides.write, writer, case, sources)
        found.guide = written.guide
        found.degraded += [written.degraded] if written.degraded else []


async def product_of(database: CallersDatabase, name: str) -> Product:
    """A product.

    Raises:
        UnknownName: there is none of that name; the hint names those there are.
    """
    there = await database.fetch(products.products())
    for one in there:
        if one.product == name:
            return one
    known = ", ".join(one.product for one in there) or "none yet"
    raise UnknownName(f"unknown product: {name}", f"There are: {known}.")


def _defects(product: Product) -> set[str]:
    return {one.defect for one in product.defects}


def _looks_like(found: _Found) -> str | None:
    """The defect of the nearest defective pictures, unless the bank finds the picture normal."""
    if found.verdict == "normal":
        return None
    return likeliest([(one.defect, one.score) for one in found.nearest if one.defect])


async def _kept(database: CallersDatabase, asked: AnalyzeIn, found: _Found) -> AnalysisOut:
    shared: dict[str, Any] = {
        name: getattr(found, name)
        for name in ("score", "threshold", "defect", "nearest", "sections", "guide", "degraded")
    }
    about: dict[str, Any] = {"product": asked.product, "view": asked.view, "timing": found.timing}
    analysis = NewAnalysis(
        bank_id=found.bank_id,
        patch_scores=found.patch_scores,
        images=found.images,
        **shared,
        **about,
    )
    (kept,) = await database.fetch(products.store_analysis(analysis))
    return msgspec.convert(
        {
            "analysis_id": kept.id,
            "verdict": found.verdict,
            "images": list(found.images),
            **shared,
            **about,
        },
        AnalysisOut,
    )


@asynccontextmanager
async def _timed(found: _Found, stage: str) -> AsyncIterator[None]:
    started = time.perf_counter()
    yield
    found.timing[stage] = round((time.perf_counter() - started) * 1000, 1)
