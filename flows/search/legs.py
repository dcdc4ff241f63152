"""The legs of a search: planned from its question, then given the vectors that they ask with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from db.errors import BadRequest, UnknownName
from db.items import items
from db.search import functions, results
from db.search.legs import vector_text
from db.search.rows import Leg
from db.spaces import generations
from db.spaces.rows import Space
from flows.effects import Encode, Flow, ListSpaces, Together
from flows.errors import LegUnavailable, NoLegLeft, NoSuchItem
from flows.search.filters import filter_text
from flows.search.plan import Plan, plan_default_legs, plan_requested_legs

if TYPE_CHECKING:
    from db.search.rows import LegReport
    from encoders.base import Vectors
    from flows.search.question import Question
    from flows.search.request import SearchIn


def build_legs(
    collection: str, request: SearchIn, question: Question, depth: int
) -> Flow[tuple[list[Leg], list[str]]]:
    """Build the legs to run, and say why others are left out.

    Args:
        collection: where to search.
        request: the request.
        question: what it asks with.
        depth: how deep legs look that do not say so.

    Raises:
        UnknownName: no such collection, or a leg names a space that is not live.
        NoSuchItem: an item to be like is not in the collection.
        NoLegLeft: every leg that was requested had to be left out.
        BadRequest: nothing can be searched with the question.
    """
    plan = yield from _plan(collection, request, question, depth)
    spaces = {space.identity: space for _, space in plan.waiting}
    tried = yield Together([_vector(space, question) for space in spaces.values()])
    vectors = dict(zip(spaces, tried, strict=True))
    degraded = [*question.notes, *plan.notes]
    degraded += [reason for reason in tried if isinstance(reason, str)]
    legs = list(plan.ready)
    for leg, space in plan.waiting:
        vec = vectors[space.identity]
        if not isinstance(vec, str):
            legs.append(vector_leg(space, vec, leg))
    if legs:
        return legs, degraded
    # No legs at all would mean the default ones to SQL, which nobody asked for.
    yield items.named_collection(collection=collection)  # or it is unknown
    if not plan.waiting:
        raise BadRequest("nothing can be searched with this: " + "; ".join(degraded))
    raise NoLegLeft("no leg is left: " + "; ".join(degraded), "see /ready, or `seogo doctor`")


def vector_leg(space: Space, vec: Vectors, leg: Leg | None = None) -> Leg:
    """Build the leg of a vector, float32 of shape (dim,), from the space's default or a given one.

    It is pinned to the generation that the vector was encoded for: another one may be live by now.
    """
    leg = leg or Leg(kind="vector")
    name = leg.name or space.space
    return msgspec.structs.replace(leg, vec=vector_text(vec), space=space.pinned, name=name)


def _plan(collection: str, request: SearchIn, question: Question, depth: int) -> Flow[Plan]:
    likeable = yield from _likeable(collection, question)
    if request.legs is None:
        spaces = yield ListSpaces(collection)
        return plan_default_legs(question, spaces, likeable, depth)
    wanted = {leg.space for leg in request.legs if leg.kind == "vector" and leg.space}
    known = yield from _known_spaces(wanted)
    return plan_requested_legs(question, request.legs, known, depth)


def _likeable(collection: str, question: Question) -> Flow[dict[str, bool]]:
    """In which spaces the items to be like have vectors.

    Items of other collections are refused: their vectors would tell about them.
    """
    wanted = [*question.like, *question.unlike]
    if not wanted:
        return {}
    rows = yield results.likeable(collection=collection, item_ids=wanted)
    there = {row.item_id: row.spaces for row in rows}
    if missing := sorted(set(wanted) - there.keys()):
        raise NoSuchItem(
            f"not in collection {collection}: {', '.join(map(str, missing))}",
            "`like` and `unlike` are item ids of the collection that is searched.",
        )
    return {space: True for item_id in question.like for space in there[item_id]}


def _vector(space: Space, question: Question) -> Flow[Vectors | str]:
    """The query's vector, or why the legs of this space are left out."""
    try:
        vec: Vectors = yield Encode(space, question.words, question.picture)
    except LegUnavailable as exc:
        return f"leg {space.space} left out: {exc}"
    return vec


def _known_spaces(names: set[str]) -> Flow[dict[str, Space]]:
    """Spaces by the names that legs have: the live ones, and generations such as text@2 of these."""
    if not names:
        return {}
    bare = {name.partition("@")[0] for name in names}
    known = _by_name((yield ListSpaces()))
    if not bare <= known.keys():
        known = _by_name((yield ListSpaces(fresh=True)))
    for name in {name.partition("@")[0] for name in names if "@" in name} & known.keys():
        known |= {space.pinned: space for space in (yield generations.of_space(space=name))}
    if unknown := sorted(names - known.keys()):
        live = ", ".join(sorted(name for name in known if "@" not in name)) or "none yet"
        raise UnknownName(
            f"unknown embedding space: {', '.join(unknown)}",
            f"Live spaces: {live}. `seogo embed` makes those that collections ask for.",
        )
    return known


def _by_name(spaces: Sequence[Space]) -> dict[str, Space]:
    return {space.space: space for space in spaces}


def explain_legs(
    collection: str, request: SearchIn, text: str | None, legs: Sequence[Leg]
) -> Flow[list[LegReport] | None]:
    """Reports of the legs of a search; None where they were not requested."""
    if not request.explain:
        return None
    reports: list[LegReport] = yield functions.explain_hybrid(
        collection=collection,
        query=text,
        legs=legs,
        filter=filter_text(request.filter),
        profile=request.profile,
    )
    return reports
