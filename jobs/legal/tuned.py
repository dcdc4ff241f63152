"""Relating of articles that ends with the best ranking: a slice of the decisions tells how they count.

What decisions say of an article makes its words much better and longer, so the settings that were right
before are wrong after: vectors with equal say hold the words back, broad articles that hundreds of
decisions cite lose. Some decisions are left out of the articles at first and asked instead; the weights of
the legs, and of BM25 the constants and the weight of the decisions, are learned from the answers and go live
under the guard.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from db.calls.query import fetch
from db.evaluation import query_sets
from db.evaluation.rows import Judgment, QueryIn
from jobs import maintain
from jobs.evaluation import load, runner
from jobs.legal.relate import MOST, Points, relate
from jobs.shards.upkeep import keep_shards
from jobs.training import split
from jobs.tuning import lexical, profiles
from jobs.tuning.lists import NotTunable
from jobs.types import Conn, OnStep, silent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from encoders.settings import EncoderSettings
    from encoders.training.pairs import TrainingPair
    from jobs.legal.relate import RelateReport
    from jobs.tuning.lexical import LexicalReport
    from jobs.tuning.profiles import FusionReport

# Of the decisions; of those asked, the last that are needed to tell such settings apart.
FRACTION = 0.15
MOST_ASKED = 500
SEED = 20
FIELD = "decisions"
# The set of queries while it is there.
ASKED = "relate-points"
# Fewer decide nothing that holds for others.
LEAST_ASKED = 50
# As deep as measures of tuning look.
DEPTH = 100


class Tuned(NamedTuple):
    """Result of relating with tuning.

    Attributes:
        related: with all points at issue, those that were asked among them.
        asked: how many queries were made of decisions.
        lexical: what was decided of BM25.
        fusions: of the legs, before and after; None: there is one leg.
        untuned: why nothing was tuned, if so.
    """

    related: RelateReport
    asked: int = 0
    lexical: LexicalReport | None = None
    fusions: Sequence[FusionReport] = ()
    untuned: str | None = None


def relate_tuned(
    conn: Conn,
    collection: str,
    points: Points,
    encoders: EncoderSettings,
    *,
    most: int = MOST,
    fraction: float = FRACTION,
    on_step: OnStep = silent,
) -> Tuned:
    """Relate articles by most of the points, tune by the others, then relate by all.

    `fraction` of the decisions are asked, drawn as `jobs.training.split.halves` draws documents to hold out:
    an encoder trained on the same decisions, as many of them held out, has not seen what is asked.

    The role of the connection owns the schema. The query set that is made is deleted in the end: its
    queries are words of the articles then, and would measure too well.

    Raises:
        UnknownName: no such collection.
        EncoderError: the model of a space cannot be loaded.
        EncoderNotInstalled: scikit-learn is absent (extra `tune`).
    """

    def fill(some: Points) -> RelateReport:
        return relate(
            conn, collection, some, most=most, on_articles=lambda n, of: on_step("articles", n, of)
        )

    learned, asked = sides(points.pairs, fraction)
    if len({pair.query_id for pair in asked}) < LEAST_ASKED:
        told = f"fewer than {LEAST_ASKED} points at issue could be kept to ask"
        return Tuned(fill(points), untuned=told)
    fill(Points(learned, 0))
    try:
        n = _ask_set(conn, ASKED, asked)
        bm25, fusions = _tune(conn, collection, ASKED, encoders, on_step)
    finally:
        fetch(conn, query_sets.drop(query_set=ASKED))
        related = fill(points)
    return Tuned(related, n, bm25, fusions)


def sides(
    pairs: Sequence[TrainingPair], fraction: float = FRACTION
) -> tuple[list[TrainingPair], list[TrainingPair]]:
    """Split points by decision: those that tell, and those to ask, which the others do not repeat."""
    learned, held = split.halves(pairs, fraction, SEED)
    asked = split.without(held, split.leaks(held, [pair.query for pair in learned]))
    drawn = sorted({pair.query_id for pair in asked}, key=lambda name: split.drawn(name, SEED))
    return learned, [pair for pair in asked if pair.query_id in set(drawn[:MOST_ASKED])]


def _ask_set(conn: Conn, name: str, asked: Sequence[TrainingPair]) -> int:
    """Write the queries and what they should find; how many queries."""
    queries = {pair.query_id: QueryIn(external_id=pair.query_id, text=pair.query) for pair in asked}
    judged = {(pair.query_id, pair.positive_id) for pair in asked}
    load.import_set(
        conn,
        name,
        list(queries.values()),
        [Judgment(query=query, external_id=article, grade=1) for query, article in sorted(judged)],
        source="citations",
        about="points at issue kept out of the articles while their weight is learned",
    )
    return len(queries)


def _tune(
    conn: Conn, collection: str, query_set: str, encoders: EncoderSettings, on_step: OnStep
) -> tuple[LexicalReport, list[FusionReport]]:
    """Tune the fusion, then BM25 under it, then the fusion again for what BM25 has become."""
    settings = runner.Settings(collection=collection, query_set=query_set, k=DEPTH, label="relate")
    asking = partial(on_step, "points asked")
    run_id, _ = runner.run(conn, encoders, settings, asking)
    fusions = _fuse(conn, collection, run_id, on_step)
    bm25 = lexical.tune(
        conn,
        collection,
        run_id,
        profiles.TuningOptions(group="query", rival="no worse", coordinates=("k1", "b", FIELD)),
        lambda n: on_step("settings of BM25", n, n + 1),
    )
    if bm25.decision.activate:

        def built(what: str, n: int) -> None:
            on_step(what, n, n)

        maintain.run(conn, collection, on_step=built)
        keep_shards(conn, built, collection=collection)
        run_id, _ = runner.run(conn, encoders, settings, asking)
        fusions += _fuse(conn, collection, run_id, on_step)
    return bm25, fusions


def _fuse(conn: Conn, collection: str, run_id: int, on_step: OnStep) -> list[FusionReport]:
    """Tune the fusion of the legs; nothing where words are the only one."""
    options = profiles.TuningOptions(group="query", rival="no worse")
    try:
        return [profiles.tune(conn, collection, run_id, options, partial(on_step, "fusion"))]
    except NotTunable:
        return []
