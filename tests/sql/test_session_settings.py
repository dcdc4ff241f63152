"""The same answers and the same index, whatever a session or a database has set."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from db import connect, migrate
from db.calls.query import fetch
from db.settings import DbSettings
from db.spaces import embedding
from db.sqlfiles import repeatable
from encoders import registry
from encoders.text.dummy import DummyEncoder
from jobs import embed
from tests.conftest import fresh_database
from tests.sql.helpers import make_collection, put

if TYPE_CHECKING:
    from tests.sql.helpers import Conn

ITEMS = {
    "P1": {
        "title": r"진공 펌프 \left( x \right) vacuum pump",
        "no": "HD1800-S7, AB 1234",
        "body": "The pump\u3000seals; 실링 교체 주기 1000시간",
        "law": "민법 제750조",
    },
    "P2": {
        "title": "Ball valve 볼 밸브 2½ inch",
        "no": "XY-5120\nXY-5121",
        "law": "상법 제4조 제1항",
    },
    "P3": {"title": "누액 감지 센서 ＡＢＣ", "no": "SN000123", "body": r"a \frac{1}{2} b, pumps"},
}
METADATA = {
    "P1": {"day": "2024-01-05", "maker": "SMC", "n": 1.10, "tags": ["a", "b"]},
    "P2": {"day": "2024-01-04T23:00:00Z", "maker": "Festo", "n": 2},
    "P3": {"maker": "SMC", "tags": ["a"]},
}
VEC = "(SELECT vec FROM core.embedding ORDER BY item_id LIMIT 1)"
DAY = '$.day.datetime() >= "2024-01-05T00:00:00Z".datetime()'
# Everything that a reader may ask; a time that it took would differ.
QUESTIONS = [
    "SELECT * FROM search.analyze('korean', '진공 \\left( 펌프 \\right) seals NRY1KH000')",
    "SELECT search.query_kind(q) FROM unnest('{진공펌프 누설 원인과 조치 HD1800-S7,HD1800-S7,"
    "x^2 - 3x = 0,한글　전각 ＨＤ１８００}'::text[]) AS q",
    "SELECT * FROM search.lexical('c', '진공 펌프 pump', 5)",
    f"SELECT * FROM search.lexical('c', 'pump', 5, '{DAY}')",
    "SELECT * FROM search.phrase('c', '\"vacuum pump\" -밸브', 5)",
    "SELECT * FROM search.phrase('c', 'pump　seals OR val*', 5)",
    f"SELECT * FROM search.phrase('c', 'pump', 5, '{DAY}')",
    "SELECT * FROM search.identifier('c', 'hd1800s7 XY5120 TMP')",
    "SELECT * FROM search.citations('c', '민법 제750조와 상법 제4조　제1항에 따라')",
    "SELECT f.* FROM search.items AS i, search.highlight('c', 'pump 실링', i.item_id) AS f"
    " ORDER BY i.item_id, 1",
    "SELECT * FROM search.facets('c', 'pump 펌프', 'maker')",
    "SELECT * FROM search.facets('c', NULL, 'n', '$.maker == \"SMC\"')",
    "SELECT * FROM search.hybrid('c', '진공 펌프 HD1800-S7', method => 'weighted')",
    "SELECT * FROM search.hybrid('c', 'pump', ARRAY[search.lexical_leg(weight => 0.3),"
    " search.like_leg('text', '{1}')])",
    f"SELECT item_id, rank, score, path FROM search.semantic('text', {VEC}, 3)",
    f"SELECT item_id FROM search.semantic('text', {VEC}, 3, '{DAY}')",
    "SELECT item_id, rank, score FROM search.like_items('{1}', '{2}')",
    "SELECT leg, kind, found, best_item_id, best_score, detail"
    " FROM search.explain_hybrid('c', 'pump')",
    "SELECT external_id, fields, metadata FROM search.items ORDER BY 1",
    "SELECT * FROM search.coverage ORDER BY 1, 2",
    # What the triggers have written.
    "SELECT external_id, content_hash FROM core.item ORDER BY 1",
    "SELECT item_id, source, raw, normalized, keys FROM core.identifier ORDER BY 1, 2, 4",
    "SELECT item_id, tokens, weights, length, impl.lexeme_vector(index_id, tokens) FROM core.document"
    " ORDER BY 1",
    "SELECT item_id, source, vec, content_hash FROM core.embedding ORDER BY 1, 2",
]
SETTINGS = {
    "standard_conforming_strings": "off",
    "search_path": "",
    "DateStyle": "SQL, DMY",
    "IntervalStyle": "sql_standard",
    "TimeZone": "Asia/Seoul",
    "extra_float_digits": "-15",
    "bytea_output": "escape",
    "lc_messages": "C",
    "lc_numeric": "C",
    "quote_all_identifiers": "on",
    "array_nulls": "off",
    "transform_null_equals": "on",
    "default_text_search_config": "pg_catalog.german",
    "plan_cache_mode": "force_generic_plan",
    "enable_seqscan": "off",
    "enable_indexscan": "off",
    "enable_bitmapscan": "off",
    "jit": "on",
    "work_mem": "64kB",
    "xmloption": "document",
    "backslash_quote": "off",
    "hnsw.ef_search": "1",
    "hnsw.max_scan_tuples": "1",
    "hnsw.iterative_scan": "off",
    "max_parallel_workers_per_gather": "8",
    "default_transaction_isolation": "serializable",
    "check_function_bodies": "off",
    "geqo_threshold": "2",
    "from_collapse_limit": "1",
    "default_toast_compression": "pglz",
}

# Those that change what a text, a literal or a name means, and how triggers are planned.
WHILE_WRITING = [
    "standard_conforming_strings",
    "search_path",
    "DateStyle",
    "extra_float_digits",
    "quote_all_identifiers",
    "array_nulls",
    "transform_null_equals",
    "default_text_search_config",
    "plan_cache_mode",
]


def fill(conn: Conn) -> None:
    """Write what is asked about, by every way that triggers see."""
    spec = registry.spec("dummy")
    conn.execute(
        "SELECT ops.create_space('text', %s, %s, %s)", (spec.name, spec.identity, spec.dim)
    )
    make_collection(
        conn,
        "c",
        analyzer="korean",
        identifier_fields=["no", "law"],
        vector_sources={"text": {"item": ["title"]}},
    )
    put(conn, ITEMS, "c", METADATA)
    conn.execute(
        "UPDATE core.item SET fields = fields || '{\"note\": \"새 메모\"}' WHERE external_id = 'P3'"
    )


def vectors(url: str) -> None:
    """As the worker does."""
    with connect.session(DbSettings(database_url=url)) as conn:
        embed.run(
            conn, fetch(conn, embedding.live_spaces())[0], DummyEncoder(registry.spec("dummy"))
        )


def answers(conn: Conn) -> dict[str, Any]:
    """What each question is answered with, as the client gets it."""
    # E'' and a fixed format: the questions and how they are shown may not depend on the settings either.
    found = {}
    for question in QUESTIONS:
        asked = re.sub(
            r"'([^']*\\[^']*)'", lambda m: "E'" + m[1].replace("\\", "\\\\") + "'", question
        )
        # Binary, because how many digits a client sees is its own affair.
        with conn.cursor(binary=True) as cur:
            found[question] = cur.execute(asked.encode(), prepare=False).fetchall()
    return found


@pytest.fixture(scope="module")
def usual(server_url: str, template: str) -> Any:
    """A filled database and its answers under PostgreSQL's own settings."""
    with fresh_database(server_url, template) as url:
        with psycopg.connect(url, autocommit=True) as conn:
            fill(conn)
        vectors(url)
        with session(url) as conn:
            yield url, answers(conn)


def session(url: str, **settings: str) -> Conn:
    """A fresh session, so that nothing is planned or compiled yet, with pgvector's types."""
    conn = psycopg.connect(url, autocommit=True)
    connect.register_or_explain(conn)
    conn.execute("LOAD 'vector'")
    for name, value in settings.items():
        conn.execute("SELECT set_config(%s, %s, false)", (name, value))
    return conn


def same(got: dict[str, Any], expected: dict[str, Any]) -> None:
    for question, rows in expected.items():
        assert (question, got[question]) == (question, rows)


@pytest.mark.parametrize("name", SETTINGS)
def test_a_setting_of_the_session_changes_no_answer(usual: Any, name: str) -> None:
    url, expected = usual
    with session(url, **{name: SETTINGS[name]}) as conn:
        same(answers(conn), expected)


@pytest.mark.parametrize("name", WHILE_WRITING)
def test_a_setting_of_the_session_changes_nothing_that_is_written(
    usual: Any, server_url: str, template: str, name: str
) -> None:
    _, expected = usual
    with fresh_database(server_url, template) as url:
        with session(url, **{name: SETTINGS[name]}) as conn:
            fill(conn)
        vectors(url)
        with session(url) as conn:
            same(answers(conn), expected)


def test_an_upgrade_does_not_depend_on_settings_of_the_database(
    usual: Any, empty_db_url: str
) -> None:
    """All at once: an upgrade takes seconds."""
    _, expected = usual
    names = ("standard_conforming_strings", "search_path", "DateStyle", "quote_all_identifiers")
    with psycopg.connect(empty_db_url, autocommit=True) as conn:
        target = conn.info.dbname
        for name in names:
            value = SETTINGS[name].replace("'", "''")
            conn.execute(f"ALTER DATABASE {target} SET {name} = '{value}'".encode())
    migrate.upgrade(empty_db_url)
    with session(empty_db_url) as conn:
        fill(conn)
        vectors(empty_db_url)
        same(answers(conn), expected)


def test_a_database_in_the_locale_c_gives_the_same_answers(usual: Any, server_url: str) -> None:
    _, expected = usual
    name = "seogo_test_locale_c"
    with psycopg.connect(server_url, autocommit=True) as conn:
        conn.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)".encode())
        conn.execute(
            f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'"
            " LOCALE_PROVIDER libc LOCALE 'C'".encode()
        )
        try:
            url = make_conninfo(server_url, dbname=name)
            migrate.upgrade(url)
            with session(url) as there:
                fill(there)
                vectors(url)
                same(answers(there), expected)
        finally:
            conn.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


def test_no_literal_means_something_else_under_another_setting() -> None:
    """A backslash in '…' is one only with standard_conforming_strings on: E'…', or SET on the function."""
    loose = []
    for file in repeatable():
        # What goes on after a line's end is of the same literal.
        text = re.sub(r"'[ \t]*\n\s*'", "", re.sub(r"--[^\n]*", "", file.text))
        plain = re.findall(
            r"(?<![A-Za-z])'(?:[^']|'')*'", re.sub(r"\bE'(?:\\.|[^'\\]|'')*'", "''", text)
        )
        if any("\\" in one for one in plain) and "SET standard_conforming_strings = on" not in text:
            loose.append(file.path)
    assert loose == [
        "66_backups/ops.fingerprints.sql"
    ]  # within a statement that it puts together: E''\n''
