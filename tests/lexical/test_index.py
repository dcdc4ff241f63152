"""The triggers keep the lexical index what a rebuild would make it; merges change nothing but its shape."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
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
            "SELECT i.external_id, d.id FROM core.lexdoc AS d JOIN core.item AS i ON i.id = d.item_id"
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
    blocks = support.one(db, "SELECT count(*) FROM core.posting_block")
    db.execute("""UPDATE core.item SET metadata = '{"n": 1}'""")
    db.execute("UPDATE core.item SET fields = fields")
    db.execute("UPDATE core.item SET fields = '{}' WHERE false")
    assert docs(db) == before
    assert support.one(db, "SELECT count(*) FROM core.posting_block") == blocks
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
    row = db.execute("SELECT lexemes, tfs, length, tsv::text, tokens FROM core.lexdoc").fetchone()
    assert row is not None
    assert dict(zip(row[0], row[1], strict=True)) == {"pump": 4, "seal": 1, "valv": 1}
    assert row[2] == 6
    assert row[3] == "'pump' 'seal' 'valv'"
    assert row[4] == " pump seal \n valv \n pump "


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
    assert support.one(db, "SELECT count(*) FROM core.posting_block") == 0
    insert(db, cid, FOUR)
    support.check_equals_rebuild(db, "c")


def test_truncate(db: Conn, cid: int) -> None:
    insert(db, cid, FOUR)
    db.execute("SELECT * FROM impl.merge_postings(%s, 1)", (support.live_index(db, "c"),))
    db.execute("TRUNCATE core.item CASCADE")
    for table in ("core.lexdoc", "core.posting_block", "core.segment", "ops.merge_cursor"):
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
            conn.execute("DELETE FROM core.lexdoc")
    assert support.found(db, "c", "gasket") == ["a"]
    support.check_equals_rebuild(db, "c")


def test_deleting_a_collection_leaves_nothing(db: Conn, cid: int) -> None:
    other = support.make_collection(db, "other", "english")
    insert(db, cid, FOUR)
    insert(db, other, FOUR)
    db.execute("SELECT ops.alter_collection('c', field_weights => '{}')")
    insert(db, cid, {"e": "pump"})  # into the index that is being built, too
    for index_id in support.column(db, "SELECT id FROM core.lexical_index"):
        db.execute("SELECT * FROM impl.merge_postings(%s, 1)", (index_id,))
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
    assert support.one(db, "SELECT sum(n_docs) FROM core.segment") == 2
    support.check_equals_rebuild(db, "c")


def block_sizes(conn: Conn, lexeme: str) -> list[int]:
    return support.column(
        conn, "SELECT n FROM core.posting_block WHERE lexeme = %s ORDER BY n DESC, id", (lexeme,)
    )


def test_blocks_grow_by_a_quarter_of_what_is_before_them(db: Conn) -> None:
    sizes = support.column(
        db,
        "SELECT count(*) FROM generate_series(1, 200000) AS t(at) GROUP BY impl.block_of(at)"
        " ORDER BY impl.block_of(at)",
    )
    numbers = support.column(
        db, "SELECT DISTINCT impl.block_of(at) FROM generate_series(1, 200000) AS t(at) ORDER BY 1"
    )
    assert numbers == list(range(len(sizes)))
    assert sizes[:4] == [256] * 4
    for at, size in enumerate(sizes[4:-1], start=4):
        assert 0.25 * sum(sizes[:at]) == pytest.approx(size, abs=2)


def test_merging_makes_full_blocks_without_garbage(db: Conn, cid: int) -> None:
    insert(db, cid, {f"first{at}": "pump rare" if at == 7 else "pump" for at in range(700)})
    assert block_sizes(db, "pump") == [256, 256, 188]
    for at in range(40):
        insert(db, cid, {f"one{at}": "pump"})
    db.execute("DELETE FROM core.item WHERE external_id IN ('first1', 'first7', 'one3')")
    db.execute("""UPDATE core.item SET fields = '{"body": "pump"}' WHERE external_id = 'one4'""")
    assert block_sizes(db, "pump")[-1] < 0
    before = support.lexical(db, "c", "pump rare", 1000)
    assert support.merge(db, support.live_index(db, "c")) == 2
    assert block_sizes(db, "pump") == [256, 256, 225]
    assert block_sizes(db, "rare") == []
    dead = (
        "SELECT count(*) FROM core.posting_block, unnest(docs) AS doc"
        " WHERE doc NOT IN (SELECT id FROM core.lexdoc)"
    )
    assert support.one(db, dead) == 0
    assert support.one(db, "SELECT count(*) FROM core.segment") == 1
    assert support.lexical(db, "c", "pump rare", 1000) == before
    support.check_equals_rebuild(db, "c")
    assert support.merge(db, support.live_index(db, "c")) == 0


def test_an_interrupted_merge_goes_on_where_it_stopped(db: Conn, db_url: str, cid: int) -> None:
    words = [f"w{chr(97 + at)}x" for at in range(10)]
    for at in range(20):
        insert(db, cid, {str(at): " ".join(words)})
    index_id = support.live_index(db, "c")
    step = "SELECT * FROM impl.merge_postings(%s, 4)"
    cursor = "SELECT lexeme FROM ops.merge_cursor"
    assert db.execute(step, (index_id,)).fetchall() == [(4, 4)]
    assert support.one(db, cursor) == words[3]
    with psycopg.connect(db_url) as conn:  # ends without a commit
        assert conn.execute(step, (index_id,)).fetchall() == [(4, 4)]
        conn.rollback()
    assert support.one(db, cursor) == words[3]
    assert [len(block_sizes(db, word)) for word in words] == [1] * 4 + [20] * 6
    support.check_equals_rebuild(db, "c")
    assert db.execute(step, (index_id,)).fetchall() == [(4, 4)]
    insert(db, cid, {"late": "aaa " + " ".join(words)})  # behind the cursor as well as before it
    assert db.execute(step, (index_id,)).fetchall() == [(2, 2)]
    assert db.execute(step, (index_id,)).fetchall() == [(0, 0)]
    assert db.execute(cursor).fetchall() == []
    assert [len(block_sizes(db, word)) for word in words] == [2] * 8 + [1] * 2
    support.check_equals_rebuild(db, "c")


def test_of_two_merges_at_once_the_second_does_nothing(db: Conn, db_url: str, cid: int) -> None:
    other = support.make_collection(db, "other", "english")
    for at in range(5):
        insert(db, cid, {str(at): "pump"})
        insert(db, other, {str(at): "pump"})
    step = "SELECT * FROM impl.merge_postings(%s)"
    with psycopg.connect(db_url) as first:
        assert first.execute(step, (support.live_index(db, "c"),)).fetchall() == [(1, 1)]
        assert db.execute(step, (support.live_index(db, "c"),)).fetchall() == [(0, 0)]
        assert db.execute(step, (support.live_index(db, "other"),)).fetchall() == [(2, 2)]
        assert len(block_sizes(db, "pump")) == 6
    assert len(block_sizes(db, "pump")) == 2
    support.check_consistent(db)


def test_segments_folded_while_somebody_writes(db: Conn, db_url: str, cid: int) -> None:
    insert(db, cid, FOUR)
    insert(db, cid, {"e": "pump"})
    fold = "SELECT impl.merge_segments(%s)"
    index_id = support.live_index(db, "c")
    with psycopg.connect(db_url) as writing, psycopg.connect(db_url) as folding:
        insert(writing, cid, {"f": "pump"})
        folding.execute(fold, (index_id,))
        with ThreadPoolExecutor(1) as pool:  # waits for the first, then finds nothing left to fold
            second = pool.submit(db.execute, fold, (index_id,))
            folding.commit()
            second.result()
        writing.commit()
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
