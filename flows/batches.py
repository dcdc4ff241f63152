"""Batches of pictures: the table of what was found."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

import msgspec

from db.defects import batches
from db.defects.rows import BatchPicture
from db.operations import runs
from flows.guessing import guess_text

if TYPE_CHECKING:
    from flows.effects import Flow


def batch_table(run_id: int) -> Flow[str]:
    """Write the pictures of a batch as CSV, the most abnormal first, with the reasons of refusals."""
    rows = yield batches.batch_pictures(run_id=run_id)
    reasons = {one.place: one.reason for one in (yield runs.errors(run_id=run_id))}
    text = io.StringIO()
    columns = (*BatchPicture.__struct_fields__, "refused")
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    for row in rows:
        told = {
            "degraded": "; ".join(row.degraded or ()),
            "refused": reasons.get(row.place),
            "guess": guess_text(row.guess),
        }
        writer.writerow(msgspec.structs.asdict(row) | told)
    return text.getvalue()
