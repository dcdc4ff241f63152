"""The nightly proposal of a fusion: learned from judgments made of clicks, then to be tested live."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from db.calls.query import fetch
from db.evaluation import live
from db.evaluation import profiles as sql
from db.search import proposals
from encoders.errors import EncoderError
from jobs.errors import JobError
from jobs.evaluation import runner
from jobs.evaluation.guard import MIN_QUERIES
from jobs.tuning import profiles
from jobs.tuning.lists import RUN_DEPTH
from jobs.tuning.profiles import TuningOptions
from jobs.types import Conn, OnShare, silent

if TYPE_CHECKING:
    from encoders.settings import EncoderSettings
    from jobs.tuning.profiles import FusionReport

SOURCE = "clicks"
# What the nightly job calls its query sets and profiles.
PREFIX = "clicks-"


def propose_profile(
    conn: Conn, encoders: EncoderSettings, collection: str, on_query: OnShare = silent
) -> str:
    """Learn a fusion from clicks, and propose it if it beats the one in use on held-out queries.

    Nothing is put to use: accepted, the profile goes to a live test, which is the guard.

    Returns:
        What came of it, in words.

    Raises:
        UnknownName: no such collection.
        EncoderError: the model of a space cannot be loaded, or scikit-learn is absent.
        NotTunable: one leg or none lists anything.
    """
    if (tested := _tested(conn, collection)) is not None:
        return f"the live test of {tested} runs"
    open_ = fetch(conn, proposals.proposals(only_collection=collection, only_kind="profile"))
    if open_:
        return f"{open_[0].subject} waits for a decision"
    query_set = f"{PREFIX}{collection}"[:63]
    judged = fetch(conn, live.judge_clicks(query_set=query_set, collection=collection))[0]
    if judged.queries < MIN_QUERIES:
        return f"{judged.queries} queries have clicks enough; {MIN_QUERIES} are needed"
    settings = runner.Settings(
        collection=collection, query_set=query_set, k=RUN_DEPTH, label="by clicks"
    )
    run_id, _ = runner.run(conn, encoders, settings, on_query)
    options = TuningOptions(source=SOURCE, rival="no worse", activate=False)
    report = profiles.tune(conn, collection, run_id, options)
    if not report.decision.activate:
        return f"what is in use stays: {report.decision.reason}"
    name = _saved(conn, collection, report, judged.basis)
    return f"{name} is proposed: {report.decision.reason}"


def _tested(conn: Conn, collection: str) -> str | None:
    """The profile whose live test runs."""
    tests = fetch(conn, live.live_tests(collection=collection))
    return tests[0].profile if tests and tests[0].state == "running" else None


def _saved(conn: Conn, collection: str, report: FusionReport, basis: str) -> str:
    """Save what was learned as a profile, and propose it; its name."""
    name, fusion = f"{PREFIX}{report.decision_id}", report.fusion
    about: dict[str, Any] = {"collection": collection, "profile": name}
    saved = sql.save_profile(
        **about,
        method=fusion.method,
        normalization=fusion.normalization,
        k_rrf=fusion.k_rrf,
        weights=fusion.weights,
        note=f"learned from clicks: {report.decision.reason}",
    )
    evidence = {
        "source": report.source,
        "queries": report.queries,
        "measure": report.measure,
        "means": msgspec.to_builtins(report.means),
        "places": basis,
        "decision": report.decision_id,
        "why": report.decision.reason,
    }
    with conn.transaction():
        fetch(conn, saved)
        fetch(conn, proposals.propose_profile(**about, evidence=evidence))
    return name


def improve(
    conn: Conn,
    encoders: EncoderSettings,
    collection: str,
    *,
    accept: bool,
    on_query: OnShare = silent,
) -> dict[str, int]:
    """Propose queries to judge and a fusion; with `accept` a policy puts the fusion to its live test.

    Returns:
        How many `labels` are new and `profiles` open, how many of these were `accepted`, and `untuned`: no
        fusion could be learned, for want of scikit-learn or of a second leg.
    """
    counts = {"labels": fetch(conn, proposals.propose_labels(collection=collection))[0].n}
    try:
        propose_profile(conn, encoders, collection, on_query)
    except (EncoderError, JobError):
        counts["untuned"] = 1
    open_ = proposals.proposals(only_collection=collection, only_kind="profile")
    rows = fetch(conn, open_)
    counts["profiles"] = len(rows)
    # One test runs at a time; a winner of one waits for a person, as the test said it should.
    for row in rows[:1] if accept and _tested(conn, collection) is None else ():
        if "live_test" not in row.evidence:
            decided = proposals.decide(proposal=row.proposal, accept=True, decided_by="policy")
            fetch(conn, decided)
            counts["accepted"] = 1
    return counts
