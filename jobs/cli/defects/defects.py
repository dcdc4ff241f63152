"""`seogo defects`: products, registered pictures, inspecting, what to label."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.box import SIMPLE
from rich.markup import escape
from rich.table import Table

from db.calls.query import fetch
from db.defects import products
from db.defects.registration import PICTURES_NAME
from db.errors import BadRequest
from db.settings import read
from encoders.settings import EncoderSettings, GuideSettings
from flows.inspection import inspect
from flows.local import Local
from inputs import lines
from jobs.cli.console import database, err, out, progress
from jobs.cli.defects import banks as defectbanks
from jobs.cli.defects import manuals
from jobs.cli.defects.batch import build_request, inspect_folder, report
from jobs.cli.defects.demo import demo
from jobs.cli.defects.show import show
from jobs.cli.defects.statistics import drift, statistics
from jobs.cli.defects.watch import watch
from jobs.cli.items.embed import embed
from jobs.cli.outputs import writable_file, writable_folder
from jobs.defects import register

SHOWN_REFUSALS = 20

app = typer.Typer(
    no_args_is_help=True,
    help="Defects: pictures of products, where they are abnormal, what the manual says.\n\n"
    "A first session:  seogo defects demo;  then seogo serve and open /defects.\n\n"
    "Your own:  seogo defects product bracket --ko 브래킷;  seogo defects type bracket scratch --ko 긁힘;  "
    "seogo defects register list.jsonl;  seogo defects bank build bracket;  "
    "seogo defects manuals import manual.pdf --product bracket;  seogo defects analyze photo.jpg -p bracket",
)
app.add_typer(defectbanks.app, name="bank")
app.add_typer(manuals.app, name="manuals")
app.command("demo")(demo)
app.command("report")(report)
app.command("watch")(watch)
app.command("statistics")(statistics)
app.command("drift")(drift)

Korean = Annotated[str | None, typer.Option("--ko", help="Its Korean name.")]
English = Annotated[str | None, typer.Option("--en", help="Its English name.")]


@app.command()
def product(
    name: Annotated[str, typer.Argument(help="Letters, digits, - and _.")],
    ko: Korean = None,
    en: English = None,
    collection: Annotated[str, typer.Option(help="Where its pictures are.")] = PICTURES_NAME,
) -> None:
    """Make a product, or give it other names."""
    with database() as conn:
        if collection == PICTURES_NAME:
            register.ensure_collection(conn)
        fetch(conn, products.add_product(name=name, name_ko=ko, name_en=en, collection=collection))
    out.print(f"product {escape(name)}", highlight=False)


@app.command("type")
def type_(
    product: Annotated[str, typer.Argument(help="Of which product.")],
    name: Annotated[str, typer.Argument(help="Letters, digits, - and _.")],
    ko: Korean = None,
    en: English = None,
) -> None:
    """Make a defect type of a product, or give it other names."""
    with database() as conn:
        fetch(conn, products.add_defect_type(product=product, name=name, name_ko=ko, name_en=en))
    out.print(f"defect {escape(name)} of {escape(product)}", highlight=False)


@app.command("list")
def list_() -> None:
    """List products with their defects, pictures and banks."""
    table = Table("product", "names", "normal", "defective", "defects", "banks", box=SIMPLE)
    with database() as conn:
        for row in fetch(conn, products.products()):
            names = " / ".join(filter(None, (row.name_ko, row.name_en)))
            types = ", ".join(f"{one.defect} ({one.pictures})" for one in row.defects)
            banks = ", ".join(f"{view} v{version}" for view, version in row.banks.items())
            table.add_row(
                escape(row.product),
                escape(names),
                str(row.normal),
                str(row.defective),
                escape(types),
                escape(banks) or "none",
            )
    out.print(table)


@app.command("register")
def register_(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="JSON lines.")],
    encode: Annotated[bool, typer.Option(help="Encode the pictures at once.")] = True,
) -> None:
    """Register pictures from a list. What each shows is said there, never read from its name.

    A line: {"path": "a.jpg", "product": "bracket", "label": "defect", "defect": "scratch"} or
    {"path": "b.jpg", "product": "bracket", "label": "normal"}; also view, piece (pictures of one piece),
    external_id, note. Paths begin where the list is. A bad line is named, the rest goes on; the same list
    again changes nothing.
    """
    read = list(lines.records(file))
    with database() as conn, progress() as bars:
        task = bars.add_task("pictures", total=read[-1].line if read else 0)
        report = register.from_list(
            conn, read, file.parent, lambda line: bars.update(task, completed=line)
        )
    out.print(
        f"{report.inserted} inserted, {report.updated} updated, {report.unchanged} unchanged,"
        f" {len(report.refused)} refused"
    )
    for refused in report.refused[:SHOWN_REFUSALS]:
        err.print(f"{file.name}:{refused.line}: {refused.reason}", markup=False, highlight=False)
    if len(report.refused) > SHOWN_REFUSALS:
        err.print(f"… and {len(report.refused) - SHOWN_REFUSALS} more")
    if encode:
        embed()
    if report.refused:
        raise typer.Exit(1)


@app.command()
def analyze(
    picture: Annotated[Path, typer.Argument(exists=True, help="A picture, or a folder of them.")],
    product: Annotated[
        str | None, typer.Option("--product", "-p", help="What it shows; otherwise guessed.")
    ] = None,
    view: Annotated[
        str | None,
        typer.Option(help="From where it is seen; otherwise guessed."),
    ] = None,
    defect: Annotated[
        str | None, typer.Option(help="What is wrong, if you know; else what it looks like.")
    ] = None,
    question: Annotated[str, typer.Option("--ask", help="A question to the manual.")] = "",
    language: Annotated[str, typer.Option(help="ko or en, for a model that writes.")] = "ko",
    save: Annotated[
        Path | None,
        typer.Option(callback=writable_folder, help="Folder for heatmap, mask, overlay …."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
    table: Annotated[
        Path | None,
        typer.Option("--csv", callback=writable_file, help="Of a folder: all verdicts as a table."),
    ] = None,
    page: Annotated[
        Path | None,
        typer.Option("--html", callback=writable_file, help="Of a folder: a report to look at."),
    ] = None,
    resume: Annotated[
        int | None,
        typer.Option(metavar="RUN", help="Of a folder: go on with a run that broke off."),
    ] = None,
) -> None:
    """Inspect a picture: nearest known defects, where it is abnormal, what the manual says.

    Product and view may be left out: where most of the nearest registered pictures agree, they are guessed,
    and the guess is told; else the picture is refused. What was found is kept: see search.analyses.

    A folder is inspected as a run, with all that is in it: what is no picture is refused and named. See
    search.batch_pictures, and GET /runs/RUN/events while it goes on.

    For example:  seogo defects analyze today/ -p plate --csv today.csv --html today.html
    """
    if picture.is_dir() and resume is not None:
        inspect_folder(picture, None, resume, table, page)
        return
    if not picture.is_dir() and (resume or table or page):
        raise BadRequest(
            "--csv, --html and --resume are for folders",
            "seogo defects analyze photo.jpg --product bracket",
        )
    request = build_request(
        product=product, view=view, question=question, language=language, defect=defect
    )
    if picture.is_dir():
        if save is not None or as_json:
            raise BadRequest("--save and --json are for a picture", "of a folder: --csv, --html")
        inspect_folder(picture, request, None, table, page)
        return
    with (
        database() as conn,
        closing(Local(conn, read(EncoderSettings), read(GuideSettings))) as local,
    ):
        found = local.run(inspect(request, picture.read_bytes()))
    if save is not None:
        _save(found.images, save, picture.stem)
    if as_json:
        whole = msgspec.structs.asdict(found) | {"verdict": found.verdict}
        del whole["images"]
        typer.echo(msgspec.json.encode(whole))
        return
    show(found)


def _save(images: dict[str, bytes], folder: Path, stem: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for kind, png in images.items():
        (folder / f"{stem}-{kind}.png").write_bytes(png)


@app.command()
def queue(
    product: Annotated[str | None, typer.Option("--product", "-p", help="Only this one.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Rows.")] = 20,
) -> None:
    """List inspected pictures that a person should look at, the most telling first."""
    table = Table("analysis", "product", "reason", "verdict", "looks like", "said", box=SIMPLE)
    with database() as conn:
        for row in fetch(conn, products.to_label(product=product, limit=limit)):
            said = row.said_defect or row.said or ""
            cells = (row.product, row.reason, row.verdict, row.defect or "", said)
            table.add_row(str(row.analysis_id), *map(escape, cells))
    out.print(table)


@app.command("next-labels")
def next_labels(
    product: Annotated[str, typer.Argument(help="Of which product.")],
    k: Annotated[int, typer.Option("--k", min=1, max=300, help="Labels.")] = 20,
) -> None:
    """List the pictures whose labels would change most: uncertain, and unlike each other.

    `covers`: pictures without a label that are most like it, itself included; of these `alarms` are above the
    threshold: a label `normal` puts them in question, a label `defect` the others. Then register them, build
    the bank anew, and see what changed: seogo defects bank compare. See search.next_labels.
    """
    columns = ("analysis", "view", "verdict", "looks like", "uncertain", "new", "covers", "alarms")
    table = Table(*columns, box=SIMPLE)
    with database() as conn:
        found = fetch(conn, products.next_labels(product=product, k=k))
    for row in found:
        shares = (f"{row.uncertainty:.2f}", f"{row.novelty:.2f}")
        named = (row.view, row.verdict, escape(row.defect or ""))
        table.add_row(str(row.analysis_id), *named, *shares, str(row.covers), str(row.alarms))
    out.print(table if found else "nothing uncertain waits for a label")
    if found:
        covered = sum(row.covers for row in found)
        out.print(
            f"{len(found)} labels speak for {covered} of {found[0].waiting} uncertain pictures"
        )
