"""Settings of the stages, and of workers that run them for ever."""

from __future__ import annotations

from typing import Annotated

import msgspec

from db.settings import DbSettings, read
from encoders.runtime import device
from encoders.settings import CaptionSettings, EncoderSettings

Seconds = Annotated[float, msgspec.Meta(gt=0, le=86_400)]
Count = Annotated[int, msgspec.Meta(ge=1)]


class PipelineSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Settings of the stages, however they are run.

    Attributes:
        db: where the database is.
        encoders: which encoders new spaces get, and where models are.
        captions: the captioners; none by default.
        processes: pictures that are read (OCR) at the same time.
    """

    db: DbSettings
    encoders: EncoderSettings
    captions: CaptionSettings
    processes: int = 1


def from_environment() -> PipelineSettings:
    """Read them from the environment."""
    encoders = read(EncoderSettings)
    return PipelineSettings(
        db=read(DbSettings),
        encoders=encoders,
        captions=read(CaptionSettings),
        processes=encoders.threads or device.cores(),
    )


class WorkerSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Settings of a worker, read from `SEOGO_*`.

    Attributes:
        worker_poll_s: seconds after which a worker looks for work without being woken.
        worker_lanes: batches of vectors under way at once: while one encodes, the others use the
            database.
        worker_batch_s: seconds that encoding a batch should take; batches grow and shrink to it.
        max_attempts: attempts after which what fails is parked.
        index_min_vectors: vectors from which on a space gets an index.
    """

    worker_poll_s: Seconds = 5.0
    worker_lanes: Count = 2
    worker_batch_s: Seconds = 2.0
    max_attempts: Count = 8
    index_min_vectors: Count = 5000
