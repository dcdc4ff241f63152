"""Queries encoded in batches: those that arrive while a batch is under way go together in the next."""

import asyncio
import logging
import time
from collections import Counter, deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial

from msgspec import Struct, field

from encoders.base import TextEncoder, Vectors
from flows.errors import LegUnavailable
from service.http.presence import finished

log = logging.getLogger("seogo.service")

# A batch is as fast as its slowest member: more than this gains little on a CPU.
LARGEST_BATCH = 16
# Nor should a short query wait for many long ones.
LARGEST_BATCH_CHARS = 8_000
# At some hundred queries a second, what waits behind these would be answered after its time limit.
LONGEST_QUEUE = 256

STOPPING = "the service is stopping"


class Metrics(Struct, kw_only=True):
    """What became of the queries of one encoder since the start; only ever grows.

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


class _Job(Struct, eq=False):
    text: str
    answer: asyncio.Future[Vectors]
    arrived: float


class _Line(Struct, eq=False):
    """The queries that wait for one encoder, and its batch under way, if there is one."""

    encoder: TextEncoder
    metrics: Metrics
    limit: int
    waiting: deque[_Job] = field(default_factory=deque)
    running_since: float | None = None


class QueryBatcher:
    """Encodes queries in a bounded pool of threads. Belongs to one event loop.

    An encoder works on one batch at a time and encoders take turns, so that neither a busy one nor
    one that hangs keeps the others from a thread while there are two. An idle encoder starts at
    once; nothing waits for a batch to fill.
    """

    def __init__(
        self,
        threads: int,
        *,
        stuck_s: float,
        largest: int = LARGEST_BATCH,
        longest: int = LONGEST_QUEUE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Make the pool.

        Args:
            threads: batches under way at the same time.
            stuck_s: seconds after which a batch is taken to hang: new queries are refused until it
                ends. Batches are kept below a quarter of it, for a slow encoder down to one query.
            largest: queries in a batch.
            longest: queries that may wait for one encoder.
            clock: seconds since some moment.
        """
        self.metrics: dict[str, Metrics] = {}
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix="seogo-encode")
        self._free = threads
        self._stuck_s = stuck_s
        self._largest = largest
        self._longest = longest
        self._clock = clock
        self._lines: dict[str, _Line] = {}
        self._turns: deque[_Line] = deque()
        self._closed = False

    def close(self) -> None:
        """Refuse what waits and what comes; a batch under way ends by itself, unheard."""
        self._closed = True
        for line in self._lines.values():
            for job in line.waiting:
                if not job.answer.done():  # its caller may be leaving at this moment
                    job.answer.set_exception(LegUnavailable(STOPPING))
            line.waiting.clear()
        self._executor.shutdown(wait=False)

    async def encode(self, encoder: TextEncoder, text: str) -> Vectors:
        """Encode a query: float32 of shape (dim,), unit length.

        Raises:
            LegUnavailable: too many wait, the encoder hangs or failed on this query, or `close`.
        """
        line = self._line(encoder)
        self._admit(line)
        job = _Job(text, asyncio.get_running_loop().create_future(), self._clock())
        line.waiting.append(job)
        self._queue(line)
        try:
            return await finished(job.answer, started=lambda: job not in line.waiting)
        except asyncio.CancelledError:
            line.metrics.abandoned += 1
            with suppress(ValueError):  # it may be in a batch already
                line.waiting.remove(job)
            job.answer.cancel()
            raise

    def _line(self, encoder: TextEncoder) -> _Line:
        identity = encoder.spec.identity
        if identity not in self._lines:
            self.metrics[identity] = Metrics(encoder=encoder.spec.name)
            self._lines[identity] = _Line(encoder, self.metrics[identity], self._largest)
        return self._lines[identity]

    def _admit(self, line: _Line) -> None:
        if self._closed:
            raise LegUnavailable(STOPPING)
        name = line.metrics.encoder
        since = line.running_since
        busy_s = 0.0 if since is None else self._clock() - since
        reason = None
        if len(line.waiting) >= self._longest:
            reason = f"encoder {name} is busy: {len(line.waiting)} queries wait for it, try later"
        elif busy_s > self._stuck_s:
            reason = (
                f"encoder {name} has been at work on one batch for {busy_s:.0f} s: try later;"
                " if it stays so, restart the service"
            )
        if reason:
            line.metrics.refused += 1
            raise LegUnavailable(reason)

    def _queue(self, line: _Line) -> None:
        """Give a line that waits its turn, and start what can be started."""
        if line.waiting and line.running_since is None and line not in self._turns:
            self._turns.append(line)
        while self._free and self._turns:
            self._start(self._turns.popleft())

    def _start(self, line: _Line) -> None:
        jobs: list[_Job] = []
        chars = 0
        while line.waiting and len(jobs) < line.limit:
            chars += len(line.waiting[0].text)
            if jobs and chars > LARGEST_BATCH_CHARS:
                break
            jobs.append(line.waiting.popleft())
        if not jobs:  # the callers left before their turn
            return
        loop = asyncio.get_running_loop()
        self._free -= 1
        line.running_since = self._clock()
        line.metrics.sizes[len(jobs)] += 1
        line.metrics.waited_s += sum(line.running_since - job.arrived for job in jobs)
        texts = [job.text for job in jobs]
        running = loop.run_in_executor(self._executor, _encode, line.encoder, texts)
        running.add_done_callback(partial(self._ended, line, jobs, line.running_since))

    def _ended(
        self,
        line: _Line,
        jobs: list[_Job],
        started: float,
        running: asyncio.Future[list[Vectors | Exception]],
    ) -> None:
        took_s = self._clock() - started
        self._free += 1
        line.running_since = None
        line.metrics.encoded_s += took_s
        if took_s > self._stuck_s / 4:
            line.limit = max(1, len(jobs) // 2)
        elif len(jobs) == line.limit:
            line.limit = min(self._largest, 2 * line.limit)
        for job, outcome in zip(jobs, running.result(), strict=True):
            _answer(line, job, outcome)
        self._queue(line)


def _answer(line: _Line, job: _Job, outcome: Vectors | Exception) -> None:
    if job.answer.done():  # nobody waits any more
        return
    if not isinstance(outcome, Exception):
        line.metrics.answered += 1
        job.answer.set_result(outcome)
        return
    line.metrics.failed += 1
    name, kind = line.metrics.encoder, type(outcome).__name__
    # The text of the error may hold the query, which is nobody's business but the caller's.
    log.warning("encoder %s failed on a query: %s", name, kind)
    refusal = LegUnavailable(f"encoder {name} failed ({kind})")
    refusal.__cause__ = outcome
    job.answer.set_exception(refusal)


def _encode(encoder: TextEncoder, texts: list[str]) -> list[Vectors | Exception]:
    """A vector per text, or what went wrong with it.

    A batch that fails is halved until what fails stands alone, so that one text cannot fail others.
    """
    try:
        rows = encoder.encode_queries(texts)
        if len(rows) != len(texts):
            raise ValueError(f"{len(rows)} vectors for {len(texts)} texts")
    # Runtimes raise classes of their own; whatever is not caught would leave callers waiting.
    except Exception as exc:
        if len(texts) == 1:
            return [exc]
        half = len(texts) // 2
        return [*_encode(encoder, texts[:half]), *_encode(encoder, texts[half:])]
    return list(rows)
