"""Rows of the defects domain."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

import msgspec

Label = Literal["normal", "defect"]
ImageKind = Literal["picture", "heatmap", "mask", "overlay", "compared"]


class DefectName(msgspec.Struct, frozen=True, kw_only=True):
    """A defect type of a product, and the number of registered pictures that show it."""

    defect: str
    name_ko: str | None
    name_en: str | None
    pictures: int


class Product(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the view `search.products`.

    `banks` has the version of the live bank by view, `manuals` names the collection of its manuals.
    """

    product_id: int
    product: str
    name_ko: str | None
    name_en: str | None
    collection: str
    normal: int
    defective: int
    views: list[str]
    defects: list[DefectName]
    banks: dict[str, int]
    manuals: str

    @classmethod
    def from_row(cls, **row: Any) -> Product:
        """Build from columns of which some are decoded JSON."""
        return msgspec.convert(row, cls)


class LiveBank(msgspec.Struct, frozen=True, kw_only=True):
    """The live bank of a product's view."""

    bank_id: int
    version: int
    backbone: str
    identity: str
    side: int
    rim: int
    threshold: float
    pixel_threshold: float


class MaybeBank(msgspec.Struct, frozen=True, kw_only=True):
    """The live bank of a product's view, or None."""

    live: LiveBank | None

    @classmethod
    def from_row(cls, **row: Any) -> MaybeBank:
        """Build from columns, all NULL where there is no bank."""
        return cls(live=None if row["bank_id"] is None else LiveBank(**row))


class Bank(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the view `search.patch_banks`; `labels` is an `encoders.anomaly.labels.LabelReport`."""

    bank_id: int
    product: str
    view: str
    version: int
    status: Literal["building", "live", "retired"]
    backbone: str
    identity: str
    side: int
    rim: int
    dim: int
    seed: int
    threshold: float
    pixel_threshold: float
    patches: int
    held_out: int
    held_out_mean: float | None
    held_out_max: float | None
    report: dict[str, Any]
    created_at: datetime
    live_at: datetime | None
    retired_at: datetime | None
    joined: bool
    detectors: list[str]
    labels: dict[str, Any] | None


class LabelledPicture(msgspec.Struct, frozen=True, kw_only=True):
    """A picture whose label is known: a registered one, or one that was inspected and labelled.

    `before` and `after` are scores of normal pictures by two banks, each without its piece.
    """

    item_id: int | None
    analysis_id: int | None
    picture_id: int | None
    defect: str | None
    before: float | None
    after: float | None


class Similar(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `search.similar_defects`."""

    item_id: int
    rank: int
    score: float
    of_product: str
    of_defect: str | None
    view: str
    picture_id: int | None
    path: Literal["exact", "hnsw"]


class NewAnalysis(msgspec.Struct, frozen=True, kw_only=True):
    """The findings of an analysis to store; `patch_scores` rows by columns, `images` PNG files by kind.

    `width` and `height` are those of the picture, in pixels; `run_id` and `place` say which picture of a
    batch it was.
    """

    product: str
    view: str
    bank_id: int | None
    score: float | None
    threshold: float | None
    defect: str | None
    patch_scores: list[list[float]] | None
    nearest: list[Any]
    sections: list[Any]
    guide: Any
    degraded: list[str]
    timing: Any
    width: int
    height: int
    levels: Any
    scale: Any
    regions: list[Any]
    images: dict[str, bytes]
    guess: Any = None
    run_id: int | None = None
    place: str | None = None


class Analysis(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the view `search.analyses`.

    `width`, `height`, `scale` and `regions` are None where the analysis was stored before there were any.
    """

    analysis_id: int
    product: str
    view: str
    bank_version: int | None
    score: float | None
    threshold: float | None
    verdict: Literal["normal", "defect", "unknown"]
    defect: str | None
    said: Label | None
    said_defect: str | None
    note: str | None
    given_by: str | None
    item_id: int | None
    nearest: list[dict[str, Any]]
    sections: list[dict[str, Any]]
    guide: dict[str, Any] | None
    degraded: list[str]
    timing: dict[str, float]
    patch_scores: list[list[float]] | None
    created_at: datetime
    guess: dict[str, Any] | None
    width: int | None
    height: int | None
    levels: dict[str, float]
    spoke: list[str]
    scale: dict[str, Any] | None
    regions: list[dict[str, Any]] | None


class BatchPicture(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the view `search.batch_pictures`; what was found is None where there is no analysis."""

    run_id: int
    place: str
    state: Literal["waiting", "inspected", "refused"]
    analysis_id: int | None
    product: str | None
    view: str | None
    verdict: Literal["normal", "defect", "unknown"] | None
    defect: str | None
    score: float | None
    threshold: float | None
    said: Label | None
    said_defect: str | None
    degraded: list[str] | None
    created_at: datetime | None
    guess: dict[str, Any] | None
