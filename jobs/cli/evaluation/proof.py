"""The commands of `seogo eval` that prove an answer: samples, errors, legs beside each other."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from rich.box import SIMPLE
from rich.markup import escape
from rich.table import Table

from db.calls.query import fetch
from db.errors import BadRequest
from db.evaluation import evals, proof
from jobs.cli.console import database, out
from jobs.cli.evaluation.files import SOURCE_HELP
from jobs.cli.outputs import writable_file
from jobs.cli.values import MOST_ID
from jobs.errors import JobError
from jobs.evaluation import errorlog
from jobs.evaluation.texts import TEXTS, VERDICTS

if TYPE_CHECKING:
    from db.evaluation.proof import Complementarity, LegPair, SampledQuery, SampleStored
    from jobs.types import Conn

Version = Literal["all", "by-category", "no-nameplate"]
VERSIONS: tuple[Version, ...] = ("all", "by-category", "no-nameplate")
SHOWN = 20
RunId = Annotated[int, typer.Argument(metavar="RUN", min=1, max=MOST_ID, help="A run.")]
Depth = Annotated[int, typer.Option("--k", min=1, max=10_000, help="Hits that count as found.")]
SourceOption = Annotated[str | None, typer.Option(help=SOURCE_HELP)]


def sample(
    name: Annotated[str, typer.Argument(help="Of the query set that is made.")],
    collection: Annotated[
        str | None, typer.Option("--collection", "-c", help="What queries are made from.")
    ] = None,
    n: Annotated[int, typer.Option("-n", min=1, max=10_000, help="Queries at most.")] = 300,
    by: Annotated[
        str | None, typer.Option(help="A key of the metadata, such as category or maker.country.")
    ] = None,
    version: Annotated[
        Version,
        typer.Option(
            help="all: items as they come; by-category: as many of each value of --by; no-nameplate: items"
            " with pictures of which none shows a nameplate."
        ),
    ] = "all",
    versions: Annotated[
        bool, typer.Option("--versions", help="All three, as NAME-all, NAME-by-category, …")
    ] = False,
    seed: Annotated[
        int, typer.Option(min=0, max=10**9, help="Other items are drawn by another.")
    ] = 1,
    filter: Annotated[str | None, typer.Option(help="On metadata: only such items.")] = None,
    fields: Annotated[str | None, typer.Option(help="Only words of these fields: a,b.")] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Where the set is there and comes out otherwise.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show the first queries; keep nothing.")
    ] = False,
) -> None:
    """Make known-item queries from a collection: titles, numbers, sentences, some of their words.

    The item that a query was made from is its right answer (judgments of the source known-item), so a set
    costs nobody's time. It tells what is broken, unread or lost, not how people ask: words of an item find it
    easily. The recipe is kept: the same command, or only the name, makes the set again and says whether it
    came out the same.

    seogo eval sample parts-q -c parts --by category -n 300;  seogo eval sample parts-q
    """
    if versions and (by is None or collection is None):
        raise JobError("--versions takes --collection and --by", "such as -c parts --by category")
    given: dict[str, Any] = {"n": n, "by": by, "seed": seed, "filter": filter}
    given |= {"collection": collection, "fields": fields.split(",") if fields else None}
    with database() as conn:
        if dry_run:
            ask = proof.sampled_queries(recipe=given | {"version": version})
            return _shown(fetch(conn, ask))
        if versions:
            made = [
                _made(conn, f"{name}-{one}", given | {"version": one}, replace) for one in VERSIONS
            ]
        else:
            recipe = None if collection is None else given | {"version": version}
            made = [_written(conn, name, recipe, replace)]
    if not all(made):
        raise typer.Exit(1)


def _shown(queries: list[SampledQuery]) -> None:
    table = Table("query", "text", "categories", box=SIMPLE)
    for query in queries[:SHOWN]:
        table.add_row(*map(escape, (query.query, query.text, ", ".join(query.categories))))
    out.print(table)
    out.print(f"{len(queries):,} queries; nothing is kept")


def errors(
    run_id: RunId,
    csv: Annotated[
        Path | None, typer.Option(callback=writable_file, help="Write them all to this file.")
    ] = None,
    source: SourceOption = None,
    k: Depth = 10,
    most: Annotated[int, typer.Option(min=1, max=100_000, help="Queries at most.")] = 1000,
) -> None:
    """Say which module lost what: OCR, captions, vectors, a leg, the fusion, the reranker, the filter.

    One row for each query of which a relevant item is not among the first hits, with the rank that every leg
    gave that item. The CSV opens in a spreadsheet; its columns module and cause say who lost it.

    seogo eval errors 7 --csv errors.csv
    """
    with database() as conn:
        run = fetch(conn, evals.run(run_id=run_id))[0]
        ask = proof.error_log(run_id=run_id, source=source, k=k, most_n=most)
        rows = fetch(conn, ask)
        if csv is not None:
            errorlog.write(conn, csv, rows, run.collection)
    table = Table("module", "cause", box=SIMPLE)
    table.add_column("queries", justify="right")
    for verdict, count in Counter(row.verdict for row in rows).most_common():
        table.add_row(verdict, TEXTS[VERDICTS.get(verdict, verdict)][0], f"{count:,}")
    total = rows[0].total if rows else 0
    out.print(f"run {run_id}: {total:,} queries lost a relevant item (first {k})")
    if rows:
        out.print(table)
    if total > len(rows):
        out.print(f"only {len(rows):,} of them are told: --most {total}")
    if csv is not None:
        out.print(f"{csv}: {len(rows):,} rows", markup=False, highlight=False)


def legs(run_id: RunId, source: SourceOption = None, k: Depth = 10) -> None:
    """Put the legs of a run beside each other: what two both find, one alone, none; the oracle of all.

    The oracle has every relevant item that any leg has among its first hits: no fusion of these legs finds
    more there. Where one leg is hardly ever alone, it may go; where none has them, another leg is wanted.

    seogo eval legs 7
    """
    about: dict[str, Any] = {"run_id": run_id, "source": source, "k": k}
    with database() as conn:
        pairs = fetch(conn, proof.leg_overlap(**about))
        whole = fetch(conn, proof.complementarity(**about))[0]
        alone = {row.leg: row.alone for row in fetch(conn, evals.leg_table(**about))}
    if not pairs:
        raise JobError(f"run {run_id} has no legs", "runs of other systems have none")
    out.print(f"relevant items among the first {k}: both legs have (share of what either has)")
    out.print(_overlaps(pairs, alone))
    _summary(whole)


def _overlaps(pairs: list[LegPair], alone: dict[str, int]) -> Table:
    names = list(dict.fromkeys(row.leg for row in pairs))
    table = Table("", box=SIMPLE)
    for name in (*names, "alone"):
        table.add_column(escape(name), justify="right")
    cells = {(row.leg, row.other): row for row in pairs}
    for leg in names:
        told = [
            f"{row.found:,}" if leg == other else f"{row.shared:,} ({row.jaccard or 0:.2f})"
            for other in names
            for row in [cells[leg, other]]
        ]
        table.add_row(escape(leg), *told, f"{alone.get(leg, 0):,}")
    return table


def _summary(whole: Complementarity) -> None:
    table = Table("", box=SIMPLE, show_header=False)
    table.add_column(justify="right")
    table.add_column(justify="right")
    rows = (
        ("relevant items", whole.pairs, None),
        ("the answer has", whole.found, whole.recall),
        ("any leg has (oracle)", whole.oracle, whole.oracle_recall),
        ("several legs have", whole.several, None),
        ("one leg alone has", whole.alone, None),
        ("no leg has", whole.nowhere, None),
        ("a leg has, the answer has not", whole.missed, None),
        ("the answer has, no leg among its first", whole.lifted, None),
    )
    for label, count, recall in rows:
        told = "" if recall is None else f"recall {recall:.4f}"
        table.add_row(label, f"{count:,}", told)
    if whole.best_leg is not None:
        table.add_row(f"best leg: {escape(whole.best_leg)}", "", f"recall {whole.best_recall:.4f}")
    out.print(table)


def _made(conn: Conn, query_set: str, recipe: dict[str, Any], replace: bool) -> bool:
    """One of several versions: what cannot be made is told, and the others go on."""
    try:
        return _written(conn, query_set, recipe, replace)
    except BadRequest as exc:
        hint = f" ({exc.hint})" if exc.hint else ""
        out.print(f"{query_set}: not made: {exc}{hint}", markup=False, highlight=False)
        return False


def _written(conn: Conn, query_set: str, recipe: dict[str, Any] | None, replace: bool) -> bool:
    """Store a sample and print what became of it; whether the set is as the recipe says."""
    put = proof.store_sample(query_set=query_set, recipe=recipe, replace=replace)
    return _told(query_set, fetch(conn, put)[0], replace=replace)


def _told(query_set: str, stored: SampleStored, *, replace: bool) -> bool:
    words = f"{stored.queries:,} queries"
    words += f" over {stored.strata:,} values" if stored.strata else ""
    words += f", {stored.short:,} fewer than asked for" if stored.short else ""
    state = {None: "made", True: "the same as before", False: "replaced"}[stored.as_before]
    if stored.as_before is False and not replace:
        out.print(
            f"{query_set}: not written: its recipe gives other queries now, for the collection or the program"
            " has changed; --replace takes them, and old runs lose their answers",
            soft_wrap=True,
        )
        return False
    out.print(f"{query_set}: {words}, {state} (digest {stored.digest[:12]})", highlight=False)
    return True
