"""`seogo defects manuals`: import and search repair manuals."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.box import SIMPLE
from rich.markup import escape
from rich.table import Table

from db.calls.query import fetch
from db.defects import versions as sql
from db.defects.registration import MANUALS_NAME
from db.settings import read
from encoders.errors import EncoderError
from encoders.settings import EncoderSettings
from flows.documents import imports
from flows.documents.lines import DocumentUnreadable
from flows.local import Local
from flows.manuals import search_manual
from jobs.cli.console import database, err, out, progress
from jobs.cli.items.embed import embed

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
    """Read manuals. The same document again replaces its sections; the version before stays.

    Pages of a PDF that are pictures are read by OCR.

    A section begins with a line that names a defect of the product, then one that says of what kind it is:
    발생 원인, 조치, Causes, Actions …. Make the defect types first: seogo defects type. A document that
    cannot be read is named, the rest goes on; lines that are in no section are counted and shown.
    """
    refused = 0
    with database() as conn, progress() as bars:
        task = bars.add_task("manuals", total=len(files))
        local = Local(conn, read(EncoderSettings))
        local.run(imports.ensure_collection(collection))
        for path in files:
            try:
                done = local.run(imports.import_manual(path, product, collection))
            except (DocumentUnreadable, EncoderError) as exc:
                refused += 1
                hint = getattr(exc, "hint", None)
                err.print(f"{exc}; {hint}" if hint else f"{path.name}: {exc}", markup=False)
                continue
            finally:
                bars.advance(task)
            _show(done)
    if encode:
        embed()
    if refused:
        raise typer.Exit(1)


def _show(done: imports.Imported) -> None:
    """Show what became of a manual, and what did not."""
    out.print(
        f"{escape(done.document)}: {done.sections} sections, {done.written} written,"
        f" {done.removed} removed, version {done.version}",
        highlight=False,
    )
    if done.scanned:
        told = f"  {len(done.scanned)} pages read by OCR"
        err.print(told + (f", {done.unread} places could not be read" if done.unread else ""))
    if done.without:
        told = escape(", ".join(done.without))
        err.print(f"  it says nothing of: {told}", highlight=False)
    _show_left_out("lines are in no section", done.outside)
    _show_left_out("running heads and page numbers were left out", done.furniture)


def _show_left_out(what: str, texts: list[str]) -> None:
    """Show how many lines of a manual became nothing, and some of them."""
    if texts:
        shown = "; ".join(dict.fromkeys(texts[:SHOWN_LINES])) + (
            " …" if len(texts) > SHOWN_LINES else ""
        )
        err.print(f"  {len(texts)} {what}: {escape(shown)}", highlight=False)


@app.command("list")
def list_(
    product: Annotated[str | None, typer.Option("--product", "-p", help="Only this one.")] = None,
) -> None:
    """List manuals, replaced versions too, with the defects that they answer; see search.manuals."""
    columns = ("manual", "product", "document", "version", "sections", "answers", "says nothing of")
    table = Table(*columns, box=SIMPLE)
    with database() as conn:
        for row in fetch(conn, sql.manuals(product=product)):
            version = f"{row.version}" + ("" if row.live else " (replaced)")
            numbers = (version, str(row.sections))
            named = (", ".join(row.defects), ", ".join(row.without))
            first = (str(row.manual_id), escape(row.product), escape(row.document))
            table.add_row(*first, *numbers, *map(escape, named))
    out.print(table)


@app.command()
def restore(
    manual: Annotated[int, typer.Argument(help="Its number; `seogo defects manuals list` has it.")],
    encode: Annotated[bool, typer.Option(help="Encode the sections at once.")] = True,
) -> None:
    """Put an earlier version of a manual back, as a new version."""
    with database() as conn:
        made = fetch(conn, sql.restore_manual(manual_id=manual))[0].id
    out.print(f"manual {made} is live", highlight=False)
    if encode:
        embed()


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
