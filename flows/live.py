"""Live tests: which searches are answered from two fusions, and under what number."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, NamedTuple

from flows.effects import TestOffered

if TYPE_CHECKING:
    from db.evaluation.live import RunningTest
    from db.evaluation.tuning import Reranker
    from flows.effects import Flow
    from flows.search.request import SearchIn

# Between texts that are hashed together, so that no two pairs of texts are one.
_APART = "\x1f"
# So that numbers have 18 digits at most.
_BITS = 59


class LiveOffer(NamedTuple):
    """A test that runs, and who asks: a visitor that the caller named, or the caller."""

    test: RunningTest
    visitor: str


class LiveAnswer(NamedTuple):
    """The number of an answer in a live test, and the profile that it is drafted from as well."""

    test_id: int
    profile: str
    answer: int

    @property
    def token(self) -> str:
        """The name by which a click says of which answer it is."""
        return f"{self.test_id}-{self.answer}"


def live_answer(
    collection: str, request: SearchIn, used: Reranker | None
) -> Flow[LiveAnswer | None]:
    """Draw whether a search takes part in the collection's live test; None where it does not.

    Searches of words take part that say nothing of how they want to be ranked, that somebody asked (`log`),
    and that no reranker is `used` for. A visitor is in the test or not by a hash, for as long as it runs, and
    the same question again is drafted by the same coins.
    """
    if used or not request.query or not request.log or _says_how(request):
        return None
    offer: LiveOffer | None = yield TestOffered(collection, request.visitor)
    if offer is None:
        return None
    test, visitor = offer
    if _number(str(test.seed), visitor) >= test.share * 2**_BITS:
        return None
    words = "".join(request.query.split()).casefold()
    return LiveAnswer(
        test.test_id,
        test.profile,
        _number(str(test.seed), visitor, words, repr((request.filter, request.shape))),
    )


def _says_how(request: SearchIn) -> bool:
    """Whether a search brings more than words, or says how it wants to be ranked or shown."""
    more = (request.picture, request.like, request.item, request.sort, request.explain)
    how = (request.legs, request.profile, request.method, request.normalization, request.k_rrf)
    return any(more) or any(one is not None for one in (*how, request.cursor))


def _number(*texts: str) -> int:
    """A hash of texts, of so many bits."""
    digest = hashlib.sha256(_APART.join(texts).encode()).digest()
    return int.from_bytes(digest[:8], "big") >> (64 - _BITS)
