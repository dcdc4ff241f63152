"""Requests and answers of defect inspection."""

from typing import Annotated, Literal

from litestar.datastructures import UploadFile
from msgspec import Meta, Struct

from db.defects.rows import DefectCount, DefectDay, ImageKind, ManualHit, ScoreDrift
from encoders.anomaly.regions import Region
from encoders.anomaly.scale import Scale
from encoders.guide.base import Guide
from flows.findings import Cited, Near
from flows.inspection import Name

Called = Annotated[str, Meta(pattern=r"\S", max_length=200)]
Note = Annotated[str, Meta(max_length=4000)]


class NamesIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Names of a product or a defect type; a language left out keeps its name."""

    name_ko: Called | None = None
    name_en: Called | None = None


class PictureForm(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A picture as a file, and `request`: JSON about it."""

    picture: UploadFile
    request: str


class BatchForm(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Pictures as files, or zip archives of them, and `request`: JSON about all."""

    pictures: list[UploadFile]
    request: str


class BatchQueued(Struct, frozen=True, kw_only=True):
    """The run that inspects the pictures."""

    run_id: int
    pictures: int


class AnalysisOut(Struct, frozen=True, kw_only=True):
    """The analysis of a picture, kept under `analysis_id`.

    `verdict` is `unknown` where no bank judges the product's view. `score` is higher the more abnormal
    it is; `levels` are those of the detectors, 0 as the middle of normal pictures, 1 passed by one in
    twenty of them. `regions` are abnormal places in pixels of the picture, `width` by `height`, the
    highest `peak` first, which is in multiples of the threshold of pixels; `scale` has the colours of the
    heatmap, the same for all pictures that a bank judges. `nearest` are registered pictures by cosine
    similarity. The guide cites `sections` by their `number`. `images` are kinds for
    `/defects/analyses/{id}/images/{kind}`. `degraded` names what could not be done, and why; `timing` is
    in milliseconds by stage.
    """

    analysis_id: int
    product: str
    view: str
    verdict: Literal["normal", "defect", "unknown"]
    score: float | None
    threshold: float | None
    defect: str | None
    width: int
    height: int
    levels: dict[str, float]
    scale: Scale | None
    regions: list[Region]
    nearest: list[Near]
    sections: list[Cited]
    guide: Guide | None
    images: list[ImageKind]
    degraded: list[str]
    timing: dict[str, float]


class VerdictIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The verdict of a person on a picture."""

    label: Literal["normal", "defect"]
    defect: Name | None = None

    def __post_init__(self) -> None:
        """Refuse a label and a defect that contradict each other."""
        if (self.label == "defect") != (self.defect is not None):
            raise ValueError("`defect` says which, for the label defect and no other")


class FeedbackIn(VerdictIn, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The verdict of a person on an analysis."""

    note: Note = ""
    given_by: Annotated[str, Meta(max_length=100)] = ""


class LearnIn(VerdictIn, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The label under which the picture of an analysis is registered."""

    piece: Called | None = None
    note: Note = ""


class FeedbackOut(Struct, frozen=True, kw_only=True):
    """The record of a feedback."""

    feedback_id: int


class ManualOut(Struct, frozen=True, kw_only=True):
    """Sections of manuals, the best first; `degraded` as in a search."""

    sections: list[ManualHit]
    degraded: list[str]


class StatisticsOut(Struct, frozen=True, kw_only=True):
    """Statistics of inspected pictures, days in UTC.

    `counts` are by finding, where feedback overrides the analysis; `days` by product, view and bank, with
    what people said of the verdicts. `drift` is the latest measurement of each live bank: empty where
    none was measured, or too few pictures were judged.
    """

    counts: list[DefectCount]
    days: list[DefectDay]
    drift: list[ScoreDrift]
