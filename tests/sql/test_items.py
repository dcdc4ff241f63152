"""Items: written by the function or by plain SQL, searchable at once either way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import psycopg
import pytest
from psycopg.types.json import Jsonb

from tests.sql.helpers import column, found, make_collection, put, put_vectors, queued, unit

if TYPE_CHECKING:
    from tests.sql.helpers import Conn

VECTORS = {"text": {"item": ["title", "body"], "note": ["note"]}}


def upsert(db: Conn, *rows: dict[str, Any]) -> dict[str, str]:
    """Call `ops.upsert_items` on `parts`; returns external id -> action."""
    given = db.execute("SELECT * FROM ops.upsert_items('parts', %s)", (Jsonb(rows),)).fetchall()
    return {key: action for key, _, action in given}


def insert(db: Conn, fields: object = None, metadata: object = None, key: str | None = "P1") -> int:
    """Insert an item as an analyst would."""
    row = db.execute(
        "INSERT INTO core.item (collection_id, external_id, fields, metadata)"
        " SELECT id, %s, %s, %s FROM core.collection WHERE name = 'parts' RETURNING id",
        (key, Jsonb({} if fields is None else fields), Jsonb({} if metadata is None else metadata)),
    ).fetchone()
    assert row is not None
    return int(row[0])


def test_upsert_tells_inserted_updated_and_unchanged(db: Conn) -> None:
    make_collection(db)
    one = {"external_id": "P1", "fields": {"title": "pump"}, "metadata": {"year": 2020}}
    two = {"external_id": "P2", "fields": {"title": "valve"}}
    assert upsert(db, one, two) == {"P1": "inserted", "P2": "inserted"}
    times = dict(db.execute("SELECT external_id, updated_at FROM core.item").fetchall())
    changed = one | {"metadata": {"year": 2021}}
    three = {"external_id": "P3"}
    assert upsert(db, three, changed, two) == {
        "P1": "updated",
        "P2": "unchanged",
        "P3": "inserted",
    }
    later = dict(db.execute("SELECT external_id, updated_at FROM core.item").fetchall())
    assert later["P1"] > times["P1"]
    assert later["P2"] == times["P2"]
    assert column(db, "SELECT metadata FROM search.items WHERE external_id = 'P1'") == [
        {"year": 2021}
    ]
    assert upsert(db, changed | {"fields": {"title": "pumps"}}) == {"P1": "updated"}
    # The order of keys and the spelling of a number are not content.
    assert upsert(db, {"external_id": "P1", "fields": {"title": "pumps"}, "metadata": {"year": 2021.0}}) == {
        "P1": "unchanged"
    }  # fmt: skip


def test_upsert_refuses_an_id_twice_and_an_unknown_collection(db: Conn) -> None:
    make_collection(db)
    with pytest.raises(psycopg.errors.CardinalityViolation):
        upsert(db, {"external_id": "P1"}, {"external_id": "P1", "fields": {"title": "x"}})
    with pytest.raises(psycopg.Error) as caught:
        db.execute("SELECT * FROM ops.upsert_items('elsewhere', '[]')")
    assert caught.value.sqlstate == "SG001"
    assert column(db, "SELECT count(*) FROM core.item") == [0]


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"fields": {"title": 1}}, "fields_is_an_object_of_texts"),
        ({"fields": {"title": None}}, "fields_is_an_object_of_texts"),
        ({"fields": {"title": ["pump"]}}, "fields_is_an_object_of_texts"),
        ({"fields": {"a": "x", "b": {"c": "d"}}}, "fields_is_an_object_of_texts"),
        ({"fields": "pump"}, "fields_is_an_object_of_texts"),
        ({"fields": ["pump"]}, "fields_is_an_object_of_texts"),
        ({"fields": {"title": "x" * 4_200_000}}, "fields_below_4_megabytes"),
        ({"metadata": [1]}, "metadata_is_an_object"),
        ({"metadata": 1}, "metadata_is_an_object"),
        ({"key": ""}, "item_external_id_check"),
        ({"key": "x" * 501}, "item_external_id_check"),
    ],
)
def test_constraints_name_what_is_wrong(db: Conn, values: dict[str, Any], constraint: str) -> None:
    make_collection(db)
    with pytest.raises(psycopg.errors.CheckViolation) as caught:
        insert(db, **values)
    assert caught.value.diag.constraint_name == constraint


@pytest.mark.parametrize("key", ["x" * 500, "한" * 500, " ", "'; --", "a/b?c#d%20", "\\", "\n"])
def test_any_external_id_up_to_500_characters_will_do(db: Conn, key: str) -> None:
    make_collection(db)
    assert put(db, {key: {"title": "pump"}}).keys() == {key}
    assert found(db, "pump") == [key]


def test_what_an_analyst_writes_by_sql_is_found_at_once(db: Conn) -> None:
    make_collection(db)
    insert(db, {"title": "vacuum pump"})
    assert found(db, "vacuum") == ["P1"]
    db.execute('UPDATE core.item SET fields = fields || \'{"title": "hydraulic pump"}\'')
    assert (found(db, "vacuum"), found(db, "hydraulic"), found(db, "pump")) == ([], ["P1"], ["P1"])
    db.execute("UPDATE core.item SET fields = fields - 'title'")
    assert found(db, "pump") == []
    db.execute('UPDATE core.item SET fields = \'{"body": "pump"}\'')
    assert found(db, "pump") == ["P1"]
    db.execute("DELETE FROM core.item")
    assert found(db, "pump") == []


def test_one_statement_may_write_many_items(db: Conn) -> None:
    make_collection(db)
    put(db, {f"P{n:03d}": {"title": f"pump w{n}"} for n in range(300)})
    assert sorted(found(db, "pump", k=1000)) == [f"P{n:03d}" for n in range(300)]
    db.execute("UPDATE core.item SET fields = '{\"title\": \"valve\"}' WHERE external_id < 'P100'")
    assert len(found(db, "valve", k=1000)) == 100
    db.execute("DELETE FROM core.item WHERE external_id >= 'P050'")
    assert sorted(found(db, "valve pump", k=1000)) == [f"P{n:03d}" for n in range(50)]
    assert found(db, "w7") == []


def test_what_is_rolled_back_is_not_found(db: Conn) -> None:
    make_collection(db)
    with db.transaction(force_rollback=True):
        insert(db, {"title": "pump"})
        assert found(db, "pump") == ["P1"]
    assert found(db, "pump") == []


def test_rare_words_outweigh_common_ones_and_more_matches_fewer(db: Conn) -> None:
    make_collection(db)
    items = {f"P{n}": {"title": "pump station"} for n in range(20)}
    items |= {
        "rare": {"title": "pump cryogenic vessel"},
        "both": {"title": "cryogenic station pump"},
    }
    put(db, items)
    assert found(db, "cryogenic station", k=2) == ["both", "rare"]
    assert set(found(db, "cryogenic")) == {"rare", "both"}
    scores = column(db, "SELECT score FROM search.lexical('parts', 'cryogenic pump', 100)")
    assert scores == sorted(scores, reverse=True)
    assert len(scores) == 22


def test_equal_items_come_in_the_order_of_ids(db: Conn) -> None:
    make_collection(db)
    ids = put(db, {f"P{n}": {"title": "same words"} for n in range(30)})
    got = db.execute("SELECT item_id, rank FROM search.lexical('parts', 'words', 7)").fetchall()
    assert got == [(i, rank) for rank, i in enumerate(sorted(ids.values())[:7], 1)]


@pytest.mark.parametrize(
    "query", ["", " ", "absent", "!?", "' OR 1=1 --", "&|!():*<->", None, "\\"]
)
def test_a_query_without_a_known_word_finds_nothing(db: Conn, query: str | None) -> None:
    make_collection(db)
    put(db, {"P1": {"title": "pump"}})
    assert column(db, "SELECT item_id FROM search.lexical('parts', %s)", (query,)) == []


def test_a_field_of_weight_zero_is_not_searched(db: Conn) -> None:
    make_collection(db, field_weights={"note": 0, "title": 2})
    put(db, {"P1": {"title": "pump", "note": "secret"}})
    assert (found(db, "pump"), found(db, "secret")) == (["P1"], [])


def test_only_a_changed_embedded_text_goes_into_the_outbox(db: Conn, dummy_space: int) -> None:
    make_collection(db, vector_sources=VECTORS)
    make_collection(db, "plain")
    put(db, {"P1": {"title": "pump", "maker": "SMC"}, "P2": {"maker": "no text to embed"}})
    put(db, {"X": {"title": "pump"}}, "plain")
    assert queued(db) == ["P1"]
    for change, expected in [
        ('fields = fields || \'{"maker": "Festo"}\'', []),
        ("metadata = '{\"year\": 2020}'", []),
        ('fields = fields || \'{"title": "  pump "}\'', []),  # blanks around do not count
        ('fields = fields || \'{"body": "  "}\'', []),
        ('fields = fields || \'{"body": "dry"}\'', ["P1"]),
        ('fields = fields || \'{"note": "noisy"}\'', ["P1"]),
        ("fields = fields - 'note'", ["P1"]),
        ("fields = fields - 'body' - 'title'", ["P1"]),
    ]:
        db.execute("DELETE FROM ops.outbox")
        db.execute(f"UPDATE core.item SET {change} WHERE external_id = 'P1'".encode())
        assert (change, queued(db)) == (change, expected)


def test_a_new_space_queues_what_is_there(db: Conn) -> None:
    make_collection(db, vector_sources=VECTORS)
    put(db, {"P1": {"title": "pump"}, "P2": {"maker": "no text to embed"}})
    assert queued(db) == []
    db.execute("SELECT ops.create_space('text', 'dummy', 'dummy@1', 32)")
    assert queued(db) == ["P1"]


def test_an_item_cannot_move_to_another_collection(db: Conn) -> None:
    make_collection(db)
    make_collection(db, "other")
    put(db, {"P1": {"title": "pump"}})
    with pytest.raises(psycopg.Error, match="item P1 cannot move to another collection") as caught:
        db.execute("UPDATE core.item SET collection_id = collection_id + 1")
    assert caught.value.sqlstate == "SG004"
    assert (found(db, "pump"), found(db, "pump", "other")) == (["P1"], [])


def test_the_same_external_id_may_stand_in_two_collections(db: Conn) -> None:
    make_collection(db)
    make_collection(db, "other")
    ids = {name: put(db, {"P1": {"title": name}}, name)["P1"] for name in ("parts", "other")}
    assert ids["parts"] != ids["other"]
    assert (found(db, "other"), found(db, "other", "other")) == ([], ["P1"])
    with pytest.raises(psycopg.errors.UniqueViolation):
        insert(db)


@pytest.mark.parametrize(
    "statement", ["DELETE FROM core.item", "DELETE FROM core.collection WHERE name = 'parts'"]
)
def test_deleting_takes_everything_along(db: Conn, dummy_space: int, statement: str) -> None:
    make_collection(db, vector_sources=VECTORS, identifier_fields=["no"])
    ids = put(db, {f"P{n}": {"title": "pump", "no": f"AB-123{n}"} for n in range(3)})
    rows = [(i, "item", part) for i in ids.values() for part in range(2)]
    put_vectors(db, dummy_space, rows, unit(np.random.default_rng(0), len(rows)))
    db.execute(
        "INSERT INTO core.chunk SELECT item_id, space_id, source, part_no, 0, 9 FROM core.embedding"
    )
    tables = ("core.item", "core.identifier", "core.embedding", "core.chunk", "ops.outbox")
    counts = "SELECT count(*) FROM "
    assert [column(db, (counts + t).encode())[0] for t in tables] == [3, 3, 6, 6, 3]
    db.execute(statement.encode())
    assert [column(db, (counts + t).encode())[0] for t in tables] == [0, 0, 0, 0, 0]


def test_collections_are_made_once_with_the_same_settings(db: Conn) -> None:
    first = make_collection(db, vector_sources=VECTORS)
    assert make_collection(db, vector_sources=VECTORS) == first
    with pytest.raises(
        psycopg.Error, match="collection parts exists with other settings"
    ) as caught:
        make_collection(db)
    assert caught.value.sqlstate == "SG004"


@pytest.mark.parametrize("name", ["", "Parts", "1st", "a b", "부품", "x" * 64, 'a"b', None])
def test_collection_names_are_lower_case_words(db: Conn, name: str | None) -> None:
    with pytest.raises(psycopg.Error, match="a collection cannot be named") as caught:
        db.execute("SELECT ops.create_collection(%s)", (name,))
    assert caught.value.sqlstate == "SG004"
    assert "lower-case" in (caught.value.diag.message_hint or "")


def test_legal_collection_names_work_throughout(db: Conn) -> None:
    for name in ("a", "x" * 63, "legal-ko_2"):
        make_collection(db, name)
        put(db, {"P1": {"title": "pump"}}, name)
        assert found(db, "pump", name) == ["P1"]
    assert column(db, "SELECT sum(items) FROM search.collections") == [3]
