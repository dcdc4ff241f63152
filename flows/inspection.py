"""An inspection: nearest known defects, where a picture is abnormal, the manual, a guide; then stored."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple

import msgspec
from msgspec import Meta, Struct

from db.defects import manuals, products
from db.defects.rows import NewAnalysis, Product
from db.errors import UnknownName
from db.spaces import embedding
from encoders.anomaly import render
from encoders.anomaly.regions import Region
from encoders.anomaly.scale import Scale
from encoders.cited.base import CitedSource
from encoders.guide.base import Case, Guide, guide_of, task
from flows.banks import load_judge
from flows.effects import Compute, Decode, Encode, Flow, ListSpaces, LookAt, Write
from flows.errors import LegUnavailable
from flows.findings import (
    LOOK,
    Cited,
    Near,
    cited_look,
    display_names,
    likeliest_defect,
    merge_nearest,
    nearest_pictures,
    number_sections,
)
from flows.guessing import Guess, find_subject
from flows.manuals import find_product, search_sections

if TYPE_CHECKING:
    from collections.abc import Iterator

    from encoders.anomaly.inspection import Shown
    from encoders.anomaly.patchcore import Scores
    from encoders.base import Picture
    from encoders.guide.look import PictureLook

NEAREST = 5
SECTIONS = 4

Name = Annotated[str, Meta(pattern="^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$")]
View = Annotated[str, Meta(pattern="^[a-z0-9][a-z0-9_-]{0,62}$")]


class AnalyzeIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A request to inspect a picture.

    `product` must be one that there is: no picture is judged by another product's bank. Without it,
    or without `view`, the nearest registered pictures say, and their share is told. Without `defect` it
    is what the picture looks like. `language` is for a model that writes the guide.
    """

    product: Name | None = None
    view: View | None = None
    defect: Name | None = None
    question: Annotated[str, Meta(max_length=2000)] = ""
    language: Literal["ko", "en"] = "ko"


class Inspection(Struct, kw_only=True):
    """The findings so far.

    `guess` says by what share of its neighbours product or view were guessed; None: both were said.
    `patch_scores` are rows by columns, `levels` those of the detectors, `scale` the colours of the heatmap,
    `regions` abnormal places in pixels of the picture, which is `width` by `height`; `images` PNG files by
    kind; `degraded` names stages that could not be done and why, `timing` is in milliseconds by stage.
    """

    product: Product
    view: str
    guess: Guess | None = None
    defect: str | None = None
    bank_id: int | None = None
    score: float | None = None
    threshold: float | None = None
    nearest: list[Near] = []
    sections: list[Cited] = []
    guide: Guide | None = None
    width: int = 0
    height: int = 0
    levels: dict[str, float] = {}
    scale: Scale | None = None
    regions: list[Region] = []
    images: dict[str, bytes] = {}
    patch_scores: list[list[float]] | None = None
    degraded: list[str] = []
    timing: dict[str, float] = {}
    analysis_id: int = 0

    @property
    def verdict(self) -> Literal["normal", "defect", "unknown"]:
        """`unknown` where no bank judges the product's view."""
        if self.score is None or self.threshold is None:
            return "unknown"
        return "defect" if self.score > self.threshold else "normal"

    @contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        """Measure a stage."""
        started = time.perf_counter()
        yield
        self.timing[stage] = round((time.perf_counter() - started) * 1000, 1)


class BatchPlace(NamedTuple):
    """The place of a picture in a batch: its run, and its path in the folder."""

    run_id: int
    place: str


def inspect(request: AnalyzeIn, data: bytes, batch: BatchPlace | None = None) -> Flow[Inspection]:
    """Inspect a picture and store what was found; a stage that fails is named in `degraded`.

    A picture of a batch is stored with its place, in one statement: one that another has stored
    meanwhile is not stored again, and has the id 0.

    Raises:
        UnknownName: no such product, or it has no such defect; the hint names those there are.
        PictureInvalid: it is no picture, is damaged, or exceeds the limits.
        NotGuessed: the product or the view was left out, and cannot be guessed.
    """
    if request.product is not None:
        yield from find_product(request.product)
    picture = yield Decode(data)
    started = time.perf_counter()
    about, view, guess = yield from find_subject(request.product, request.view, picture)
    found = Inspection(product=about, view=view, guess=guess)
    found.height, found.width = picture.shape[:2]
    if guess is not None:
        found.timing["guess"] = round((time.perf_counter() - started) * 1000, 1)
    with found.timed("search"):
        yield from _find_nearest(picture, found)
    with found.timed("anomaly"):
        yield from _judge(picture, found)
    found.defect = request.defect
    if found.defect is None and found.verdict != "normal":
        found.defect = likeliest_defect(found.nearest)
    with found.timed("manual"):
        yield from _find_sections(request, found)
    yield from _look(request, found)
    with found.timed("guide"):
        yield from _write_guide(request, found)
    for stored in (yield products.store_analysis(_analysis(found, batch))):
        found.analysis_id = stored.id
    return found


def _find_nearest(picture: Picture, found: Inspection) -> Flow[None]:
    spaces = yield ListSpaces(found.product.collection)
    space = next((one for one in spaces if one.modality == "image"), None)
    if space is None:
        found.degraded.append("no known defects: no space of pictures yet (seogo worker)")
        return
    try:
        vec = yield Encode(space, "", picture)
    except LegUnavailable as exc:
        found.degraded.append(f"no known defects: {exc}")
        return
    for normals in (False, True):  # in a large collection the nearest may all be normal
        rows = yield manuals.similar_defects(
            product=found.product.product,
            query_vec=vec,
            k=NEAREST,
            normals=normals,
            space=space.pinned,
        )
        found.nearest = merge_nearest(found.nearest, nearest_pictures(rows))


def _judge(picture: Picture, found: Inspection) -> Flow[None]:
    try:
        bank_id, judge = yield from load_judge(found.product.product, found.view)
    except LegUnavailable as exc:
        found.degraded.append(f"not judged: {exc}")
        found.images = {"picture": (yield Compute(render.plain, (picture,)))}
        return
    scores: Scores = yield Compute(judge.scores, (picture,))
    normal = yield from _normal_picture(bank_id, scores.nearest)
    shown: Shown = yield Compute(judge.drawn, (picture, scores, normal))
    found.bank_id, found.score, found.threshold = bank_id, scores.image, judge.threshold
    found.patch_scores = scores.patches.round(4).tolist()
    found.levels = {name: round(level, 4) for name, level in scores.parts.items()}
    found.scale, found.regions = shown.scale, shown.marked.regions
    if (more := shown.marked.total - len(found.regions)) > 0:
        found.degraded.append(f"{more} weaker abnormal regions are on the map, but not listed")
    found.images = shown.drawn._asdict()


def _normal_picture(bank_id: int, patch_no: int) -> Flow[Picture | None]:
    """The normal picture that a patch of a bank is from, if it is still there."""
    sources = yield products.patch_source(bank_id=bank_id, patch_no=patch_no)
    if not sources:
        return None
    (row,) = yield embedding.pictures(ids=[sources[0].picture_id])
    picture: Picture = yield Decode(row.bytes)
    return picture


def _find_sections(request: AnalyzeIn, found: Inspection) -> Flow[None]:
    if found.defect is None:
        return
    words = request.question.strip() or None
    try:
        answer = yield from search_sections(
            found.product.product, found.defect, words, SECTIONS, None, found.product.manuals
        )
    except UnknownName as exc:
        known = {one.defect for one in found.product.defects}
        if request.defect is not None and request.defect not in known:
            raise
        found.degraded.append(f"no manual: {exc}")
        return
    found.sections = number_sections(answer.sections)
    found.degraded += answer.degraded


def _look(request: AnalyzeIn, found: Inspection) -> Flow[None]:
    """Have a model look at an abnormal picture, if the settings name one: what it says is one more section.

    The verdict is measured, and stays.
    """
    if found.verdict != "defect":
        return
    images = (found.images["picture"], found.images["overlay"])
    started = time.perf_counter()
    try:
        look: PictureLook | None = yield LookAt(_case(request, found), images)
    except LegUnavailable as exc:
        found.degraded.append(f"no model looked at the picture: {exc}")
        return
    if look is not None:
        found.timing["look"] = round((time.perf_counter() - started) * 1000, 1)
        found.sections.append(cited_look(len(found.sections) + 1, look))


def _case(request: AnalyzeIn, found: Inspection) -> Case:
    product, defect = display_names(found.product, found.defect)
    return Case(
        product=product, defect=defect, question=request.question, language=request.language
    )


def _write_guide(request: AnalyzeIn, found: Inspection) -> Flow[None]:
    if found.defect is not None and all(one.kind == LOOK for one in found.sections):
        found.degraded.append(f"no section of a manual on {found.defect}")
    if not found.sections:
        return
    sources = msgspec.convert(found.sections, list[CitedSource], from_attributes=True)
    written = guide_of((yield Write(task(_case(request, found)), sources)), sources)
    found.guide = written.guide
    found.degraded += [written.degraded] if written.degraded else []


def _analysis(found: Inspection, batch: BatchPlace | None) -> NewAnalysis:
    known: dict[str, Any] = {"product": found.product.product}
    known |= batch._asdict() if batch else {"run_id": None, "place": None}
    shared = {
        name: getattr(found, name) for name in NewAnalysis.__struct_fields__ if name not in known
    }
    return NewAnalysis(**known, **shared)
