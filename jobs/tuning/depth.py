"""Depth of search of a space: which ef_search is enough, measured on its own vectors."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from db.calls.query import fetch
from db.spaces import depth

if TYPE_CHECKING:
    from collections.abc import Sequence

    from db.spaces.depth import DepthPoint, LinksPoint
    from jobs.types import Conn

# A greater m that is not better by this much is not worth its memory.
WORTH = 0.005


class Advice(msgspec.Struct, frozen=True, kw_only=True):
    """Settings recommended; `links` None: m stays. `met`: the recall wanted is reached, as measured."""

    ef_search: int
    links: int | None
    met: bool


def advise(
    curve: Sequence[DepthPoint], links: Sequence[LinksPoint], *, wanted: float, m: int
) -> Advice:
    """The least ef_search whose recall is surely the one wanted, else the deepest measured.

    Surely: the lower bound of 95 %. Other links are advised where no depth is enough and a greater m was
    measured as better: the least that is within `WORTH` of the best.
    """
    enough = [point for point in curve if point.lower >= wanted]
    if enough:
        return Advice(ef_search=min(p.ef_search for p in enough), links=None, met=True)
    deepest = max(p.ef_search for p in curve)
    own = [p.recall for p in links if p.m <= m]
    better = [p for p in links if p.m > m and p.recall > max(own, default=0.0) + WORTH]
    best = max((p.recall for p in better), default=0.0)
    least = min((p.m for p in better if p.recall >= best - WORTH), default=None)
    return Advice(ef_search=deepest, links=least, met=False)


def apply(conn: Conn, space: str, advice: Advice) -> list[str]:
    """Set what is advised; an index with other links is built beside the one in use, which then goes.

    Args:
        conn: autocommit.
        space: the name of the space.
        advice: what to set.

    Returns:
        The statements that were run on the index.
    """
    settings = {"ef_search": advice.ef_search, "links": advice.links}
    (found,) = fetch(conn, depth.set_search_depth(space=space, **settings))
    for statement in found.statements:
        conn.execute(statement.encode())
    return found.statements
