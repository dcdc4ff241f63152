"""`seogo calibrate`: how near chance brings a neighbour in a space."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table

from db.calls.query import fetch
from db.search import shaping
from db.settings import read
from encoders.settings import EncoderSettings
from jobs import calibrate as job
from jobs.cli.console import database, err, out


def calibrate(
    collection: Annotated[
        str | None, typer.Argument(help="Only the spaces of this collection.")
    ] = None,
    anew: Annotated[bool, typer.Option(help="Also spaces that are calibrated.")] = False,
) -> None:
    """Measure how near chance brings an item, so that searches can say when nothing is near.

    Drawn nonsense is searched for. Where all results have no word and no number of the query, and are not
    nearer than the threshold, the answer says that there are weak matches only. The scheduler measures
    every night where nobody has, or where collections have changed much in size.
    """
    with database() as conn:
        report = job.run(conn, read(EncoderSettings), collection, anew=anew)
        rows = fetch(conn, shaping.calibrations(collection=collection))
    for key in report.too_few:
        err.print(f"{key[0]}: space {key[1]} has too few vectors, run `seogo embed`")
    for key, why in report.failed.items():
        err.print(f"{key[0]}: space {key[1]} was not calibrated: {why}", highlight=False)
    table = Table("collection", "space", "threshold", "median", "of pairs", "probes", "when")
    for row in rows:
        if row.threshold is None or row.calibrated_at is None:
            table.add_row(row.collection, row.space, "not calibrated")
            continue
        figures = (f"{row.threshold:.3f}", f"{row.median:.3f}", f"{row.pairs:,}", row.probes)
        table.add_row(row.collection, row.space, *figures, f"{row.calibrated_at:%Y-%m-%d %H:%M}")
    out.print(table)
