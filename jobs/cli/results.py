"""Hits, counts, further pages and batches of searches on the command line."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import msgspec
import typer
from rich.box import SIMPLE
from rich.markup import escape
from rich.table import Table

from db.errors import BadRequest
from db.settings import read
from encoders.settings import EncoderSettings
from flows.local import Local
from flows.search.batch import MAX_SEARCHES, search_batch
from jobs.cli.adjusted import format_adjustments
from jobs.cli.console import err, out

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    import psycopg

    from db.search.listing import Bucket
    from db.search.rows import HybridHit, LegHit
    from flows.search.request import SearchIn
    from flows.search.run import SearchAnswer

BAR = 30
TITLES = (("title",), ("name",), ("question",), ("law", "heading"), ("body",))


def facet(text: str) -> dict[str, str]:
    """Read a facet as the command line has it: `maker`, `price:ranges`, `made:histogram=month`."""
    field, _, how = text.partition(":")
    kind, _, step = how.partition("=")
    given = {"field": field, "kind": kind, "step": step}
    return {name: value for name, value in given.items() if value}


def show_counts(found: SearchAnswer) -> None:
    """Print the total and the facets of an answer."""
    if found.total is not None:
        sign = "" if found.total.exact else "over "
        what = (
            "with words or numbers of the query" if found.total.of == "words" else "by the filter"
        )
        out.print(f"{sign}{found.total.items:,} items match {what}", highlight=False)
    if found.facets is None:
        return
    if not found.facets.counted.complete:
        err.print(
            f"[yellow]facets:[/] counted in {found.facets.counted.items:,} items; others match too",
            highlight=False,
        )
    for field, terms in found.facets.terms.items():
        counts = ", ".join(f"{escape(one.value)} {one.items:,}" for one in terms)
        out.print(f"{escape(field)}: {counts or 'no values'}", highlight=False)
    for field, buckets in (found.facets.ranges | found.facets.histograms).items():
        out.print(f"{escape(field)}:", highlight=False)
        _show_bars(buckets)
    for field, one in found.facets.statistics.items():
        out.print(
            f"{escape(field)}: {one.low} to {one.high}, mean {one.mean}; {one.items:,} items,"
            f" {one.missing:,} without a value, {one.other:,} with others",
            highlight=False,
        )


def _show_bars(buckets: list[Bucket]) -> None:
    most = max((bucket.items for bucket in buckets), default=0) or 1
    for bucket in buckets:
        bar = "█" * round(BAR * bucket.items / most)
        name = f"{bucket.low or ''}..{'<' + bucket.high if bucket.high else ''}"
        out.print(f"  {name:<26}{bucket.items:>8,} {bar}", highlight=False, markup=False)


def show_next(found: SearchAnswer) -> None:
    """Print what is gone from a page, and how to read on."""
    if found.page.gone:
        names = ", ".join(map(str, found.page.gone))
        out.print(f"left out, deleted or changed since: items {names}", highlight=False)
    if found.page.cursor is not None:
        err.print(f"next page: the same with --cursor {found.page.cursor}", soft_wrap=True)


def answer_batch(
    conn: psycopg.Connection[Any],
    collection: str,
    file: Path,
    read_request: Callable[[str], SearchIn],
) -> None:
    """Search once per line of a file, and print the answers as JSON lines, in order.

    Args:
        conn: a connection.
        collection: where to search.
        file: lines of words, or of JSON objects; `-`: standard input.
        read_request: checks a request in JSON.

    Raises:
        BadRequest: a line is no request, or there are none.
        Exit: some searches failed (status 1).
    """
    text = sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8-sig")
    lines = [(at, line) for at, line in enumerate(text.splitlines(), 1) if line.strip()]
    requests = [(collection, _of_line(at, line, read_request)) for at, line in lines]
    if not requests:
        raise BadRequest("the file has no searches", "One a line: words, or a request in JSON.")
    local = Local(conn, read(EncoderSettings))
    failed = 0
    for start in range(0, len(requests), MAX_SEARCHES):
        part = lines[start : start + MAX_SEARCHES]
        answers = local.run(search_batch(requests[start : start + MAX_SEARCHES]))
        for (at, _), one in zip(part, answers, strict=True):
            failed += isinstance(one, Exception)
            typer.echo(msgspec.json.encode({"line": at, **_row(one)}))
    if failed:
        err.print(f"{failed} of {len(requests)} searches failed: see `error` in their lines")
        raise typer.Exit(1)


def _of_line(at: int, line: str, read_request: Callable[[str], SearchIn]) -> SearchIn:
    text = line if line.lstrip().startswith("{") else msgspec.json.encode({"query": line.strip()})
    try:
        return read_request(text if isinstance(text, str) else text.decode())
    except BadRequest as exc:
        raise BadRequest(f"line {at}: {exc}", exc.hint) from exc


def _row(found: SearchAnswer | Exception) -> dict[str, Any]:
    if isinstance(found, Exception):
        return {"error": str(found), "hint": getattr(found, "hint", None)}
    row = {"hits": found.hits, "more": found.page.more, "degraded": found.degraded}
    return row | {"total": found.total, "cursor": found.page.cursor, "facets": found.facets}


def show(hits: Sequence[HybridHit], *, explain: bool = False) -> None:
    """Print hits as a table, one column per leg: the rank it gave, `–` where it has not the item."""
    if not hits:
        out.print(
            "nothing found: no leg has a match (check the filter; `seogo db status` shows vectors)"
        )
        return
    legs = sorted(hits[0].legs)
    table = Table(box=SIMPLE)
    table.add_column("#", justify="right")
    table.add_column("id", no_wrap=True, max_width=10)
    # What the other columns leave; rich would rather squeeze them all alike.
    leg_width = 12 if explain else 6
    extras = {"shaped": [format_adjustments(hit.adjustments) for hit in hits]}
    extras["part"] = [_parts(hit) for hit in hits]
    extras = {name: cells for name, cells in extras.items() if any(cells)}
    taken = 29 + sum(max(len(name), leg_width) + 2 for name in legs)
    taken += sum(max(map(len, cells)) + 2 for cells in extras.values())
    table.add_column("title", no_wrap=True, max_width=max(16, out.width - taken))
    for name in ("score", *legs):
        table.add_column(name, justify="right", no_wrap=True)
    for name in extras:
        table.add_column(name)
    for at, hit in enumerate(hits):
        named = (escape(hit.external_id), escape(_title(hit)))
        cells = [_cell(hit.legs[name], explain=explain) for name in legs]
        told = [escape(column[at]) for column in extras.values()]
        table.add_row(str(hit.rank), *named, f"{hit.score:.4f}", *cells, *told)
    out.print(table)


def _parts(hit: HybridHit) -> str:
    """Write the parts of an article that its words and its vectors are from."""
    found = getattr(hit, "parts", None) or []
    return ", ".join(f"{part.by}: {part.called}" for part in found)


def _cell(leg: LegHit | None, *, explain: bool) -> str:
    if leg is None:
        return "–"
    return f"{leg.rank} ({leg.score:.3f})" if explain else str(leg.rank)


def _title(hit: HybridHit) -> str:
    """The first fields that serve as a title, on one line."""
    named = (
        " ".join(hit.fields[name] for name in names)
        for names in TITLES
        if all(hit.fields.get(name) for name in names)
    )
    return " ".join(next(named, next(iter(hit.fields.values()), "")).split())
