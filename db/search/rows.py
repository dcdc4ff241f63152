"""Arguments and rows of the search functions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import msgspec

from db.search.shaping import Adjustments


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
    weight: Annotated[float, msgspec.Meta(ge=0, le=1_000_000)] | None = None
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
    """A result of `search.hybrid` with its item; `legs[name]` is None where a leg lacks the item.

    `adjustments` is None where shaping changed nothing.
    """

    item_id: int
    rank: int
    score: float
    legs: dict[str, LegHit | None]
    external_id: str
    fields: dict[str, str]
    metadata: dict[str, Any]
    adjustments: Adjustments | None = None

    @classmethod
    def from_row(cls, *, legs: Mapping[str, Any], adjustments: Any = None, **row: Any) -> HybridHit:
        """Build from columns; `legs` and `adjustments` are decoded JSON."""
        return cls(
            legs=msgspec.convert(legs, dict[str, LegHit | None]),
            adjustments=msgspec.convert(adjustments, Adjustments | None),
            **row,
        )


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


class WordChange(msgspec.Struct, frozen=True, kw_only=True):
    """A correction in a query: what was typed, what is meant, and how it came about.

    `items` is how many items have what is meant.
    """

    typed: str
    meant: str
    how: Literal["typing", "keyboard", "spacing"]
    items: int


class Correction(msgspec.Struct, frozen=True, kw_only=True):
    """The answer of `search.correct`: the query corrected, None where nothing is wrong with it.

    `unchecked`: words not looked at, behind the first ones of a long query. `uncounted`: by how many
    items the words counted and the collection differ; None: a shard does not answer.
    """

    corrected: str | None
    changes: list[WordChange]
    unchecked: int
    uncounted: int | None

    @classmethod
    def from_row(cls, *, changes: Any, **row: Any) -> Correction:
        """Build from columns; `changes` is decoded JSON."""
        return cls(changes=msgspec.convert(changes, list[WordChange]), **row)


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
    path: Literal["exact", "hnsw", "maxsim", "index"]


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
