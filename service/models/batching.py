"""Batching of queries: those that arrive while a batch is under way go together in the next."""

import asyncio
import logging
import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial

from msgspec import Struct, field

from db.calls.bisection import halve_until_alone
from encoders.base import TextEncoder, Vectors
from flows.errors import LegUnavailable
from service.http.presence import finished
from service.models.pool import ModelPool

log = logging.getLogger("seogo.service")

# A batch is as fast as its slowest member: more than this gains little on a CPU.
LARGEST_BATCH = 16
# Nor should a short query wait for many long ones.
LARGEST_BATCH_CHARS = 8_000
# At some hundred queries a second, what waits behind these would be answered after its time limit.
LONGEST_QUEUE = 256

STOPPING = "the service is stopping"


class Metrics(Struct, kw_only=True):
    """Counters of the queries of one encoder since the start.

    Attributes:
        encoder: name of the encoder.
        sizes: number of batches by the number of queries in them.
        answered: queries that got their vector.
        failed: queries that the encoder could not encode.
        refused: queries turned away because the queue was full or the encoder stuck.
        abandoned: queries whose caller stopped waiting, by time limit or by leaving.
        waited_s: seconds between arrival and the start of the batch, summed over queries.
        encoded_s: seconds in the encoder, summed over batches.
    """

    encoder: str
    sizes: Counter[int] = field(default_factory=Counter)
    answered: int = 0
    failed: int = 0
    refused: int = 0
    abandoned: int = 0
    waited_s: float = 0.0
    encoded_s: float = 0.0


class _QueryJob(Struct, eq=False):
    text: str
    answer: asyncio.Future[Vectors]
    arrived: float


class _EncoderQueue(Struct, eq=False):
    """Queries that wait for one encoder, and since when a batch of it is under way."""

    encoder: TextEncoder
    metrics: Metrics
    limit: int
    waiting: deque[_QueryJob] = field(default_factory=deque)
    running_since: float | None = None


class QueryBatcher:
    """Encodes queries in batches in the threads of a model pool. Belongs to one event loop.

    An encoder works on one batch at a time and encoders take turns, so that neither a busy one nor
    one that hangs keeps the others from a thread while there are two. An idle encoder starts at
    once; nothing waits for a batch to fill.
    """

    def __init__(
        self,
        pool: ModelPool,
        *,
        stuck_s: float,
        largest: int = LARGEST_BATCH,
        longest: int = LONGEST_QUEUE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Make a batcher.

        Args:
            pool: where batches run, as many at the same time as it has threads; closed with the batcher.
            stuck_s: seconds after which a batch is taken to hang: new queries are refused until it
                ends. Batches are kept below a quarter of it, for a slow encoder down to one query.
            largest: queries in a batch.
            longest: queries that may wait for one encoder.
            clock: seconds since some moment.
        """
        self.metrics: dict[str, Metrics] = {}
        self._pool = pool
        self._free = pool.threads
        self._stuck_s = stuck_s
        self._largest = largest
        self._longest = longest
        self._clock = clock
        self._queues: dict[str, _EncoderQueue] = {}
        self._turns: deque[_EncoderQueue] = deque()
        self._closed = False

    def close(self) -> None:
        """Refuse queries that wait and new ones; nobody waits for the end of a running batch."""
        self._closed = True
        for queue in self._queues.values():
            for job in queue.waiting:
                if not job.answer.done():  # its caller may be leaving at this moment
                    job.answer.set_exception(LegUnavailable(STOPPING))
            queue.waiting.clear()
        self._pool.close()

    async def encode(self, encoder: TextEncoder, text: str) -> Vectors:
        """Encode a query: float32 of shape (dim,), unit length.

        Raises:
            LegUnavailable: too many wait, the encoder hangs or failed on this query, or `close`.
        """
        queue = self._queue_of(encoder)
        self._admit(queue)
        job = _QueryJob(text, asyncio.get_running_loop().create_future(), self._clock())
        queue.waiting.append(job)
        self._start_next(queue)
        try:
            return await finished(job.answer, started=lambda: job not in queue.waiting)
        except asyncio.CancelledError:
            queue.metrics.abandoned += 1
            with suppress(ValueError):  # it may be in a batch already
                queue.waiting.remove(job)
            job.answer.cancel()
            raise

    def _queue_of(self, encoder: TextEncoder) -> _EncoderQueue:
        identity = encoder.spec.identity
        if identity not in self._queues:
            self.metrics[identity] = Metrics(encoder=encoder.spec.name)
            self._queues[identity] = _EncoderQueue(encoder, self.metrics[identity], self._largest)
        return self._queues[identity]

    def _admit(self, queue: _EncoderQueue) -> None:
        if self._closed:
            raise LegUnavailable(STOPPING)
        name = queue.metrics.encoder
        since = queue.running_since
        busy_s = 0.0 if since is None else self._clock() - since
        reason = None
        if len(queue.waiting) >= self._longest:
            reason = f"encoder {name} is busy: {len(queue.waiting)} queries wait for it, try later"
        elif busy_s > self._stuck_s:
            reason = (
                f"encoder {name} has been at work on one batch for {busy_s:.0f} s: try later;"
                " if it stays so, restart the service"
            )
        if reason:
            queue.metrics.refused += 1
            raise LegUnavailable(reason)

    def _start_next(self, queue: _EncoderQueue) -> None:
        """Put an encoder with waiting queries in turn, and start batches while threads are free."""
        if queue.waiting and queue.running_since is None and queue not in self._turns:
            self._turns.append(queue)
        while self._free and self._turns:
            self._start(self._turns.popleft())

    def _start(self, queue: _EncoderQueue) -> None:
        jobs: list[_QueryJob] = []
        chars = 0
        while queue.waiting and len(jobs) < queue.limit:
            chars += len(queue.waiting[0].text)
            if jobs and chars > LARGEST_BATCH_CHARS:
                break
            jobs.append(queue.waiting.popleft())
        if not jobs:  # the callers left before their turn
            return
        self._free -= 1
        queue.running_since = self._clock()
        queue.metrics.sizes[len(jobs)] += 1
        queue.metrics.waited_s += sum(queue.running_since - job.arrived for job in jobs)
        texts = [job.text for job in jobs]
        running = self._pool.start(_encode, queue.encoder, texts)
        running.add_done_callback(partial(self._ended, queue, jobs, queue.running_since))

    def _ended(
        self,
        queue: _EncoderQueue,
        jobs: list[_QueryJob],
        started: float,
        running: asyncio.Future[list[Vectors | Exception]],
    ) -> None:
        took_s = self._clock() - started
        self._free += 1
        queue.running_since = None
        queue.metrics.encoded_s += took_s
        if took_s > self._stuck_s / 4:
            queue.limit = max(1, len(jobs) // 2)
        elif len(jobs) == queue.limit:
            queue.limit = min(self._largest, 2 * queue.limit)
        for job, outcome in zip(jobs, running.result(), strict=True):
            _answer(queue, job, outcome)
        self._start_next(queue)


def _answer(queue: _EncoderQueue, job: _QueryJob, outcome: Vectors | Exception) -> None:
    if job.answer.done():  # nobody waits any more
        return
    if not isinstance(outcome, Exception):
        queue.metrics.answered += 1
        job.answer.set_result(outcome)
        return
    queue.metrics.failed += 1
    name, kind = queue.metrics.encoder, type(outcome).__name__
    # The text of the error may hold the query, which is nobody's business but the caller's.
    log.warning("encoder %s failed on a query: %s", name, kind)
    refusal = LegUnavailable(f"encoder {name} failed ({kind})")
    refusal.__cause__ = outcome
    job.answer.set_exception(refusal)


def _encode(encoder: TextEncoder, texts: list[str]) -> list[Vectors | Exception]:
    """A vector per text, or the error of a text that cannot be encoded."""

    def encode(part: Sequence[str]) -> list[Vectors | Exception]:
        rows = encoder.encode_queries(part)
        if len(rows) != len(part):
            raise ValueError(f"{len(rows)} vectors for {len(part)} texts")
        return list(rows)

    # Runtimes raise classes of their own; whatever is not caught would leave callers waiting.
    parts: list[list[Vectors | Exception]] = halve_until_alone(texts, encode, _failed)
    return [outcome for part in parts for outcome in part]


def _failed(_: str, exc: Exception) -> list[Vectors | Exception]:
    return [exc]
