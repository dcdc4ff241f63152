"""`seogo defects demo`: the sample plates registered, banked and inspected."""

from __future__ import annotations

import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.box import SIMPLE
from rich.table import Table

from db.calls.query import fetch
from db.defects import products
from db.settings import read
from encoders.anomaly import backbones
from encoders.anomaly.fit import FitOptions
from encoders.settings import AnomalySettings, EncoderSettings
from flows import samples
from flows.documents import imports
from flows.inspection import AnalyzeIn, inspect
from flows.local import Local
from inputs import lines
from jobs.cli.console import database, err, out
from jobs.cli.defects.show import show
from jobs.cli.items.embed import embed
from jobs.defects import banks, register

if TYPE_CHECKING:
    import psycopg

PRODUCT = "plate"
# Not `manuals`: many call a collection of their own that, the tutorial for one.
MANUALS = "demo-manuals"
TYPES = (("scratch", "긁힘", "scratch"), ("stain", "얼룩", "stain"))
QUESTION = "이 불량은 왜 생기고 어떻게 조치하나?"


def demo(
    folder: Annotated[
        Path | None,
        typer.Option(
            exists=True, file_okay=False, help="Another sample set than the one it brings."
        ),
    ] = None,
) -> None:
    """Register the sample plates, build their bank, read the manual, inspect a scratched plate.

    Needs no data of yours and no network; some seconds.
    """
    started = time.monotonic()
    folder = folder or samples.folder() / "defects"
    settings = read(EncoderSettings)
    with database() as conn:
        _register(conn, folder)
    embed()
    with database() as conn:
        name = read(AnomalySettings).anomaly_backbone
        sees = backbones.build(name, settings.models_path, settings.threads, err.print)
        made = banks.build(conn, sees, PRODUCT, "main", FitOptions())
        out.print(f"bank: {made.patches:,} patches, threshold {made.threshold:.3f}")
        request = AnalyzeIn(product=PRODUCT, question=QUESTION)
        picture = folder / "query.jpg"
        out.print(f"\n[bold]{picture}[/]", highlight=False)
        show(Local(conn, settings).run(inspect(request, picture.read_bytes())))
        _show_products(conn)
    out.print(f"Done in {time.monotonic() - started:.0f} s. Next:")
    out.print("  seogo defects analyze FILE --product plate --save out", highlight=False)
    out.print("  seogo serve      then open http://127.0.0.1:8000/defects", highlight=False)


def _register(conn: psycopg.Connection[Any], folder: Path) -> None:
    local = Local(conn, read(EncoderSettings))
    with conn.transaction():  # what is there under other settings, or on shards, refuses it all
        local.run(imports.ensure_collection(MANUALS))
        register.ensure_collection(conn)
        ask = partial(fetch, conn)
        ask(products.add_product(name=PRODUCT, name_ko="판재", name_en="plate"))
        for name, ko, en in TYPES:
            ask(products.add_defect_type(product=PRODUCT, name=name, name_ko=ko, name_en=en))
    report = register.from_list(conn, lines.records(folder / "plates.jsonl"), folder)
    done = report.inserted + report.updated + report.unchanged
    out.print(f"{done} pictures registered, {len(report.refused)} refused")
    brought = local.run(imports.import_manual(folder / "plate-manual.txt", PRODUCT, MANUALS))
    out.print(f"{brought.document}: {brought.sections} sections")


def _show_products(conn: psycopg.Connection[Any]) -> None:
    table = Table("product", "normal", "defective", "bank", box=SIMPLE)
    for row in fetch(conn, products.products()):
        bank = f"v{row.banks['main']}" if "main" in row.banks else "none"
        table.add_row(row.product, str(row.normal), str(row.defective), bank)
    out.print(table)
