"""The lifecycle of generations: start, complete, switch, roll back.

Workers fill a new generation while the live one answers; new content goes to both.
"""

from __future__ import annotations

import time
from contextlib import contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec

from db.calls.query import fetch
from db.calls.retries import retry_on_conflict
from db.errors import BadRequest, SeogoDbError, UnknownName
from db.operations import workers
from db.settings import read
from db.spaces import generations
from encoders import registry
from encoders.settings import SummarySettings
from flows import encoding
from jobs import embed, summaries
from jobs.errors import JobError
from jobs.reembed.away import await_encoded, enqueue_away
from jobs.reembed.gate import Verdict, judge
from jobs.stages import index
from jobs.types import silent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from db.calls.query import Query
    from db.spaces.generations import Throttle
    from db.spaces.rows import Quantization, Space
    from encoders.settings import EncoderSettings
    from flows.encoding import Encoder
    from jobs.types import Conn, OnStep

PAUSE_S = 0.5


class GenerationNotReady(JobError):
    """A generation is not ready to be switched to."""


class Feed(msgspec.Struct, frozen=True, kw_only=True):
    """A collection, and the sources of its items that a space embeds, as in its `vector_sources`."""

    collection: str
    sources: dict[str, list[str]]


class StartedGeneration(msgspec.Struct, frozen=True, kw_only=True):
    """A generation being built, and the number of items queued for it."""

    generation: Space
    queued: int


class Switched(msgspec.Struct, frozen=True, kw_only=True):
    """Result of a switch: the generations before (None: the first) and after, and the evidence."""

    before: Space | None
    after: Space
    verdict: Verdict
    failed: int
    cutoff: float | None


def start(
    conn: Conn,
    settings: EncoderSettings,
    *,
    space: str,
    encoder: str,
    throttle: Throttle,
    feeds: Sequence[Feed] = (),
    quantization: Quantization | None = None,
    tell: OnStep,
) -> StartedGeneration:
    """Begin a generation by another encoder, or go on with it; queue every item for it.

    A space that has no generation gets its first one if collections feed it; `feeds` lets them, in the same
    transaction. The connection's role owns the schema; the throttle says how fast and when workers fill it.
    `quantization` None: as the live generation.

    Raises:
        UnknownName: no such space.
        BadRequest: another one is being built, the live one was made by this very model, or it is for
            something else than the space.
        EncoderError: the encoder is unknown, or not here.
    """
    spec = registry.spec(encoder, settings.models_path)
    begin = generations.start(
        space=space,
        encoder=spec.name,
        identity=spec.identity,
        dim=spec.dim,
        modality=spec.modality,
        kind=spec.kind,
        quantization=quantization,
    )
    with conn.transaction():
        for one in feeds:
            fed = generations.feed(collection=one.collection, space=space, sources=one.sources)
            fetch(conn, fed)
        space_id = fetch(conn, begin)[0].id
    fetch(conn, generations.set_throttle(space_id=space_id, throttle=throttle))
    queued = _enqueue(conn, space_id, tell)
    return StartedGeneration(generation=_one(conn, space, "building"), queued=queued)


def feed(conn: Conn, *, collection: str, space: str, sources: dict[str, list[str]] | None) -> int:
    """Let a collection feed a space, None: no more; returns how many items are queued for its generations.

    Raises:
        UnknownName: no such collection.
        BadRequest: the space cannot hold these sources.
    """
    fetch(conn, generations.feed(collection=collection, space=space, sources=sources))
    if sources is None:
        return 0
    kept = [g for g in fetch(conn, generations.of_space(space=space)) if g.status != "retired"]
    return sum(_enqueue(conn, generation.space_id, silent) for generation in kept)


def enqueue_stale(conn: Conn, space_id: int, tell: OnStep) -> int:
    """Queue every item that is here and whose vectors in a generation are stale; returns how many."""
    queued = looked = 0
    after: int | None = 0
    while after is not None:
        step = workers.enqueue_stale(space_id=space_id, after_id=after)
        page = retry_on_conflict(partial(fetch, conn, step))[0]
        after, queued, looked = page.last_id, queued + page.queued, looked + 1
        tell("comparing vectors with their content", looked, 0)
    return queued


def switch(
    conn: Conn,
    settings: EncoderSettings,
    *,
    space: str,
    accept_failures: bool = False,
    force: bool = False,
    tell: OnStep,
) -> Switched:
    """Switch from the live generation to the one being built.

    First all of its vectors are compared with their content, what is missing is encoded here (beside
    any workers; on shards by theirs), the index is built, its cutoff found, and both generations are judged.

    The connection's role owns the schema. `accept_failures` goes on without the items that cannot be
    encoded, `force` without a favourable judgment.

    Raises:
        UnknownName: nothing is being built.
        GenerationNotReady: some items cannot be encoded, or the judgment is not favourable.
        NoWorkerThere: items wait on a shard that has no worker.
        EncoderError: the encoder is unavailable.
    """
    building = _one(conn, space, "building")
    live = next(
        (g for g in fetch(conn, generations.of_space(space=space)) if g.status == "live"), None
    )
    encoder = encoding.encoder_of(building, settings, lambda text: tell(text, 0, 0))
    with _unthrottled(conn, building):
        away = _complete(conn, building, encoder, accept_failures=accept_failures, tell=tell)
        cutoff = None if live is None else _compare(conn, live, building, tell)
        verdict = judge(conn, settings, live, building, encoder, tell)
        if not verdict.passed and not force:
            raise GenerationNotReady(
                f"{building.pinned} is not switched to: {verdict.reason}",
                "switch all the same by --force; it is recorded",
            )
        change = partial(
            generations.switch,
            space=space,
            evaluation=msgspec.to_builtins(verdict),
            cutoff=cutoff,
            accept_failures=accept_failures,
            force=force,
        )
        failed = away + _take_over(conn, building, encoder, change, tell)
    after = _one(conn, space, "live")
    return Switched(before=live, after=after, verdict=verdict, failed=failed, cutoff=cutoff)


def rollback(conn: Conn, *, space: str, tell: OnStep) -> tuple[Space, int]:
    """Go back to the generation before; queue the items changed since.

    Returns:
        The generation that is live now, and how many items are queued for it.

    Raises:
        UnknownName: there is no generation to go back to.
    """
    space_id = fetch(conn, generations.rollback(space=space))[0].id
    return _one(conn, space, "live"), _enqueue(conn, space_id, tell)


def _enqueue(conn: Conn, space_id: int, tell: OnStep) -> int:
    """Queue every item of a generation whose vectors are stale, here and on shards; returns how many."""
    return enqueue_stale(conn, space_id, tell) + enqueue_away(conn, space_id, tell)


@contextmanager
def _unthrottled(conn: Conn, building: Space) -> Iterator[None]:
    """Lift the throttle of a generation; it is set again if the block fails."""
    before = fetch(conn, generations.throttle(space_id=building.space_id))
    none = generations.Throttle()
    fetch(conn, generations.set_throttle(space_id=building.space_id, throttle=none))
    try:
        yield
    except BaseException:
        for throttle in before:
            again = generations.set_throttle(space_id=building.space_id, throttle=throttle)
            with suppress(SeogoDbError):
                fetch(conn, again)
        raise


def _complete(
    conn: Conn, building: Space, encoder: Encoder, *, accept_failures: bool, tell: OnStep
) -> int:
    """Encode all items; returns how many of those on shards failed."""
    _enqueue(conn, building.space_id, tell)
    _, failed = _drain(conn, building, encoder, tell)
    away = await_encoded(conn, building, tell)
    failed += away
    if failed and not accept_failures:
        raise GenerationNotReady(
            f"{failed} items could not be encoded for {building.pinned}",
            "see `seogo failed list`; once mended `seogo failed retry`, or --accept-failures",
        )
    return away


def _compare(conn: Conn, live: Space, building: Space, tell: OnStep) -> float | None:
    """Index the new generation as the live one is, and find its cutoff."""
    if live.indexed:
        _index(conn, building, tell)
    tell("comparing similarities", 0, 0)
    measure = generations.measure_drift(space_id=building.space_id, previous_id=live.space_id)
    return fetch(conn, measure)[0].cutoff


def _take_over(
    conn: Conn, building: Space, encoder: Encoder, change: Callable[..., Query[Any]], tell: OnStep
) -> int:
    """Encode the items written meanwhile, and switch; returns how many failed."""
    while True:
        as_of, failed = _drain(conn, building, encoder, tell)
        try:
            fetch(conn, change(as_of=as_of))
            return failed
        except BadRequest:
            # A writer may have been at it since before that moment, and have committed after we looked.
            left = generations.progress(space_id=building.space_id, as_of=as_of)
            if not fetch(conn, left)[0].waiting_before:
                raise


def _drain(conn: Conn, building: Space, encoder: Encoder, tell: OnStep) -> tuple[datetime, int]:
    """Encode all items queued before now; returns that time, and how many failed."""
    as_of: datetime | None = None
    first, summarizer = 0, summaries.build(read(SummarySettings))
    while True:
        found = fetch(conn, generations.progress(space_id=building.space_id, as_of=as_of))[0]
        as_of, first = found.as_of, max(first, found.waiting_before)
        tell("encoding what is missing", first - found.waiting_before, first)
        if not found.waiting_before:
            return as_of, found.failed
        made = embed.batch(conn, building, encoder, embed.EmbedReport(), summarizer=summarizer)
        if not made:
            time.sleep(PAUSE_S)  # workers are at it


def _index(conn: Conn, building: Space, tell: OnStep) -> None:
    while not (now := _one(conn, building.space, "building")).indexed:
        if not index.build(conn, now, on_progress=tell):
            tell("waiting for a worker that builds the index", 0, 0)
            time.sleep(PAUSE_S)


def _one(conn: Conn, space: str, status: str) -> Space:
    every = fetch(conn, generations.of_space(space=space))
    for found in every:
        if found.status == status:
            return found
    unknown = f"unknown embedding space: {space}"
    why = f"no generation of space {space} is {status}" if every else unknown
    raise UnknownName(why, "see `seogo reembed status`")
