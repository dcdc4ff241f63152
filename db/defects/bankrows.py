"""Rows of memory banks: what they are made of, and what they hold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


class BankPicture(msgspec.Struct, frozen=True, kw_only=True):
    """A registered picture that a bank can be made of, or learn from."""

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


class JudgedPicture(msgspec.Struct, frozen=True, kw_only=True):
    """A registered picture; `score` where it was judged without its piece when the bank was built."""

    item_id: int
    defect: str | None
    score: float | None
    picture_id: int | None


class PatchSource(msgspec.Struct, frozen=True, kw_only=True):
    """The normal picture that a patch of a bank comes from."""

    item_id: int
    picture_id: int
