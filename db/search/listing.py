"""Totals, facets of all kinds, sorted lists and kept rankings: calls and their rows."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from db.calls.call import function, scalar
from db.calls.rows import Count, Done
from db.search.rows import HybridHit
from db.sqlfiles import statements


class Total(msgspec.Struct, frozen=True, kw_only=True):
    """Number of matching items; not `exact`: at least so many, and no more were counted."""

    items: int
    exact: bool


class Bucket(msgspec.Struct, frozen=True, kw_only=True):
    """A range or a bar: items from `low` up to below `high`, open where None; `filter` finds them."""

    low: str | None
    high: str | None
    items: int
    filter: str | None


class Statistics(msgspec.Struct, frozen=True, kw_only=True):
    """Statistics of a metadata key.

    `items` have a number or a day, `values` counts these; `missing` items have no value, `other` ones
    have values of other kinds. `low`, `high` and `mean` are numbers or days as text.
    """

    kind: Literal["number", "date"] | None
    items: int
    values: int
    missing: int
    other: int
    low: str | None
    high: str | None
    mean: str | None


class FacetCounts(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `search.facet_set`: `counts` is decoded JSON, rows of the facet's kind."""

    field: str
    kind: Literal["terms", "ranges", "histogram", "statistics"]
    counts: list[dict[str, Any]]
    items: int
    complete: bool


class SortedItem(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `search.sort_items`; `keys` is the JSON array of the values that it is sorted by."""

    item_id: int
    rank: int
    keys: str


class RankingId(msgspec.Struct, frozen=True):
    """The id of a kept ranking."""

    id: str


class KeptRanking(msgspec.Struct, frozen=True, kw_only=True):
    """A page of a kept ranking: its hits as they were kept, of `items` in all."""

    question: str
    hits: list[dict[str, Any]]
    items: int


total = function("search.total", Total, reads=True)
facet_ranges = function("search.facet_ranges", Bucket, reads=True)
facet_histogram = function("search.facet_histogram", Bucket, reads=True)
facet_statistics = function("search.facet_statistics", Statistics, reads=True)
facet_set = function("search.facet_set", FacetCounts, reads=True, json=("facets",))
# As text: a number of JSON may have more digits than a float of Python.
sort_items = function(
    "search.sort_items",
    SortedItem,
    within="SELECT s.item_id, s.rank, s.keys::text AS keys FROM {call} AS s ORDER BY s.rank",
    reads=True,
    json=("after",),
)
# Rows of `search.hybrid` with the names of their items alone, to be kept.
ranking = function(
    "search.hybrid",
    HybridHit.from_row,
    within=statements("results")["with_names"],
    reads=True,
    json=("shape",),
)
placed_items = function(
    "impl.placed_items",
    HybridHit.from_row,
    within=statements("results")["with_items"],
    reads=True,
    json=("hits",),
)
keep_ranking = function(
    "ops.keep_ranking", RankingId, within="SELECT {call}::text AS id", json=("hits",)
)
read_ranking = function("ops.read_ranking", KeptRanking)
# How many had expired, and how many indexes nobody had any more.
forget_rankings = scalar("ops.forget_rankings", Count)
drop_unused_sort_keys = scalar("ops.drop_unused_sort_keys", Count)
add_sort_key = scalar("ops.add_sort_key", Done)
drop_sort_key = scalar("ops.drop_sort_key", Done)
