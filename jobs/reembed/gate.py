"""The gate before a switch: compares the new generation with the live one on judged queries.

Both answer the judged queries as users are answered, by all legs; only the vectors of the space differ. The
first generation of a space is compared with the same search without it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from db.calls.query import fetch
from db.search.rows import Leg
from db.spaces import embedding, generations
from encoders.settings import EncoderSettings
from flows.evaluation.compare import compare_runs
from flows.local import Local
from jobs import embed
from jobs.evaluation import runner

if TYPE_CHECKING:
    from db.spaces.generations import JudgedSet
    from db.spaces.rows import Space
    from flows.encoding import Encoder
    from jobs.types import Conn, OnStep

MEASURE = "nDCG@10"
# Fewer differences than this say nothing, whichever way they go.
MIN_QUERIES = 10


class GateComparison(msgspec.Struct, frozen=True, kw_only=True):
    """Comparison of both generations under one ground truth, with its 95 % interval."""

    collection: str
    query_set: str
    source: str
    queries: int
    live_run: int
    building_run: int
    live: float
    building: float
    difference: float
    low: float
    high: float

    def __str__(self) -> str:
        return (
            f"{self.collection}, {self.query_set} ({self.source}, {self.queries} queries): {MEASURE}"
            f" {self.live:.4f} -> {self.building:.4f}, {self.difference:+.4f}"
            f" [{self.low:+.4f}, {self.high:+.4f}]"
        )


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """Verdict of the gate, the reason, and all comparisons."""

    passed: bool
    reason: str
    compared: list[GateComparison] = []


def judge(
    conn: Conn,
    settings: EncoderSettings,
    live: Space | None,
    building: Space,
    encoder: Encoder,
    tell: OnStep,
) -> Verdict:
    """Compare two generations on every judged query set of the collections that feed them.

    It passes where under no ground truth the building generation is worse with 95 % confidence, and under one
    at least something relevant is found at all.
    """
    found = fetch(conn, generations.judged_sets(space=building.space))
    sets = [judged for judged in found if judged.queries >= MIN_QUERIES]
    if not sets:
        few = f"; those of fewer than {MIN_QUERIES} queries do not count" if found else ""
        why = f"no judgments of a collection with space {building.space}{few}"
        return Verdict(passed=False, reason=why)
    runs: dict[tuple[str, str], tuple[int, int]] = {}
    compared = []
    for judged in sets:
        key = judged.collection, judged.query_set
        if key not in runs:
            runs[key] = _both_runs(conn, settings, judged, live, building, encoder, tell)
        compared.append(_compared(conn, judged, *runs[key]))
    if not any(one.live or one.building for one in compared):
        # Equal, but nothing was measured: such as queries that are items, which ask with no words.
        why = "neither generation finds anything relevant; that shows nothing"
        return Verdict(passed=False, reason=why, compared=compared)
    worse = [one for one in compared if one.high < 0]
    return Verdict(
        passed=not worse,
        reason="; ".join(map(str, worse)) if worse else "not worse on any judged query set",
        compared=compared,
    )


def _both_runs(
    conn: Conn,
    settings: EncoderSettings,
    judged: JudgedSet,
    live: Space | None,
    building: Space,
    encoder: Encoder,
    tell: OnStep,
) -> tuple[int, int]:
    if building.modality != "image":
        want = generations.want_queries(space_id=building.space_id, query_set=judged.query_set)
        fetch(conn, want)
        embed.answer_queries(conn, building, encoder)  # type: ignore[arg-type]
    run_ids = []
    for generation in (live, building):
        told = f"without {building.space}" if generation is None else generation.pinned
        request = runner.Settings(
            collection=judged.collection,
            query_set=judged.query_set,
            legs=_legs(conn, judged.collection, generation),
            label=f"gate {told}",
        )

        def on_query(done: int, total: int, name: str = told) -> None:
            tell(f"asking {name}", done, total)

        run_ids.append(runner.run(conn, settings, request, on_query)[0])
    return run_ids[0], run_ids[1]


def _legs(conn: Conn, collection: str, generation: Space | None) -> list[Leg]:
    """The legs of the collection, with a space in that generation; None: as they are."""
    spaces = {
        space.space: space.space
        for space in fetch(conn, embedding.live_spaces(collection=collection))
    }
    if generation is not None and generation.status == "building":
        spaces[generation.space] = generation.pinned
    legs = [Leg(kind="lexical"), Leg(kind="identifier")]
    legs += [Leg(kind="vector", space=named, name=name) for name, named in sorted(spaces.items())]
    return legs


def _compared(conn: Conn, judged: JudgedSet, live_run: int, building_run: int) -> GateComparison:
    compared = compare_runs(live_run, building_run, [MEASURE], judged.source)
    table = Local(conn, EncoderSettings()).run(compared)
    comparison, _ = table[MEASURE]
    return GateComparison(
        collection=judged.collection,
        query_set=judged.query_set,
        source=judged.source,
        queries=comparison.queries,
        live_run=live_run,
        building_run=building_run,
        live=comparison.means[0],
        building=comparison.means[1],
        difference=comparison.difference.mean,
        low=comparison.difference.low,
        high=comparison.difference.high,
    )
