"""`seogo legal`: statutes, administrative rules and court decisions of law.go.kr."""

from __future__ import annotations

import tempfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer
from rich.box import SIMPLE
from rich.markup import escape
from rich.table import Table

from db.settings import read
from encoders.settings import EncoderSettings
from jobs.cli.console import database, err, out, progress
from jobs.cli.evaluation import tune as tuning
from jobs.cli.items import article
from jobs.cli.items.ingest import load
from jobs.cli.outputs import writable_file, writable_folder
from jobs.cli.values import finite
from jobs.legal import citing, fetching, quality, tuned
from jobs.legal import load as loading
from jobs.legal import relate as relating
from jobs.legal.settings import LawSettings

if TYPE_CHECKING:
    import psycopg
    from rich.progress import Progress

    from jobs.legal.quality import QualityReport

app = typer.Typer(
    no_args_is_help=True,
    help="Korean law: files of law.go.kr as passages, found by words, meaning and citation.\n\n"
    "seogo legal report laws/;  seogo legal import laws/ rules/ --collection legal",
)
app.command()(article.show)
Paths = Annotated[
    list[Path],
    typer.Argument(
        exists=True,
        help="JSON of lawService.do (법령, AdmRulService, PrecService), JSONL of passages, or folders.",
    ),
]
SplitFrom = Annotated[
    int,
    typer.Option(min=0, help="Articles of so many characters: a passage per paragraph. 0: never."),
]
SHOWN = 20


def target_in(value: str) -> str:
    """Refuse kinds of documents that the law API has none of."""
    if value not in fetching.SHAPES:
        raise typer.BadParameter(f"{value}: one of {', '.join(fetching.SHAPES)}")
    return value


@app.command("import")
def import_(
    paths: Paths,
    collection: Annotated[str, typer.Option("--collection", "-c", help="Where they go.")],
    split_from: SplitFrom = 0,
    keep: Annotated[
        Path | None,
        typer.Option(
            "--out", callback=writable_file, help="Also keep the passages in this JSONL file."
        ),
    ] = None,
    load_only: Annotated[
        bool, typer.Option("--load-only", help="Leave encoding to `seogo embed`.")
    ] = False,
) -> None:
    """Turn files into passages and load them; deleted articles are left out, the same id is an update.

    What cannot be read is named with its file and reason, and the rest goes on; the exit status is
    then 1.
    """
    found = _load(paths, split_from)
    _show(quality.report(found.passages, found.deleted))
    with tempfile.TemporaryDirectory() as scratch:
        file = keep or Path(scratch) / "passages.jsonl"
        loading.write(file, found.passages)
        again = "mend the files and import them again: the same id is an update"
        load(file, collection, "legal", load_only=load_only, again=None if keep else again)
    with database() as conn, progress() as bar:
        out.print(f"{_read_citations(conn, bar, collection):,} citations between them")
    if found.errors:
        raise typer.Exit(1)


@app.command()
def report(paths: Paths, split_from: SplitFrom = 0) -> None:
    """Say what is in the files, and what stands out, without loading them."""
    found = _load(paths, split_from)
    _show(quality.report(found.passages, found.deleted))
    if found.errors:
        raise typer.Exit(1)


@app.command()
def fetch(
    into: Annotated[Path, typer.Argument(callback=writable_folder, help="Folder of the files.")],
    query: Annotated[
        list[str],
        typer.Option("--query", "-q", help="Words of names, or of decisions; repeatable."),
    ],
    target: Annotated[
        str, typer.Option(callback=target_in, help="law: statutes; admrul: rules; prec: decisions.")
    ] = "law",
    most: Annotated[int | None, typer.Option(min=1, help="So many are fetched at most.")] = None,
    pause: Annotated[
        float, typer.Option(min=0.2, max=60, callback=finite, help="Seconds between two requests.")
    ] = 1.0,
) -> None:
    """Fetch documents of the public law API (law.go.kr), those that changed since the last time.

    The key of open.law.go.kr is in SEOGO_LAW_KEY. Nothing else of Seogo needs the network. For example:
    seogo legal fetch files/ -q 민법 -q 상법;  seogo legal import files/ -c legal
    """
    settings = read(LawSettings)
    failed: dict[str, str] = {}
    with progress() as bar:
        for words in query:
            found = fetching.fetch_documents(
                settings, cast("fetching.Target", target), words, into, pause_s=pause, most=most,
                on_document=tuning.task_progress(bar, words),
            )  # fmt: skip
            failed |= found.failed
            told = (
                f"{found.listed:,} listed, {found.fetched:,} fetched, {found.unchanged:,} unchanged"
            )
            out.print(f"{words}: {told}", markup=False, highlight=False)
    for name, why in failed.items():
        err.print(f"not given: {name}: {why}", markup=False, highlight=False)
    if failed:
        raise typer.Exit(1)


@app.command()
def relate(
    collection: Annotated[str, typer.Option("--collection", "-c", help="Articles and decisions.")],
    query_set: Annotated[
        str | None,
        typer.Option("--set", help="Judged queries that count as decisions on what they look for."),
    ] = None,
    not_in: Annotated[
        list[str] | None,
        typer.Option("--not-in", help="Query set whose queries are kept out, repeatable."),
    ] = None,
    most: Annotated[int, typer.Option(min=1, help="Points at issue per article.")] = 300,
    tune: Annotated[
        bool,
        typer.Option(help="Ask some decisions first, and learn by them how the legs count."),
    ] = True,
    fraction: Annotated[
        float,
        typer.Option(
            min=0.01, max=0.5, help="Of the decisions that are asked; as `pairs make --fraction`."
        ),
    ] = tuned.FRACTION,
) -> None:
    """Tell each article what the decisions citing it were about; its words then find it too.

    Fills the field decisions of the articles anew. Again after decisions were imported. Some decisions are
    asked before they count, to learn the weights of the legs and of BM25; what is not shown to be better
    stays out. Keep the queries that you measure by out of it:  seogo legal relate -c legal --not-in legal-dev
    An encoder trained on pairs of these decisions has not seen those asked if as many were held out:
    seogo pairs make --fraction 0.15
    """
    with database() as conn, progress() as bar:
        task = bar.add_task("articles", total=None)

        def show_step(what: str, done: int, of: int) -> None:
            bar.update(task, description=escape(what), completed=done, total=of or None)

        points = relating.read_points(conn, collection, query_set=query_set, not_in=not_in or ())
        if tune:
            settings = read(EncoderSettings)
            found = tuned.relate_tuned(
                conn,
                collection,
                points,
                settings,
                most=most,
                fraction=fraction,
                on_step=show_step,
            )
        else:
            on_articles = partial(show_step, "articles")
            related = relating.relate(conn, collection, points, most=most, on_articles=on_articles)
            found = tuned.Tuned(related)
    _show_relating(found)


def _show_relating(found: tuned.Tuned) -> None:
    told = found.related
    out.print(
        f"{told.issues:,} points at issue tell of {told.articles:,} articles, {told.changed:,} of them"
        f" changed; {told.kept_out:,} were kept out"
    )
    if found.untuned:
        out.print(f"nothing was tuned: {found.untuned}")
    if found.asked:
        out.print(f"{found.asked:,} points at issue were asked before they counted")
    for fusion in found.fusions:
        tuning.show(fusion, dry_run=False)
    if found.lexical is not None:
        tuning.show_lexical(found.lexical, dry_run=False, built=True)


@app.command()
def graph(
    collection: Annotated[str, typer.Option("--collection", "-c", help="Articles and decisions.")],
) -> None:
    """Read anew which article cites which; `legal import` does it by itself.

    Then in SQL:  SELECT * FROM search.citation_graph WHERE collection = 'legal';  on the page of an item; and
    seogo legal show LAW_001706_750 -c legal
    """
    with database() as conn, progress() as bar:
        out.print(f"{_read_citations(conn, bar, collection):,} citations")


def _read_citations(conn: psycopg.Connection[Any], bar: Progress, collection: str) -> int:
    task = bar.add_task("citations", total=None)
    return citing.read(conn, collection, lambda n: bar.update(task, completed=n))


def _load(paths: list[Path], split_from: int) -> loading.LoadedPassages:
    with progress() as bar:
        task = bar.add_task("files", total=None)
        found = loading.load(
            paths, split_from=split_from, on_file=lambda n: bar.update(task, completed=n)
        )
    for error in found.errors[:SHOWN]:
        err.print(error, markup=False, highlight=False)
    if len(found.errors) > SHOWN:
        err.print(f"… and {len(found.errors) - SHOWN:,} more")
    if found.unused:
        told = ", ".join(f"{key} ({n:,} passages)" for key, n in found.unused.items())
        err.print(f"keys that a passage has no place for: {told}", markup=False, highlight=False)
    return found


def _show(found: QualityReport) -> None:
    table = Table(f"{found.passages:,} passages of {found.documents:,} documents", "", box=SIMPLE)
    table.add_row("kinds", ", ".join(f"{name} {n:,}" for name, n in found.kinds.items()) or "-")
    shares = (
        f"{100 * q:g} %: {n:,.0f}" for q, n in zip(quality.QUANTILES, found.quantiles, strict=False)
    )
    table.add_row("characters", ", ".join(shares) or "-")
    for name in ("repeated_ids", "repeated_texts", "short", "long"):
        ids = getattr(found, name)
        told = f"{len(ids):,}" + (
            f": {', '.join(ids[:3])}" + (" …" if len(ids) > 3 else "") if ids else ""
        )
        table.add_row(name.replace("_", " "), told)
    for name in ("undated", "untitled", "deleted"):
        table.add_row(name, f"{getattr(found, name):,}")
    out.print(table)
