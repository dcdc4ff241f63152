"""Simulation of live tests: how often a better fusion is found, how often an equal one, and when.

People look down an answer, at a place with the chance `LOOKS`, and open what they look at and want. Two
rankings of one query differ by where they put the wanted items. Answers are drafted as impl.team_draft does,
the first item opened decides, and the evidence (impl.log_evidence) is looked at after each. Beside it, what
a test of two arms by click rates takes: answers of each arm for a power of 80 % at 5 %, by the normal
approximation.

    python bench/loop.py                # some minutes
    python bench/loop.py --tests 50     # quicker
"""

from __future__ import annotations

import argparse

import numpy as np

PLACES = 10
LOOKS = 1 / np.arange(1, PLACES + 1) ** 0.7
SHARES = 0.5 + np.arange(1, 20) / 40
DECIDES = np.log(20)
MOST = 300
# Share of queries that the profile ranks like a better system; the others are ranked alike well by both.
CASES = {
    "equal": (0.5, 0.5),
    "a little better": (0.5, 0.55),
    "better": (0.5, 0.65),
    "worse": (0.55, 0.5),
}


def ranking(quality: float, rng: np.random.Generator) -> list[int]:
    """A permutation of ten items of which 0 to 2 are wanted; the higher the quality, the sooner they come."""
    noise = rng.normal(size=PLACES)
    return list(np.argsort(-(np.where(np.arange(PLACES) < 3, 4 * (quality - 0.3), 0) + noise)))


def drafted(a: list[int], b: list[int], rng: np.random.Generator) -> list[tuple[int, int]]:
    """Items with the side that picked each: -1, 1, or 0 where both begin with it."""
    same = 0
    while same < len(a) and a[same] == b[same]:
        same += 1
    found = [(item, 0) for item in a[:same]]
    picked = set(a[:same])
    while len(picked) < len(a):
        first = int(rng.integers(2)) * 2 - 1
        for side in (first, -first):
            item = next((i for i in (b if side > 0 else a) if i not in picked), None)
            if item is not None:
                picked.add(item)
                found.append((item, side))
    return found


def opened(places: list[int], rng: np.random.Generator) -> list[int]:
    """Places that are opened, from the top."""
    wants = np.where(np.array(places) < 3, 0.6, 0.05)
    return list(np.flatnonzero(rng.random(len(places)) < LOOKS * wants))


def evidence(wins: int, losses: int) -> float:
    """As impl.log_evidence."""
    logs = wins * np.log(2 * SHARES) + losses * np.log(2 - 2 * SHARES)
    return float(np.logaddexp.reduce(logs) - np.log(len(SHARES)))


def held(case: tuple[float, float], rng: np.random.Generator) -> tuple[str, int, int]:
    """One test: its state, decided answers, and all answers."""
    wins = losses = answers = 0
    while wins + losses < MOST and answers < 20 * MOST:
        answers += 1
        draft = drafted(ranking(case[0], rng), ranking(case[1], rng), rng)
        sides = [draft[at][1] for at in opened([item for item, _ in draft], rng)]
        won = next((side for side in sides if side), 0)
        wins, losses = wins + (won > 0), losses + (won < 0)
        if won and evidence(wins, losses) >= DECIDES:
            return "better", wins + losses, answers
        if won and evidence(losses, wins) >= DECIDES:
            return "worse", wins + losses, answers
    return "even", wins + losses, answers


def arms(case: tuple[float, float], rng: np.random.Generator, n: int = 20_000) -> float:
    """Answers of each arm that a comparison of click rates takes: 80 % power, 5 % error, one side."""
    rates = [np.mean([bool(opened(ranking(q, rng), rng)) for _ in range(n)]) for q in case]
    gain = rates[1] - rates[0]
    spread = sum(rate * (1 - rate) for rate in rates)
    return float("inf") if abs(gain) < 1e-3 else (1.645 + 0.84) ** 2 * spread / gain**2


def main() -> None:
    """Print a row for each case."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--tests", type=int, default=200)
    tests = options.parse_args().tests
    rng = np.random.default_rng(7)
    print(
        "case | better | worse | even | decided answers, median | all answers, median | each of two arms"
    )
    for name, case in CASES.items():
        found = [held(case, rng) for _ in range(tests)]
        shares = [
            sum(f[0] == state for f in found) / tests for state in ("better", "worse", "even")
        ]
        medians = [int(np.median([f[at] for f in found])) for at in (1, 2)]
        told = " | ".join(f"{100 * share:.1f} %" for share in shares)
        print(f"{name} | {told} | {medians[0]} | {medians[1]} | {arms(case, rng):.0f}")


if __name__ == "__main__":
    main()
