"""Batches: runs that inspect many pictures, of a folder or of an upload."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from db.calls.call import function, procedure, scalar, statement
from db.calls.rows import Count, Done, Id
from db.calls.steps import Steps
from db.defects.rows import BatchPicture
from db.operations import runs

KIND = "defect_batch"


class ClaimedBatchPicture(msgspec.Struct, frozen=True, kw_only=True):
    """A picture to inspect, with the arguments of its run: a row of `ops.claim_batch_pictures`."""

    run_id: int
    place: str
    attempts: int
    bytes: bytes
    request: dict[str, Any]


# Of a run, the most abnormal first.
batch_pictures = statement("defects", "batch", BatchPicture)
# Whether a picture could be claimed now.
batch_due = statement("defects", "batch_due", Done)
claim = function("ops.claim_batch_pictures", ClaimedBatchPicture)
refuse = procedure("ops.refuse_batch_picture")
# How many wait.
close_batch = scalar("ops.close_batch", Count)
_queue_picture = statement("defects", "queue_picture", Id)


def queue_batch(
    args: Mapping[str, Any], pictures: Mapping[str, Callable[[], bytes | str]]
) -> Steps[int]:
    """Record a run and queue its pictures for the workers; the run.

    Args:
        args: those of the run: the request, and `total`.
        pictures: by path, what reads the bytes, or the reason why they are refused.
    """
    (run,) = yield runs.start(kind=KIND, args=args)
    for place, read in pictures.items():
        data = read()
        if isinstance(data, str):
            yield refuse(run_id=run.id, place=place, reason=data)
        else:
            yield _queue_picture(run_id=run.id, place=place, data=data)
    yield close_batch(run_id=run.id)
    run_id: int = run.id
    return run_id
