"""Settings of workers."""

from __future__ import annotations

from typing import Annotated

import msgspec

Seconds = Annotated[float, msgspec.Meta(gt=0, le=86_400)]
Timeout = Annotated[float, msgspec.Meta(gt=0, le=60)]  # less than a delivery is leased for
Count = Annotated[int, msgspec.Meta(ge=1)]


class WorkerSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Settings of a worker, read from `SEOGO_*`.

    Attributes:
        worker_poll_s: seconds after which a worker looks for work without being woken.
        worker_lanes: batches of vectors under way at once: while one encodes, the others use the
            database.
        worker_batch_s: seconds that encoding a batch should take; batches grow and shrink to it.
        max_attempts: attempts after which what fails is parked.
        index_min_vectors: vectors from which on a space gets an index.
        webhook_hosts: receivers of events outside the public network, as their URLs have them, separated
            by spaces: `mes.local 10.0.0.5:8443`. Without a port it is that of the scheme.
        webhook_timeout_s: seconds in which a receiver must have answered.
    """

    worker_poll_s: Seconds = 5.0
    worker_lanes: Count = 2
    worker_batch_s: Seconds = 2.0
    max_attempts: Count = 8
    index_min_vectors: Count = 5000
    webhook_hosts: str = ""
    webhook_timeout_s: Timeout = 10.0
