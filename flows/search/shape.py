"""The shape of a search's results, checked alike wherever it comes from."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

MAX_BOOSTS = 8
MAX_DIVERSE = 200

Factor = Annotated[float, Meta(ge=0.1, le=10)]
Score = Annotated[float, Meta(ge=-1e15, le=1e15)]
Amount = Score | Annotated[str, Meta(max_length=100)]
Field = Annotated[str, Meta(min_length=1, max_length=200)]
SpaceOf = Annotated[str, Meta(pattern="^[a-z][a-z0-9_-]{0,62}(@[0-9]+)?$")]


class BoostIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A boost: `filter` with `factor`, or `field` with `curve`, `origin` and `scale`.

    A filter multiplies the scores of items that pass it. A curve multiplies by a decay from 1 at the origin
    (and within `offset` of it) to `decay` (0.5) at `scale` from there; with a factor f it is 1 + (f - 1) *
    decay instead. For dates `scale` and `offset` are lengths of time ("90 days"), `origin` a date or "now".
    """

    filter: dict[str, Any] | str | UnsetType = UNSET
    factor: Factor | UnsetType = UNSET
    field: Field | UnsetType = UNSET
    curve: Literal["gauss", "exp", "linear"] | UnsetType = UNSET
    origin: Amount | UnsetType = UNSET
    scale: Amount | UnsetType = UNSET
    offset: Amount | UnsetType = UNSET
    decay: Annotated[float, Meta(ge=0.01, le=0.99)] | UnsetType = UNSET

    def __post_init__(self) -> None:
        """Refuse a boost that is neither, or both."""
        if (self.filter is UNSET) == (self.field is UNSET):
            raise ValueError("a boost has a filter with a factor, or a field with a curve")
        needed = {"factor": self.factor} if self.field is UNSET else {"curve": self.curve}
        if lacking := [name for name, value in needed.items() if value is UNSET]:
            raise ValueError(f"the boost lacks {lacking[0]}")


class DiversityIn(
    Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"lambda_": "lambda"}
):
    """Maximal marginal relevance over the vectors of a space, among the first `n` results.

    `lambda` 1 is relevance alone, 0 unlikeness alone.
    """

    space: SpaceOf
    lambda_: Annotated[float, Meta(ge=0, le=1)] | UnsetType = UNSET
    n: Annotated[int, Meta(ge=2, le=MAX_DIVERSE)] | UnsetType = UNSET


class CollapseIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The best result for each value of a metadata key; with `group`, all results of that value."""

    field: Field
    group: Annotated[str, Meta(max_length=10_000)] | UnsetType = UNSET


class ShapeIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The shaping of results; a key that is missing is the collection's, null switches that off.

    `defaults` false: nothing of the collection's. `pins` false: no pinned and buried items. `min_score`: by
    the score after boosts. See `search.hybrid` in the SQL guide.
    """

    boosts: Annotated[list[BoostIn], Meta(max_length=MAX_BOOSTS)] | UnsetType | None = UNSET
    pins: bool | UnsetType | None = UNSET
    diversity: DiversityIn | UnsetType | None = UNSET
    collapse: CollapseIn | UnsetType | None = UNSET
    min_score: Score | UnsetType | None = UNSET
    defaults: bool | UnsetType = UNSET
