"""The plan of a search: which legs run, how deep, and which of them need a vector first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from db.errors import BadRequest
from db.search import functions
from db.search.rows import Leg

if TYPE_CHECKING:
    from db.spaces.rows import Space
    from encoders.base import Picture
    from flows.search.question import Question
    from flows.search.request import LegIn, SearchIn

# How deep legs look that do not say so: the first of these that reaches the last hit of the page.
# Steps, so that the pages of a list are cut from the same ranking: depth has a part in fusion.
# The first is the default of the SQL functions search.*_leg (bench/depth.py): such legs are left to it.
DEPTHS = (100, 1000, 10_000)


class PageBounds(NamedTuple):
    """Bounds of the hits to fetch, and the depth of the legs."""

    skip: int
    k: int
    depth: int


class Plan(NamedTuple):
    """Legs that can run as they are, and legs that wait for the query's vector in a space."""

    ready: list[Leg]
    waiting: list[tuple[Leg, Space]]
    notes: list[str]


def plan_default_legs(
    question: Question, spaces: Sequence[Space], likeable: Mapping[str, bool], depth: int
) -> Plan:
    """Plan every leg that can be asked with what is given.

    Args:
        question: what is asked with.
        spaces: the live ones that the collection feeds.
        likeable: per space, whether the items to be like have vectors there.
        depth: how deep legs look.
    """
    ready = [_with_depth(leg, depth) for leg in functions.DEFAULT_LEGS if question.text]
    signs = _only_signs(question.words)
    waiting = [
        (_with_depth(Leg(kind="vector", space=space.space), depth), space)
        for space in spaces
        if takes(space, "" if signs else question.words, question.picture)
    ]
    for space in spaces:
        if question.like and likeable.get(space.space):
            leg = Leg(kind="like", name=_like_name(space.space), space=space.space)
            ready.append(_with_items(_with_depth(leg, depth), question))
    notes = []
    if signs:
        notes.append("legs of meaning left out: the query has no letter and no digit")
    if question.picture is not None and not any(s.modality != "text" for _, s in waiting):
        notes.append("picture left out: the collection has no live space of pictures")
    if question.like and not any(leg.kind == "like" for leg in ready):
        notes.append("like left out: the items have no vectors yet, see coverage")
    return Plan(ready, waiting, notes)


def plan_requested_legs(
    question: Question, legs: Sequence[LegIn], known: Mapping[str, Space], depth: int
) -> Plan:
    """Plan the legs that the caller named.

    Args:
        question: what is asked with.
        legs: as they were requested.
        known: live spaces by name.
        depth: how deep legs look that do not say.

    Raises:
        BadRequest: a leg needs what the query has not: words, a picture, items to be like.
    """
    plan = Plan([], [], [])
    for given in legs:
        leg = _leg(given, depth)
        name = leg.name or leg.space or leg.kind
        if given.kind == "vector":
            space = known[given.space or ""]
            _check_taken(space, question)
            plan.waiting.append((leg, space))
        elif given.kind == "like":
            if not question.like:
                raise BadRequest(f"leg {name} needs `like`: items that hits should be like")
            plan.ready.append(_with_items(leg, question))
        elif question.text:
            plan.ready.append(leg)
        elif question.picture is None:
            raise BadRequest(f"leg {name} needs `query`: words")
        else:
            plan.notes.append(f"leg {name} left out: no words, and no number read on the picture")
    return plan


def page_of(request: SearchIn, read_n: int, kept_n: int | None = None) -> PageBounds:
    """Compute which hits to fetch: the page, one behind it, and those that a reranker reads.

    Args:
        request: the request.
        read_n: how many hits a reranker reads; 0: there is none.
        kept_n: how many hits are kept for further pages; None: none are.
    """
    if kept_n is not None:
        return PageBounds(0, kept_n, next(depth for depth in DEPTHS if kept_n <= depth))
    end = request.skip + request.k
    depth = next(depth for depth in DEPTHS if max(end, read_n) <= depth)
    if request.skip < read_n:
        return PageBounds(0, max(end + 1, read_n), depth)
    return PageBounds(request.skip, request.k + 1, depth)


def takes(space: Space, words: str, picture: Picture | None) -> bool:
    """Whether a space can be asked with what a query has.

    Words cannot be compared in a space of pictures, nor pictures in one of texts.
    """
    match space.modality:
        case "text":
            return bool(words)
        case "image":
            return picture is not None
        case "multimodal":
            return bool(words) or picture is not None


def _only_signs(words: str) -> bool:
    """Whether a query has signs alone, whose vector would be near to anything."""
    return bool(words) and not any(char.isalnum() for char in words)


def _like_name(space: str) -> str:
    """The name of a like leg that has no other."""
    return f"like-{space}"[:63]


def _check_taken(space: Space, question: Question) -> None:
    if takes(space, question.words, question.picture):
        return
    needed = {"image": "a picture", "text": "words", "multimodal": "words or a picture"}
    raise BadRequest(f"space {space.space} takes {needed[space.modality]}, and the query has none")


def _leg(given: LegIn, depth: int) -> Leg:
    by_default = _like_name(given.space or "") if given.kind == "like" else None
    leg = Leg(
        kind=given.kind,
        name=given.name or by_default,
        space=given.space,
        source=given.source,
        weight=given.weight,
    )
    if given.pool_n is None:
        return _with_depth(leg, depth)
    return msgspec.structs.replace(leg, pool_n=given.pool_n)


def _with_depth(leg: Leg, depth: int) -> Leg:
    return msgspec.structs.replace(leg, pool_n=None if depth == DEPTHS[0] else depth)


def _with_items(leg: Leg, question: Question) -> Leg:
    return msgspec.structs.replace(leg, positive=question.like, negative=question.unlike)
