"""Edits of items against plain Python, names of keys, readings of pictures, words that met."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import pytest

from db.calls.query import fetch
from db.errors import BadRequest, UnknownName
from db.items import editing, items
from db.search import functions
from tests.sql.helpers import column, make_collection, put

if TYPE_CHECKING:
    from tests.sql.helpers import Conn

VALUES = (None, "a", "b", 2, [1, {"x": None}], True)


def there(db: Conn, item_id: int) -> dict[str, dict[str, Any]]:
    """Fields and metadata as they are stored; null is as good as nothing."""
    row = db.execute("SELECT fields, metadata FROM core.item WHERE id = %s", (item_id,)).fetchone()
    assert row
    return {
        part: {key: value for key, value in values.items() if value is not None}
        for part, values in zip(("fields", "metadata"), row, strict=True)
    }


def test_edits_are_those_of_plain_python(db: Conn) -> None:
    make_collection(db)
    item_id = put(db, {"P1": {"a": "a", "b": "b"}}, metadata={"P1": {"a": 2, "c": None}})["P1"]
    chance = random.Random(7)
    for _ in range(60):
        before = there(db, item_id)
        changes = []
        for part, name in chance.sample([(p, n) for p in before for n in "abc"], 2):
            seen = before[part].get(name) if chance.random() < 0.8 else chance.choice(VALUES)
            wanted = chance.choice(VALUES if part == "metadata" else (None, "a", "b"))
            changes.append({"part": part, "name": name, "from": seen, "to": wanted})
        stale = [one for one in changes if before[one["part"]].get(one["name"]) != one["from"]]
        rows = fetch(db, editing.edit_item(item_id=item_id, changes=changes))
        expected = {part: dict(values) for part, values in before.items()}
        for one in [] if stale else changes:
            expected[one["part"]].pop(one["name"], None)
            if one["to"] is not None:
                expected[one["part"]][one["name"]] = one["to"]
        assert there(db, item_id) == expected
        told = [(row.part, row.name, row.was, row.becomes, row.stale) for row in rows]
        assert told == [
            (one["part"], one["name"], before[one["part"]].get(one["name"]), one["to"], bool(stale))
            for one in stale or changes
        ]


@pytest.mark.parametrize(
    "changes",
    [
        [],
        {},
        [{"part": "other", "name": "a"}],
        [{"part": "fields", "name": ""}],
        [{"part": "fields", "name": "a", "to": 1}],
        [{"part": "fields", "name": "ocr", "from": "read", "to": "typed"}],
    ],
)
def test_what_cannot_be_edited(db: Conn, changes: Any) -> None:
    make_collection(db)
    item_id = put(db, {"P1": {"a": "a"}})["P1"]
    db.execute('UPDATE core.item SET picture_fields = \'{"ocr": "read"}\'')
    with pytest.raises(BadRequest):
        fetch(db, editing.edit_item(item_id=item_id, changes=changes))
    with pytest.raises(UnknownName):
        fetch(db, editing.edit_item(item_id=0, changes=[{"part": "fields", "name": "a"}]))


def test_keys_are_named_in_two_languages(db: Conn) -> None:
    make_collection(db)

    def name(labels: Any, **more: Any) -> Any:
        fetch(db, editing.set_labels(collection="parts", labels=labels, **more))
        return db.execute("SELECT labels FROM search.collections").fetchall()[0][0]

    assert name({"a": {"ko": "가"}, "b": {"en": "b", "ko": "나"}}) == {
        "a": {"ko": "가"},
        "b": {"en": "b", "ko": "나"},
    }
    assert name({"a": None, "c": {"en": "c"}}) == {"b": {"en": "b", "ko": "나"}, "c": {"en": "c"}}
    assert name({"d": {"ko": "라"}}, replaces=True) == {"d": {"ko": "라"}}
    values = {"law": {"ko": "법령"}, "rule": {"en": "rule"}}
    assert name({"d": {"values": values}}) == {"d": {"ko": "라", "values": values}}
    changed = {"en": "d", "values": {"law": None, "rule": {"ko": "규칙"}}}
    assert name({"d": changed}) == {"d": {"en": "d", "values": {"rule": {"ko": "규칙"}}}}
    assert name({"d": {"values": None}, "e": {"values": {"x": None}}}) == {"d": {"en": "d"}}
    for wrong in (
        [],
        None,
        {"a": "가"},
        {"a": {}},
        {"a": {"fr": "x"}},
        {"a": {"ko": " "}},
        {"": {}},
        {"a": {"values": []}},
        {"a": {"values": {"x": {"ko": ""}}}},
        {"a": {"values": {"x": "가"}}},
    ):
        with pytest.raises(BadRequest):
            name(wrong)
    with pytest.raises(UnknownName):
        fetch(db, editing.set_labels(collection="none", labels={}))


def test_part_numbers_are_read_from_other_fields_at_once(db: Conn) -> None:
    make_collection(db)
    put(db, {"P1": {"model": "EV-S20N", "body": "AB-123"}})
    numbers = "SELECT source || ' ' || raw FROM core.identifier ORDER BY 1"

    def read(*fields: str) -> list[str]:
        fetch(db, items.alter_collection(name="parts", identifier_fields=list(fields)))
        return column(db, numbers)

    assert read("model") == ["model EV-S20N"]
    fetch(db, items.alter_collection(name="parts", field_weights={"model": 2}))
    assert column(db, numbers) == ["model EV-S20N"]
    assert read("model", "body") == ["body AB-123", "model EV-S20N"]
    for wrong in ([""], ["a"] * 101):
        with pytest.raises(BadRequest):
            read(*wrong)
    assert read() == []


def test_words_that_met(db: Conn) -> None:
    make_collection(db, analyzer="korean")
    item_id = put(db, {"P1": {"title": "진공 펌프", "body": "펌프용 씰, 펌프 오일"}})["P1"]
    rows = fetch(
        db, functions.met_words(collection="parts", query="펌프의 없는 진공", item_id=item_id)
    )
    assert [(row.word, row.field, row.matched, row.hits) for row in rows] == [
        ("펌프의", "body", "펌프용", 2),
        ("펌프의", "title", "펌프", 1),
        ("없는", None, None, None),
        ("진공", "title", "진공", 1),
    ]
    many = " ".join(f"w{n}" for n in range(40))
    asked = functions.met_words(collection="parts", query=many, item_id=item_id)
    assert len(fetch(db, asked)) == 20
    assert fetch(db, editing.readings(item_id=item_id)) == []
