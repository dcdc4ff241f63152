"""Late interaction: items scored token by token, and which words met."""

from __future__ import annotations

import msgspec

from db.calls.call import function, statement


class TokenHit(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `search.maxsim`: the mean of the best similarity of each token of the query."""

    item_id: int
    rank: int
    score: float
    source: str
    part_no: int


class TokenMatch(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `search.token_matches`: words of a query, and the words of the text that they met.

    `words` None: what the model puts around them. `matched` None: not known. `stale`: the text was changed
    since it was encoded. The contributions of all rows add up to the score.
    """

    word_no: int
    words: str | None
    matched: str | None
    similarity: float
    contribution: float
    source: str
    part_no: int
    stale: bool


class StoredScore(msgspec.Struct, frozen=True, kw_only=True):
    """Score of an item by late interaction with its stored vectors, by external id."""

    external_id: str
    score: float


maxsim = function("search.maxsim", TokenHit, reads=True)
token_matches = function("search.token_matches", TokenMatch, reads=True)
# Of those of the items that have vectors in the space.
stored_maxsim = statement("tuning", "stored_maxsim", StoredScore)
