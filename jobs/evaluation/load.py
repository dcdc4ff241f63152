"""Import of query sets, judgments, corpora and runs of other systems."""

from __future__ import annotations

import threading
from itertools import islice
from typing import TYPE_CHECKING, TypeVar

import msgspec

from db.calls.query import fetch
from db.evaluation import evals, query_sets
from db.evaluation.rows import QueryIn
from db.operations import runs
from db.operations.readings import store_picture
from encoders.errors import EncoderError
from jobs.evaluation.formats import BadFile, read_run
from jobs.ingest import attempts, source
from jobs.ingest.media import decode_picture
from jobs.recipes import registry as recipes
from jobs.types import Conn, OnCount, silent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from db.evaluation.rows import Finished, Judgment
    from jobs.evaluation.formats import QueryRecord

T = TypeVar("T")

BATCH = 5000
# A run cannot be deeper (eval.start_run).
DEEPEST = 10_000


class ImportReport(msgspec.Struct, frozen=True, kw_only=True):
    """Counts of an import; `others`: queries of the set that the files do not have."""

    inserted: int
    updated: int
    others: int
    judgments: int


def import_set(
    conn: Conn,
    name: str,
    queries: Sequence[QueryIn],
    judgments: Sequence[Judgment],
    *,
    source: str,
    judge: str | None = None,
    about: str = "",
) -> ImportReport:
    """Write queries, and judgments in place of the source's; all or nothing.

    Without queries the set keeps its own; without judgments, all of its judgments. An empty `about` keeps
    the one that is there.

    Raises:
        BadFile: a judged query is neither given nor in the set.
    """
    with conn.transaction():
        set_id = fetch(conn, query_sets.put_set(name=name, about=about))[0].id
        written = fetch(conn, query_sets.put_queries(set_id=set_id, queries=queries))[0]
        known = {query.external_id for query in fetch(conn, query_sets.queries(query_set=name))}
        _check_known(name, known, judgments)
        if judgments:
            fetch(conn, query_sets.drop_judgments(set_id=set_id, source=source))
        for batch in _chunks(judgments, BATCH):
            put = query_sets.put_judgments(
                set_id=set_id, source=source, judge=judge, judgments=batch
            )
            fetch(conn, put)
    return ImportReport(
        inserted=written.inserted,
        updated=written.updated,
        others=len(known - {query.external_id for query in queries}) if queries else 0,
        judgments=len(judgments),
    )


def stored_queries(conn: Conn, records: Sequence[QueryRecord], folder: Path) -> list[QueryIn]:
    """Convert queries; their pictures, named by paths from the folder, are stored first.

    Raises:
        BadFile: a picture cannot be read.
    """
    return [
        QueryIn(
            external_id=record.id,
            text=record.text,
            item=record.item,
            picture_id=_stored_picture(conn, record, folder),
            categories=record.categories,
        )
        for record in records
    ]


def by_item(judgments: Sequence[Judgment]) -> list[QueryIn]:
    """Queries by item: each judged query is the item of that name."""
    names = dict.fromkeys(judgment.query for judgment in judgments)
    return [QueryIn(external_id=name, item=name) for name in names]


def import_corpus(
    conn: Conn, path: Path, collection: str, on_line: OnCount = silent
) -> attempts.IngestAttempt:
    """Ingest the documents of a BEIR corpus, as `seogo ingest --recipe beir` does.

    Returns:
        The ingest that was done; its run has the counts and what was refused.

    Raises:
        InputUnusable: the file cannot be read.
        UnknownName: no such collection.
    """
    given = source.IngestSource(path, path.parent)
    given.check(recipes.get("beir"))
    attempt = attempts.begin(conn, given, collection=collection, recipe="beir", allow_urls=False)
    try:
        attempt.run(conn, on_line=on_line, stop=threading.Event())
    except BaseException as exc:
        fetch(conn, runs.finish(run_id=attempt.run_id, state="failed", error=str(exc)))
        raise
    fetch(conn, runs.finish(run_id=attempt.run_id, state="done"))
    return attempt


def unknown_items(conn: Conn, ids: Iterable[str], collection: str | None = None) -> list[str]:
    """Items of no collection, or not of the one named, in the order given."""
    given = list(dict.fromkeys(ids))
    ask = query_sets.unknown_items(external_ids=given, collection=collection)
    return [row.external_id for row in fetch(conn, ask)]


def import_run(
    conn: Conn,
    path: Path,
    *,
    query_set: str,
    collection: str,
    label: str,
    k: int | None = None,
    on_query: OnCount = silent,
    on_strangers: Callable[[list[str]], None] = silent,
) -> tuple[int, Finished]:
    """Import a TREC run of another system; returns the new run's id and its counts.

    All answers are kept. k: how many of them measures without a depth look at; None: at all.
    `on_strangers` is told which of its items, if any, the collection has not.

    Raises:
        BadFile: a line is invalid, or a query is not in the set.
    """
    rankings = read_run(path)
    known = {query.external_id for query in fetch(conn, query_sets.queries(query_set=query_set))}
    if unknown := sorted(set(rankings) - known):
        raise BadFile(
            f"{path}: query {unknown[0]} is not in the set {query_set}",
            f"give the queries of the set first: seogo eval import {query_set} --queries FILE",
        )
    answers = (item for scores in rankings.values() for item in scores)
    if strangers := unknown_items(conn, answers, collection):
        on_strangers(strangers)
    with conn.transaction():
        start = evals.start_run(
            collection=collection,
            query_set=query_set,
            legs=[],
            k=k or min(DEEPEST, max(map(len, rankings.values()), default=1)),
            label=label,
        )
        run_id = fetch(conn, start)[0].run_id
        for query, scores in rankings.items():
            store = evals.store_ranking(
                run_id=run_id, query=query, external_ids=list(scores), scores=list(scores.values())
            )
            fetch(conn, store)
            on_query(1)
        return run_id, fetch(conn, evals.finish_run(run_id=run_id))[0]


def _chunks(things: Iterable[T], size: int) -> Iterator[list[T]]:
    rest = iter(things)
    while chunk := list(islice(rest, size)):
        yield chunk


def _check_known(name: str, known: set[str], judgments: Sequence[Judgment]) -> None:
    unknown = sorted({judgment.query for judgment in judgments} - known)
    if unknown:
        raise BadFile(
            f"{len(unknown)} judged queries are not in the set {name}, such as {unknown[0]}",
            "give their texts (--queries), or --by-item where queries are items",
        )


def _stored_picture(conn: Conn, record: QueryRecord, folder: Path) -> int | None:
    if record.picture is None:
        return None
    path = folder / record.picture
    try:
        picture = decode_picture(path.read_bytes())
    except (EncoderError, OSError) as exc:
        raise BadFile(f"query {record.id}: {path}: {exc}") from exc
    return fetch(conn, store_picture(picture))[0].id
