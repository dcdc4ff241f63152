"""Rows of the defects domain."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

import msgspec
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

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


class Normal(msgspec.Struct, frozen=True, kw_only=True):
    """A normal picture that a bank can be made of."""

    item_id: int
    piece: str
    picture_id: int


class NewBank(msgspec.Struct, frozen=True, kw_only=True):
    """The settings and figures of a bank to create; `detectors` are bytes as PostgreSQL reads them."""

    backbone: str
    identity: str
    side: int
    rim: int
    seed: int
    centre: list[float]
    spread: list[float]
    threshold: float
    pixel_threshold: float
    report: dict[str, Any]
    detectors: str


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


class BankContent(msgspec.Struct, frozen=True, kw_only=True):
    """The vectors and channel statistics of a bank as PostgreSQL sends them."""

    centre: list[float]
    spread: list[float]
    detectors: bytes | None
    vectors: bytes | None

    def patches(self) -> NDArray[np.float32]:
        """The vectors, float32 of shape (n, dim), in the order of their numbers."""
        dim = len(self.centre)
        raw = np.frombuffer(self.vectors or b"", dtype=">f2").reshape(-1, dim + 2)  # 2 of the head
        return raw[:, 2:].astype(np.float32)

    def centre_array(self) -> NDArray[np.float32]:
        """Mean of each channel, float32 of shape (dim,)."""
        return np.array(self.centre, dtype=np.float32)

    def spread_array(self) -> NDArray[np.float32]:
        """Spread of each channel, float32 of shape (dim,)."""
        return np.array(self.spread, dtype=np.float32)


class Bank(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the view `search.patch_banks`."""

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


class JudgedPicture(msgspec.Struct, frozen=True, kw_only=True):
    """A registered picture; `score` where it is normal and was judged without its piece."""

    item_id: int
    defect: str | None
    score: float | None
    picture_id: int | None


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


class PatchSource(msgspec.Struct, frozen=True, kw_only=True):
    """The normal picture that a patch of a bank comes from."""

    item_id: int
    picture_id: int


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

    `run_id` and `place` say which picture of a batch it was.
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
    images: dict[str, bytes]
    guess: Any = None
    run_id: int | None = None
    place: str | None = None


class Analysis(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the view `search.analyses`."""

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
