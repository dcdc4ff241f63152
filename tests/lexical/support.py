"""What the lexical tests share: collections, items, one merge, and "this index equals a rebuild"."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Conn = psycopg.Connection[Any]

COPY_ITEMS = "COPY core.item (collection_id, external_id, fields, metadata) FROM STDIN"


def one(conn: Conn, statement: Any, params: Any = None) -> Any:
    """Fetch the first column of the first row."""
    row = conn.execute(statement, params).fetchone()
    assert row is not None
    return row[0]


def column(conn: Conn, statement: Any, params: Any = None) -> list[Any]:
    """Fetch the first column."""
    return [row[0] for row in conn.execute(statement, params)]


def make_collection(
    conn: Conn, name: str, analyzer: str = "simple", weights: Mapping[str, float] | None = None
) -> int:
    """Make a collection; returns its id."""
    return int(
        one(
            conn,
            "SELECT ops.create_collection(%s, %s, %s)",
            (name, analyzer, Jsonb(dict(weights or {}))),
        )
    )


def copy_items(
    conn: Conn, collection_id: int, items: Iterable[tuple[str, dict[str, str], dict[str, Any]]]
) -> None:
    """COPY items given as (external id, fields, metadata): one statement."""
    with conn.cursor() as cur, cur.copy(COPY_ITEMS) as copy:
        for external_id, fields, metadata in items:
            copy.write_row((collection_id, external_id, Jsonb(fields), Jsonb(metadata)))


def live_index(conn: Conn, collection: str) -> int:
    """Id of the index that answers for a collection."""
    return int(one(conn, "SELECT (impl.live_index(%s)).id", (collection,)))


# Chunks of a thousandth of their size: 4 documents make one, 16 fill one.
SMALL = 0.001


def merge(conn: Conn, index_id: int, size: float = SMALL) -> list[str]:
    """Merge until nothing is left to do; returns what was done."""
    steps: list[str] = []
    while True:
        row = conn.execute("SELECT * FROM impl.merge_step(%s, %s)", (index_id, size)).fetchone()
        assert row is not None
        if row[0] is None:
            return steps
        steps.append(row[0])
        assert len(steps) < 1000, steps[-20:]


def build_and_swap(conn: Conn, index_id: int, batch_n: int = 1000) -> None:
    """Finish an index that is being built and put it in force."""
    at: int | None = 0
    while at is not None:
        at = one(conn, "SELECT impl.lexical_build_step(%s, %s, %s)", (index_id, at, batch_n))
    conn.execute("SELECT impl.lexical_swap(%s)", (index_id,))


def lexical(
    conn: Conn, collection: str, query: str | None, k: int | None = 10, filter_: str | None = None
) -> list[tuple[int, int, float, list[str]]]:
    """Rows of search.lexical: item id, rank, score, terms."""
    return conn.execute(
        "SELECT * FROM search.lexical(%s, %s, %s, %s)", (collection, query, k, filter_)
    ).fetchall()


def found(conn: Conn, collection: str, query: str, k: int = 100) -> list[str]:
    """External ids that search.lexical finds, best first."""
    return column(
        conn,
        "SELECT i.external_id FROM search.lexical(%s, %s, %s) AS h"
        " JOIN core.item AS i ON i.id = h.item_id ORDER BY h.rank",
        (collection, query, k),
    )


# Document frequencies that differ from the live documents: none, in every index, at any moment. In an index
# with chunks, those of lexemes with vectors; the others are counted by the index of lexemes.
WRONG_FREQUENCIES = """
WITH counted AS (
    SELECT index_id, lexeme, sum(n) AS n, bool_or(frequent) AS frequent FROM (
        SELECT index_id, lexeme, n, false AS frequent FROM core.posting UNION ALL
        SELECT index_id, lexeme, n, true FROM core.lexical_vector) AS c GROUP BY 1, 2
), live AS (
    SELECT d.index_id, l.lexeme, count(*) AS n
    FROM core.document AS d CROSS JOIN impl.document_terms(d.tokens, NULL) AS l GROUP BY 1, 2
)
SELECT index_id, lexeme, c.n, l.n FROM counted AS c FULL JOIN live AS l USING (index_id, lexeme)
WHERE coalesce(c.n, 0) <> coalesce(l.n, 0)
  AND (c.frequent OR NOT EXISTS (SELECT FROM core.lexical_chunk AS k WHERE k.index_id = index_id))
"""

# Batches against forward rows: N and the total length.
WRONG_TOTALS = """
WITH counted AS (
    SELECT index_id, sum(n_docs) AS n, sum(sum_length) AS length FROM core.batch GROUP BY 1
), live AS (
    SELECT index_id, count(*) AS n, sum(length::float8) AS length FROM core.document GROUP BY 1
)
SELECT index_id, c.n, l.n, c.length, l.length FROM counted AS c FULL JOIN live AS l USING (index_id)
WHERE coalesce(c.n, 0) <> coalesce(l.n, 0) OR abs(coalesce(c.length, 0) - coalesce(l.length, 0)) > 1e-6
"""

# Each live document is in one chunk, or in one batch; and its postings are there, each once: in a batch
# all, in a chunk those of the lexemes with vectors.
WRONG_PLACES = """
WITH place AS (
    SELECT b.index_id, u.id FROM core.batch AS b CROSS JOIN unnest(b.docs) AS u(id)
    UNION ALL SELECT c.index_id, u.id FROM core.lexical_chunk AS c CROSS JOIN unnest(c.docs) AS u(id)
)
SELECT d.index_id, d.id, count(p.id) FROM core.document AS d LEFT JOIN place AS p USING (index_id, id)
GROUP BY 1, 2 HAVING count(p.id) <> 1
"""

WRONG_POSTINGS = """
WITH held AS (
    SELECT p.index_id, p.lexeme, u.doc FROM core.posting AS p CROSS JOIN unnest(p.docs) AS u(doc)
    UNION ALL
    SELECT v.index_id, v.lexeme, c.docs[e.at]
    FROM core.lexical_vector AS v JOIN core.lexical_chunk AS c USING (index_id, no)
    CROSS JOIN unnest((v.v::vector)::real[]) WITH ORDINALITY AS e(weight, at) WHERE e.weight > 0
), wanted AS (
    SELECT d.index_id, l.lexeme, d.id AS doc
    FROM core.document AS d CROSS JOIN impl.document_terms(d.tokens, NULL) AS l
    WHERE EXISTS (SELECT FROM core.batch AS b WHERE b.index_id = d.index_id AND d.id = ANY (b.docs))
       OR EXISTS (SELECT FROM core.lexical_vector AS v
                  WHERE v.index_id = d.index_id AND v.lexeme = l.lexeme)
)
SELECT index_id, lexeme, doc, count(h.*), count(w.*) FROM
    (SELECT h.*, 1 FROM held AS h WHERE EXISTS (SELECT FROM core.document AS d WHERE d.id = h.doc)) AS h
FULL JOIN wanted AS w USING (index_id, lexeme, doc)
GROUP BY 1, 2, 3 HAVING count(h.*) <> 1 OR count(w.*) <> 1
"""

# Rows of indexes that are gone.
ORPHANS = """
SELECT t.index_id FROM (
    SELECT index_id FROM core.document UNION ALL SELECT index_id FROM core.posting
    UNION ALL SELECT index_id FROM core.batch UNION ALL SELECT index_id FROM core.lexical_chunk
    UNION ALL SELECT index_id FROM core.lexical_vector) AS t
WHERE NOT EXISTS (SELECT FROM core.lexical_index AS x WHERE x.id = t.index_id)
"""

FORWARD = """
SELECT i.external_id, d.length, d.fields_hash, d.tokens, d.weights
FROM core.document AS d JOIN core.item AS i ON i.id = d.item_id
WHERE d.index_id = %s ORDER BY i.external_id COLLATE "C"
"""

TOTALS = "SELECT coalesce(sum(n_docs), 0), coalesce(sum(sum_length), 0) FROM core.batch WHERE index_id = %s"


def check_consistent(conn: Conn) -> None:
    """Counts agree with forward rows, blocks with their contents, and nothing is left of the gone."""
    assert conn.execute(WRONG_FREQUENCIES).fetchall() == []
    assert conn.execute(WRONG_TOTALS).fetchall() == []
    assert conn.execute(WRONG_PLACES).fetchall() == []
    assert conn.execute(WRONG_POSTINGS).fetchall() == []
    assert conn.execute(ORPHANS).fetchall() == []


def check_equals_rebuild(conn: Conn, collection: str) -> None:
    """The index of a collection holds what that of a new collection with the same items does."""
    check_consistent(conn)
    twin = f"twin-{uuid.uuid4().hex[:12]}"
    conn.execute(
        "INSERT INTO core.collection (name, analyzer, field_weights)"
        " SELECT %s, x.analyzer, x.field_weights FROM impl.live_index(%s) AS x",
        (twin, collection),
    )
    try:
        conn.execute(
            "INSERT INTO core.item (collection_id, external_id, fields, metadata)"
            " SELECT t.id, i.external_id, i.fields || i.picture_fields, i.metadata"
            " FROM core.collection AS t, core.item AS i JOIN core.collection AS c ON c.id = i.collection_id"
            " WHERE t.name = %s AND c.name = %s ORDER BY i.id",
            (twin, collection),
        )
        mine, rebuilt = live_index(conn, collection), live_index(conn, twin)
        got = conn.execute(FORWARD, (mine,)).fetchall()
        assert got == conn.execute(FORWARD, (rebuilt,)).fetchall()
        got_n, got_length = conn.execute(TOTALS, (mine,)).fetchall()[0]
        want_n, want_length = conn.execute(TOTALS, (rebuilt,)).fetchall()[0]
        assert got_n == want_n
        assert abs(got_length - want_length) < 1e-6
    finally:
        conn.execute("DELETE FROM core.collection WHERE name = %s", (twin,))


def clear(conn: Conn) -> None:
    """Delete all collections and with them everything."""
    conn.execute("DELETE FROM core.collection")


def as_role(url: str, role: str) -> Conn:
    """Connect and act as a role."""
    conn = psycopg.connect(url, autocommit=True)
    conn.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(role)))
    return conn
