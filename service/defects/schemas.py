"""Requests and answers of defect inspection."""

from typing import Annotated, Literal

from litestar.datastructures import UploadFile
from msgspec import Meta, Struct

from db.defects.manual_rows import Manual, ManualHit, ManualSection
from db.defects.registration import MANUALS_NAME
from db.defects.rows import ImageKind
from db.defects.statistic_rows import DefectCount, DefectDay, ScoreDrift
from encoders.anomaly.regions import Region
from encoders.anomaly.scale import Scale
from encoders.guide.base import Guide
from flows.findings import Cited, Near
from flows.guessing import Guess
from flows.inspection import AnalyzeIn, Name

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


class ArchiveForm(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A zip archive of pictures, and `request`: JSON that is said of all, in place of a list."""

    archive: UploadFile
    request: str | None = None


class NamedPicture(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A picture of a list: a name that no other of it has, and its file in base64."""

    name: Annotated[str, Meta(pattern=r"\S", max_length=1000)]
    base64: str


class PictureListIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A list of pictures, and what is asked of all."""

    pictures: list[NamedPicture]
    request: AnalyzeIn = AnalyzeIn()


class BatchQueued(Struct, frozen=True, kw_only=True):
    """The run that inspects the pictures; `fresh` false: it was there, under the same `Idempotency-Key`."""

    run_id: int
    pictures: int
    fresh: bool


class AnalysisOut(Struct, frozen=True, kw_only=True):
    """The analysis of a picture, kept under `analysis_id`.

    `verdict` is `unknown` where no bank judges the product's view. `score` is higher the more
    abnormal it is. `guess` says by what share of its neighbours product or view were guessed where
    the request left them out; null: neither was. `levels` are those of the detectors, 0 as the
    middle of normal pictures, 1 passed by one in twenty of them. `regions` are abnormal places in
    pixels of the picture, `width` by `height`, the highest `peak` first, which is in multiples of
    the threshold of pixels; `scale` has the colours of the heatmap, the same for all pictures that
    a bank judges. `nearest` are registered pictures by cosine similarity. The guide cites
    `sections` by their `number`. `images` are kinds for `/defects/analyses/{id}/images/{kind}`.
    `degraded` names what could not be done, and why; `timing` is in milliseconds by stage.
    """

    analysis_id: int
    product: str
    view: str
    guess: Guess | None
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


class ManualForm(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A manual as a file, and `request`: JSON about it."""

    document: UploadFile
    request: str


class ManualIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The product that a manual is about, and the collection that its sections are put into."""

    product: Name
    collection: Annotated[str, Meta(min_length=1, max_length=63)] = MANUALS_NAME


class ManualParts(Manual, frozen=True, kw_only=True):
    """A version of a manual: its sections in their order, and lines that are in none."""

    parts: list[ManualSection]
    left_out: list[str]


class ManualUploaded(ManualParts, frozen=True, kw_only=True):
    """A manual that was read now; `furniture`: running heads and page numbers that were left out."""

    furniture: list[str]


class StatisticsOut(Struct, frozen=True, kw_only=True):
    """Statistics of inspected pictures, days in UTC.

    `counts` are by finding, where feedback overrides the analysis; `days` by product, view and bank, with
    what people said of the verdicts. `drift` is the latest measurement of each live bank: empty where
    none was measured, or too few pictures were judged.
    """

    counts: list[DefectCount]
    days: list[DefectDay]
    drift: list[ScoreDrift]
