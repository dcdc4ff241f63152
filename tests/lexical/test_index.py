"""The triggers keep the lexical index what a rebuild would make it; merges change nothing but its shape."""

from __future__ import annotations

import math
import random
import string
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from psycopg import sql
from psycopg.types.json import Jsonb

from tests.lexical import support

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.lexical.support import Conn

FOUR: dict[str, str] = {"a": "pump seal", "b": "pump pump valve", "c": "진공 펌프", "d": ""}


@pytest.fixture
def cid(db: Conn) -> int:
    """The collection `c`: Korean, titles of weight 3, notes not indexed."""
    return support.make_collection(db, "c", "korean", {"title": 3, "note": 0})


def insert(conn: Conn, cid: int, items: dict[str, str]) -> None:
    """Insert items by one statement; the text is the title of the one, the body of the next."""
    fields = [
        Jsonb({("title", "body")[at % 2]: text, "note": "unheard"})
        for at, text in enumerate(items.values())
    ]
    conn.execute(
        "INSERT INTO core.item (collection_id, external_id, fields)"
        " SELECT %s, * FROM unnest(%s::text[], %s::jsonb[])",
        (cid, list(items), fields),
    )


def docs(conn: Conn) -> dict[str, int]:
    """Id of the forward row per external id."""
    return dict(
        conn.execute(
            "SELECT i.external_id, d.id FROM core.document AS d JOIN core.item AS i ON i.id = d.item_id"
        ).fetchall()
    )


def by_row(conn: Conn, cid: int) -> None:
    for name, text in FOUR.items():
        insert(conn, cid, {name: text})


def by_rows(conn: Conn, cid: int) -> None:
    insert(conn, cid, FOUR)


def by_copy(conn: Conn, cid: int) -> None:
    support.copy_items(conn, cid, [(name, {"title": text}, {}) for name, text in FOUR.items()])


def by_select(conn: Conn, cid: int) -> None:
    insert(conn, cid, FOUR)
    conn.execute(
        "INSERT INTO core.item (collection_id, external_id, fields)"
        " SELECT collection_id, external_id || g, fields FROM core.item, generate_series(1, 300) AS g"
    )


def by_upsert(conn: Conn, cid: int) -> None:
    insert(conn, cid, {"a": "old words", "b": FOUR["b"]})
    insert_or_update = sql.SQL(
        "INSERT INTO core.item (collection_id, external_id, fields)"
        " SELECT {}, * FROM unnest(%s::text[], %s::jsonb[])"
        " ON CONFLICT (collection_id, external_id) DO UPDATE SET fields = excluded.fields"
    ).format(cid)
    texts = [Jsonb({"title": text}) for text in FOUR.values()]
    conn.execute(insert_or_update, (list(FOUR), texts))
    conn.execute(insert_or_update, (list(FOUR), texts))


def by_merge_statement(conn: Conn, cid: int) -> None:
    insert(conn, cid, {"a": "old words", "gone": "pump"})
    conn.execute(
        "MERGE INTO core.item AS i"
        " USING (SELECT * FROM unnest(%s::text[], %s::jsonb[]) AS u(external_id, fields)"
        "        UNION ALL SELECT 'gone', NULL) AS u"
        " ON i.external_id = u.external_id"
        " WHEN MATCHED AND u.fields IS NULL THEN DELETE"
        " WHEN MATCHED THEN UPDATE SET fields = u.fields"
        " WHEN NOT MATCHED THEN INSERT (collection_id, external_id, fields)"
        f" VALUES ({cid}, u.external_id, u.fields)",
        (list(FOUR), [Jsonb({"title": text}) for text in FOUR.values()]),
    )


def by_one_statement_of_all_kinds(conn: Conn, cid: int) -> None:
    insert(conn, cid, {"a": "old words", "gone": "pump"})
    conn.execute(
        "WITH gone AS (DELETE FROM core.item WHERE external_id = 'gone'),"
        " changed AS (UPDATE core.item SET fields = %s WHERE external_id = 'a'),"
        " made AS (INSERT INTO core.item (collection_id, external_id, fields) VALUES (%s, 'b', %s)),"
        " too AS (INSERT INTO core.item (collection_id, external_id, fields) VALUES (%s, 'c', %s))"
        " INSERT INTO core.item (collection_id, external_id) VALUES (%s, 'd')",
        (
            Jsonb({"title": FOUR["a"]}),
            cid,
            Jsonb({"title": FOUR["b"]}),
            cid,
            Jsonb({"title": FOUR["c"]}),
            cid,
        ),
    )


WAYS = [
    by_row,
    by_rows,
    by_copy,
    by_select,
    by_upsert,
    by_merge_statement,
    by_one_statement_of_all_kinds,
]


@pytest.mark.parametrize("write", WAYS, ids=lambda way: way.__name__)
def test_every_way_of_writing_is_indexed(
    db: Conn, cid: int, write: Callable[[Conn, int], None]
) -> None:
    write(db, cid)
    assert {"a", "b"} <= set(support.found(db, "c", "pump", 10_000))
    assert {"a", "b"} & set(support.found(db, "c", "old words unheard", 10_000)) == set()
    assert set(docs(db)) == set(support.column(db, "SELECT external_id FROM core.item"))
    support.check_equals_rebuild(db, "c")
    support.merge(db, support.live_index(db, "c"))
    support.check_equals_rebuild(db, "c")


def test_an_update_reindexes_what_changed_and_nothing_else(db: Conn, cid: int) -> None:
    insert(db, cid, FOUR)
    before = docs(db)
    blocks = support.one(db, "SELECT count(*) FROM core.posting")
    db.execute("""UPDATE core.item SET metadata = '{"n": 1}'""")
    db.execute("UPDATE core.item SET fields = fields")
    db.execute("UPDATE core.item SET fields = '{}' WHERE false")
    assert docs(db) == before
    assert support.one(db, "SELECT count(*) FROM core.posting") == blocks
    db.execute(
        """UPDATE core.item SET fields = CASE external_id WHEN 'a' THEN '{"title": "gasket"}'
           ELSE fields END"""
    )
    after = docs(db)
    assert [name for name in FOUR if before[name] != after[name]] == ["a"]
    assert support.found(db, "c", "gasket") == ["a"]
    assert support.found(db, "c", "seal") == []
    support.check_equals_rebuild(db, "c")


def test_weights_of_fields(db: Conn, cid: int) -> None:
    db.execute(
        "INSERT INTO core.item (collection_id, external_id, fields) VALUES (%s, 'a', %s)",
        (cid, Jsonb({"title": "pump", "body": "pump seal", "note": "pump", "other": "valve"})),
    )
    index_id, length, tokens, weights = db.execute(
        "SELECT index_id, length, tokens, weights FROM core.document"
    ).fetchall()[0]
    assert (length, tokens) == (6, " pump seal \n valv \n pump ")
    terms = "SELECT * FROM impl.document_terms(%s, %s)"
    assert dict(db.execute(terms, (tokens, weights)).fetchall()) == {
        "pump": 4,
        "seal": 1,
        "valv": 1,
    }
    vector = support.one(db, "SELECT impl.lexeme_vector(%s, %s)::text", (index_id, tokens))
    assert vector == " ".join(f"'{index_id}:{word}'" for word in ("pump", "seal", "valv"))


def test_signs_and_powers_rank_what_has_them_first(db: Conn, cid: int) -> None:
    texts = ["C 책", "C# 책", "C++ 책", "1½ inch", "11 inch", "10² kg", "102 kg", "3.5mm", "5mm"]
    insert(db, cid, {text: text for text in texts})
    for query, best in [
        ("C++ 책", "C++ 책"), ("C# 책", "C# 책"), ("C 책", "C 책"), ("5mm", "5mm"),
        ("3.5mm", "3.5mm"), ("11 inch", "11 inch"), ("102", "102 kg"), ("10²", "10² kg"),
    ]:  # fmt: skip
        assert support.found(db, "c", query)[0] == best, query
    assert "10² kg" not in support.found(db, "c", "102")
    assert "1½ inch" not in support.found(db, "c", "11")
    assert "3.5mm" not in support.found(db, "c", "5mm")[:1]


def test_delete(db: Conn, cid: int) -> None:
    insert(db, cid, FOUR)
    db.execute("DELETE FROM core.item WHERE external_id IN ('a', 'd')")
    assert support.found(db, "c", "pump seal") == ["b"]
    support.check_equals_rebuild(db, "c")
    db.execute("DELETE FROM core.item")
    support.check_consistent(db)
    support.merge(db, support.live_index(db, "c"))
    assert support.one(db, "SELECT count(*) FROM core.posting") == 0
    insert(db, cid, FOUR)
    support.check_equals_rebuild(db, "c")


def test_truncate(db: Conn, cid: int) -> None:
    insert(db, cid, FOUR)
    db.execute("SELECT * FROM impl.merge_step(%s, 0.001)", (support.live_index(db, "c"),))
    db.execute("TRUNCATE core.item CASCADE")
    for table in (
        "core.document",
        "core.posting",
        "core.batch",
        "core.lexical_chunk",
        "core.lexical_vector",
    ):
        assert support.one(db, f"SELECT count(*) FROM {table}") == 0  # type: ignore[arg-type]
    assert support.found(db, "c", "pump") == []
    insert(db, cid, FOUR)
    support.check_equals_rebuild(db, "c")
    db.execute("TRUNCATE core.collection CASCADE")
    support.check_consistent(db)


@pytest.mark.parametrize("statement", ["DELETE FROM core.item", "TRUNCATE core.item CASCADE"])
def test_rollback_leaves_what_was(db: Conn, cid: int, statement: Any) -> None:
    insert(db, cid, FOUR)
    before = docs(db)
    with db.transaction(force_rollback=True):
        insert(db, cid, {"e": "pump", "f": "gasket"})
        db.execute(statement)
        insert(db, cid, FOUR)
        db.execute("""UPDATE core.item SET fields = '{"title": "gasket"}'""")
        assert set(support.found(db, "c", "gasket")) >= set(FOUR)
        assert support.found(db, "c", "pump") == []
    assert docs(db) == before
    assert support.found(db, "c", "gasket") == []
    support.check_equals_rebuild(db, "c")


def test_writes_are_found_at_commit_and_not_before(db: Conn, db_url: str, cid: int) -> None:
    insert(db, cid, {"a": "pump", "b": "pump"})
    with psycopg.connect(db_url) as other:
        insert(other, cid, {"e": "gasket pump"})
        other.execute(
            """UPDATE core.item SET fields = '{"title": "gasket"}' WHERE external_id = 'a'"""
        )
        other.execute("DELETE FROM core.item WHERE external_id = 'b'")
        assert set(support.found(other, "c", "gasket")) == {"a", "e"}
        assert support.found(other, "c", "pump") == ["e"]
        seen = support.lexical(db, "c", "pump")
        assert support.found(db, "c", "pump") == ["a", "b"]
        assert support.found(db, "c", "gasket") == []
        support.check_consistent(other)
        other.commit()
        assert support.found(db, "c", "pump") == ["e"]
        assert set(support.found(db, "c", "gasket")) == {"a", "e"}
        assert len(seen) == 2
    support.check_equals_rebuild(db, "c")


def test_a_snapshot_goes_on_seeing_its_index_through_writes_and_merges(
    db: Conn, db_url: str, cid: int
) -> None:
    insert(db, cid, {str(at): "pump seal" for at in range(600)})
    with psycopg.connect(db_url) as reader:
        reader.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        before = support.lexical(reader, "c", "pump", 1000)
        db.execute("DELETE FROM core.item WHERE external_id::int % 3 = 0")
        db.execute(
            """UPDATE core.item SET fields = '{"title": "pump"}' WHERE external_id::int % 3 = 1"""
        )
        assert support.lexical(reader, "c", "pump", 1000) == before
        support.merge(db, support.live_index(db, "c"))
        assert support.lexical(reader, "c", "pump", 1000) == before
        support.check_consistent(reader)
    assert len(support.found(db, "c", "pump", 1000)) == 400


@pytest.fixture
def writer(db: Conn) -> Iterator[str]:
    """A role that may write items and nothing else."""
    name = f"only_items_{db.info.dbname[-12:]}"
    db.execute(
        f"CREATE ROLE {name}; GRANT USAGE ON SCHEMA core TO {name};"
        f" GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON core.item TO {name}"
    )
    yield name
    db.execute(f"DROP OWNED BY {name}; DROP ROLE {name}")


def test_a_role_with_rights_on_items_alone_writes_the_index(
    db: Conn, db_url: str, cid: int, writer: str
) -> None:
    with support.as_role(db_url, writer) as conn:
        insert(conn, cid, FOUR)
        conn.execute(
            """UPDATE core.item SET fields = '{"title": "gasket"}' WHERE external_id = 'a'"""
        )
        conn.execute("DELETE FROM core.item WHERE external_id = 'b'")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            conn.execute("DELETE FROM core.document")
    assert support.found(db, "c", "gasket") == ["a"]
    support.check_equals_rebuild(db, "c")


def test_deleting_a_collection_leaves_nothing(db: Conn, cid: int) -> None:
    other = support.make_collection(db, "other", "english")
    insert(db, cid, FOUR)
    insert(db, other, FOUR)
    db.execute("SELECT ops.alter_collection('c', field_weights => '{}')")
    insert(db, cid, {"e": "pump"})  # into the index that is being built, too
    for index_id in support.column(db, "SELECT id FROM core.lexical_index"):
        db.execute("SELECT * FROM impl.merge_step(%s, 0.001)", (index_id,))
    db.execute("DELETE FROM core.collection WHERE name = 'c'")
    support.check_consistent(db)
    assert set(docs(db)) == set(FOUR)
    support.check_equals_rebuild(db, "other")


def test_a_text_of_a_megabyte(db: Conn, cid: int) -> None:
    rng = random.Random(1)
    text = " ".join("".join(rng.choices("qwertyuiop", k=7)) for _ in range(120_000))
    assert len(text) > 900_000
    insert(db, cid, {"big": text, "hangul": "진공 펌프 " * 30_000, "small": "pump"})
    assert support.found(db, "c", "pump") == ["small"]
    assert support.found(db, "c", "진공 펌프") == ["hangul"]
    assert support.found(db, "c", text.rpartition(" ")[2]) == ["big"]
    db.execute("UPDATE core.item SET fields = '{}' WHERE external_id = 'big'")
    support.check_equals_rebuild(db, "c")


@pytest.mark.parametrize("fields", ["{}", '{"title": ""}', '{"title": "..."}', '{"note": "pump"}'])
def test_an_item_without_words_counts_as_a_document(db: Conn, cid: int, fields: str) -> None:
    insert(db, cid, {"a": "pump"})
    [(_, _, alone, _)] = support.lexical(db, "c", "pump")
    db.execute(
        "INSERT INTO core.item (collection_id, external_id, fields) VALUES (%s, 'b', %s::jsonb)",
        (cid, fields),
    )
    [(_, _, score, _)] = support.lexical(db, "c", "pump")
    assert score != alone
    assert support.one(db, "SELECT sum(n_docs) FROM core.batch") == 2
    support.check_equals_rebuild(db, "c")


def rows(conn: Conn, lexeme: str) -> list[tuple[int, int]]:
    """Share of each row of postings of a lexeme in its frequency, and its documents; largest first."""
    return conn.execute(
        "SELECT n, cardinality(docs) FROM core.posting WHERE lexeme = %s ORDER BY n DESC, batch_id",
        (lexeme,),
    ).fetchall()


def test_folding_makes_one_batch_without_garbage(db: Conn, cid: int) -> None:
    insert(db, cid, {f"first{at}": "pump rare" if at == 7 else "pump" for at in range(700)})
    for at in range(40):
        insert(db, cid, {f"one{at}": "pump"})
    db.execute("DELETE FROM core.item WHERE external_id IN ('first1', 'first7', 'one3')")
    db.execute("""UPDATE core.item SET fields = '{"body": "pump"}' WHERE external_id = 'one4'""")
    assert rows(db, "pump")[0] == (700, 700)
    assert rows(db, "pump")[-1] == (-3, 0)
    before = support.lexical(db, "c", "pump rare", 1000)
    assert support.merge(db, support.live_index(db, "c"), 1) == ["fold"]
    assert rows(db, "pump") == [(737, 737)]
    assert rows(db, "rare") == []
    assert support.one(db, "SELECT count(*) FROM core.batch") == 1
    assert support.lexical(db, "c", "pump rare", 1000) == before
    support.check_equals_rebuild(db, "c")
    assert support.merge(db, support.live_index(db, "c"), 1) == []


def vectors(conn: Conn) -> dict[str, int]:
    """Lexemes with vectors, and the documents counted in them."""
    return dict(
        conn.execute("SELECT lexeme, sum(n) FROM core.lexical_vector GROUP BY 1").fetchall()
    )


def shaped(steps: list[str]) -> list[str]:
    """The steps of a merge that make chunks and batches."""
    return [step for step in steps if step not in ("promote", "rescale")]


def test_a_merge_makes_chunks_and_rebuilds_those_that_die(db: Conn, cid: int) -> None:
    insert(db, cid, {f"a{at}": "pump seal" if at % 2 else "pump one" for at in range(12)})
    index_id = support.live_index(db, "c")
    before = support.lexical(db, "c", "pump seal", 1000)
    assert shaped(support.merge(db, index_id)) == ["chunk"]
    assert vectors(db) == {"pump": 12, "seal": 6, "one": 6}
    assert rows(db, "pump") == []
    assert support.lexical(db, "c", "pump seal", 1000) == before
    db.execute("DELETE FROM core.item WHERE external_id IN ('a1', 'a2', 'a3', 'a4')")
    after = support.lexical(db, "c", "pump seal", 1000)
    assert len(after) == 8
    assert shaped(support.merge(db, index_id)) == ["rebuild"]
    assert vectors(db) == {"pump": 8, "seal": 4, "one": 4}
    assert support.lexical(db, "c", "pump seal", 1000) == after
    support.check_equals_rebuild(db, "c")


def test_small_chunks_become_one(db: Conn, cid: int) -> None:
    index_id = support.live_index(db, "c")
    for part in range(3):
        insert(db, cid, {f"{part}-{at}": f"pump {2 * chr(97 + part)}q" for at in range(4)})
        assert shaped(support.merge(db, index_id)) == ["chunk"]
    assert support.column(db, "SELECT cardinality(docs) FROM core.lexical_chunk") == [12]
    insert(db, cid, {f"more{at}": "pump" for at in range(10)})
    assert shaped(support.merge(db, index_id)) == ["chunk"]
    assert sorted(support.column(db, "SELECT cardinality(docs) FROM core.lexical_chunk")) == [
        10,
        12,
    ]
    assert len(support.found(db, "c", "pump", 1000)) == 22
    support.check_equals_rebuild(db, "c")


def test_a_word_that_becomes_frequent_gets_vectors_in_all_chunks(db: Conn, cid: int) -> None:
    index_id = support.live_index(db, "c")
    insert(db, cid, {f"a{at}": "pump" if at else "pump gasket" for at in range(16)})
    support.merge(db, index_id)
    assert set(vectors(db)) == {"pump"}
    db.execute("DELETE FROM core.item WHERE external_id = 'a3'")
    insert(db, cid, {f"b{at}": "pump gasket" for at in range(16)})
    insert(db, cid, {"late": "gasket"})
    before = support.lexical(db, "c", "gasket", 1000)
    assert len(before) == 18
    assert support.merge(db, index_id)[:2] == ["chunk", "promote"]
    assert vectors(db)["gasket"] == 17
    assert support.lexical(db, "c", "gasket", 1000) == before
    support.check_equals_rebuild(db, "c")
    insert(db, cid, {"later": "gasket"})
    assert len(support.found(db, "c", "gasket", 1000)) == 19
    support.check_equals_rebuild(db, "c")


def test_vectors_of_an_idf_that_has_drifted_are_rescaled(db: Conn, cid: int) -> None:
    index_id = support.live_index(db, "c")
    insert(db, cid, {f"a{at}": "pump seal" if at % 2 else "pump" for at in range(16)})
    support.merge(db, index_id)
    insert(db, cid, {f"b{at}": "pump" for at in range(64)})
    assert "rescale" in support.merge(db, index_id)
    (idf,) = set(support.column(db, "SELECT idf FROM core.lexical_vector WHERE lexeme = 'seal'"))
    assert idf == pytest.approx(math.log(1 + (80 - 8 + 0.5) / 8.5))
    assert len(support.found(db, "c", "seal", 1000)) == 8
    support.check_equals_rebuild(db, "c")


def test_an_interrupted_merge_goes_on_where_it_stopped(db: Conn, db_url: str, cid: int) -> None:
    for part in range(4):
        insert(db, cid, {f"{part}-{at}": f"pump {2 * chr(97 + at)}q" for at in range(10)})
    index_id = support.live_index(db, "c")
    step = "SELECT action, done FROM impl.merge_step(%s, 0.001)"
    chunks = "SELECT cardinality(docs) FROM core.lexical_chunk ORDER BY no"
    assert db.execute(step, (index_id,)).fetchall() == [("chunk", 10)]
    with psycopg.connect(db_url) as conn:  # ends without a commit
        assert conn.execute(step, (index_id,)).fetchall() == [("chunk", 10)]
        conn.rollback()
    assert support.column(db, chunks) == [10]
    support.check_equals_rebuild(db, "c")
    insert(db, cid, {"late": "pump"})
    assert db.execute(step, (index_id,)).fetchall() == [("chunk", 10)]
    assert shaped(support.merge(db, index_id)) == ["chunk"] * 2
    assert sum(support.column(db, chunks)) == 40 or sum(support.column(db, chunks)) == 41
    support.check_equals_rebuild(db, "c")


def test_of_two_merges_at_once_the_second_says_that_somebody_is_at_it(
    db: Conn, db_url: str, cid: int
) -> None:
    other = support.make_collection(db, "other", "english")
    for at in range(5):
        insert(db, cid, {str(at): "pump"})
        insert(db, other, {str(at): "pump"})
    step = "SELECT * FROM impl.merge_step(%s, 0.001)"
    with psycopg.connect(db_url) as first:
        assert first.execute(step, (support.live_index(db, "c"),)).fetchall() == [("chunk", 5)]
        assert db.execute(step, (support.live_index(db, "c"),)).fetchall() == [("busy", None)]
        assert db.execute(step, (support.live_index(db, "other"),)).fetchall() == [("chunk", 5)]
        # Whoever writes many items meanwhile does not wait: they stay postings.
        assert support.one(db, "SELECT count(*) FROM core.lexical_chunk") == 1
    assert support.one(db, "SELECT count(*) FROM core.lexical_chunk") == 2
    support.check_consistent(db)


def test_a_large_load_is_a_chunk_at_once(db: Conn, db_url: str, cid: int) -> None:
    letters = string.ascii_lowercase
    many = {str(at): f"pump q{2 * letters[at % 25]}x" for at in range(4000)}
    insert(db, cid, many)
    assert support.column(db, "SELECT cardinality(docs) FROM core.lexical_chunk") == [4000]
    assert support.one(db, "SELECT count(*) FROM core.posting") == 0
    assert len(support.found(db, "c", "qhhx", 1000)) == 160
    with psycopg.connect(db_url) as conn:
        # At this level a writer could not see what another has just made of the chunks.
        conn.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        insert(conn, cid, {f"more{name}": text for name, text in many.items()})
    assert support.one(db, "SELECT count(*) FROM core.lexical_chunk") == 1
    assert len(support.found(db, "c", "qhhx", 1000)) == 320
    support.check_consistent(db)


def test_writers_make_chunks_where_no_maintenance_comes(db: Conn, cid: int) -> None:
    for part in range(16):
        insert(db, cid, {f"{part}-{at}": "pump" for at in range(1000)})
        assert support.one(db, "SELECT count(*) FROM core.lexical_chunk") == (part == 15)
    assert support.one(db, "SELECT count(*) FROM core.posting") == 0
    assert len(support.found(db, "c", "pump", 20_000)) == 16_000
    support.check_consistent(db)


def test_long_texts_are_cut_into_chunks_by_tokens(db: Conn, cid: int) -> None:
    """A word that becomes frequent in one of them is counted once, whatever comes behind it."""
    words = ["pump"] * 1600 + ["seal"] * 2400
    insert(db, cid, {str(at): f"{word} flange " * 300 for at, word in enumerate(words)})
    sizes = support.column(db, "SELECT cardinality(docs) FROM core.lexical_chunk ORDER BY no")
    assert len(sizes) > 2
    assert sum(sizes) == 4000
    assert vectors(db) == {"pump": 1600, "seal": 2400, "flang": 4000}
    support.check_consistent(db)
    support.merge(db, support.live_index(db, "c"), 1)
    support.check_consistent(db)


def test_vectors_do_not_depend_on_the_digits_of_a_session(db: Conn, db_url: str, cid: int) -> None:
    many = {str(at): "pump " * (at % 7 + 1) + "seal " * (at % 5) for at in range(4000)}
    with psycopg.connect(db_url, autocommit=True) as conn:
        conn.execute("SET extra_float_digits = -10")
        insert(conn, cid, many)
    best = support.lexical(db, "c", "pump seal", 5)
    every = support.lexical(db, "c", "pump seal", 4000)
    assert best == every[:5]


def test_snapshots_older_than_the_index_are_refused(db: Conn, db_url: str, cid: int) -> None:
    insert(db, cid, {"a": "pump"})
    for statement in (
        f"INSERT INTO core.item (collection_id, external_id, fields) VALUES ({cid}, 'b', '{{}}')",
        "UPDATE core.item SET fields = '{}'",
        "DELETE FROM core.item",
        "TRUNCATE core.item CASCADE",
    ):
        with psycopg.connect(db_url) as old:
            old.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            old.execute("SELECT 1 FROM core.item")
            weights = support.one(db, "SELECT coalesce(max(id), 0) + 2 FROM core.lexical_index")
            db.execute(
                "SELECT ops.alter_collection('c', field_weights => %s)", (Jsonb({"t": weights}),)
            )
            building = support.one(
                db, "SELECT id FROM core.lexical_index WHERE status = 'building'"
            )
            support.build_and_swap(db, building)
            with pytest.raises(psycopg.errors.SerializationFailure):
                old.execute(statement.encode())
        support.check_equals_rebuild(db, "c")


def test_rows_of_an_index_that_is_gone_are_deleted(db: Conn, cid: int) -> None:
    insert(db, cid, {"a": "pump"})
    for table in ("document", "posting", "batch"):
        db.execute(f"UPDATE core.{table} SET index_id = 999".encode())
    assert support.one(db, "SELECT impl.drop_leftovers()") == 3
    support.check_consistent(db)


def test_texts_that_become_longer_renew_the_chunks(db: Conn, cid: int) -> None:
    index_id = support.live_index(db, "c")
    insert(db, cid, {f"a{at}": "pump seal" for at in range(12)})
    support.merge(db, index_id)
    insert(db, cid, {f"b{at}": "pump " + "seal gasket " * 40 for at in range(16)})
    assert "rebuild" in support.merge(db, index_id)
    margin = support.one(
        db,
        "SELECT impl.chunk_margin(impl.live_index('c'), sum(sum_length) / sum(n_docs)) FROM core.batch",
    )
    assert margin < 1.3
    support.check_equals_rebuild(db, "c")


def test_batches_folded_while_somebody_writes(db: Conn, db_url: str, cid: int) -> None:
    for at in range(9):
        insert(db, cid, {f"x{at}": "pump"})
    step = "SELECT action FROM impl.merge_step(%s)"
    index_id = support.live_index(db, "c")
    with psycopg.connect(db_url) as writing:
        insert(writing, cid, {"f": "pump"})
        assert db.execute(step, (index_id,)).fetchall() == [("fold",)]
        writing.commit()
    assert rows(db, "pump") == [(9, 9), (1, 1)]
    support.check_equals_rebuild(db, "c")


def test_an_index_built_beside_while_items_change(db: Conn, db_url: str, cid: int) -> None:
    insert(db, cid, {str(at): f"pump n{at}" for at in range(50)})
    with psycopg.connect(db_url) as old:
        # This writer's snapshot is older than the new index, of which it does not know.
        old.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        old.execute("SELECT 1 FROM core.item")
        db.execute("SELECT ops.alter_collection('c', 'english', '{\"body\": 2}')")
        old.execute("""UPDATE core.item SET fields = '{"title": "old"}' WHERE external_id = '3'""")
        old.execute("DELETE FROM core.item WHERE external_id = '4'")
        insert(old, cid, {"new": "pump"})
        building = support.one(db, "SELECT id FROM core.lexical_index WHERE status = 'building'")
        at = support.one(db, "SELECT impl.lexical_build_step(%s, 0, 10)", (building,))
        assert at is not None
        db.execute(
            """UPDATE core.item SET fields = '{"title": "changed"}' WHERE external_id IN ('1', '40')"""
        )
        db.execute("DELETE FROM core.item WHERE external_id IN ('2', '41')")
        insert(db, cid, {"newer": "pump"})
        old.commit()
    assert support.live_index(db, "c") != building
    support.build_and_swap(db, building, 7)
    assert support.live_index(db, "c") == building
    assert set(support.found(db, "c", "changed old")) == {"1", "40", "3"}
    assert {"new", "newer"} < set(support.found(db, "c", "pump"))
    support.check_equals_rebuild(db, "c")
