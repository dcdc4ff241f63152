"""Tuning by queries that are made from a collection's texts."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

import msgspec

from db.calls.call import function, statement
from db.calls.rows import Id
from db.sqlfiles import statements


class MadeQuery(msgspec.Struct, frozen=True, kw_only=True):
    """A query made from a text, or asked by somebody; see `eval.made_queries` and `eval.clicked_queries`.

    `contents` are texts to embed by space and source, of the item without the words asked; a space is
    missing where its vectors do not stand for them.
    """

    item_id: int
    external_id: str
    field: str
    form: str
    query: str
    piece: str
    fields: dict[str, str]
    contents: dict[str, dict[str, str]]


class FoundByWords(msgspec.Struct, frozen=True, kw_only=True):
    """Lists of the legs of words and of numbers, best first.

    `own` is the score of the item without the words asked; `alike` are other items that have them.
    """

    ids: list[int]
    scores: list[float]
    own: float | None
    alike: list[int]
    number_ids: list[int]
    number_scores: list[float]


class FoundByVector(msgspec.Struct, frozen=True, kw_only=True):
    """The list of a vector leg, best first."""

    ids: list[int]
    scores: list[float]


made_queries = function(
    "eval.made_queries", MadeQuery, within=statements("tuning")["made"], reads=True
)
clicked_queries = function(
    "eval.clicked_queries", MadeQuery, within=statements("tuning")["made"], reads=True
)
found_by_words = statement("tuning", "found_by_words", FoundByWords, json=("fields",))
found_by_vector = statement("tuning", "found_by_vector", FoundByVector, reads=True)


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """A collection, with the profile that a person chose and the set that people judged, if any."""

    collection: str
    items: int
    chosen: str | None
    judged: str | None


class CollectionFusion(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `eval.fusions`: how a collection fuses its legs, and on what that rests."""

    collection: str
    profile: str | None
    method: Literal["rrf", "weighted", "lambdamart"]
    normalization: Literal["minmax", "zscore", "none"]
    k_rrf: int
    weights: dict[str, float]
    rests_on: Literal["default", "person", "made queries"]
    basis: dict[str, Any]
    since: datetime | None


# Of all collections or of one.
standing = statement("tuning", "standing", Standing, reads=True, collection=None)
fusions = statement("tuning", "fusions", CollectionFusion, reads=True, collection=None)
put_made_profile = statement("tuning", "put_made_profile", Id, json=("weights", "basis"))
forget_made_profiles = statement("tuning", "forget_made_profiles", Id)
