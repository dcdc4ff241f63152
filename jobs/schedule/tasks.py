"""The scheduled tasks; each can also be run by hand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, TypeAlias

import msgspec

from db import connect
from db.calls.query import fetch
from db.defects import products, statistics
from db.errors import SeogoDbError, ServerUnreachable
from db.evaluation import evals
from db.items import items
from db.operations import webhooks
from db.search import functions
from db.settings import DbSettings, read
from db.spaces import embedding, generations
from encoders.errors import EncoderError
from flows.encoding import Encoders
from jobs import calibrate, loop, maintain, proposals, quality
from jobs.backup.create import create
from jobs.backup.settings import BackupSettings
from jobs.backup.store import open_store
from jobs.backup.target import target_of
from jobs.defects import banks
from jobs.defects.settings import AnalysisSettings
from jobs.errors import JobError
from jobs.evaluation import runner
from jobs.reembed import lifecycle as reembed
from jobs.reembed.away import enqueue_away
from jobs.schedule.settings import EventSettings, LoopSettings
from jobs.selftuning import renewal
from jobs.shards.upkeep import keep_shards
from jobs.tuning import trials

if TYPE_CHECKING:
    from collections.abc import Iterator

    from encoders.settings import EncoderSettings
    from jobs.types import Conn

Step: TypeAlias = Callable[[], None]
Counts: TypeAlias = dict[str, int]

NIGHTLY = "nightly"
KEPT_NIGHTS = 30


class Stopped(Exception):
    """The task was cancelled."""


class Task(msgspec.Struct, frozen=True):
    """A task: its name, a description, and its function, which returns counts.

    The function takes a connection, the settings of encoders, and a function that it calls between its steps,
    which raises `Stopped` when it is to stop; one that a person asks for (`jobs.schedule.asked`) has
    arguments of its own by name.
    """

    name: str
    about: str
    run: Callable[..., Counts]


@contextmanager
def _noting(troubles: list[str]) -> Iterator[None]:
    """Note the failure of one of many, and go on with the others."""
    try:
        yield
    except (SeogoDbError, EncoderError, JobError) as exc:
        if isinstance(exc, ServerUnreachable):
            raise
        troubles.append(str(exc))


def _raise_failures(troubles: list[str]) -> None:
    """Fail with all the failures noted."""
    if troubles:
        raise JobError("; ".join(troubles))


def embed_stale(conn: Conn, _encoders: EncoderSettings, step: Step) -> Counts:
    """Queue items with stale vectors that no trigger has queued, here and on shards."""
    queued = 0
    troubles: list[str] = []
    for space in fetch(conn, embedding.active_spaces()):
        for enqueue in (reembed.enqueue_stale, enqueue_away):
            with _noting(troubles):  # a shard that is down holds up no other space
                queued += enqueue(conn, space.space_id, lambda *_progress: step())
    _raise_failures(troubles)
    return {"queued": queued}


def merge_postings(conn: Conn, _encoders: EncoderSettings, step: Step) -> Counts:
    """Keep the lexical indexes compact, here and on shards; see `jobs.maintain`."""
    counts: Counter[str] = Counter()

    def add(report: maintain.MaintenanceReport) -> None:
        counts.update(report.merged)
        counts.update(built=len(report.built), busy=len(report.busy), counted=report.counted)

    add(maintain.run(conn, on_step=lambda *_progress: step()))
    keep_shards(conn, lambda *_progress: step(), lambda _shard, report: add(report))
    return dict(counts)


def measure_recall(conn: Conn, _encoders: EncoderSettings, step: Step) -> Counts:
    """Measure the recall of the vector indexes; those of token weights are exact.

    Each shard measures its own: an index whose items are all on shards is empty here.
    """
    fed = fetch(conn, items.collections())
    away = {space for row in fed if row.shards for space in row.vector_sources}
    away -= {space for row in fed if not row.shards for space in row.vector_sources}
    spaces = fetch(conn, embedding.live_spaces())
    indexed = [s for s in spaces if s.indexed and s.kind != "sparse" and s.space not in away]
    troubles: list[str] = []
    for space in indexed:
        step()
        with _noting(troubles):
            fetch(conn, functions.measure_recall(space=space.pinned))
    _raise_failures(troubles)
    return {"spaces": len(indexed)}


def nightly_evaluation(conn: Conn, encoders: EncoderSettings, step: Step) -> Counts:
    """Run every judged query set on its collections; keep a month of runs."""
    sets = {(s.collection, s.query_set) for s in fetch(conn, generations.judged_sets(space=None))}
    asked = failed = 0
    troubles: list[str] = []
    for collection, query_set in sorted(sets):
        settings = runner.Settings(collection=collection, query_set=query_set, label=NIGHTLY)
        with _noting(troubles):
            _, done = runner.run(conn, encoders, settings, lambda *_progress: step())
            asked += done.answered
            failed += done.failed
            _forget_nights(conn, collection, query_set)
    _raise_failures(troubles)
    return {"sets": len(sets), "answered": asked, "failed": failed}


def _forget_nights(conn: Conn, collection: str, query_set: str) -> None:
    runs = [
        run.run_id
        for run in fetch(conn, evals.runs(query_set=query_set))
        if run.label == NIGHTLY and run.collection == collection
    ]
    for run_id in runs[:-KEPT_NIGHTS]:
        fetch(conn, evals.drop_run(run_id=run_id))


def self_tuning(conn: Conn, encoders: EncoderSettings, step: Step) -> Counts:
    """Learn the fusion of each collection that nobody judged from queries made of its texts."""
    states: Counter[str] = Counter()
    troubles: list[str] = []
    loaded = Encoders(encoders)
    for row in fetch(conn, items.collections()):
        step()
        with _noting(troubles):
            (standing,) = renewal.standings(conn, row.collection)
            found = renewal.renew(conn, standing, loaded, on_step=lambda *_progress: step())
            states[found.state] += 1
    _raise_failures(troubles)
    return dict(states)


def backup(conn: Conn, _encoders: EncoderSettings, step: Step) -> Counts:
    """Back up the database to the target of the settings."""
    settings = read(BackupSettings)
    store = open_store(target_of(settings.backup_target, read(DbSettings)))
    keep = settings.backup_keep
    made = create(connect.url_of(conn), store, keep=keep, on_step=lambda *_progress: step())
    return {"items": made.items, "bytes": made.total_bytes}


def rebuild_banks(conn: Conn, encoders: EncoderSettings, step: Step) -> Counts:
    """Rebuild memory banks whose registered normal pictures have changed."""
    report = banks.rebuild(conn, encoders, lambda *_progress: step())
    return {"looked": report.looked, "rebuilt": report.rebuilt, "failed": report.failed}


def measure_drift(conn: Conn, _encoders: EncoderSettings, _step: Step) -> Counts:
    """Measure whether the scores of inspected pictures drift; alarms are events and in `seogo doctor`."""
    found = fetch(conn, statistics.measure_drift())
    return {
        "banks": len({(one.product, one.view) for one in found}),
        "alarms": len({(one.product, one.view) for one in found if one.alarm}),
    }


def forget_analyses(conn: Conn, _encoders: EncoderSettings, _step: Step) -> Counts:
    """Delete analyses older than `SEOGO_ANALYSIS_DAYS`, if it is set."""
    if (days := read(AnalysisSettings).analysis_days) is None:
        return {"deleted": 0}
    return {"deleted": fetch(conn, products.forget_analyses(older_than=timedelta(days=days)))[0].n}


def forget_events(conn: Conn, _encoders: EncoderSettings, _step: Step) -> Counts:
    """Delete events older than `SEOGO_EVENT_DAYS` that wait for no webhook."""
    older_than = timedelta(days=read(EventSettings).event_days)
    return {"deleted": fetch(conn, webhooks.forget_events(older_than=older_than))[0].n}


def calibrate_spaces(conn: Conn, encoders: EncoderSettings, step: Step) -> Counts:
    """Calibrate spaces that never were, or whose collections have changed much in size."""
    report = calibrate.run(conn, encoders, on_step=lambda *_progress: step())
    _raise_failures([f"{c}, {s}: {why}" for (c, s), why in report.failed.items()])
    return {"calibrated": len(report.thresholds), "too_few": len(report.too_few)}


def judge_quality(conn: Conn, encoders: EncoderSettings, step: Step) -> Counts:
    """Find contradictions in collections with pictures; a run that broke off is gone on with."""
    return quality.judge_pictured(conn, encoders, lambda _judged: step())


def propose_synonyms(conn: Conn, encoders: EncoderSettings, step: Step) -> Counts:
    """Propose synonyms of every collection from its vectors and its query log; a person decides."""
    counts: Counter[str] = Counter()
    troubles: list[str] = []
    loaded = Encoders(encoders)
    for row in fetch(conn, items.collections()):
        step()
        with _noting(troubles):
            counts["proposed"] += proposals.propose(conn, row.collection, loaded)
            counts["collections"] += 1
    _raise_failures(troubles)
    return dict(counts)


def try_profiles(conn: Conn, encoders: EncoderSettings, step: Step) -> Counts:
    """Hold the trials of profiles that people asked for."""
    return trials.hold_waiting(conn, encoders, lambda *_progress: step())


def propose_improvements(conn: Conn, encoders: EncoderSettings, step: Step) -> Counts:
    """Propose queries to judge, and fusions by clicks, of every collection."""
    accept = read(LoopSettings).accept_profiles
    counts: Counter[str] = Counter()
    troubles: list[str] = []
    for row in fetch(conn, items.collections()):
        step()
        with _noting(troubles):
            found = loop.improve(
                conn, encoders, row.collection, accept=accept, on_query=lambda *_progress: step()
            )
            counts.update(found)
    _raise_failures(troubles)
    return dict(counts)


TASKS: tuple[Task, ...] = (
    Task("embed_stale", "queue items whose vectors do not fit their content", embed_stale),
    Task("merge_postings", "keep the lexical indexes compact", merge_postings),
    Task("measure_recall", "compare the vector indexes with exact search", measure_recall),
    Task("nightly_evaluation", "ask all judged queries", nightly_evaluation),
    Task("self_tuning", "learn fusions where nobody judged", self_tuning),
    Task("backup", "back the database up", backup),
    Task("rebuild_banks", "build memory banks anew whose pictures changed", rebuild_banks),
    Task("measure_drift", "measure whether scores of inspected pictures drift", measure_drift),
    Task("forget_analyses", "delete old analyses, if SEOGO_ANALYSIS_DAYS says so", forget_analyses),
    Task("forget_events", "delete events older than SEOGO_EVENT_DAYS", forget_events),
    Task("calibrate_spaces", "measure how near chance brings an item", calibrate_spaces),
    Task("judge_quality", "find what contradicts itself in pictures and fields", judge_quality),
    Task("propose_synonyms", "propose synonyms for a person to accept", propose_synonyms),
    Task("try_profiles", "compare saved profiles with the fusion in use, as asked", try_profiles),
    Task(
        "propose_improvements",
        "propose queries to judge and fusions by clicks",
        propose_improvements,
    ),
)


def get_task(name: str) -> Task:
    """Get a task by name.

    Raises:
        JobError: no such task; the hint lists the known ones.
    """
    for task in TASKS:
        if task.name == name:
            return task
    raise JobError(f"unknown task: {name}", f"tasks are {', '.join(t.name for t in TASKS)}")
