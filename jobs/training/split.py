"""Disjoint splits of pairs, and leaks between them."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import msgspec

from encoders.training.answers import folded as folded  # compared so on either side

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from encoders.training.pairs import TrainingPair

# Runs of letters by which texts are compared, and how many of the shorter text's the other must have.
SHINGLE = 8
ALIKE = 0.8


class QueryLeak(msgspec.Struct, frozen=True, kw_only=True):
    """A query that is on the other side as well, exactly or nearly."""

    query: str
    other: str
    share: float


def halves(
    pairs: Sequence[TrainingPair], fraction: float, seed: int = 20
) -> tuple[list[TrainingPair], list[TrainingPair]]:
    """Split pairs by group: those to learn from, and about a fraction held out.

    Groups that ask the same question go together. The same pairs and seed give the same halves, and
    pairs that are added later change no pair's side unless they join groups. At least one of several
    groups is held out, and at least one is not.
    """
    roots = _joined(pairs)
    held = held_out(set(roots.values()), fraction, seed)
    sides: tuple[list[TrainingPair], list[TrainingPair]] = ([], [])
    for pair in pairs:
        sides[roots[_group(pair)] in held].append(pair)
    return sides


def held_out(groups: Iterable[str], fraction: float, seed: int) -> set[str]:
    """Draw about a fraction of groups to hold out, each by its own name and the seed.

    At least one of several is held out, and at least one is not.
    """
    places = {group: drawn(group, seed) for group in groups}
    held = {group for group, at in places.items() if at < fraction}
    if fraction and not held and len(places) > 1:  # of few, the fraction may hold none
        held = {min(places, key=lambda group: places[group])}
    if len(held) == len(places):
        held.discard(max(places, key=lambda group: places[group], default=""))
    return held


def components(names: Iterable[str], links: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Map each name to the smallest name that it is linked with, directly or by others."""
    parent = {name: name for name in names}

    def root(name: str) -> str:
        while parent[name] != name:
            parent[name] = parent[parent[name]]
            name = parent[name]
        return name

    for pair in links:
        one, other = sorted(map(root, pair))
        parent[other] = one
    return {name: root(name) for name in parent}


def leaks(pairs: Iterable[TrainingPair], others: Iterable[str]) -> list[QueryLeak]:
    """Find queries that other texts repeat, exactly or nearly."""
    found = nearest([pair.query for pair in pairs], others)
    return [leak for leak in found.values() if leak.share >= ALIKE]


def nearest(queries: Iterable[str], others: Iterable[str]) -> dict[str, QueryLeak]:
    """Find for each query the other text most like it, by the share of common runs of letters.

    A query that has no run in common with any is left out.
    """
    given = {folded(text): text for text in others}
    index: dict[str, list[str]] = {}
    sizes: dict[str, int] = {}
    for key in given:
        shingles = _shingles(key)
        sizes[key] = len(shingles)
        for shingle in shingles:
            index.setdefault(shingle, []).append(key)
    found: dict[str, QueryLeak] = {}
    for query in dict.fromkeys(queries):
        closest, share = _closest(folded(query), sizes, index)
        if share > 0:
            found[query] = QueryLeak(query=query, other=given[closest], share=share)
    return found


def without(pairs: Iterable[TrainingPair], leaked: Iterable[QueryLeak]) -> list[TrainingPair]:
    """Remove pairs with leaked queries, and repeated pairs."""
    gone = {leak.query for leak in leaked}
    once = {(folded(p.query), p.positive_id or p.positive): p for p in pairs if p.query not in gone}
    return list(once.values())


def _closest(key: str, sizes: dict[str, int], index: dict[str, list[str]]) -> tuple[str, float]:
    if key in sizes:
        return key, 1.0
    shingles = _shingles(key)
    counts: dict[str, int] = {}
    for shingle in shingles:
        for other in index.get(shingle, ()):
            counts[other] = counts.get(other, 0) + 1
    shares = {other: n / max(1, min(len(shingles), sizes[other])) for other, n in counts.items()}
    closest = max(shares, key=lambda other: shares[other], default="")
    return closest, shares.get(closest, 0.0)


def _shingles(key: str) -> set[str]:
    return {key[at : at + SHINGLE] for at in range(len(key) - SHINGLE + 1)}


def _group(pair: TrainingPair) -> str:
    return pair.group or pair.query


def _joined(pairs: Sequence[TrainingPair]) -> dict[str, str]:
    """Map each group to the smallest group it is linked with by common questions."""
    asked: dict[str, str] = {}
    links = [(asked.setdefault(folded(p.query), _group(p)), _group(p)) for p in pairs]
    return components([_group(pair) for pair in pairs], links)


def drawn(name: str, seed: int) -> float:
    """A number in [0, 1) that depends on a name and a seed alone."""
    digest = hashlib.sha256(f"{seed}:{name}".encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64
