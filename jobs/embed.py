"""Embed: claims what waits in the outbox, encodes it, stores the vectors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from db import ops
from db.query import fetch
from encoders import registry
from jobs.errors import JobError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    import psycopg

    from db.rows import Claimed, Space
    from encoders.base import TextEncoder, Window
    from encoders.settings import EncoderSettings

BATCH_ITEMS = 64


class EncoderChanged(JobError):
    """The encoder of a space is not the one that made its vectors."""


class Report(msgspec.Struct):
    """What an embed run did."""

    stored: int = 0
    vectors: int = 0
    changed_meanwhile: int = 0
    failed: int = 0


def ensure_spaces(conn: psycopg.Connection[Any], settings: EncoderSettings) -> list[str]:
    """Make the spaces that collections ask for and that do not exist yet; returns what was made.

    Raises:
        JobError: no encoder is set for what a space embeds.
    """
    made = []
    for missing in fetch(conn, ops.missing_spaces()):
        spec = registry.spec(settings.encoder_for(missing.modality), settings.models_path)
        fetch(
            conn,
            ops.create_space(
                name=missing.name,
                encoder=spec.name,
                identity=spec.identity,
                dim=spec.dim,
                modality=missing.modality,
            ),
        )
        made.append(f"{missing.name}: {missing.modality}, encoder {spec.name}")
    return made


def encoder_of(
    space: Space, settings: EncoderSettings, progress: Callable[[str], None] | None = None
) -> TextEncoder:
    """Build the encoder of a space.

    Raises:
        EncoderChanged: this program's encoder of that name is another model than the space's.
        EncoderError: it is unknown, or cannot be loaded.
    """
    spec = registry.spec(space.encoder)
    if spec.identity != space.identity:
        raise EncoderChanged(
            f"space {space.space} was made by\n  {space.identity}\nbut this program's is\n  {spec.identity}",
            "run the release that made it, or embed the collection into a new generation",
        )
    return registry.build(spec, settings.models_path, settings.threads, progress)


def run(
    conn: psycopg.Connection[Any],
    space: Space,
    encoder: TextEncoder,
    *,
    on_items: Callable[[int], None] = lambda _n: None,
) -> Report:
    """Encode everything that is due in a space now; safe beside other workers and writers.

    Args:
        conn: autocommit connection with pgvector's types registered.
        space: a live or building space.
        encoder: the space's encoder.
        on_items: called with the number of items finished, for progress.
    """
    report = Report()
    while claimed := fetch(conn, ops.claim_batch(space_id=space.space_id, batch_n=BATCH_ITEMS)):
        claims = {row.item_id: row.enqueued_at for row in claimed}
        try:
            _process(conn, space, encoder, claims, claimed, report)
        except BaseException:
            ops.release(conn, space_id=space.space_id, item_ids=list(claims))
            raise
        on_items(len(claims))
    return report


def answer_queries(conn: psycopg.Connection[Any], space: Space, encoder: TextEncoder) -> int:
    """Encode the query texts that SQL users asked for (`search.request_vector`); returns how many."""
    done = 0
    while waiting := fetch(conn, ops.waiting_queries(space_id=space.space_id)):
        texts = [row.text for row in waiting]
        for text, vec in zip(texts, encoder.encode_queries(texts), strict=True):
            fetch(conn, ops.keep_query_vector(space_id=space.space_id, query=text, vec=vec))
        done += len(texts)
    return done


def _process(
    conn: psycopg.Connection[Any],
    space: Space,
    encoder: TextEncoder,
    claims: dict[int, datetime],
    claimed: Sequence[Claimed],
    report: Report,
) -> None:
    try:
        vectors = encode(encoder, claimed)
    except (ValueError, RuntimeError) as exc:
        ids = list(claims)
        if len(ids) == 1:
            ops.fail(
                conn, space_id=space.space_id, item_ids=ids, error=f"{type(exc).__name__}: {exc}"
            )
            report.failed += 1
            return
        # One poisonous item must not hold up its batch: halve until it stands alone.
        for half in (ids[: len(ids) // 2], ids[len(ids) // 2 :]):
            part = {i: claims[i] for i in half}
            _process(conn, space, encoder, part, [r for r in claimed if r.item_id in part], report)
        return
    stored = ops.store(conn, space_id=space.space_id, claims=claims, vectors=vectors)
    report.stored += stored
    report.vectors += len(vectors)
    report.changed_meanwhile += len(claims) - stored


def encode(encoder: TextEncoder, rows: Sequence[Claimed]) -> list[ops.Encoded]:
    """Vectors of claimed texts, one per window where a text is longer than the model reads."""
    pieces: list[tuple[Claimed, int, Window, bool]] = []
    for row in rows:
        if row.content is not None:
            windows = encoder.windows(row.content)
            pieces += [(row, at, window, len(windows) > 1) for at, window in enumerate(windows)]
    vectors = encoder.encode_passages([window.text for _, _, window, _ in pieces])
    return [
        ops.Encoded(
            item_id=row.item_id,
            source=row.source,
            part_no=at,
            vec=vec,
            content_hash=row.content_hash,
            start=window.start if cut else None,
            stop=window.stop if cut else None,
        )
        for (row, at, window, cut), vec in zip(pieces, vectors, strict=True)
    ]
