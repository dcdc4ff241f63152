"""Plans of the statements inside the search functions: no scan over all postings or documents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import psycopg
import pytest

from tests.conftest import fresh_database
from tests.lexical import support

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.lexical.support import Conn

DOCS = 3000
WORDS = "ARRAY['w1', 'w2', 'w9', 'w77']"
INDEX = "(impl.live_index('c')).id"


@pytest.fixture(scope="module")
def filled(server_url: str, template: str) -> Iterator[Conn]:
    """Two collections of 3,000 documents, in chunks and in postings; for all, as nothing here writes."""
    with (
        fresh_database(server_url, template) as url,
        psycopg.connect(url, autocommit=True) as conn,
    ):
        fill(conn)
        yield conn


def fill(conn: Conn) -> None:
    rng = np.random.default_rng(1)
    for name in ("c", "other"):
        cid = support.make_collection(conn, name)
        words = rng.zipf(1.4, (DOCS, 12)) % 2000
        support.copy_items(
            conn,
            cid,
            [
                (str(at), {"t": " ".join(f"w{w}" for w in row)}, {"n": at})
                for at, row in enumerate(words)
            ],
        )
    support.merge(conn, support.live_index(conn, "c"), 0.1)
    for table in ("posting", "document", "batch", "lexical_chunk", "lexical_vector", "item"):
        conn.execute(f"VACUUM (ANALYZE) core.{table}")  # type: ignore[arg-type]


def plan(conn: Conn, function: str, call: str) -> list[dict[str, Any]]:
    """All nodes of the plan of the statement that is the body of an SQL function.

    The body is explained within a PL/pgSQL function of the same name and parameters, so that the
    names in it mean what they mean in the original.
    """
    arguments, body = conn.execute(
        "SELECT (SELECT string_agg(concat_ws(' ', p.proargnames[a.at], format_type(a.type, NULL)),"
        "        ', ' ORDER BY a.at) FROM unnest(p.proargtypes) WITH ORDINALITY AS a(type, at)),"
        " p.prosrc FROM pg_proc AS p WHERE p.oid = %s::regproc",
        (function,),
    ).fetchall()[0]
    name = f"pg_temp.{function.partition('.')[2]}"
    create = (
        f"CREATE OR REPLACE FUNCTION {name}({arguments}) RETURNS json LANGUAGE plpgsql AS $f$\n"
        "#variable_conflict use_column\nDECLARE plan json;\nBEGIN\n"
        f"FOR plan IN EXPLAIN (FORMAT JSON) {body} LOOP RETURN plan; END LOOP;\nEND $f$"
    )
    conn.execute(create)  # type: ignore[call-overload]
    explained = support.one(conn, f"SELECT {name}({call})")
    return list(nodes(explained[0]["Plan"]))


def nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for child in node.get("Plans", []):
        yield from nodes(child)


def access(found: list[dict[str, Any]], table: str) -> set[tuple[str, str | None]]:
    """How a table is read: kinds of scan, with their indexes."""
    return {
        (node["Node Type"], node.get("Index Name"))
        for node in found
        if node.get("Relation Name") == table
    }


def test_document_frequencies_come_from_the_covering_indexes(filled: Conn) -> None:
    found = plan(filled, "impl.bm25_terms", f"{INDEX}, {WORDS}, 3000, true")
    assert access(found, "posting") == {("Index Only Scan", "posting_lexeme_idx")}
    assert access(found, "lexical_vector") == {("Index Only Scan", "lexical_vector_idx")}


def test_vectors_are_fetched_word_by_word(filled: Conn) -> None:
    with filled.transaction():
        before = scans(filled)
        filled.execute(
            f"SELECT * FROM impl.chunk_candidates({INDEX}, {WORDS}, '{{1,1,1,0.1}}', 20, 0)".encode()
        )
        after = scans(filled)
    assert after["lexical_vector_idx"] > before["lexical_vector_idx"]
    assert after["lexical_vector"] == before["lexical_vector"]


def test_merges_join_by_hashing(filled: Conn) -> None:
    """Right after a load the planner takes thousands of lexemes for one, and would loop over them."""
    hashing = filled.execute(
        "SELECT p.proname FROM pg_proc AS p WHERE p.pronamespace = 'impl'::regnamespace"
        " AND p.proname IN ('build_chunk', 'fold_batches', 'promote_terms', 'rescale_terms')"
        " AND 'enable_nestloop=off' = ANY (p.proconfig)"
    ).fetchall()
    assert len(hashing) == 4


def test_fresh_postings_are_fetched_word_by_word(filled: Conn) -> None:
    call = f"{INDEX}, {WORDS}, '{{1,1,1,1}}', 1.2, 0.75, 20"
    found = plan(filled, "impl.bm25_fresh", call)
    assert access(found, "posting") == {("Index Scan", "posting_lexeme_idx")}


def test_documents_of_a_rare_word_come_from_the_index_of_lexemes(filled: Conn) -> None:
    found = plan(filled, "impl.documents_with", f"{INDEX}, ARRAY['w77']")
    assert {node["Index Name"] for node in found if "Index Name" in node} == {
        "document_lexemes_idx",
        "document_long_idx",
    }


@pytest.mark.parametrize("filter_", ["NULL, NULL", """'{"n": 1}', NULL""", "NULL, '$.n > 3'"])
def test_forward_rows_are_fetched_one_by_one(filled: Conn, filter_: str) -> None:
    docs = "ARRAY(SELECT id FROM core.document ORDER BY id LIMIT 100)"
    call = f"{docs}, {WORDS}, '{{1,1,1,1}}', 1.2, 0.75, 20, {filter_}"
    found = plan(filled, "impl.bm25_scores", call)
    assert access(found, "document") == {("Index Scan", "document_pkey")}


def scans(conn: Conn) -> dict[str, int]:
    """Scans of this transaction: of whole tables by the table's name, of indexes by theirs."""
    return dict(
        conn.execute(
            "SELECT relname, seq_scan FROM pg_stat_xact_user_tables WHERE schemaname = 'core'"
            " UNION ALL SELECT indexrelname, pg_stat_get_xact_numscans(indexrelid)"
            " FROM pg_stat_user_indexes WHERE schemaname = 'core'"
        ).fetchall()
    )


@pytest.mark.parametrize("filter_", [None, '{"n": 5}', "$.n == 5", "$.n >= 500"])
def test_a_search_reads_no_table_from_end_to_end(filled: Conn, filter_: str | None) -> None:
    with filled.transaction():
        before = scans(filled)
        for at in range(8):  # often enough for plans to become generic, where they do
            support.lexical(filled, "c", f"w1 w2 w{at + 3}", 10, filter_)
        after = scans(filled)
        used = {name for name, n in after.items() if n > before[name]}
    assert {"posting_lexeme_idx", "lexical_vector_idx"} <= used
    assert not used & {"posting", "document", "lexical_vector"}


@pytest.mark.parametrize("filter_", ['{"n": 5}', "$.n == 5"])
def test_a_filter_that_lets_few_pass_is_served_by_its_index(filled: Conn, filter_: str) -> None:
    with filled.transaction():
        before = scans(filled)
        support.lexical(filled, "c", "w1 w2", 10, filter_)
        after = scans(filled)
    assert after["item_metadata_idx"] > before["item_metadata_idx"]
    assert after["item"] == before["item"]
