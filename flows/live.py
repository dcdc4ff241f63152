"""Live tests: which searches are answered from two fusions, and drafts that are reranked."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from db.evaluation import live
from flows.effects import TestOffered
from flows.search.rerank import rerank_each
from flows.search.shaped import Reordered, reorder, reranked

if TYPE_CHECKING:
    from db.evaluation.live import Pick, RunningTest
    from db.evaluation.tuning import Reranker
    from db.search.results import Found
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


def live_answer(collection: str, request: SearchIn) -> Flow[LiveAnswer | None]:
    """Draw whether a search takes part in the collection's live test; None where it does not.

    Searches of words take part that say nothing of how they want to be ranked, and that somebody asked
    (`log`). A visitor is in the test or not by a hash, for as long as it runs, and the same question again is
    drafted by the same coins.
    """
    if not request.query or not request.log or _says_how(request):
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


def reorder_answer(
    collection: str,
    used: Reranker,
    words: str,
    hits: list[Any],
    skip: int,
    answer: LiveAnswer | None,
) -> Flow[Reordered]:
    """Rerank the hits of a search, and draft from both sides of them where it is in a live test."""
    if answer is None or not any(_side(hit) in ("a", "b") for hit in hits):
        return (yield from reorder(collection, used, words, hits, skip))
    return (yield from _draft(collection, used, words, hits, answer))


def _draft(
    collection: str, used: Reranker, words: str, hits: list[Any], answer: LiveAnswer
) -> Flow[Reordered]:
    """Draft from both sides (`search.draft_sides`), each put in order by the reranker first.

    Both read the same scores of the model, so that what is compared is the fusions as people see them.
    """
    sides = [[hit for hit in hits if _side(hit) == side] for side in "ab"]
    moving = rerank_each(collection, used, words, sides)
    sides, model, notes = yield from reranked(used, hits, sides, moving)
    of_a, of_b = ({hit.item_id: hit for hit in side} for side in sides)
    picks: list[Pick] = yield live.team_draft(a=list(of_a), b=list(of_b), coins=answer.answer)
    drafted = [
        _picked(of_b[pick.item_id] if pick.team == "b" else of_a[pick.item_id], pick)
        for pick in picks
    ]
    return Reordered(drafted, model, notes)


def _side(hit: Found) -> str | None:
    """The side of a live test that has the hit; `both` where the fusion in use answers alone."""
    return hit.adjustments.live if hit.adjustments else None


def _picked(hit: Found, pick: Pick) -> Found:
    """The hit at its place of the draft."""
    told = hit.adjustments and msgspec.structs.replace(hit.adjustments, live=pick.team)
    return msgspec.structs.replace(hit, rank=pick.rank, adjustments=told)


def _says_how(request: SearchIn) -> bool:
    """Whether a search brings more than words, or says how it wants to be ranked or shown."""
    more = (request.picture, request.like, request.item, request.sort, request.explain)
    how = (request.legs, request.profile, request.method, request.normalization, request.k_rrf)
    return any(more) or any(one is not None for one in (*how, request.cursor))


def _number(*texts: str) -> int:
    """A hash of texts, of so many bits."""
    digest = hashlib.sha256(_APART.join(texts).encode()).digest()
    return int.from_bytes(digest[:8], "big") >> (64 - _BITS)
