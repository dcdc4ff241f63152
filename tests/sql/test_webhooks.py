"""Events written with what they tell, and their deliveries: claimed, signed, retried, given up, replayed."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from typing import TYPE_CHECKING

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg.types.json import Jsonb

from tests.sql.helpers import column
from tests.sql.test_grants import acting_as

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.sql.helpers import Conn

DENIED = psycopg.errors.InsufficientPrivilege


def run_ends(db: Conn, state: str = "done") -> int:
    (run_id,) = column(db, "INSERT INTO ops.run (kind) VALUES ('ingest') RETURNING id")
    db.execute("UPDATE ops.run SET state = %s, error = 'why' WHERE id = %s", (state, run_id))
    return int(run_id)


@pytest.fixture
def secret(db: Conn) -> str:
    """The secret of the webhook `mes`."""
    return str(column(db, "SELECT ops.set_webhook('mes', 'https://mes.example/hook')")[0])


@pytest.fixture(scope="module")
def server(server_url: str, template: str) -> Iterator[Conn]:
    from tests.conftest import fresh_database

    with fresh_database(server_url, template) as url, psycopg.connect(url) as conn:
        yield conn


@given(key=st.binary(max_size=64), message=st.binary(max_size=200))
def test_signatures_are_those_of_the_standard_library(
    server: Conn, key: bytes, message: bytes
) -> None:
    expected = hmac.digest(key, message, hashlib.sha256)
    assert column(server, "SELECT impl.hmac_sha256(%s, %s)", (key, message)) == [expected]


def test_an_event_is_there_with_what_it_tells_or_not_at_all(db: Conn, secret: str) -> None:
    with db.transaction(force_rollback=True):
        run_ends(db)
        assert column(db, "SELECT count(*) FROM search.events") == [1]
    assert column(db, "SELECT count(*) FROM search.events") == [0]
    db.execute("LISTEN seogo_events")
    run_id = run_ends(db, "failed")
    ((kind, data),) = db.execute("SELECT kind, data FROM search.events").fetchall()
    told = ("run.finished", run_id, "failed", "why")
    assert (kind, data["run_id"], data["state"], data["error"]) == told
    (notice,) = db.notifies(timeout=5, stop_after=1)
    assert '"kind": "run.finished"' in notice.payload
    assert column(db, "SELECT waiting FROM search.webhooks") == [1]


def test_drift_and_failed_jobs_are_told(db: Conn, dummy_space: int) -> None:
    db.execute(
        "INSERT INTO ops.drift (space_id, measure, n, quantiles, previous, ks)"
        " VALUES (%s, 'near', 5, '{1}', '{2}', 0.5), (%s, 'norm', 5, '{1}', '{2}', 0.1)",
        (dummy_space, dummy_space),
    )
    db.execute("SET search_path = jobs, pg_catalog")  # as its connections have it
    db.execute(
        "INSERT INTO jobs.procrastinate_jobs (queue_name, task_name, status)"
        " VALUES ('seogo', 'backup', 'doing'), ('upkeep', 'recover', 'doing')"
    )
    db.execute("UPDATE jobs.procrastinate_jobs SET status = 'failed'")
    told = db.execute("SELECT kind, data FROM search.events ORDER BY event_id").fetchall()
    assert [kind for kind, _ in told] == ["drift.measured", "job.failed"]
    assert told[0][1]["measures"]["near"]["ks"] == 0.5
    assert told[1][1]["task"] == "backup"


def test_only_what_is_asked_for_is_sent(db: Conn) -> None:
    asks = Jsonb({"state": "failed"})
    db.execute("SELECT ops.set_webhook('bad', 'https://a.example', '{run.finished}', %s)", (asks,))
    db.execute("SELECT ops.set_webhook('jobs', 'https://a.example', '{job.failed}')")
    run_ends(db)
    run_ends(db, "failed")
    waiting = column(
        db, "SELECT webhook || data FROM search.deliveries JOIN search.events USING (event_id)"
    )
    assert len(waiting) == 1
    assert waiting[0].startswith("bad")
    with pytest.raises(psycopg.Error, match="unknown kind of event: x") as caught:
        db.execute("SELECT ops.set_webhook('x', 'https://a.example', '{x}')")
    assert "run.finished" in str(caught.value.diag.message_hint)


CLAIM = "SELECT event_id, message_id, signed_at, signature, body FROM ops.claim_deliveries()"


def test_a_message_is_signed_by_each_secret_that_has_not_ended(db: Conn, secret: str) -> None:
    run_ends(db)
    (newer,) = column(db, "SELECT ops.rotate_webhook_secret('mes')")
    ((_, message_id, signed_at, signature, body),) = db.execute(CLAIM).fetchall()
    signed = f"{message_id}.{signed_at}.{body}".encode()
    keys = [base64.b64decode(one.removeprefix("whsec_")) for one in (newer, secret)]
    codes = [base64.b64encode(hmac.digest(key, signed, "sha256")).decode() for key in keys]
    assert signature == " ".join(f"v1,{code}" for code in codes)
    db.execute("SELECT ops.rotate_webhook_secret('mes', '0')")
    db.execute("UPDATE ops.delivery SET lease_until = '-infinity'")
    assert " " not in db.execute(CLAIM).fetchall()[0][3]


def test_a_claim_dies_with_its_connection(db: Conn, db_url: str, secret: str) -> None:
    run_ends(db)
    with psycopg.connect(db_url, autocommit=True) as other:
        assert len(other.execute(CLAIM).fetchall()) == 1
        assert db.execute(CLAIM).fetchall() == []
    while not (again := db.execute(CLAIM).fetchall()):  # the server notices the end a moment later
        pass
    assert len(again) == 1


def test_failures_are_tried_again_then_given_up_then_replayed(db: Conn, secret: str) -> None:
    run_ends(db)
    states = []
    for _ in range(15):
        ((event_id, *_),) = db.execute(CLAIM).fetchall()
        assert db.execute(CLAIM).fetchall() == []
        fails = "SELECT ops.finish_delivery(w.id, %s, 503, 'busy') FROM ops.webhook AS w"
        states += column(db, fails, (event_id,))
        db.execute("UPDATE ops.delivery SET next_attempt_at = now() WHERE next_attempt_at > now()")
    assert states == ["waiting"] * 14 + ["dead"]
    assert db.execute(CLAIM).fetchall() == []
    assert column(db, "SELECT error FROM search.deliveries WHERE state = 'dead'") == ["busy"]
    (message,) = column(db, "SELECT message_id FROM search.events")
    assert column(db, "SELECT ops.replay_events('mes')") == [1]
    ((_, again, *_),) = db.execute(CLAIM).fetchall()
    assert again == message
    done = "SELECT ops.finish_delivery(w.id, %s, 200) FROM ops.webhook AS w"
    assert column(db, done, (event_id,)) == ["delivered"]
    # What another has delivered meanwhile is not taken back.
    assert column(db, fails, (event_id,)) == [None]
    assert column(db, "SELECT ops.replay_events('mes')") == [0]


def test_a_new_webhook_may_ask_for_what_was_before_it(db: Conn) -> None:
    run_ends(db)
    db.execute("SELECT ops.set_webhook('late', 'https://a.example')")
    assert db.execute(CLAIM).fetchall() == []
    assert column(db, "SELECT ops.replay_events('late', since => now() - interval '1 hour')") == [1]
    db.execute("SELECT ops.pause_webhook('late', true)")
    assert db.execute(CLAIM).fetchall() == []
    assert column(db, "SELECT ops.forget_events('-1 day')") == [0]  # it waits
    assert column(db, "SELECT ops.delete_webhook('late')") == [1]
    assert column(db, "SELECT ops.forget_events('-1 day')") == [1]


def test_no_role_reads_secrets_and_readers_no_addresses(db: Conn, secret: str) -> None:
    run_ends(db)
    for role in ("seogo_reader", "seogo_writer", "seogo_admin"):
        with acting_as(db, role), pytest.raises(DENIED):
            db.execute("SELECT secret FROM ops.webhook_secret")
    with acting_as(db, "seogo_reader"):
        assert column(db, "SELECT count(*) FROM search.events") == [1]
        for forbidden in ("search.webhooks", "search.deliveries", "ops.claim_deliveries()"):
            with pytest.raises(DENIED):
                db.execute(f"SELECT * FROM {forbidden}".encode())
    with acting_as(db, "seogo_writer"):
        ((event_id, *_),) = db.execute(CLAIM).fetchall()
        db.execute("SELECT ops.finish_delivery(w.id, %s, 200) FROM ops.webhook AS w", (event_id,))
    with acting_as(db, "seogo_admin"):
        assert column(db, "SELECT ops.set_webhook('n', 'https://n.example')")[0].startswith(
            "whsec_"
        )
        assert column(db, "SELECT ops.rotate_webhook_secret('n')")[0].startswith("whsec_")
        assert column(db, "SELECT ops.delete_webhook('n')") == [0]


@pytest.mark.parametrize(
    "url", ["ftp://a.example", "https://me:pass@a.example/", "https://", "a b"]
)
def test_addresses_that_are_none_are_refused(db: Conn, url: str) -> None:
    with pytest.raises(psycopg.errors.CheckViolation):
        db.execute("SELECT ops.set_webhook('x', %s)", (url,))


def test_claims_find_what_is_due_by_an_index(db: Conn, secret: str) -> None:
    db.execute(
        "INSERT INTO ops.event (kind, data) SELECT 'run.finished', '{}' FROM generate_series(1, 5000);"
        "INSERT INTO ops.delivery (webhook_id, event_id, state, ended_at)"
        " SELECT w.id, e.id, 'delivered', now() FROM ops.webhook AS w, ops.event AS e; ANALYZE ops.delivery"
    )
    text = column(db, "SELECT prosrc FROM pg_proc WHERE proname = 'claim_deliveries'")[0]
    for name, value in (("batch_n", "16"), ("per_webhook", "4"), ("lease", "interval '1 minute'")):
        text = re.sub(rf"\b{name}\b", value, text)
    plan = "\n".join(column(db, f"EXPLAIN {text}".encode()))
    assert "delivery_due_idx" in plan
    assert "Seq Scan on delivery" not in plan
