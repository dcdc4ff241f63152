"""Results as a request wants them: facets, total, order, and the place from which a list goes on."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

MAX_FACETS = 16
MAX_BOUNDS = 100
MAX_SORT = 4
MAX_TOTAL = 1_000_000
# The cursor of a request that wants the first page of a list to be read on.
FIRST = "*"

FieldPath = Annotated[str, Meta(min_length=1, max_length=200)]


class FacetIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A facet of a metadata key.

    `terms` counts values, at most `n`. `ranges` counts between `bounds`, numbers or days (2024, 2024-03,
    2024-03-09); without any, about `n` ranges are chosen. `histogram` counts by `step`: a number, or
    `year`, `month`, `day`; without one it is chosen. `statistics`: lowest, highest, mean, missing.
    """

    field: FieldPath
    kind: Literal["terms", "ranges", "histogram", "statistics"] = "terms"
    n: Annotated[int, Meta(ge=1, le=1000)] | None = None
    bounds: Annotated[list[int | float | str], Meta(max_length=MAX_BOUNDS)] = []
    step: int | float | str | None = None

    def __post_init__(self) -> None:
        """Refuse what would be ignored silently."""
        if self.bounds and self.kind != "ranges":
            raise ValueError("only ranges have bounds")
        if self.step is not None and self.kind != "histogram":
            raise ValueError("only a histogram has a step")
        if self.n is not None and (self.bounds or self.kind not in ("terms", "ranges")):
            raise ValueError("n is how many values, or how many ranges without bounds")


class ResultsIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Facets, total, order and place of a list of results.

    `facets`: metadata keys whose values are counted, or facets of other kinds, over the items that the
    words and the filter match, or over all that the filter lets pass (`facet_over`). `total`: how many
    items match, exact up to a bound (true: 10,000). `sort`: up to four metadata keys instead of the
    score, such as `-price` (the highest first). `cursor`: `*` for the first page of a list whose pages
    do not shift, then the `cursor` of the answer before.
    """

    facets: Annotated[list[FieldPath | FacetIn], Meta(max_length=MAX_FACETS)] = []
    facet_n: Annotated[int, Meta(ge=1, le=1000)] = 10
    facet_over: Literal["matches", "filter"] = "matches"
    total: bool | Annotated[int, Meta(ge=1, le=MAX_TOTAL)] = False
    sort: Annotated[list[FieldPath], Meta(max_length=MAX_SORT)] = []
    cursor: Annotated[str, Meta(min_length=1, max_length=4000)] | None = None


# What pages of one list may differ in.
_PRESENTATION = {
    "k": 10,
    "skip": 0,
    "facets": [],
    "facet_n": 10,
    "facet_over": "matches",
    "total": False,
    "cursor": None,
    "highlight": False,
    "explain": False,
}


def question_of(request: ResultsIn) -> bytes:
    """Encode the request without what pages of one list may differ in: the rest decides their order."""
    return msgspec.json.encode(msgspec.structs.replace(request, **_PRESENTATION))


def facets_json(request: ResultsIn) -> list[dict[str, object]]:
    """The facets as `search.facet_set` takes them."""
    return [_facet_json(facet, request.facet_n) for facet in request.facets]


def _facet_json(facet: str | FacetIn, terms_n: int) -> dict[str, object]:
    if isinstance(facet, str):
        return {"field": facet, "n": terms_n}
    n = terms_n if facet.n is None and facet.kind == "terms" else facet.n
    bounds = [str(bound) for bound in facet.bounds]
    step = None if facet.step is None else str(facet.step)
    return {"field": facet.field, "kind": facet.kind, "n": n, "bounds": bounds, "step": step}
