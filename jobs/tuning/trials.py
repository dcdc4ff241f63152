"""Trials of saved profiles: the guard compares one with the fusion in use on a judged set."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from db.calls.query import fetch
from db.errors import SeogoDbError, ServerUnreachable
from db.evaluation import profiles, tuning
from encoders.errors import EncoderError
from jobs.errors import JobError
from jobs.evaluation import runner
from jobs.tuning import study
from jobs.tuning.lists import RUN_DEPTH, check_enough, load, relevant
from jobs.tuning.measures import singles, values
from jobs.tuning.profiles import TuningOptions, wanted
from jobs.types import Conn, OnShare, silent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from db.calls.query import Query
    from db.evaluation.profiles import FusionProfile
    from encoders.settings import EncoderSettings
    from jobs.evaluation.guard import GuardDecision
    from jobs.tuning.study import StudyReport


def hold(
    conn: Conn, encoders: EncoderSettings, profile: FusionProfile, on_query: OnShare = silent
) -> StudyReport:
    """Hold the trial that was asked for: run its set, decide by the guard, record it and carry it out.

    The profile goes live where it is better than the fusion in use, query by query, and no worse than the
    best leg. A person chose its settings, perhaps with these queries in view: the decision says that it
    was a trial. Queries that have a profile of their own (`seogo tune --kind`) are left out. A trial that
    cannot be held keeps the reason and is over; it waits on only where the server is away.

    Raises:
        UnknownName: the collection, set or source is gone.
        NotTunable: too few of its queries are judged, or a leg alone is searched by.
        BadMeasure: the measure has no depth, or one that a run does not reach.
        EncoderError: the model of a space cannot be loaded.
    """
    try:
        return _held(conn, encoders, profile, on_query)
    except (SeogoDbError, EncoderError, JobError) as exc:
        if not isinstance(exc, ServerUnreachable):
            of = {"collection": profile.collection, "profile": profile.profile}
            fetch(conn, profiles.end_trial(**of, error=str(exc)))
        raise


def _held(
    conn: Conn, encoders: EncoderSettings, profile: FusionProfile, on_query: OnShare
) -> StudyReport:
    asked = profile.trial or {}
    check_enough(len(relevant(conn, asked["query_set"], asked["source"])))
    options = TuningOptions(measure=asked["measure"], source=asked["source"], rival="no worse")
    settings = runner.Settings(
        collection=profile.collection,
        query_set=asked["query_set"],
        k=RUN_DEPTH,
        label=f"trial of {profile.profile}",
    )
    run_id, _ = runner.run(conn, encoders, settings, on_query)
    return _concluded(conn, profile, run_id, options)


def _concluded(
    conn: Conn, profile: FusionProfile, run_id: int, options: TuningOptions
) -> StudyReport:
    """Decide by the lists of a run, whose legs both fusions share."""
    lists = load(conn, run_id, options.source)
    begun = study.begin(conn, run_id, options)
    study.check_run(begun.run, profile.collection, lists, begun.measure)
    lists, groups = wanted(conn, run_id, options, lists, begun.groups)
    check_enough(len(lists.queries))
    of = {"collection": profile.collection, "profile": profile.profile}
    tried = fetch(conn, profiles.fusion(**of))[0]
    live = fetch(conn, tuning.live_fusion(collection=profile.collection))[0]
    concluded = study.conclude(
        conn,
        begun._replace(groups=groups),
        lists.queries,
        kind="fusion",
        candidate={profile.profile: values(lists, tried, begun.measure)},
        legs=singles(lists, begun.measure),
        live={f"live: {live.name}": values(lists, live, begun.measure)},
        described=msgspec.to_builtins(tried) | {"profile": profile.profile, "trial": True},
        change=_change(of),
    )
    return study.StudyReport(**concluded)


def _change(of: dict[str, Any]) -> study.Change:
    """End the trial, and put the profile to use if that was decided."""

    def change(_decision_id: int, decision: GuardDecision) -> Iterator[Query[Any]]:
        yield profiles.end_trial(**of)
        if decision.activate:
            yield tuning.retire_profile(collection=of["collection"])
            yield profiles.activate(**of)

    return change


def hold_waiting(
    conn: Conn, encoders: EncoderSettings, on_query: OnShare = silent
) -> dict[str, int]:
    """Hold all trials that wait; one that cannot be held keeps its reason, and the rest goes on.

    Returns:
        How many were `activated`, `kept` (what is in use stays) and `failed`.
    """
    counts = {"activated": 0, "kept": 0, "failed": 0}
    for profile in fetch(conn, profiles.waiting()):
        try:
            report = hold(conn, encoders, profile, on_query)
        except (SeogoDbError, EncoderError, JobError) as exc:
            if isinstance(exc, ServerUnreachable):
                raise
            counts["failed"] += 1
        else:
            counts["activated" if report.decision.activate else "kept"] += 1
    return counts
