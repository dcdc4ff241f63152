"""What runs as the owner does so for nothing but its purpose, whatever a login has made meanwhile."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

import numpy as np
import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from db.calls.query import fetch
from db.spaces import embedding
from encoders import registry
from encoders.text.dummy import DummyEncoder
from jobs import embed
from tests.sql.helpers import column, found, make_collection, put, put_vectors, unit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.sql.helpers import Conn

DENIED = psycopg.errors.InsufficientPrivilege
OURS = ["search", "impl", "ops", "eval", "core", "jobs", "sweep"]


@pytest.fixture
def parts(db: Conn, dummy_space: int) -> Conn:
    """Two items with vectors."""
    make_collection(db, vector_sources={"text": {"item": ["title"]}}, identifier_fields=["no"])
    ids = put(db, {"P1": {"title": "vacuum pump", "no": "AB-1234"}, "P2": {"title": "valve"}})
    rows = [(item_id, "item", 0) for item_id in ids.values()]
    put_vectors(db, dummy_space, rows, unit(np.random.default_rng(3), 2))
    return db


@pytest.fixture
def logins(parts: Conn, db_url: str) -> Iterator[list[str]]:
    """URLs of two readers, who may create in public as in databases made before PostgreSQL 15."""
    names = [f"seogo_test_{secrets.token_hex(4)}" for _ in range(2)]
    for name in names:
        parts.execute(f"CREATE ROLE {name} LOGIN IN ROLE seogo_reader".encode())
    parts.execute("GRANT CREATE ON SCHEMA public TO PUBLIC")
    yield [make_conninfo(db_url, user=name) for name in names]
    for name in names:
        parts.execute(f"DROP OWNED BY {name} CASCADE".encode())
        parts.execute(f"DROP ROLE {name}".encode())


# Each fits better than PostgreSQL's own, which takes any type, and tells who runs it.
TRAPS = """
    CREATE TABLE public.caught (by_whom name);
    GRANT INSERT ON public.caught TO PUBLIC;
    CREATE FUNCTION public.caught() RETURNS void LANGUAGE sql
        AS 'INSERT INTO public.caught VALUES (current_user)';
    CREATE FUNCTION public.cardinality(bigint[]) RETURNS int LANGUAGE plpgsql
        AS 'BEGIN PERFORM public.caught(); RETURN 1; END';
    CREATE FUNCTION public.unnest(bigint[]) RETURNS SETOF bigint LANGUAGE plpgsql
        AS 'BEGIN PERFORM public.caught(); RETURN QUERY SELECT 1::bigint; END';
    CREATE FUNCTION public.array_agg(bigint) RETURNS bigint[] LANGUAGE plpgsql
        AS 'BEGIN PERFORM public.caught(); RETURN NULL; END';
    CREATE FUNCTION public.length(varchar) RETURNS int LANGUAGE plpgsql
        AS 'BEGIN PERFORM public.caught(); RETURN 1; END';
    CREATE FUNCTION public.is_any(bigint, bigint) RETURNS boolean LANGUAGE plpgsql
        AS 'BEGIN PERFORM public.caught(); RETURN true; END';
    CREATE OPERATOR public.= (FUNCTION = public.is_any, LEFTARG = bigint, RIGHTARG = bigint);
    CREATE FUNCTION public.as_array(ops.space, ops.space) RETURNS boolean LANGUAGE plpgsql
        AS 'BEGIN PERFORM public.caught(); RETURN true; END';
    CREATE OPERATOR public.<> (FUNCTION = public.as_array, LEFTARG = ops.space, RIGHTARG = ops.space);
    CREATE FUNCTION public.greatest_of(bigint, int) RETURNS boolean LANGUAGE plpgsql
        AS 'BEGIN PERFORM public.caught(); RETURN true; END';
    CREATE OPERATOR public.>= (FUNCTION = public.greatest_of, LEFTARG = bigint, RIGHTARG = int);
"""


def test_a_function_in_public_takes_nobodys_place(parts: Conn, logins: list[str]) -> None:
    with psycopg.connect(logins[0], autocommit=True) as mallory:
        for trap in TRAPS.strip().split(";\n"):
            mallory.execute(trap.encode())
        # They do catch, where somebody looks names up in public.
        mallory.execute("SELECT cardinality('{1}'::bigint[])")
        assert column(parts, "DELETE FROM public.caught RETURNING 1") == [1]
        # The one of the report, and what else runs as the owner.
        mallory.execute("SELECT * FROM search.measure_recall('text', 1, 1)")
        mallory.execute("SELECT search.request_vector('pump')")
        mallory.execute("SELECT impl.query_vector(1, 'pump')")
        mallory.execute("SELECT * FROM search.hybrid('parts', 'pump AB1234')")
    # And what the owner itself calls, with its own search_path.
    parts.execute('SET search_path = "$user", public')
    put(parts, {"P3": {"title": "seal", "no": "CD-5678"}, "P1": {"title": "blower"}})
    parts.execute("DELETE FROM core.item WHERE external_id = 'P2'")
    space = fetch(parts, embedding.live_spaces())[0]
    assert embed.run(parts, space, DummyEncoder(registry.spec("dummy"))).stored == 2
    assert found(parts, "blower seal") == ["P1", "P3"]
    parts.execute("SELECT * FROM search.hybrid('parts', 'seal CD5678')")
    parts.execute("SELECT * FROM search.measure_recall('text', 1, 1)")
    assert column(parts, "SELECT DISTINCT by_whom FROM public.caught") == []


def test_who_runs_as_the_owner_looks_names_up_where_nobody_else_creates(parts: Conn) -> None:
    loose = """
        SELECT p.oid::regprocedure::text FROM pg_proc AS p
        JOIN pg_namespace AS n ON n.oid = p.pronamespace AND n.nspname = ANY (%s)
        LEFT JOIN LATERAL (
            SELECT string_to_array(substr(c, 13), ', ') AS path FROM unnest(p.proconfig) AS c
            WHERE c LIKE 'search_path=%%') AS s ON true
        WHERE p.prosecdef AND (s.path IS NULL OR s.path[cardinality(s.path)] <> 'pg_temp' OR EXISTS (
            SELECT FROM unnest(s.path) AS at(name) JOIN pg_namespace AS o ON o.nspname = at.name
            CROSS JOIN LATERAL aclexplode(coalesce(o.nspacl, acldefault('n', o.nspowner))) AS a
            WHERE a.privilege_type = 'CREATE' AND a.grantee <> p.proowner))"""
    assert column(parts, loose, (OURS,)) == []


def test_little_runs_as_the_owner(parts: Conn) -> None:
    definers = "SELECT proname FROM pg_proc WHERE prosecdef AND prorettype <> 'trigger'::regtype"
    assert sorted(column(parts, definers)) == [
        "ask_shards",
        "citations_on_shards",
        "decide_on_shards",
        "delete_on_shards",
        "enqueue_on_shards",
        "greet_shard",
        "keep_on_shards",
        "keep_recall",
        "keep_vocabulary",
        "looks_on_shards",
        "media_on_shard",
        "merge_weights",
        "opinion_on_shards",
        "prompts_on_shards",
        "query_tokens",
        "query_vector",
        "queue_query",
        "read_on_shards",
        "relate_on_shards",
        "retry_on_shards",
        "sign_message",
        "upsert_on_shards",
    ]


TRIGGERS = """
    SELECT p.oid::regproc::text FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace
    WHERE p.prorettype = 'trigger'::regtype AND n.nspname = ANY (%s) AND p.prosecdef ORDER BY 1"""


def test_nobody_fires_our_triggers_with_rows_of_his_own(parts: Conn, logins: list[str]) -> None:
    """A trigger that runs as the owner, on a table of one's own, would do to ours what its rows say."""
    triggers = column(parts, TRIGGERS, (OURS,))
    assert "impl.item_after_truncate" in triggers
    for role in ("seogo_reader", "seogo_writer", "seogo_admin"):
        may = "SELECT f FROM unnest(%s::text[]) AS f WHERE has_function_privilege(%s, f || '()', 'EXECUTE')"
        assert column(parts, may, (triggers, role)) == []
    with psycopg.connect(logins[0], autocommit=True) as mallory:
        mallory.execute("CREATE TEMP TABLE mine (id bigint, item_id bigint, picture_id bigint)")
        for trigger in triggers:
            with pytest.raises(DENIED):
                mallory.execute(
                    "CREATE TRIGGER mine AFTER TRUNCATE ON mine FOR EACH STATEMENT"
                    f" EXECUTE FUNCTION {trigger}()".encode()
                )
    assert found(parts, "pump") == ["P1"]


def test_a_reader_sees_nothing_of_what_others_asked(parts: Conn, logins: list[str]) -> None:
    with psycopg.connect(logins[0], autocommit=True) as alice:
        assert column(alice, "SELECT search.request_vector('a private question')") == ["queued"]
        assert column(alice, "SELECT search.request_vector('a private question')") == ["queued"]
    about = "UPDATE ops.query_vector SET error = 'no model' WHERE query = 'a private question'"
    assert parts.execute(about).rowcount == 1
    with psycopg.connect(logins[1], autocommit=True) as bob:
        for what in ("query", "vec", "query_hash", "asked_by", "*"):
            with pytest.raises(DENIED):
                bob.execute(f"SELECT {what} FROM ops.query_vector".encode())
        assert bob.execute("SELECT kind, query, error FROM search.failed").fetchall() == [
            ("query", None, "no model")
        ]
        # Whoever has the text may ask how far it is.
        asked = "SELECT search.request_vector(' a private question ')"
        assert column(bob, asked) == ["failed: no model"]
    told = "SELECT kind, query, error FROM search.failed"
    assert parts.execute(told).fetchall() == [("query", "a private question", "no model")]


def test_a_reader_fills_neither_the_queue_nor_the_disk(parts: Conn, logins: list[str]) -> None:
    many = (
        "SELECT count(search.request_vector('q' || n)) FROM generate_series(%s::int, %s::int) AS n"
    )
    mine = "SELECT count(*), count(*) FILTER (WHERE query = 'q1') FROM ops.query_vector"
    with psycopg.connect(logins[0], autocommit=True) as alice:
        alice.execute(many, (1, 1000))
        with pytest.raises(psycopg.Error, match="1000 query texts of yours wait") as caught:
            alice.execute("SELECT search.request_vector('one more')")
        assert caught.value.sqlstate == "SG004"
        assert column(alice, "SELECT search.request_vector('q7')") == ["queued"]
        parts.execute(
            "UPDATE ops.query_vector SET vec = (SELECT vec FROM core.embedding LIMIT 1), encoded_at = now()"
        )
        # As if they had been asked and answered, over time.
        parts.execute(
            "INSERT INTO ops.query_vector (space_id, query_hash, query, vec, asked_by, asked_at)"
            " SELECT space_id, md5(n || query)::uuid, n || query, vec, asked_by,"
            " asked_at + n * interval '1 minute'"
            " FROM ops.query_vector CROSS JOIN generate_series(1, 9) AS n"
        )
        assert parts.execute(mine).fetchone() == (10_000, 1)
        alice.execute(many, (2001, 2005))
        assert column(parts, "SELECT count(*) FROM ops.query_vector") == [10_000]
    with psycopg.connect(logins[1], autocommit=True) as bob:
        bob.execute(many, (3001, 3005))
    assert column(parts, "SELECT count(*) FROM ops.query_vector") == [10_005]


def test_a_reader_does_not_fill_the_measurements(parts: Conn, logins: list[str]) -> None:
    with psycopg.connect(logins[0], autocommit=True) as alice:
        alice.execute(
            "SELECT count(impl.keep_recall(1, 1, 1, 0.5, 1, 1)) FROM generate_series(1, 1100)"
        )
        assert column(alice, "SELECT sampled FROM search.measure_recall('text', 2, 1)") == [2]
    assert column(parts, "SELECT count(*) FROM ops.recall") == [1000]
    latest = "SELECT sample_n FROM ops.recall ORDER BY id DESC LIMIT 1"
    assert column(parts, latest) == [2]
