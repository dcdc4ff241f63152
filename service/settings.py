"""Settings of the HTTP face."""

from __future__ import annotations

from typing import Annotated

import msgspec


class ServiceSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the service answers; read from `SEOGO_*` like every other settings Struct.

    Attributes:
        max_body_mb: largest request body in MiB; a larger one is refused with 413.
        max_upload_mb: the same for bulk uploads, which are read piece by piece.
        max_picture_mb: largest picture in MiB, however it is sent.
        pool_wait_s: seconds a request waits for a database connection before it gets 503.
        spaces_ttl_s: seconds for which the list of live embedding spaces is trusted.
        encode_threads: queries encoded at the same time, each with `SEOGO_THREADS` threads.
        encode_wait_s: seconds a search waits for its query vector before it answers without it.
        preload: load the encoders of live spaces at start, not at the first search.
        allow_urls: fetch pictures that items name by URL, from public addresses.
        rate_per_minute: requests a key may make per minute; 0 = no limit.
        rate_burst: how many of them at once.
        query_log: keep searches and their first hits in the database.
        query_log_days: days after which they are deleted.
    """

    max_body_mb: int = 32
    max_upload_mb: int = 1024
    max_picture_mb: int = 32
    pool_wait_s: float = 3.0
    spaces_ttl_s: float = 5.0
    encode_threads: int = 2
    encode_wait_s: float = 10.0
    preload: bool = True
    allow_urls: bool = False
    rate_per_minute: int = 600
    rate_burst: int = 60
    query_log: bool = False
    query_log_days: Annotated[int, msgspec.Meta(ge=1, le=3650)] = 30
