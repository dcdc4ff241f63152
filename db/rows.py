"""Rows and arguments of the SQL functions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType

Name = Annotated[str, msgspec.Meta(pattern="^[a-z][a-z0-9_-]{0,62}$")]


class MediaIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A picture of an item to write; its bytes are given in exactly one way.

    Attributes:
        role: the role of the picture: photo, nameplate, question, …
        path: as the records name it; found through the index of the picture folder.
        url: fetched only where that is allowed.
        base64: the bytes themselves.
    """

    role: Name = "photo"
    path: str | None = None
    url: str | None = None
    base64: str | None = None

    def __post_init__(self) -> None:
        if sum(way is not None for way in (self.path, self.url, self.base64)) != 1:
            raise ValueError("a picture needs exactly one of path, url and base64")

    @property
    def name(self) -> str:
        """The name of the picture in messages and tables."""
        return self.path or self.url or "(inline)"


class ItemIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An item to write.

    Attributes:
        external_id: the caller's key, 1 to 500 characters.
        fields: searchable texts by name.
        metadata: filterable JSON.
        media: pictures that belong to the item; None leaves those it has alone.
    """

    external_id: Annotated[str, msgspec.Meta(min_length=1, max_length=500)]
    fields: dict[str, str]
    metadata: dict[str, Any] = {}
    media: list[MediaIn] | None = None


class Leg(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A leg of a hybrid query; see `search.leg`.

    `vec` is pgvector's text form, `[0.1,0.2]`; a vector leg without one uses the cached vector of
    the query text. weight None is the fusion profile's, or 1; of identifiers see
    `search.hybrid`. positive and negative are item ids, for kind `like`.
    """

    kind: Literal["lexical", "identifier", "vector", "like"]
    name: str | None = None
    space: str | None = None
    source: str | None = None
    vec: str | None = None
    weight: Annotated[float, msgspec.Meta(ge=0)] | None = None
    pool_n: Annotated[int, msgspec.Meta(ge=1, le=10_000)] | None = None
    positive: list[int] | None = None
    negative: list[int] | None = None


class QueryKind(msgspec.Struct, frozen=True):
    """The kind of a query."""

    kind: Literal["identifier", "formula", "text", "picture"]


class LegHit(msgspec.Struct, frozen=True):
    """The rank, score (in the leg's own unit) and contribution (None with trees) of a leg for a result."""

    rank: int
    score: float
    contribution: float | None


class HybridHit(msgspec.Struct, frozen=True, kw_only=True):
    """A result of `search.hybrid` with its item; `legs[name]` is None where a leg lacks the item."""

    item_id: int
    rank: int
    score: float
    legs: dict[str, LegHit | None]
    external_id: str
    fields: dict[str, str]
    metadata: dict[str, Any]

    @classmethod
    def from_row(cls, *, legs: Mapping[str, Any], **row: Any) -> HybridHit:
        """Build from columns; `legs` is decoded JSON."""
        return cls(legs=msgspec.convert(legs, dict[str, LegHit | None]), **row)


class LexicalHit(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `search.lexical`."""

    item_id: int
    rank: int
    score: float
    terms: list[str]


class IdentifierHit(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `search.identifier`."""

    item_id: int
    rank: int
    score: float
    matched: str
    source: str


class CitedItem(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `search.citations`: an article that a text cites, as an item."""

    citation_no: int
    cited: str
    item_id: int
    score: float
    matched: str


class PhraseHit(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `search.phrase`."""

    item_id: int
    rank: int
    score: float


class Facet(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `search.facets`: a value and how many matching items have it."""

    value: str
    items: int


class Highlight(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `search.highlight`: the best passage of a field, words that match marked."""

    field: str
    snippet: str
    hits: int


class VectorHit(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `search.semantic`."""

    item_id: int
    rank: int
    score: float
    source: str
    part_no: int
    path: Literal["exact", "hnsw"]


class LegReport(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `search.explain_hybrid`: results and milliseconds of one leg."""

    leg: str
    kind: str
    weight: float
    found: int
    ms: float
    best_item_id: int | None
    best_score: float | None
    detail: dict[str, Any]


class Recall(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `search.measure_recall`: recall in [0, 1], milliseconds per query."""

    recall: float
    ann_ms: float
    exact_ms: float
    sampled: int


class VectorState(msgspec.Struct, frozen=True):
    """The answer of `search.request_vector`: ready, queued, or failed with the reason."""

    state: str


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the view `search.items`."""

    item_id: int
    collection: str
    external_id: str
    fields: dict[str, str]
    metadata: dict[str, Any]
    created_at: datetime
    updated_at: datetime


class Written(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `ops.upsert_items`."""

    external_id: str
    item_id: int
    action: Literal["inserted", "updated", "unchanged"]


class Collection(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the view `search.collections`."""

    collection: str
    analyzer: str
    field_weights: dict[str, float]
    identifier_fields: list[str]
    vector_sources: dict[str, dict[str, list[str]]]
    picture_readers: dict[str, str]
    items: int
    created_at: datetime


class NewCollection(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Settings of a collection to create; what is unset has the default of `ops.create_collection`."""

    analyzer: Literal["simple", "english", "korean"] | UnsetType = UNSET
    field_weights: dict[str, float] | UnsetType = UNSET
    identifier_fields: list[str] | UnsetType = UNSET
    vector_sources: dict[Name, dict[str, list[str]]] | UnsetType = UNSET
    picture_readers: dict[Literal["ocr", "caption"], str] | UnsetType = UNSET


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
    """A row of the view `search.coverage`."""

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
