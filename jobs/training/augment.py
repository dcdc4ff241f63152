"""Augmentation of training pairs: questions as people write them, without spaces, particles or full names.

A changed question is a pair of its own with the same answer and group, so that it stays on the same side.
"""

from __future__ import annotations

import random
import re
from typing import TYPE_CHECKING, Literal, get_args

import msgspec

from encoders.training.answers import folded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from db.evaluation.training import PassageRow
    from encoders.training.pairs import TrainingPair

Way = Literal["spacing", "particles", "abbreviations"]
WAYS: tuple[Way, ...] = get_args(Way)
# Particles that follow a noun of two syllables or more; shorter stems are words of their own too often.
_PARTICLE = re.compile(
    r"(?<=[가-힣]{2})(?:에서는|으로는|에게는|에서|에게|으로|까지|부터|은|는|이|가|을|를|의|에|로|와|과|도)(?=[\s,.?!]|$)"
)
_GAP = re.compile(r"(?<=[가-힣])\s+(?=[가-힣])")
_RUN = re.compile(r"[가-힣]{4,}")


def augment(
    pairs: Sequence[TrainingPair],
    ways: Sequence[Way],
    *,
    share: float,
    names: Mapping[str, str] | None = None,
    seed: int = 20,
) -> list[TrainingPair]:
    """Make changed copies of questions.

    Args:
        pairs: what was made; none of it is changed.
        ways: `spacing` takes blanks between Korean words out, or puts one into a long word; `particles` drops
            particles behind nouns; `abbreviations` exchanges full names and short ones.
        share: of the pairs that get a copy of each way, in (0, 1].
        names: full names by short name, for `abbreviations`.
        seed: which pairs, and where a change falls.

    Returns:
        New pairs, their source with the way behind a `+`. A question that a way does not change gives
        none; no copy repeats a question of the pairs word for word.
    """
    draw = random.Random(seed)  # chooses copies, no secrets
    changes: dict[Way, Callable[[str], str]] = {
        "spacing": lambda text: respaced(text, draw),
        "particles": bare,
        "abbreviations": _exchange(names or {}),
    }
    taken = {(pair.query, pair.positive) for pair in pairs}
    found = []
    for way in ways:
        for pair in pairs:
            if draw.random() >= share:
                continue
            query = changes[way](pair.query)
            if (query, pair.positive) in taken or not folded(query):
                continue
            taken.add((query, pair.positive))
            source = f"{pair.source}+{way}"
            found.append(msgspec.structs.replace(pair, query=query, source=source))
    return found


def respaced(text: str, draw: random.Random) -> str:
    """Take out half of the blanks between Korean words; where there is none, put one into a long word."""
    gaps = list(_GAP.finditer(text))
    if not gaps:
        run = _RUN.search(text)
        if run is None:
            return text
        at = draw.randrange(run.start() + 2, run.end() - 1)
        return f"{text[:at]} {text[at:]}"
    chosen = set(draw.sample(range(len(gaps)), max(1, len(gaps) // 2)))
    for at in sorted(chosen, reverse=True):
        text = text[: gaps[at].start()] + text[gaps[at].end() :]
    return text


def bare(text: str) -> str:
    """Drop particles behind nouns, as in typed search words: 임차인의 보증금을 -> 임차인 보증금."""
    return _PARTICLE.sub("", text)


def names_of(passages: Iterable[PassageRow], full: str, short: str) -> dict[str, str]:
    """Full names by short name, from the fields of items that have both."""
    found = {}
    for passage in passages:
        long, brief = passage.fields.get(full, ""), passage.fields.get(short, "")
        if brief and long and brief != long:
            found[brief] = long
    return found


def _exchange(names: Mapping[str, str]) -> Callable[[str], str]:
    """Replace the first full name by its short one, else the first short one by its full one."""
    ways = [*((full, short) for short, full in names.items()), *names.items()]
    ways.sort(key=lambda way: -len(way[0]))  # of names within each other, the longest

    def change(text: str) -> str:
        for one, other in ways:
            if one in text:
                return text.replace(one, other, 1)
        return text

    return change
