"""Inspecting a picture from the command line: search, anomaly, manual, guide."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast

import msgspec

from db.calls.query import fetch
from db.defects import manuals, products
from db.defects.inspection import (
    Cited,
    Near,
    cited,
    merged,
    names,
    near,
)
from db.defects.rows import NewAnalysis
from db.errors import UnknownName
from db.rows import Leg
from db.search.legs import vector_text
from db.spaces import embedding
from encoders.anomaly import render
from encoders.anomaly.inspection import likeliest
from encoders.errors import EncoderError
from encoders.guide import registry as guides
from encoders.guide.base import Case, Guide, GuideSource
from encoders.pictures import decoding
from jobs.defects import banks
from jobs.embed import EncoderChanged, encoder_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    import psycopg

    from db.defects.rows import Product
    from encoders.anomaly.patchcore import Scores
    from encoders.base import ImageEncoder, Picture, TextEncoder
    from encoders.guide.base import GuideWriter
    from encoders.settings import EncoderSettings

NEAREST = 5
SECTIONS = 4
IMAGE_SPACE = "image"


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked about a picture; without `defect` it is what the picture looks like."""

    product: str
    view: str = "main"
    defect: str | None = None
    question: str = ""
    language: str = "ko"


class Found(msgspec.Struct, kw_only=True):
    """What was found out so far; timing in milliseconds by stage."""

    product: Product
    defect: str | None = None
    bank_id: int | None = None
    score: float | None = None
    threshold: float | None = None
    nearest: list[Near] = []
    sections: list[Cited] = []
    guide: Guide | None = None
    images: dict[str, bytes] = {}
    patch_scores: list[list[float]] | None = None
    degraded: list[str] = []
    timing: dict[str, float] = {}
    analysis_id: int = 0

    @property
    def anomalous(self) -> bool | None:
        """Whether it is abnormal; None where nothing judges it."""
        if self.score is None or self.threshold is None:
            return None
        return self.score > self.threshold


class Inspector:
    """Inspects pictures, one after the other."""

    def __init__(
        self, conn: psycopg.Connection[Any], settings: EncoderSettings, writer: GuideWriter | None
    ) -> None:
        self._conn = conn
        self._settings = settings
        self._writer = writer

    def inspect(self, data: bytes, asked: Asked) -> Found:
        """Inspect a picture and keep what was found; a stage that fails is told in `degraded`.

        Raises:
            UnknownName: no such product, or the product has no such defect.
            PictureInvalid: it is no picture.
        """
        shown = decoding.decode(data)
        found = Found(product=product_of(self._conn, asked.product))
        with _timed(found, "search"):
            self._search(found, asked, shown)
        with _timed(found, "anomaly"):
            self._judge(found, asked, shown)
        found.defect = asked.defect or _looks_like(found)
        with _timed(found, "manual"):
            self._read(found, asked)
        with _timed(found, "guide"):
            self._advise(found, asked)
        found.analysis_id = self._keep(found, asked)
        return found

    def _search(self, found: Found, asked: Asked, shown: Picture) -> None:
        collection = found.product.collection
        spaces = [
            space
            for space in fetch(self._conn, embedding.live_spaces(collection=collection))
            if space.modality == "image"
        ]
        if not spaces:
            found.degraded.append("no known defects: no space of pictures, see `seogo embed`")
            return
        try:
            encoder = cast("ImageEncoder", encoder_of(spaces[0], self._settings))
        except (EncoderError, EncoderChanged) as exc:
            found.degraded.append(f"no known defects: {exc}")
            return
        vec = encoder.encode_images([shown])[0]
        about: dict[str, Any] = {"product": asked.product, "query_vec": vec, "k": NEAREST}
        for normals in (False, True):  # in a large collection the nearest may all be normal
            query = manuals.similar_defects(**about, normals=normals, space=spaces[0].pinned)
            found.nearest = merged(found.nearest, near(fetch(self._conn, query)))

    def _judge(self, found: Found, asked: Asked, shown: Picture) -> None:
        try:
            loaded = banks.load(self._conn, self._settings, asked.product, asked.view)
        except (banks.NoBank, EncoderError) as exc:
            found.degraded.append(f"not judged: {exc}")
            found.images = {"picture": render.plain(shown)}
            return
        scores = loaded.judge.scores(shown)
        found.bank_id, found.score = loaded.bank_id, scores.image
        found.threshold = loaded.judge.threshold
        found.patch_scores = scores.patches.round(4).tolist()
        normal = self._normal(loaded.bank_id, scores)
        found.images = loaded.judge.drawn(shown, scores, normal)._asdict()

    def _normal(self, bank_id: int, scores: Scores) -> Picture | None:
        query = products.patch_source(bank_id=bank_id, patch_no=scores.nearest)
        for source in fetch(self._conn, query):
            (row,) = fetch(self._conn, embedding.pictures(ids=[source.picture_id]))
            return decoding.decode(row.bytes)
        return None

    def _read(self, found: Found, asked: Asked) -> None:
        if found.defect is None:
            return
        words = asked.question or None
        legs = None if words is None else list(self._legs(found, words))
        query = manuals.manual(
            product=asked.product, defect=found.defect, query=words, k=SECTIONS, legs=legs
        )
        try:
            found.sections = cited(fetch(self._conn, query))
        except UnknownName as exc:
            found.degraded.append(f"no manual: {exc}")

    def _legs(self, found: Found, words: str) -> Iterator[Leg]:
        yield Leg(kind="lexical")
        for space in fetch(self._conn, embedding.live_spaces(collection=found.product.manuals)):
            try:
                encoder = cast("TextEncoder", encoder_of(space, self._settings))
            except (EncoderError, EncoderChanged) as exc:
                found.degraded.append(f"manual searched by words alone: {exc}")
                continue
            text = vector_text(encoder.encode_queries([words])[0])
            yield Leg(kind="vector", space=space.pinned, name=space.space, vec=text)

    def _advise(self, found: Found, asked: Asked) -> None:
        if not found.sections:
            if found.defect is not None:
                found.degraded.append(f"no section of a manual on {found.defect}")
            return
        sources = msgspec.convert(found.sections, list[GuideSource], from_attributes=True)
        product, defect = names(found.product, found.defect)
        case = Case(
            product=product, defect=defect, question=asked.question, language=asked.language
        )
        written = guides.write(self._writer, case, sources)
        found.guide = written.guide
        found.degraded += [written.degraded] if written.degraded else []

    def _keep(self, found: Found, asked: Asked) -> int:
        analysis = NewAnalysis(
            product=asked.product,
            view=asked.view,
            bank_id=found.bank_id,
            score=found.score,
            threshold=found.threshold,
            defect=found.defect,
            patch_scores=found.patch_scores,
            nearest=found.nearest,
            sections=found.sections,
            guide=found.guide,
            degraded=found.degraded,
            timing=found.timing,
            images=found.images,
        )
        return fetch(self._conn, products.store_analysis(analysis))[0].id


def product_of(conn: psycopg.Connection[Any], name: str) -> Product:
    """A product.

    Raises:
        UnknownName: there is none of that name; the hint names those there are.
    """
    there = fetch(conn, products.products())
    for one in there:
        if one.product == name:
            return one
    known = ", ".join(one.product for one in there) or "none yet"
    raise UnknownName(f"unknown product: {name}", f"There are: {known}.")


def _looks_like(found: Found) -> str | None:
    """The defect of the nearest defective pictures, unless the bank finds the picture normal."""
    if found.anomalous is False:
        return None
    return likeliest([(one.defect, one.score) for one in found.nearest if one.defect])


@contextmanager
def _timed(found: Found, stage: str) -> Iterator[None]:
    started = time.perf_counter()
    yield
    found.timing[stage] = round((time.perf_counter() - started) * 1000, 1)
