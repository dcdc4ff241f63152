"""Several searches in one request: each answers or fails by itself, in the order they were sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from msgspec import Meta

from db.errors import BadRequest
from flows.effects import Flow, Together
from flows.search.request import SearchIn
from flows.search.run import SearchAnswer, search

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_SEARCHES = 50
# Hits of all searches together, each with its `skip`: what one search may ask for at most.
MAX_HITS = 10_000
# So many run side by side: a key has a third of the connections.
SIDE_BY_SIDE = 4


class CollectionSearchIn(SearchIn, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A search of a batch over several collections."""

    collection: Annotated[str, Meta(min_length=1, max_length=63)]


def check_batch(requests: Sequence[SearchIn]) -> None:
    """Check that the searches of a batch are not too much work together.

    Raises:
        BadRequest: they are, or there are none.
    """
    if not 1 <= len(requests) <= MAX_SEARCHES:
        raise BadRequest(
            f"the batch has {len(requests)} searches", f"Send 1 to {MAX_SEARCHES} at once."
        )
    hits = sum(request.k + request.skip for request in requests)
    if hits > MAX_HITS:
        raise BadRequest(
            f"the searches of the batch ask for {hits:,} hits together",
            f"k and skip of all may add up to {MAX_HITS:,}: send fewer at once.",
        )


def search_batch(
    requests: Sequence[tuple[str, SearchIn]],
) -> Flow[list[SearchAnswer | Exception]]:
    """Run searches, some of them side by side; each is its answer, or the error that ended it.

    Args:
        requests: collections, and what to search for there.

    Raises:
        BadRequest: they are too many.
    """
    check_batch([request for _, request in requests])
    answers: list[SearchAnswer | Exception] = []
    for start in range(0, len(requests), SIDE_BY_SIDE):
        group = requests[start : start + SIDE_BY_SIDE]
        answers += yield Together([_attempt(collection, one) for collection, one in group])
    return answers


def _attempt(collection: str, request: SearchIn) -> Flow[SearchAnswer | Exception]:
    try:
        return (yield from search(collection, request))
    except Exception as exc:  # of whatever kind: the others are answered all the same
        return exc
