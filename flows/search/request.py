"""Search requests, checked alike wherever they come from."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct, field

from flows.search.filters import AsOf, Filter
from flows.search.results import FIRST, ResultsIn
from flows.search.shape import ShapeIn

MAX_K = 1000
MAX_SKIP = 9000
MAX_QUERY = 10_000
MAX_LIKE = 100

SpaceName = Annotated[str, Meta(pattern="^[a-z][a-z0-9_-]{0,62}$")]
# Of a leg: the live generation of a space, or one by its number, such as `text@2`.
LegSpace = Annotated[str, Meta(pattern="^[a-z][a-z0-9_-]{0,62}(@[1-9][0-9]{0,4})?$")]
LegName = Annotated[str, Meta(min_length=1, max_length=63)]
ItemId = Annotated[int, Meta(ge=1, le=2**63 - 1)]
ItemIds = Annotated[list[ItemId], Meta(max_length=MAX_LIKE)]


class LegIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A leg of a search.

    `vector` and `like` legs have a `space` (required) and may have a `source`; a vector leg asks
    with the query's words, its picture, or both, as the space takes them; a like leg with the
    stored vectors of the items in `like` and `unlike`. `text@2` is a generation of a space that is
    being built or was live before, to compare it; what it has no vectors of is not found by it.
    """

    kind: Literal["lexical", "identifier", "vector", "like"]
    name: LegName | None = None
    space: LegSpace | None = None
    source: LegName | None = None
    weight: Annotated[float, Meta(ge=0, le=1_000_000)] | None = None
    pool_n: Annotated[int, Meta(ge=1, le=10_000)] | None = None

    def __post_init__(self) -> None:
        """Refuse combinations that would be ignored silently."""
        if self.weight is not None and 0 < self.weight < 1e-6:
            raise ValueError(f"the weight of a {self.kind} leg is 0, or from 0.000001 to 1000000")
        needs_space = self.kind in ("vector", "like")
        if needs_space and self.space is None:
            raise ValueError(f"a {self.kind} leg needs a space")
        if not needs_space and (self.space or self.source):
            raise ValueError(f"a {self.kind} leg has no space and no source")


class PictureIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A picture to search by: its file in base64, or the id of a stored one."""

    base64: Annotated[str, Meta(min_length=1)] | None = None
    id: ItemId | None = None

    def __post_init__(self) -> None:
        """Refuse none and both."""
        if (self.base64 is None) == (self.id is None):
            raise ValueError("a picture is given by either base64 or id")


class SearchIn(ResultsIn, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A search by words, a picture, items to be like, or several of these; or by one item.

    `item` asks with all that an item has, its words and its vectors, as queries by item are measured, by the
    profile for items with such metadata, and leaves it out; it is paged by `skip`.
    `filter` is on metadata: a JSON object (containment), a jsonpath predicate or a range such as
    `price:10..20` as a string, or a list of these, all of which must hold. `as_of`: items valid on that day
    (`2020-01-31`), or of all times (`ever`), by `valid_from` and `valid_until` in their metadata; without it,
    items valid today.
    Without `legs`: words, identifiers, and every live space of the collection that can be asked
    with what is given. `rerank`: where a reranker has proven its worth on the collection, on searches
    by words or on those by an item, and there is nothing to be like, it orders the first hits anew.
    `correct`, where the query is mistyped: `apply` searches for the corrected words if those typed find
    nothing, and only offers them otherwise; `suggest` always only offers them; `off` does neither.
    `shape`: boosts, pins, diversity, collapse, the least score. `log` false keeps the search out of the query
    log: nobody asked it, such as half a word while somebody types. `partial`: shards of the collection
    that do not answer are left out, and named in `degraded`, instead of being an error. `visitor` tells
    people apart who ask by one key, for live tests: their session, say; it is hashed, not kept. Facets,
    total, order and pages: see `ResultsIn`.
    """

    query: Annotated[str, Meta(pattern=r"\S", max_length=MAX_QUERY)] | None = None
    picture: PictureIn | None = None
    like: ItemIds = field(default_factory=list)
    unlike: ItemIds = field(default_factory=list)
    item: ItemId | None = None
    k: Annotated[int, Meta(ge=1, le=MAX_K)] = 10
    skip: Annotated[int, Meta(ge=0, le=MAX_SKIP)] = 0
    filter: Filter | None = None
    as_of: AsOf | None = None
    legs: Annotated[list[LegIn], Meta(min_length=1, max_length=16)] | None = None
    profile: Annotated[str, Meta(min_length=1, max_length=100)] | None = None
    method: Literal["rrf", "weighted", "lambdamart"] | None = None
    normalization: Literal["minmax", "zscore", "none"] | None = None
    k_rrf: Annotated[int, Meta(ge=0, le=100_000)] | None = None
    highlight: bool = False
    explain: bool = False
    rerank: bool = True
    correct: Literal["apply", "suggest", "off"] = "apply"
    shape: ShapeIn | None = None
    log: bool = True
    visitor: Annotated[str, Meta(min_length=1, max_length=200)] | None = None
    partial: bool = False

    def __post_init__(self) -> None:
        """Refuse combinations that would be ignored silently."""
        if self.unlike and not self.like:
            raise ValueError("unlike needs like: a direction to be away from")
        if self.cursor is not None and self.skip:
            raise ValueError("a cursor says where to go on: leave skip out")
        if self.explain and self.cursor not in (None, FIRST):
            raise ValueError("a page of a kept list runs no legs to explain")
        if self.item is not None and any(
            (self.query, self.picture, self.like, self.cursor, self.highlight, self.explain)
        ):
            raise ValueError(
                "an item asks alone: leave query, picture, like, cursor, highlight and explain out"
            )
        unsorted = (
            self.item,
            self.picture,
            self.like,
            self.legs,
            self.profile,
            self.method,
            self.explain,
            self.shape,
        )
        if self.sort and any(unsorted):
            raise ValueError(
                "sort lists what words and filter match: leave item, picture, like, legs, profile, method,"
                " explain and shape out"
            )


def like_legs(space: str | None) -> list[LegIn] | None:
    """Legs of a search for similar items: in one space, or (None) in all that fit."""
    return None if space is None else [LegIn(kind="like", space=space)]
