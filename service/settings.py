"""Settings of the HTTP service."""

from __future__ import annotations

from typing import Annotated

import msgspec

from db.errors import BadSettings


class ServiceSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Settings of the service, read from `SEOGO_*` like every other settings Struct.

    Attributes:
        max_body_mb: largest request body in MiB; a larger one is refused with 413.
        max_upload_mb: the same for bulk uploads, which are read piece by piece.
        max_picture_mb: largest picture in MiB, however it is sent.
        memory_mb: MiB that all requests in flight may take together, counted as what they become.
        requests_per_key: requests of a key that are answered at once; more wait for their turn.
        costly_requests: requests that are answered at once, of keys whose requests are costly.
            None = half as many as there are cores, and not more than half of `SEOGO_POOL_MAX`.
        keyless: serve programs of this machine while there are no API keys.
        pool_wait_s: seconds a request waits for a database connection before it gets 503.
        spaces_ttl_s: seconds for which the list of live embedding spaces is trusted.
        encode_threads: queries encoded at the same time, each with `SEOGO_THREADS` threads;
            short ones with one.
        encode_wait_s: seconds a search waits for its query vector before it answers without it.
        preload: load the encoders of live spaces at start, not at the first search.
        allow_urls: fetch pictures that items name by URL, from public addresses.
        url_ports: ports of servers that are asked for them, separated by spaces.
        rate_per_minute: requests a key may make per minute; 0 = no limit.
        rate_burst: how many of them at once.
        query_log: keep searches and their first hits in the database.
        query_log_days: days after which they are deleted.
        query_log_text: keep what was typed; without it, only that somebody asked, what came and was opened.
        traces: collector that gets spans of requests, by OTLP over HTTP; None = no traces.
        trace_share: of the requests that come without a decision of their caller.
    """

    max_body_mb: int = 32
    max_upload_mb: int = 1024
    max_picture_mb: int = 32
    memory_mb: Annotated[int, msgspec.Meta(ge=1)] = 1024
    requests_per_key: Annotated[int, msgspec.Meta(ge=1)] = 16
    costly_requests: Annotated[int, msgspec.Meta(ge=1)] | None = None
    keyless: bool = True
    pool_wait_s: float = 3.0
    spaces_ttl_s: float = 5.0
    encode_threads: int = 2
    encode_wait_s: float = 10.0
    preload: bool = True
    allow_urls: bool = False
    url_ports: str = "80 443"
    rate_per_minute: int = 600
    rate_burst: int = 60
    query_log: bool = False
    query_log_days: Annotated[int, msgspec.Meta(ge=1, le=3650)] = 30
    query_log_text: bool = True
    traces: str | None = None
    trace_share: Annotated[float, msgspec.Meta(ge=0, le=1)] = 1.0

    @property
    def ports(self) -> set[int]:
        """`url_ports` as numbers.

        Raises:
            BadSettings: one of them is not a number.
        """
        try:
            return {int(port) for port in self.url_ports.split()}
        except ValueError as exc:
            raise BadSettings(
                f"SEOGO_URL_PORTS: {self.url_ports!r} are no ports", "write them as: 80 443"
            ) from exc
