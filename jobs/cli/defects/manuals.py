"""`seogo defects manuals`: import and search repair manuals."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.box import SIMPLE
from rich.markup import escape
from rich.table import Table

from db.defects.registration import MANUALS_NAME
from db.settings import read
from encoders.errors import EncoderError
from encoders.settings import EncoderSettings
from flows.local import Local
from flows.manuals import search_manual
from jobs.cli.console import database, err, out, progress
from jobs.cli.items.embed import embed
from jobs.manuals import imports
from jobs.manuals.lines import DocumentUnreadable

SHOWN_LINES = 5

app = typer.Typer(no_args_is_help=True, help="Manuals: PDF, DOCX and text, cut into sections.")
Collection = Annotated[str, typer.Option("--collection", "-c", help="Of manuals.")]


@app.command("import")
def import_(
    files: Annotated[
        list[Path], typer.Argument(exists=True, dir_okay=False, help="PDF, DOCX or text.")
    ],
    product: Annotated[str, typer.Option("--product", "-p", help="Whose manuals.")],
    collection: Collection = MANUALS_NAME,
    encode: Annotated[bool, typer.Option(help="Encode the sections at once.")] = True,
) -> None:
    """Read manuals. The same document again replaces its sections.

    A section begins with a line that names a defect of the product, then one that says of what kind it is:
    발생 원인, 조치, Causes, Actions …. Make the defect types first: seogo defects type. A document that
    cannot be read is named, the rest goes on; lines that are in no section are counted and shown.
    """
    refused = 0
    with database() as conn, progress() as bars:
        task = bars.add_task("manuals", total=len(files))
        for path in files:
            try:
                done = imports.import_manual(conn, path, product, collection)
            except (DocumentUnreadable, EncoderError) as exc:
                refused += 1
                hint = getattr(exc, "hint", None)
                err.print(f"{exc}; {hint}" if hint else f"{path.name}: {exc}", markup=False)
                continue
            finally:
                bars.advance(task)
            out.print(
                f"{escape(done.document)}: {done.sections} sections, {done.written} written,"
                f" {done.removed} removed",
                highlight=False,
            )
            if done.without:
                told = escape(", ".join(done.without))
                err.print(f"  it says nothing of: {told}", highlight=False)
            _show_left_out("lines are in no section", done.outside)
            _show_left_out("running heads and page numbers were left out", done.furniture)
    if encode:
        embed()
    if refused:
        raise typer.Exit(1)


def _show_left_out(what: str, texts: list[str]) -> None:
    """Show how many lines of a manual became nothing, and some of them."""
    if texts:
        shown = "; ".join(dict.fromkeys(texts[:SHOWN_LINES])) + (
            " …" if len(texts) > SHOWN_LINES else ""
        )
        err.print(f"  {len(texts)} {what}: {escape(shown)}", highlight=False)


@app.command()
def search(
    product: Annotated[str, typer.Argument(help="Of which product.")],
    defect: Annotated[str | None, typer.Argument(help="And which defect.")] = None,
    query: Annotated[str | None, typer.Option("--ask", help="Words, Korean or English.")] = None,
    kind: Annotated[str | None, typer.Option(help="cause, action, …")] = None,
    k: Annotated[int, typer.Option("--k", min=1, max=100, help="Sections.")] = 5,
    collection: Annotated[
        str | None, typer.Option("--collection", "-c", help="Otherwise where its manuals are.")
    ] = None,
) -> None:
    """Find sections of a product's manuals, by words and meaning; see search.manual."""
    with database() as conn:
        local = Local(conn, read(EncoderSettings))
        found = local.run(search_manual(product, defect, query, k, kind, collection))
    for reason in found.degraded:
        err.print(f"[yellow]degraded:[/] {escape(reason)}", highlight=False)
    table = Table("#", "defect", "kind", "where", "title", "text", box=SIMPLE)
    for row in found.sections:
        where = f"{row.document}, p. {row.page}" if row.page else row.document or ""
        cells = (row.of_defect or "", row.of_kind or "", where, row.title or "", row.body or "")
        table.add_row(str(row.rank), *map(escape, cells))
    out.print(table)
