"""The embedding outbox: leases, what a worker may mark done, and what a poisonous text holds up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import psycopg
import pytest
from pgvector.psycopg import register_vector

from db.calls.query import fetch
from db.spaces import embedding
from encoders import registry
from encoders.text.dummy import DummyEncoder
from jobs import content, embed
from tests.sql.helpers import column, make_collection, put, queued

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from db.rows import Claimed, Space
    from encoders.base import Vectors
    from tests.sql.helpers import Conn


@pytest.fixture
def encoder() -> DummyEncoder:
    return DummyEncoder(registry.spec("dummy"))


@pytest.fixture
def space(db: Conn, dummy_space: int) -> Space:
    """Make the live space `text`, fed by the title of the collection `parts`."""
    make_collection(db, vector_sources={"text": {"item": ["title"]}})
    return fetch(db, embedding.live_spaces())[0]


@pytest.fixture
def second(db_url: str) -> Iterator[Conn]:
    """Open another worker's connection."""
    with psycopg.connect(db_url, autocommit=True) as conn:
        register_vector(conn)
        yield conn


def titles(n: int) -> dict[str, dict[str, str]]:
    return {f"P{at:02d}": {"title": f"text number {at}"} for at in range(n)}


def claim(db: Conn, space: Space, n: int = 100) -> list[Claimed]:
    return fetch(db, embedding.claim_batch(space_id=space.space_id, batch_n=n))


def claims_of(rows: Sequence[Claimed]) -> dict[int, Any]:
    return {row.item_id: row.enqueued_at for row in rows}


def coverage(db: Conn) -> dict[str, int]:
    (row,) = fetch(db, embedding.coverage())
    counts = {
        name: getattr(row, name) for name in ("fresh", "stale", "missing", "failed", "without_text")
    }
    assert sum(counts.values()) == row.items
    return {name: n for name, n in counts.items() if n}


def test_a_claim_gives_the_text_and_its_hash(db: Conn, space: Space) -> None:
    ids = put(db, {"P1": {"title": " 진공 펌프 "}})
    (row,) = claim(db, space)
    assert (row.item_id, row.source, row.content) == (ids["P1"], "item", "진공 펌프")
    assert [row.content_hash] == column(db, "SELECT md5('진공 펌프')::uuid")


def test_two_workers_never_get_the_same_item(db: Conn, second: Conn, space: Space) -> None:
    ids = put(db, titles(10))
    with db.transaction():  # not even while the first one has not committed
        first = {row.item_id for row in claim(db, space, 4)}
        other = {row.item_id for row in claim(second, space, 4)}
    rest = {row.item_id for row in claim(second, space)}
    assert (len(first), len(other), len(rest)) == (4, 4, 2)
    assert first | other | rest == set(ids.values())
    assert claim(db, space) == []
    assert fetch(db, embedding.due(space_id=space.space_id))[0].n == 0


def test_a_lease_that_ran_out_is_given_to_the_next(db: Conn, space: Space) -> None:
    put(db, titles(2))
    lapsed = "SELECT item_id FROM ops.claim_batch(%s, 1, interval '-1 second')"
    (slow,) = column(db, lapsed, (space.space_id,))
    assert slow in {row.item_id for row in claim(db, space)}
    assert column(db, "SELECT attempts FROM ops.outbox WHERE item_id = %s", (slow,)) == [2]


def test_a_late_worker_cannot_store_what_another_has_stored(
    db: Conn, space: Space, encoder: DummyEncoder
) -> None:
    put(db, titles(1))
    lapsed = "SELECT item_id, enqueued_at FROM ops.claim_batch(%s, 1, interval '-1 second')"
    late = dict(db.execute(lapsed, (space.space_id,)).fetchall())
    assert embed.run(db, space, encoder).stored == 1
    assert embedding.store(db, space_id=space.space_id, claims=late, vectors=[]) == 0
    assert coverage(db) == {"fresh": 1}


def test_an_item_changed_after_the_claim_stays_queued(
    db: Conn, space: Space, encoder: DummyEncoder
) -> None:
    ids = put(db, titles(3))
    rows = claim(db, space)
    put(db, {"P01": {"title": "rewritten meanwhile"}})
    db.execute("DELETE FROM core.item WHERE external_id = 'P02'")
    vectors = content.encode(db, encoder, rows)
    assert (
        embedding.store(db, space_id=space.space_id, claims=claims_of(rows), vectors=vectors) == 1
    )
    assert column(db, "SELECT item_id FROM core.embedding") == [ids["P00"]]
    assert queued(db) == ["P01"]
    assert [row.content for row in claim(db, space)] == ["rewritten meanwhile"]


def test_embedding_again_replaces_the_vector(db: Conn, space: Space, encoder: DummyEncoder) -> None:
    put(db, {"P1": {"title": "pump"}})
    embed.run(db, space, encoder)
    put(db, {"P1": {"title": "valve"}})
    assert coverage(db) == {"stale": 1}
    assert embed.run(db, space, encoder) == embed.EmbedReport(stored=1, vectors=1)
    assert coverage(db) == {"fresh": 1}
    (vec,) = column(db, "SELECT vec FROM core.embedding")
    np.testing.assert_allclose(
        vec.to_numpy(), encoder.encode_passages(["valve"])[0].astype("f2"), atol=1e-3
    )


def test_an_item_without_text_loses_its_vectors(
    db: Conn, space: Space, encoder: DummyEncoder
) -> None:
    put(db, {"P1": {"title": "pump"}, "P2": {"maker": "SMC"}})
    embed.run(db, space, encoder)
    assert coverage(db) == {"fresh": 1, "without_text": 1}
    put(db, {"P1": {"maker": "SMC"}})
    assert embed.run(db, space, encoder) == embed.EmbedReport(stored=1, vectors=0)
    assert column(db, "SELECT item_id FROM core.embedding") == []
    assert coverage(db) == {"without_text": 2}


def test_a_long_text_gets_a_vector_per_window(
    db: Conn, space: Space, encoder: DummyEncoder
) -> None:
    text = " ".join(f"낱말{n}" for n in range(300))
    ids = put(db, {"long": {"title": text}, "short": {"title": "짧은 글"}})
    report = embed.run(db, space, encoder)
    windows = encoder.windows(text)
    assert len(windows) > 2
    assert report == embed.EmbedReport(stored=2, vectors=len(windows) + 1)
    pieces = db.execute(
        "SELECT c.item_id, c.part_no, substr(i.fields ->> 'title', start_at + 1, stop_at - start_at)"
        " FROM core.chunk AS c JOIN core.item AS i ON i.id = c.item_id ORDER BY c.part_no"
    ).fetchall()
    assert pieces == [(ids["long"], at, window.text) for at, window in enumerate(windows)]
    # Shorter again: the old parts are gone, with their offsets.
    put(db, {"long": {"title": "kurz"}})
    embed.run(db, space, encoder)
    assert column(db, "SELECT count(*) FROM core.chunk") == [0]
    assert column(db, "SELECT count(*) FROM core.embedding") == [2]


class Poisonable(DummyEncoder):
    """Fails on texts with a given word in them."""

    def __init__(self, word: str, error: Callable[[str], Exception] = ValueError) -> None:
        super().__init__(registry.spec("dummy"))
        self.word, self.error = word, error

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        if any(self.word in text for text in texts):
            raise self.error(f"cannot read {self.word}")
        return super().encode_passages(texts)


def test_a_poisonous_text_fails_alone(db: Conn, space: Space) -> None:
    items = titles(20)
    items["P13"] = {"title": "poison"}
    put(db, items)
    report = embed.run(db, space, Poisonable("poison"))
    assert report == embed.EmbedReport(stored=19, vectors=19, failed=1)
    assert queued(db) == ["P13"]
    error, waits, lease = db.execute(
        "SELECT error, next_attempt_at > now(), lease_until FROM ops.outbox"
    ).fetchone() or (None, None, None)
    assert (error, waits, lease) == ("ValueError: cannot read poison", True, None)
    assert coverage(db) == {"fresh": 19, "failed": 1}
    assert embed.run(db, space, Poisonable("poison")) == embed.EmbedReport()  # not due yet
    # A changed text starts over at once.
    put(db, {"P13": {"title": "wholesome"}})
    assert embed.run(db, space, Poisonable("poison")).stored == 1
    assert coverage(db) == {"fresh": 20}


def test_attempts_back_off_to_an_hour_however_many_there_were(db: Conn, space: Space) -> None:
    put(db, titles(1))
    claims = claims_of(claim(db, space))
    db.execute("SET seogo.max_attempts = '1000000'")
    for attempts, seconds in [(1, 20), (3, 80), (12, 3600), (60, 3600), (100_000, 3600)]:
        db.execute("UPDATE ops.outbox SET attempts = %s", (attempts,))
        embedding.fail(db, space_id=space.space_id, claims=claims, error="x")
        wait = "SELECT extract(epoch FROM next_attempt_at - now())::float8 FROM ops.outbox"
        assert column(db, wait)[0] == pytest.approx(seconds, abs=2)


def test_an_interrupted_worker_gives_its_claims_back(db: Conn, space: Space) -> None:
    put(db, titles(3))
    with pytest.raises(KeyboardInterrupt):
        embed.run(db, space, Poisonable("number 1", lambda _: KeyboardInterrupt()))  # type: ignore[arg-type, return-value]
    assert column(db, "SELECT DISTINCT (lease_until IS NULL, attempts)::text FROM ops.outbox") == [
        "(t,0)"
    ]
    assert len(claim(db, space)) == 3


def test_more_items_than_a_batch(db: Conn, space: Space, encoder: DummyEncoder) -> None:
    put(db, titles(2 * embed.BATCH_ITEMS + 1))
    done: list[int] = []
    report = embed.EmbedReport()
    while batch := embed.batch(db, space, encoder, report):
        done += batch
    assert report.stored == len(set(done)) == len(done) == 2 * embed.BATCH_ITEMS + 1
    assert queued(db) == []
