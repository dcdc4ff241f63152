"""Batches: runs that inspect many pictures, of a folder or of an upload."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

import msgspec

from db.calls.call import function, procedure, scalar, statement
from db.calls.rows import Count, Done, Id
from db.calls.steps import Steps
from db.defects.rows import BatchPicture

KIND = "defect_batch"
# A folder that is watched: a batch without an end.
WATCH = "defect_watch"
KINDS = (KIND, WATCH)


class ClaimedBatchPicture(msgspec.Struct, frozen=True, kw_only=True):
    """A picture to inspect, with the arguments of its run: a row of `ops.claim_batch_pictures`."""

    run_id: int
    place: str
    attempts: int
    bytes: bytes
    request: dict[str, Any]


class StartedBatch(msgspec.Struct, frozen=True, kw_only=True):
    """The row of `ops.start_batch`: the run, whether it was started now, and its number of pictures."""

    run_id: int
    fresh: bool
    total: int


class FileClaim(msgspec.Struct, frozen=True, kw_only=True):
    """The row of `ops.claim_batch_file`."""

    state: Literal["claimed", "busy", "inspected", "refused"]
    attempts: int


# Of a run, the most abnormal first.
batch_pictures = statement("defects", "batch", BatchPicture)
# Whether a picture could be claimed now.
batch_due = statement("defects", "batch_due", Done)
claim = function("ops.claim_batch_pictures", ClaimedBatchPicture)
refuse = procedure("ops.refuse_batch_picture")
claim_file = function("ops.claim_batch_file", FileClaim)
# The run of a watched folder.
watch_folder = scalar("ops.watch_folder", Id, json=("args",))
# Of a run that has no end.
count_batch = procedure("ops.count_batch")
start_batch = function("ops.start_batch", StartedBatch, json=("args",))
# How many wait.
close_batch = scalar("ops.close_batch", Count)
_queue_picture = statement("defects", "queue_picture", Id)


def queue_batch(
    args: Mapping[str, Any],
    pictures: Mapping[str, Callable[[], bytes | str]],
    key: str | None = None,
) -> Steps[StartedBatch]:
    """Record a run and queue its pictures for the workers; or find the run of the same key.

    Args:
        args: those of the run: the request, and `total`.
        pictures: by path, what reads the bytes, or the reason why they are refused.
        key: names the upload, so that it can be sent again.
    """
    run: StartedBatch
    (run,) = yield start_batch(args=args, key=key)
    if run.fresh:
        for place, read in pictures.items():
            data = read()
            if isinstance(data, str):
                yield refuse(run_id=run.run_id, place=place, reason=data)
            else:
                yield _queue_picture(run_id=run.run_id, place=place, data=data)
        yield close_batch(run_id=run.run_id)
    return run
