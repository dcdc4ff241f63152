"""What is asked of a search, planned as legs: which there are, and which of them need a vector first."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import msgspec

from db.errors import BadRequest
from db.rows import Leg, Space
from db.search import functions
from encoders.base import Picture
from service.models.query_vectors import takes
from service.search.schemas import LegIn, SearchIn

# How deep legs look that do not say so: the first of these that reaches the last hit of the page.
# Steps, so that the pages of a list are cut from the same ranking: depth has a part in fusion.
DEPTHS = (100, 1000, 10_000)
IDENTIFIER_DEPTH = 20


class Question(NamedTuple):
    """What a search asks with.

    Words are empty where there are none; `numbers` are those read on the picture, None where it was
    not read; `notes` say what could not be done.
    """

    words: str
    picture: Picture | None
    like: list[int]
    unlike: list[int]
    numbers: list[str] | None = None
    notes: Sequence[str] = ()

    @property
    def has_text(self) -> bool:
        """Whether there is something for the legs of words and identifiers."""
        return bool(self.words or self.numbers)


class Page(NamedTuple):
    """Which hits are fetched, and how deep legs look for them."""

    skip: int
    k: int
    depth: int


class Plan(NamedTuple):
    """Legs that can run as they are, and legs that wait for the query's vector in a space."""

    ready: list[Leg]
    waiting: list[tuple[Leg, Space]]
    notes: list[str]


def by_default(
    question: Question, spaces: Sequence[Space], likeable: Mapping[str, bool], depth: int
) -> Plan:
    """Every leg that can be asked with what is given.

    Args:
        question: what is asked with.
        spaces: the live ones that the collection feeds.
        likeable: per space, whether the items to be like have vectors there.
        depth: how deep legs look.
    """
    ready = [leg for leg in functions.DEFAULT_LEGS if question.has_text]
    ready = [_deep(leg, depth) for leg in ready]
    waiting = [
        (Leg(kind="vector", space=space.space, pool_n=depth), space)
        for space in spaces
        if takes(space, "" if only_signs(question.words) else question.words, question.picture)
    ]
    for space in spaces:
        if question.like and likeable.get(space.space):
            leg = Leg(kind="like", name=like_name(space.space), space=space.space, pool_n=depth)
            ready.append(_with_items(leg, question))
    notes = []
    if only_signs(question.words):
        notes.append("legs of meaning left out: the query has no letter and no digit")
    if question.picture is not None and not any(s.modality != "text" for _, s in waiting):
        notes.append("picture left out: the collection has no live space of pictures")
    if question.like and not any(leg.kind == "like" for leg in ready):
        notes.append("like left out: the items have no vectors yet, see coverage")
    return Plan(ready, waiting, notes)


def as_asked(
    question: Question, legs: Sequence[LegIn], known: Mapping[str, Space], depth: int
) -> Plan:
    """The legs that the caller named.

    Args:
        question: what is asked with.
        legs: as they were asked for.
        known: live spaces by name.
        depth: how deep legs look that do not say.

    Raises:
        BadRequest: a leg needs what the query has not: words, a picture, items to be like.
    """
    ready: list[Leg] = []
    waiting: list[tuple[Leg, Space]] = []
    notes: list[str] = []
    for given in legs:
        leg = _leg(given, depth)
        if given.kind == "vector":
            space = known[given.space or ""]
            _check_taken(space, question)
            waiting.append((leg, space))
        elif given.kind == "like":
            if not question.like:
                raise BadRequest(f"leg {_name(leg)} needs `like`: items that hits should be like")
            ready.append(_with_items(leg, question))
        elif question.has_text:
            ready.append(leg)
        elif question.picture is None:
            raise BadRequest(f"leg {_name(leg)} needs `query`: words")
        else:
            notes.append(f"leg {_name(leg)} left out: no words, and no number read on the picture")
    return Plan(ready, waiting, notes)


def page_of(asked: SearchIn, read_n: int) -> Page:
    """The hits that are shown, one behind them, and those before them that a reranker moves.

    Args:
        asked: the request.
        read_n: how many a reranker reads; 0: there is none.
    """
    end = asked.skip + asked.k
    depth = next(depth for depth in DEPTHS if max(end, read_n) <= depth)
    if asked.skip < read_n:
        return Page(0, max(end + 1, read_n), depth)
    return Page(asked.skip, asked.k + 1, depth)


def only_signs(words: str) -> bool:
    """Whether a query has signs alone, whose vector would be near to anything."""
    return bool(words) and not any(char.isalnum() for char in words)


def like_name(space: str) -> str:
    """What a like leg is called that has no other name."""
    return f"like-{space}"[:63]


def _check_taken(space: Space, question: Question) -> None:
    if takes(space, question.words, question.picture):
        return
    needed = "a picture" if space.modality == "image" else "words"
    if space.modality == "multimodal":
        needed = "words or a picture"
    raise BadRequest(f"space {space.space} takes {needed}, and the query has none")


def _leg(given: LegIn, depth: int) -> Leg:
    by_default = like_name(given.space or "") if given.kind == "like" else None
    leg = Leg(
        kind=given.kind,
        name=given.name or by_default,
        space=given.space,
        source=given.source,
        weight=given.weight,
    )
    return _deep(leg, depth) if given.pool_n is None else _at(leg, given.pool_n)


def _deep(leg: Leg, depth: int) -> Leg:
    shallow = leg.kind == "identifier" and depth == DEPTHS[0]
    return _at(leg, IDENTIFIER_DEPTH if shallow else depth)


def _at(leg: Leg, pool_n: int) -> Leg:
    return msgspec.structs.replace(leg, pool_n=pool_n)


def _with_items(leg: Leg, question: Question) -> Leg:
    return msgspec.structs.replace(leg, positive=question.like, negative=question.unlike)


def _name(leg: Leg) -> str:
    return leg.name or leg.space or leg.kind
