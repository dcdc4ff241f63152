"""Rows of embedding spaces and of the outbox."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

Quantization = Literal["none", "binary"]


class Space(msgspec.Struct, frozen=True, kw_only=True):
    """An embedding space generation."""

    space_id: int
    space: str
    generation: int
    status: Literal["building", "live", "retired"] = "live"
    encoder: str
    identity: str
    dim: int
    modality: Literal["text", "image", "multimodal"]
    kind: Literal["single", "multi", "sparse"] = "single"
    indexed: bool

    @property
    def pinned(self) -> str:
        """The name that pins a leg to this generation, whichever is live later."""
        return f"{self.space}@{self.generation}"


class MissingSpace(msgspec.Struct, frozen=True, kw_only=True):
    """A space that a collection feeds and that does not exist yet."""

    name: str
    modality: Literal["text", "image", "multimodal"]


class PictureBytes(msgspec.Struct, frozen=True, kw_only=True):
    """A stored picture: the bytes of its file."""

    id: int
    bytes: bytes


class Coverage(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the view `search.coverage`.

    `unanswered`: shards that do not answer, whose items are not counted.
    """

    collection: str
    space: str
    generation: int
    status: str
    items: int
    fresh: int
    stale: int
    missing: int
    failed: int
    without_text: int
    unanswered: list[str] = []


class Claimed(msgspec.Struct, frozen=True, kw_only=True):
    """A source of an item to encode, claimed from the outbox: text, ids of pictures, or both.

    `source` None: the item has nothing to encode any more; `stored`: the vector of this content is there.
    """

    item_id: int
    enqueued_at: datetime
    source: str | None
    content: str | None
    pictures: list[int] | None
    content_hash: UUID | None
    stored: bool
