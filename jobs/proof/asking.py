"""Whole searches, one after the other or several at once, each timed: in this program or of a server."""

from __future__ import annotations

import base64
import re
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle, islice
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import httpx
import msgspec
import numpy as np

from db.calls.query import fetch
from db.items import listing
from db.spaces import embedding
from encoders.runtime.limits import peak_memory
from flows.local import Local
from flows.search import run
from flows.search.request import PictureIn, SearchIn
from jobs.errors import JobError, reason

if TYPE_CHECKING:
    from collections.abc import Sequence

    from db.evaluation.rows import QueryRow
    from encoders.settings import EncoderSettings
    from jobs.proof.targets import GateCheck
    from jobs.types import Conn, OnShare

MB = 1_000_000
TIMEOUT_S = 60.0
MEMORY = re.compile(r"^process_resident_memory_bytes ([0-9.e+]+)$", re.MULTILINE)
SHOWN = 5


class Reply(NamedTuple):
    """The outcome of a request: hits, reasons why legs were left out; `error` None where answered."""

    ms: float
    hits: int = 0
    degraded: int = 0
    error: str | None = None


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """Figures of all requests of a check; `errors` has the first distinct ones, memory in megabytes."""

    requests: int
    answered: int
    degraded: int
    empty: int
    p50_ms: float
    p95_ms: float
    p99_ms: float
    memory_mb: float | None
    errors: list[str]


class Sender(Protocol):
    """Sends a search, and knows how much memory the program that answers takes."""

    where: str

    def send(self, collection: str, request: SearchIn) -> Reply:
        """Ask, and wait for the answer; failures are replies too."""
        ...

    def memory_mb(self) -> float | None:
        """Megabytes of the program; None where it does not tell."""
        ...

    def close(self) -> None:
        """Close connections."""
        ...


class HereSender:
    """Searches in this program, as `seogo search` does; memory is its highest, models included."""

    where = "this program"

    def __init__(self, conn: Conn, encoders: EncoderSettings) -> None:
        self._local = Local(conn, encoders)

    def send(self, collection: str, request: SearchIn) -> Reply:
        """See `Sender`."""
        started = time.perf_counter()
        try:
            found = self._local.run(run.search(collection, request))
        # Whatever it was: the gate counts it and goes on.
        except Exception as exc:
            return Reply(_since(started), error=reason(exc))
        return Reply(_since(started), len(found.hits), len(found.degraded))

    def memory_mb(self) -> float | None:
        """See `Sender`."""
        return peak_memory() / MB

    def close(self) -> None:
        """See `Sender`."""
        self._local.close()


class ServerSender:
    """Searches over HTTP; memory is that of the server's process, as its /metrics tell."""

    def __init__(
        self, url: str, key: str | None = None, transport: httpx.BaseTransport | None = None
    ) -> None:
        self.where = url.rstrip("/")
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._client = httpx.Client(
            base_url=self.where, headers=headers, timeout=TIMEOUT_S, transport=transport
        )

    def send(self, collection: str, request: SearchIn) -> Reply:
        """See `Sender`."""
        body = msgspec.json.encode(msgspec.to_builtins(request))
        started = time.perf_counter()
        try:
            answer = self._client.post(
                f"/collections/{collection}/search",
                content=body,
                headers={"Content-Type": "application/json"},
            )
            took = _since(started)
            answer.raise_for_status()
            found = answer.json()
            return Reply(took, len(found["hits"]), len(found["degraded"]))
        except (httpx.HTTPError, ValueError, KeyError) as exc:
            return Reply(_since(started), error=reason(exc))

    def memory_mb(self) -> float | None:
        """See `Sender`."""
        try:
            answer = self._client.get("/metrics")
        except httpx.HTTPError:
            return None
        found = MEMORY.search(answer.text) if answer.is_success else None
        return float(found[1]) / MB if found else None

    def close(self) -> None:
        """See `Sender`."""
        self._client.close()


def ask(
    conn: Conn, check: GateCheck, queries: Sequence[QueryRow], sender: Sender, on_request: OnShare
) -> Asked:
    """Send a check's requests, the queries in turns; one before them, not counted, loads the models.

    Raises:
        JobError: a query is an item that the collection does not have.
    """
    requests = [_request(conn, check, query) for query in queries]
    sender.send(check.collection, requests[0])
    replies: list[Reply] = []
    with ThreadPoolExecutor(check.concurrency) as pool:

        def send(request: SearchIn) -> Reply:
            return sender.send(check.collection, request)

        turns = islice(cycle(requests), check.requests)
        for reply in pool.map(send, turns):
            replies.append(reply)
            on_request(len(replies), check.requests)
    return _figures(replies, sender.memory_mb())


def _figures(replies: Sequence[Reply], memory_mb: float | None) -> Asked:
    answered = [reply for reply in replies if reply.error is None]
    # Of failed ones too: who waited for an error has waited.
    p50, p95, p99 = np.percentile([reply.ms for reply in replies], (50, 95, 99)).tolist()
    return Asked(
        requests=len(replies),
        answered=len(answered),
        degraded=sum(reply.degraded > 0 for reply in answered),
        empty=sum(reply.hits == 0 for reply in answered),
        p50_ms=p50,
        p95_ms=p95,
        p99_ms=p99,
        memory_mb=memory_mb,
        errors=list(dict.fromkeys(r.error for r in replies if r.error is not None))[:SHOWN],
    )


def _request(conn: Conn, check: GateCheck, query: QueryRow) -> SearchIn:
    """A query as a person's search: all legs there are, its picture as a file."""
    given: dict[str, Any] = {}
    if query.item is not None:
        item = listing.listed(collection=check.collection, limit=1, external_id=query.item)
        rows = fetch(conn, item)
        if not rows:
            raise JobError(
                f"query {query.external_id} is an item that {check.collection} does not have:"
                f" {query.item}",
                "ingest the collection that the query set was made for",
            )
        given["like"] = [rows[0].item_id]
    if query.picture_id is not None:
        (stored,) = fetch(conn, embedding.pictures(ids=[query.picture_id]))
        given["picture"] = PictureIn(base64=base64.b64encode(stored.bytes).decode())
    return SearchIn(query=query.text, filter=check.filter, **given)


def _since(started: float) -> float:
    return 1000 * (time.perf_counter() - started)
