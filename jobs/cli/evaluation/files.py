"""The commands of `seogo eval` that read and write files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from rich.markup import escape

from db.calls.query import fetch
from db.evaluation import evals, query_sets
from db.items.items import create_collection
from db.items.rows import NewCollection
from jobs.cli.console import database, err, out, progress
from jobs.cli.items.ingest import show_outcome
from jobs.cli.outputs import writable_file, writable_folder
from jobs.cli.values import MOST_ID
from jobs.errors import JobError
from jobs.evaluation import formats, load
from jobs.ingest import source
from jobs.recipes import beir as beir_recipe

if TYPE_CHECKING:
    import psycopg

    from db.evaluation.rows import Finished, Judgment

SHOWN = 5
SOURCE_HELP = "Which judgments, where the set has several."
File = Annotated[Path | None, typer.Option(exists=True, dir_okay=False, readable=True)]


def import_(
    name: Annotated[str, typer.Argument(help="Of the query set; made where it is missing.")],
    queries: File = None,
    qrels: File = None,
    corpus: File = None,
    beir: Annotated[
        Path | None,
        typer.Option(exists=True, file_okay=False, help="A BEIR folder, instead of three files."),
    ] = None,
    split: Annotated[str, typer.Option(help="Which qrels of the BEIR folder.")] = "test",
    collection: Annotated[
        str | None, typer.Option("--collection", "-c", help="Where the corpus goes.")
    ] = None,
    analyzer: Annotated[
        Literal["simple", "english", "korean", "korean_syllables"],
        typer.Option(help="Of a new collection."),
    ] = "korean",
    by_item: Annotated[bool, typer.Option(help="The judged queries are items themselves.")] = False,
    source: Annotated[str, typer.Option(help="Name of these judgments.")] = "qrels",
    judge: Annotated[str | None, typer.Option(help="Who judged: a person, a model.")] = None,
    about: Annotated[str, typer.Option(help="A line about the set.")] = "",
) -> None:
    """Import queries and judgments: TREC or BEIR files, JSON lines, or a whole BEIR folder.

    Queries: JSON lines {"id", "text", "item", "picture", "categories"} or id<TAB>text. Judgments (qrels):
    `query 0 item grade`, items by their external_id. Those that the source had before are replaced.
    A corpus, JSON lines {"_id", "title", "text"}, is only read if a collection is named for it.
    """
    if beir is not None:
        found = formats.beir(beir, split)
        corpus, queries, qrels = found.corpus, found.queries, found.qrels
    if queries is None and qrels is None:
        raise JobError("nothing to import", "give --queries, --qrels or --beir")
    judgments = [] if qrels is None else formats.read_qrels(qrels)
    records = _records(queries, judgments, by_item=by_item, judged_only=beir is not None)
    refused = 0
    with database() as conn:
        if corpus is not None and collection is not None:
            refused = _corpus(conn, corpus, collection, analyzer)
        if by_item:
            given = load.by_item(judgments)
        else:
            given = load.stored_queries(conn, records, queries.parent if queries else Path())
        done = load.import_set(
            conn, name, given, judgments, source=source, judge=judge, about=about
        )
        strangers = load.unknown_items(conn, (judgment.external_id for judgment in judgments))
        _warn_unknown_items("judged items that no collection has", strangers)
    out.print(
        f"{name}: {done.inserted:,} queries new, {done.updated:,} changed,"
        f" {done.judgments:,} judgments from {escape(source)}"
    )
    if done.others:
        out.print(f"{done.others:,} other queries of the set are kept; they are asked as well")
    if refused:
        raise typer.Exit(1)


def import_run(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A TREC run.")],
    query_set: Annotated[str, typer.Option("--set", help="The query set it answers.")],
    collection: Annotated[str, typer.Option("--collection", "-c", help="What was searched.")],
    label: Annotated[str, typer.Option(help="How it is called in lists.")] = "",
    k: Annotated[
        int | None,
        typer.Option(
            "--k",
            min=1,
            max=10_000,
            help="How deep measures without a depth look, such as AP. Default: all its answers.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Keep the answers of another system, all of them, to measure and compare them like our own."""
    with database() as conn, progress() as bar:
        task = bar.add_task("import run", total=None)
        run_id, finished = load.import_run(
            conn,
            file,
            query_set=query_set,
            collection=collection,
            label=label or file.stem,
            k=k,
            on_query=lambda n: bar.advance(task, n),
            on_strangers=lambda ids: _warn_unknown_items(
                f"items of the run that {collection} has not", ids
            ),
        )
    out.print(f"run {run_id}: {format_finished(finished)}")


def export(
    query_set: Annotated[str, typer.Argument(metavar="SET", help="A query set.")],
    qrels: Annotated[
        Path | None, typer.Option(callback=writable_file, help="Write its judgments, as TREC does.")
    ] = None,
    queries: Annotated[
        Path | None, typer.Option(callback=writable_file, help="Write its queries, as JSON lines.")
    ] = None,
    beir: Annotated[
        Path | None, typer.Option(callback=writable_folder, help="Write a BEIR folder.")
    ] = None,
    run_id: Annotated[
        int | None, typer.Option("--run", min=1, max=MOST_ID, help="A run, written to --trec.")
    ] = None,
    trec: Annotated[
        Path | None, typer.Option(callback=writable_file, help="Where the run goes.")
    ] = None,
    split: Annotated[str, typer.Option(help="Name of the judgments in the BEIR folder.")] = "test",
    collection: Annotated[
        str | None, typer.Option("--collection", "-c", help="Write it as the BEIR corpus.")
    ] = None,
    source: Annotated[str | None, typer.Option(help=SOURCE_HELP)] = None,
) -> None:
    """Write queries, judgments and runs for other tools: TREC files, or a BEIR folder."""
    if (run_id is None) != (trec is None):
        raise JobError("a run is written with --run RUN --trec FILE")
    with database() as conn:
        if beir is not None:
            _export_beir(conn, beir, query_set, split, source, collection)
        if queries is not None:
            formats.write_queries(queries, fetch(conn, query_sets.queries(query_set=query_set)))
        if qrels is not None:
            ask = query_sets.judgments(query_set=query_set, source=source)
            formats.write_qrels(qrels, fetch(conn, ask))
        if run_id is not None and trec is not None:
            label = fetch(conn, evals.run(run_id=run_id))[0].label
            formats.write_run(trec, fetch(conn, query_sets.rankings(run_id=run_id)), label)


def format_finished(finished: Finished) -> str:
    """Format how many queries were asked."""
    missing = finished.queries - finished.answered
    words = f"{finished.answered:,} of {finished.queries:,} queries asked"
    words += f", {finished.failed:,} without an answer" if finished.failed else ""
    return words + (f"; {missing:,} count as nothing found" if missing else "")


def _export_beir(
    conn: psycopg.Connection[Any],
    folder: Path,
    query_set: str,
    split: str,
    source: str | None,
    collection: str | None,
) -> None:
    (folder / "qrels").mkdir(parents=True, exist_ok=True)
    judgments = fetch(conn, query_sets.judgments(query_set=query_set, source=source))
    formats.write_qrels(folder / "qrels" / f"{split}.tsv", judgments, heading=True)
    queries = fetch(conn, query_sets.queries(query_set=query_set))
    formats.write_queries(folder / "queries.jsonl", queries)
    if collection is not None:
        documents = fetch(conn, query_sets.corpus(collection=collection))
        formats.write_corpus(folder / "corpus.jsonl", documents)


def _records(
    path: Path | None, judgments: list[Judgment], *, by_item: bool, judged_only: bool
) -> list[formats.QueryRecord]:
    if path is None or by_item:
        return []
    judged = {judgment.query for judgment in judgments}
    return [r for r in formats.read_queries(path) if r.id in judged or not judged_only]


def _warn_unknown_items(what: str, ids: list[str]) -> None:
    """Warn of items in a file that the collection does not have; they count as not found."""
    if ids:
        format_finished = f"{what}: {len(ids):,}, such as {', '.join(ids[:SHOWN])}"
        err.print(format_finished, markup=False, highlight=False, soft_wrap=True)


def _corpus(
    conn: psycopg.Connection[Any],
    path: Path,
    collection: str,
    analyzer: Literal["simple", "english", "korean", "korean_syllables"],
) -> int:
    """Import a corpus; returns how many documents were refused."""
    source.IngestSource(path, path.parent).check(beir_recipe.RECIPE)
    sources = {"text": {"item": ["title", "text"]}}
    settings = NewCollection(analyzer=analyzer, vector_sources=sources)
    fetch(conn, create_collection(name=collection, settings=settings))
    with progress() as bar:
        task = bar.add_task(f"corpus {escape(collection)}", total=None)
        attempt = load.import_corpus(
            conn, path, collection, lambda line: bar.update(task, completed=line)
        )
    return show_outcome(conn, attempt)
