"""Pictures in the database: stored once, given to items, and what is read in them searched like a field."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, LiteralString

import numpy as np
import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg.types.json import Jsonb

from db.calls.query import fetch
from db.errors import BadRequest
from db.items import editing
from db.operations import item_captions, readings
from db.search import functions
from db.spaces import embedding
from tests.lexical import support
from tests.sql.helpers import (
    claim,
    column,
    found,
    keep,
    line,
    make_collection,
    put,
    put_picture,
    queued,
    show,
    unit,
)
from tests.sql.test_grants import DENIED, acting_as

if TYPE_CHECKING:
    from db.spaces.rows import Claimed
    from tests.sql.helpers import Conn

SOURCES = {
    "text": {"item": ["title"], "caption": ["caption"]},
    "image": {"photo": ["@photo"], "plate": ["@nameplate"]},
    "both": {"all": ["title", "@photo"]},
}


@pytest.fixture
def parts(db: Conn) -> Conn:
    """The collection `parts`, whose pictures are read, with items P1 and P2 (ids 1 and 2)."""
    make_collection(
        db,
        picture_readers={"ocr": "auto"},
        identifier_fields=["no"],
        vector_sources=SOURCES,
    )
    put(db, {"P1": {"title": "pump", "no": "AB-1234"}, "P2": {"title": "valve"}})
    return db


def space(db: Conn, name: str, modality: str) -> int:
    made = "SELECT ops.create_space(%s, 'dummy', 'dummy@1', 32, %s)"
    return int(column(db, made, (name, modality))[0])


def said(db: Conn, external_id: str = "P1") -> dict[str, str]:
    (fields,) = column(
        db, "SELECT picture_fields FROM core.item WHERE external_id = %s", (external_id,)
    )
    return dict(fields)


def identifiers(db: Conn) -> list[tuple[Any, ...]]:
    return db.execute(
        "SELECT item_id, source, raw, round(confidence::numeric, 2)::float8 FROM core.identifier"
        " ORDER BY item_id, source, raw"
    ).fetchall()


def versions(db: Conn) -> list[tuple[Any, ...]]:
    """Which version of each row there is: what was written again, even with the same values, differs."""
    tables = ("item", "media", "picture", "reading", "ocr_line", "identifier", "document")
    return [
        row
        for table in tables
        for row in db.execute(
            f"SELECT '{table}', ctid::text, xmin::text FROM core.{table} ORDER BY 2".encode()
        )
    ]


# --- stored once ----------------------------------------------------------------------------------


def test_a_picture_is_stored_once_whoever_shows_it(parts: Conn) -> None:
    first, again, other = (put_picture(parts, content) for content in (b"a", b"a", b"b"))
    assert first == again != other
    assert show(parts, 1, first, other) == 2
    assert show(parts, 2, first) == 1
    kept = dict(parts.execute("SELECT id, sha256 FROM core.picture").fetchall())
    assert kept == {
        first: hashlib.sha256(b"a").digest(),
        other: hashlib.sha256(b"b").digest(),
    }
    assert column(parts, "SELECT count(*) FROM core.reading") == [2]


def test_what_is_no_picture_is_refused(parts: Conn) -> None:
    good: dict[str, Any] = {
        "data": b"a",
        "media_type": "image/png",
        "width": 1,
        "height": 1,
        "thumbnail": b"",
    }
    for wrong in ({"data": b""}, {"media_type": "text/html"}, {"width": 0}, {"height": -1}):
        with pytest.raises(BadRequest, match="picture refuses a value"):
            fetch(parts, readings.store_picture(readings.Decoded(**good | wrong)))


def test_media_without_a_picture_say_why(parts: Conn) -> None:
    def give(**more: Any) -> int:
        row = readings.MediaRow(role="photo", position=0, name="a.png", **more)
        return fetch(parts, readings.set_media(item_id=1, media=[row]))[0].n

    picture = put_picture(parts, b"a")
    for wrong in ({}, {"picture_id": picture, "error": "both"}):
        with pytest.raises(BadRequest, match="an item's picture cannot be that"):
            give(**wrong)
    assert give(error="no such file") == 1
    assert column(parts, "SELECT error FROM core.media") == ["no such file"]
    assert claim(parts) == {}


def test_the_same_media_again_touch_nothing(parts: Conn) -> None:
    space(parts, "image", "image")
    one, two = put_picture(parts, b"a"), put_picture(parts, b"b")
    show(parts, 1, one, two)
    for claimed in claim(parts).values():
        keep(parts, claimed, "S/N 19E99919")
    parts.execute("DELETE FROM ops.outbox")
    before = versions(parts)
    assert show(parts, 1, put_picture(parts, b"a"), put_picture(parts, b"b")) == 0
    assert put(parts, {"P1": {"title": "pump", "no": "AB-1234"}}) == {"P1": 1}
    assert versions(parts) == before
    assert queued(parts) == []
    assert claim(parts) == {}


def test_media_that_are_not_listed_go_and_changed_ones_change(parts: Conn) -> None:
    one, two, three = (put_picture(parts, content) for content in (b"a", b"b", b"c"))
    show(parts, 1, one, two)
    assert show(parts, 1, one) == 1  # the second place is gone
    assert show(parts, 1, three, two) == 2
    shown = "SELECT position, picture_id FROM core.media ORDER BY position"
    assert parts.execute(shown).fetchall() == [(0, three), (1, two)]
    assert show(parts, 1) == 2
    assert column(parts, "SELECT count(*) FROM core.picture") == [3]


def test_orphans_go_and_what_is_shown_stays(parts: Conn) -> None:
    kept, gone, young = (put_picture(parts, content) for content in (b"a", b"b", b"c"))
    show(parts, 1, kept, gone)
    for claimed in claim(parts).values():
        keep(parts, claimed, "text")
    show(parts, 1, kept)
    parts.execute(
        "UPDATE core.picture SET created_at = now() - interval '2 hours' WHERE id <> %s", (young,)
    )
    assert fetch(parts, readings.drop_orphans())[0].n == 1
    assert column(parts, "SELECT id FROM core.picture ORDER BY id") == [kept, young]
    assert column(parts, "SELECT DISTINCT picture_id FROM core.ocr_line") == [kept]


# --- what is read becomes fields and identifiers ------------------------------------------------


def test_a_collection_says_who_reads_its_pictures(db: Conn) -> None:
    for readers, kinds in (
        ({}, []),
        ({"ocr": "auto"}, [("ocr", "auto")]),
        (
            {"caption": "parts-ko", "ocr": "rapidocr"},
            [("caption", "parts-ko"), ("ocr", "rapidocr")],
        ),
    ):
        with db.transaction(force_rollback=True):
            make_collection(db, picture_readers=readers)
            ids = put(db, {"P1": {}})
            assert show(db, ids["P1"], put_picture(db, b"a")) == 1
            queue = db.execute("SELECT kind, wanted FROM core.reading ORDER BY kind").fetchall()
            assert queue == kinds
    refused: list[Any] = [{"smell": "x"}, {"ocr": 1}, {"ocr": None}, [], "ocr"]
    for wrong in refused:
        with pytest.raises(psycopg.errors.CheckViolation, match="picture_readers"):
            make_collection(db, picture_readers=wrong)
    with pytest.raises(psycopg.Error, match="unknown prompt any") as caught:
        make_collection(db, picture_readers={"caption": "any"})
    assert caught.value.sqlstate == "SG001"
    assert "parts-en, parts-ko" in str(caught.value.diag.message_hint)


def test_a_changed_prompt_is_a_new_version_and_its_pictures_are_described_again(db: Conn) -> None:
    add = "SELECT ops.add_prompt('valves', %s, %s)"
    versions = [("say it", 9), ("say it", 9), ("say more", 9), ("say more", 20), ("say it", 9)]
    assert [column(db, add, version)[0] for version in versions] == [1, 1, 2, 3, 4]
    with pytest.raises(psycopg.errors.CheckViolation):
        db.execute(add, (" ", 9))
    make_collection(db, picture_readers={"caption": "valves"})
    ids = put(db, {"P1": {"title": "pump"}})
    picture = put_picture(db, b"a")
    show(db, ids["P1"], picture)
    store = (
        "SELECT ops.store_caption(r.picture_id, r.enqueued_at, 'a valve', 'x', 'valves@4')"
        " FROM core.reading AS r"
    )
    again = "SELECT ops.read_again('parts', 'caption', %s)"
    assert column(db, store) == [True]
    assert column(db, again, ("valves",)) == [0]
    db.execute(add, ("say less", 9))
    assert column(db, again, ("valves",)) == [1]
    assert column(db, "SELECT version FROM search.prompts WHERE prompt = 'valves'") == [5]
    with pytest.raises(psycopg.Error, match="unknown prompt"):
        db.execute(again, ("pumps",))
    db.execute("SELECT ops.alter_collection('parts', picture_readers => '{}')")
    assert column(db, "SELECT picture_readers FROM search.collections") == [{}]


def test_what_is_read_is_searched_for_every_item_that_shows_it(parts: Conn) -> None:
    picture = put_picture(parts, b"a")
    show(parts, 1, picture)
    show(parts, 2, picture, role="nameplate")
    (claimed,) = claim(parts).values()
    assert (claimed.bytes, claimed.wanted) == (b"a", "auto")
    assert claimed.about == "AB-1234\npump"
    assert keep(parts, claimed, "Kitagawa", "Seiki")
    assert said(parts) == said(parts, "P2") == {"ocr": "Kitagawa\nSeiki"}
    assert sorted(found(parts, "kitagawa")) == ["P1", "P2"]
    assert claim(parts) == {}
    snippets = fetch(parts, functions.highlight(collection="parts", item_id=2, query="seiki"))
    assert [(one.field, one.hits) for one in snippets] == [("ocr", 1)]
    # One that joins later shows what is known already.
    ids = put(parts, {"P3": {"title": "seal"}})
    show(parts, ids["P3"], picture)
    assert sorted(found(parts, "kitagawa")) == ["P1", "P2", "P3"]
    assert claim(parts) == {}


def test_what_was_read_before_stays_where_it_says_something_else(parts: Conn) -> None:
    show(parts, 1, put_picture(parts, b"a"))
    again = "UPDATE core.reading SET read_at = NULL, enqueued_at = clock_timestamp(), lease_until = NULL"

    def before() -> list[str]:
        return [one.content for one in fetch(parts, editing.earlier_readings(item_id=1))]

    for lines in (["Kitagawa", "S/N 1"], ["Kitagawa", "S/N 1"], ["Kitagawa", "S/N 7"], []):
        assert keep(parts, claim(parts)[1], *lines)
        parts.execute(again)
    assert before() == ["Kitagawa\nS/N 7", "Kitagawa\nS/N 1"]
    (claimed,) = claim(parts).values()
    parts.execute(again)
    assert not keep(parts, claimed, "late")  # asked again since: nothing is stored, nothing kept
    assert len(before()) == 2
    # Where the text was empty, that is kept as well; of all the ten latest.
    for n in range(12):
        assert keep(parts, claim(parts)[1], str(n))
        parts.execute(again)
    assert before() == [str(n) for n in range(10, 0, -1)]


def test_what_is_read_is_found_at_commit_and_not_before(parts: Conn, db_url: str) -> None:
    show(parts, 1, put_picture(parts, b"a"))
    (claimed,) = claim(parts).values()
    with psycopg.connect(db_url, autocommit=True) as other:
        with parts.transaction():
            keep(parts, claimed, "Kitagawa")
            assert (found(parts, "kitagawa"), found(other, "kitagawa")) == (["P1"], [])
        assert found(other, "kitagawa") == ["P1"]


def test_texts_stand_in_the_order_of_role_position_and_line(parts: Conn) -> None:
    ids = [put_picture(parts, content) for content in (b"a", b"b", b"c")]
    rows = [
        readings.MediaRow(role=role, position=at, name="x", picture_id=one)
        for role, at, one in (("photo", 1, ids[0]), ("photo", 0, ids[1]), ("nameplate", 0, ids[2]))
    ]
    fetch(parts, readings.set_media(item_id=1, media=rows))
    for picture_id, claimed in claim(parts).items():
        keep(parts, claimed, line(f"second of {picture_id}", no=2), line(f"first of {picture_id}"))
    assert said(parts)["ocr"].split("\n") == [
        f"{which} of {picture_id}" for picture_id in (ids[2], ids[1], ids[0]) for which in ("first", "second")
    ]  # fmt: skip


def test_lines_read_with_little_confidence_are_kept_but_not_searched(parts: Conn) -> None:
    show(parts, 1, put_picture(parts, b"a"))
    (claimed,) = claim(parts).values()
    keep(parts, claimed, line("sure", 0.5), line("guess", 0.49, no=2), line("", 0.9, no=3))
    assert said(parts) == {"ocr": "sure"}
    assert (found(parts, "sure"), found(parts, "guess")) == (["P1"], [])
    assert column(parts, "SELECT text FROM core.ocr_line ORDER BY line_no") == ["sure", "guess", ""]
    parts.execute("UPDATE core.ocr_line SET confidence = 1 WHERE text = 'guess'")
    assert found(parts, "guess") == ["P1"]


def test_a_field_made_of_pictures_has_its_weight(db: Conn) -> None:
    make_collection(db, picture_readers={"ocr": "auto"}, field_weights={"ocr": 0})
    ids = put(db, {"P1": {"title": "pump"}})
    show(db, ids["P1"], put_picture(db, b"a"))
    (claimed,) = claim(db).values()
    keep(db, claimed, "Kitagawa")
    assert said(db) == {"ocr": "Kitagawa"}
    assert found(db, "kitagawa") == []


def test_numbers_read_are_identifiers_with_their_source_and_confidence(parts: Conn) -> None:
    show(parts, 1, put_picture(parts, b"a"), put_picture(parts, b"b"))
    first, second = claim(parts).values()
    serial = readings.IdentifierRow(label="serial_number", raw="19E99919", confidence=0.8)
    weaker = readings.IdentifierRow(label="serial_number", raw="19E99919", confidence=0.6)
    part = readings.IdentifierRow(label="part_number", raw="AB-1234", confidence=0.7)
    keep(parts, first, "19E99919", identifiers=[weaker, serial, part])
    keep(parts, second, "nothing else")
    assert identifiers(parts) == [
        (1, "no", "AB-1234", 1),
        (1, "ocr:part_number", "AB-1234", 0.7),
        (1, "ocr:serial_number", "19E99919", 0.8),
    ]
    hits = fetch(parts, functions.identifier(collection="parts", query="19E999I9"))
    assert [(hit.item_id, hit.source) for hit in hits] == [(1, "ocr:serial_number")]
    # What the fields say is kept apart from what was read, and either changes without the other.
    put(parts, {"P1": {"title": "pump", "no": "CD-5678"}})
    assert [row[1:3] for row in identifiers(parts)] == [
        ("no", "CD-5678"),
        ("ocr:part_number", "AB-1234"),
        ("ocr:serial_number", "19E99919"),
    ]


def test_captions_are_a_field_of_their_own_with_vectors_of_its_own(parts: Conn) -> None:
    space(parts, "text", "text")
    show(parts, 1, put_picture(parts, b"a"))
    parts.execute(
        "INSERT INTO core.reading (picture_id, kind, wanted) VALUES (1, 'caption', 'any')"
    )
    parts.execute("DELETE FROM ops.outbox")
    (claimed,) = claim(parts, "caption").values()

    def store(text: str) -> bool:
        query = readings.store_caption(
            claimed, caption=text, captioner="test@1", prompt="parts@1", tokens=5, latency_ms=1.5, tried=[]
        )  # fmt: skip
        return fetch(parts, query)[0].done

    assert store("a blue cryopump")
    assert fetch(parts, editing.earlier_readings(item_id=1)) == []
    assert said(parts) == {"caption": "a blue cryopump"}
    assert found(parts, "cryopump") == ["P1"]
    assert queued(parts) == ["P1"]
    sources = {
        row.source: row.content
        for row in fetch(parts, embedding.claim_batch(space_id=1, batch_n=9))
    }
    assert sources == {"item": "pump", "caption": "a blue cryopump"}
    parts.execute("UPDATE core.caption SET text = 'a green one'")
    assert (found(parts, "cryopump"), found(parts, "green")) == ([], ["P1"])


CHANGES: dict[LiteralString, str | None] = {
    "UPDATE core.ocr_line SET text = 'Osaka' WHERE line_no = 1": "Osaka\nSeiki",
    "UPDATE core.ocr_line SET line_no = 9 WHERE line_no = 1": "Seiki\nKitagawa",
    "UPDATE core.ocr_line SET picture_id = 2 WHERE line_no = 1": "Seiki",
    "DELETE FROM core.ocr_line WHERE line_no = 1": "Seiki",
    "DELETE FROM core.ocr_line": None,
    "DELETE FROM core.media": None,
    "UPDATE core.media SET picture_id = 2": None,
    "UPDATE core.media SET item_id = 2": None,
    "UPDATE core.media SET picture_id = NULL, error = 'gone'": None,
}


def test_what_an_analyst_changes_by_sql_is_searched_at_once(parts: Conn) -> None:
    show(parts, 1, put_picture(parts, b"a"))
    put_picture(parts, b"b")
    (claimed,) = claim(parts).values()
    serial = readings.IdentifierRow(label="serial_number", raw="19E99919", confidence=0.8)
    keep(parts, claimed, "Kitagawa", "Seiki", identifiers=[serial])
    for change, left in CHANGES.items():
        with parts.transaction(force_rollback=True):
            parts.execute(change)
            assert said(parts).get("ocr") == left, change
            for word in ("Kitagawa", "Seiki", "Osaka"):
                assert ("P1" in found(parts, word)) == (word in (left or "")), (change, word)
            shown = "SELECT 1 FROM core.media WHERE item_id = 1 AND picture_id = 1"
            sources = [row[1] for row in identifiers(parts) if row[0] == 1]
            assert ("ocr:serial_number" in sources) == bool(column(parts, shown)), change
            support.check_equals_rebuild(parts, "parts")


def test_items_that_go_leave_their_pictures_to_others(parts: Conn) -> None:
    picture = put_picture(parts, b"a")
    show(parts, 1, picture)
    show(parts, 2, picture)
    (claimed,) = claim(parts).values()
    keep(parts, claimed, "Kitagawa")
    parts.execute("DELETE FROM core.item WHERE external_id = 'P1'")
    assert found(parts, "kitagawa") == ["P2"]
    assert column(parts, "SELECT item_id FROM core.media") == [2]
    parts.execute("DELETE FROM core.collection")
    assert column(parts, "SELECT id FROM core.picture") == [picture]
    assert found_anywhere(parts) == 0


def found_anywhere(db: Conn) -> int:
    return int(column(db, "SELECT count(*) FROM core.document")[0])


TEXTS = st.text(alphabet="abc ", max_size=4)
STEPS = st.one_of(
    st.tuples(st.just("show"), st.integers(1, 3), st.lists(st.integers(1, 3), max_size=2)),
    st.tuples(st.just("read"), st.integers(1, 3), st.lists(TEXTS, max_size=2)),
    st.tuples(st.just("caption"), st.integers(1, 3), TEXTS),
    st.tuples(st.just("whole"), st.integers(1, 3), TEXTS),
    st.tuples(st.just("line"), st.integers(1, 3), TEXTS),
    st.tuples(st.just("forget"), st.integers(1, 3), st.none()),
    st.tuples(st.just("write"), st.integers(1, 3), TEXTS),
    st.tuples(st.just("drop"), st.integers(1, 3), st.none()),
)
EXPECTED = """
SELECT i.id, jsonb_strip_nulls(jsonb_build_object(
    'ocr', (SELECT string_agg(l.text, E'\\n' ORDER BY m.role, m.position, l.line_no)
            FROM core.media AS m JOIN core.ocr_line AS l USING (picture_id)
            WHERE m.item_id = i.id AND l.confidence >= 0.5 AND l.text <> ''),
    'caption', (SELECT CASE WHEN said.texts <> '{}' THEN array_to_string(said.texts, E'\\n') END FROM (
        SELECT ARRAY(SELECT k.text FROM core.item_caption AS k
                     WHERE k.item_id = i.id AND k.text IS NOT NULL AND NOT EXISTS (
                         SELECT FROM unnest(k.of_pictures) AS p(id) WHERE NOT EXISTS (
                             SELECT FROM core.media AS m WHERE m.item_id = i.id AND m.picture_id = p.id)))
               || ARRAY(SELECT c.text FROM core.media AS m JOIN core.caption AS c USING (picture_id)
                        WHERE m.item_id = i.id ORDER BY m.role, m.position)) AS said(texts))))
FROM core.item AS i ORDER BY i.id"""
NUMBERS = """
SELECT DISTINCT i.id, s.source, s.normalized FROM core.item AS i CROSS JOIN LATERAL (
    SELECT 'no', impl.fold_identifier(i.fields ->> 'no')
    UNION ALL SELECT 'ocr:' || p.label, impl.fold_identifier(p.raw) FROM core.media AS m
    JOIN core.picture_identifier AS p USING (picture_id) WHERE m.item_id = i.id) AS s(source, normalized)
WHERE s.normalized <> '' ORDER BY 1, 2, 3"""


GONE: dict[str, LiteralString] = {
    "forget": "DELETE FROM core.ocr_line WHERE picture_id = %s",
    "drop": "DELETE FROM core.item WHERE id = %s",
}


def caption_items(db: Conn, text: str) -> None:
    """Give every item that waits for it a caption of all its pictures."""
    for claimed in fetch(db, item_captions.claim(batch_n=9, most=8)):
        query = item_captions.store(
            claimed, caption=text, of_pictures=claimed.pictures, captioner="x", prompt="x"
        )
        fetch(db, query)


def take(db: Conn, step: tuple[str, int, Any]) -> None:
    what, one, given = step
    match what:
        case "show":
            if column(db, "SELECT 1 FROM core.item WHERE id = %s", (one,)):
                show(db, one, *given)
        case "read":
            db.execute("UPDATE core.reading SET read_at = NULL WHERE picture_id = %s", (one,))
            numbers = [
                readings.IdentifierRow(label="model", raw=text, confidence=0.5) for text in given
            ]
            for claimed in claim(db).values():
                keep(db, claimed, *given, identifiers=numbers)
        case "caption":
            db.execute(
                "INSERT INTO core.caption (picture_id, text, captioner, prompt) VALUES (%s, %s, 'x', 'x')"
                " ON CONFLICT (picture_id) DO UPDATE SET text = excluded.text",
                (one, given),
            )
        case "whole":
            caption_items(db, given)
        case "line":
            db.execute("UPDATE core.ocr_line SET text = %s WHERE picture_id = %s", (given, one))
        case "write":
            db.execute(
                "UPDATE core.item SET fields = %s WHERE id = %s", (Jsonb({"title": given, "no": given}), one)
            )  # fmt: skip
        case "forget" | "drop":
            db.execute(GONE[what], (one,))


def test_whatever_is_done_fields_numbers_and_index_are_those_of_what_is_there(parts: Conn) -> None:
    put(parts, {"P3": {"title": "seal"}})
    for content in (b"a", b"b", b"c"):
        put_picture(parts, content)
    readers = '{"ocr": "auto", "caption": "parts-en"}'
    parts.execute("SELECT ops.alter_collection('parts', picture_readers => %s)", (readers,))

    @settings(deadline=None, max_examples=25, suppress_health_check=list(HealthCheck))
    @given(st.lists(STEPS, min_size=2, max_size=8))
    def check(steps: list[tuple[str, int, Any]]) -> None:
        with parts.transaction(force_rollback=True):
            for step in steps:
                take(parts, step)
            now = "SELECT id, picture_fields FROM core.item ORDER BY id"
            assert parts.execute(now).fetchall() == parts.execute(EXPECTED).fetchall()
            kept = "SELECT item_id, source, normalized FROM core.identifier ORDER BY 1, 2, 3"
            assert parts.execute(kept).fetchall() == parts.execute(NUMBERS).fetchall()
            support.check_equals_rebuild(parts, "parts")

    check()


# --- vectors of pictures --------------------------------------------------------------------------


def waiting(db: Conn) -> set[tuple[str, str]]:
    return set(
        db.execute(
            "SELECT s.name, i.external_id FROM ops.outbox AS o JOIN ops.space AS s ON s.id = o.space_id"
            " JOIN core.item AS i ON i.id = o.item_id"
        ).fetchall()
    )


def test_pictures_go_into_the_outbox_of_spaces_that_see_them(parts: Conn) -> None:
    for name, modality in (("text", "text"), ("image", "image"), ("both", "multimodal")):
        space(parts, name, modality)
    assert waiting(parts) == {(name, one) for name in ("text", "both") for one in ("P1", "P2")}
    parts.execute("DELETE FROM ops.outbox")
    show(parts, 1, put_picture(parts, b"a"))
    assert waiting(parts) == {("image", "P1"), ("both", "P1")}
    parts.execute("DELETE FROM ops.outbox")
    (claimed,) = claim(parts).values()
    keep(parts, claimed, "read, but nothing that is embedded")
    assert waiting(parts) == set()
    show(parts, 1)
    assert waiting(parts) == {("image", "P1"), ("both", "P1")}


def test_a_new_space_of_pictures_queues_what_is_there(parts: Conn) -> None:
    show(parts, 2, put_picture(parts, b"a"))
    space(parts, "image", "image")
    assert waiting(parts) == {("image", "P2")}


def claimed_of(db: Conn, space_id: int) -> dict[tuple[int, str | None], Claimed]:
    rows = fetch(db, embedding.claim_batch(space_id=space_id, batch_n=9))
    return {(row.item_id, row.source): row for row in rows}


def store_all(db: Conn, space_id: int, rows: dict[tuple[int, str | None], Claimed]) -> int:
    rng = np.random.default_rng(0)
    vectors = [
        embedding.Encoded(
            item_id=row.item_id,
            source=row.source,
            part_no=at,
            vec=vec,
            content_hash=row.content_hash,
        )
        for row in rows.values()
        if row.source and not row.stored
        for at, vec in enumerate(unit(rng, len(row.pictures or [0])))
    ]
    claims = {row.item_id: row.enqueued_at for row in rows.values()}
    kept = [(row.item_id, row.source) for row in rows.values() if row.stored and row.source]
    return embedding.store(db, space_id=space_id, claims=claims, vectors=vectors, kept=kept)


def test_a_claim_gives_the_pictures_and_says_what_is_stored_already(parts: Conn) -> None:
    image = space(parts, "image", "image")
    one, two, plate = (put_picture(parts, content) for content in (b"a", b"b", b"c"))
    show(parts, 1, one, two)
    rows = claimed_of(parts, image)
    assert {key: (row.pictures, row.content, row.stored) for key, row in rows.items()} == {
        (1, "photo"): ([one, two], None, False)
    }
    assert store_all(parts, image, rows) == 1
    photos = "SELECT part_no, xmin::text FROM core.embedding WHERE source = 'photo' ORDER BY 1"
    before = parts.execute(photos).fetchall()
    assert [at for at, _ in before] == [0, 1]

    rows_of_media = [
        readings.MediaRow(role=role, position=at, name="x", picture_id=of)
        for role, at, of in (("photo", 0, one), ("photo", 1, two), ("nameplate", 0, plate))
    ]
    fetch(parts, readings.set_media(item_id=1, media=rows_of_media))
    rows = claimed_of(parts, image)
    assert {key: row.stored for key, row in rows.items()} == {
        (1, "photo"): True,
        (1, "plate"): False,
    }
    assert store_all(parts, image, rows) == 1
    assert parts.execute(photos).fetchall() == before

    show(parts, 1, two, one)  # another order: other content
    rows = claimed_of(parts, image)
    assert {key: row.stored for key, row in rows.items()} == {(1, "photo"): False}
    store_all(parts, image, rows)
    assert column(parts, "SELECT DISTINCT source FROM core.embedding") == ["photo"]

    show(parts, 1)
    rows = claimed_of(parts, image)
    assert list(rows) == [(1, None)]
    assert store_all(parts, image, rows) == 1
    assert column(parts, "SELECT count(*) FROM core.embedding") == [0]


def test_texts_and_pictures_of_a_multimodal_space_come_together(parts: Conn) -> None:
    both = space(parts, "both", "multimodal")
    picture = put_picture(parts, b"a")
    show(parts, 1, picture)
    rows = claimed_of(parts, both)
    assert {key: (row.content, row.pictures) for key, row in rows.items()} == {
        (1, "all"): ("pump", [picture]),
        (2, "all"): ("valve", None),
    }
    store_all(parts, both, rows)
    put(parts, {"P1": {"title": "pump", "no": "changed, not embedded"}})
    assert waiting(parts) == set()
    put(parts, {"P1": {"title": "blower"}})
    assert {key: row.stored for key, row in claimed_of(parts, both).items()} == {(1, "all"): False}


# --- roles ----------------------------------------------------------------------------------------


FORBIDDEN: tuple[LiteralString, ...] = (
    "SELECT ops.store_picture('a', 'image/png', 1, 1)",
    "SELECT ops.set_media(1, '[]')",
    "SELECT * FROM ops.claim_readings('ocr')",
    "SELECT ops.store_ocr(1, now(), 'x', '[]', '[]', '{}')",
    "SELECT ops.store_caption(1, now(), 'x', 'x', 'x')",
    "SELECT * FROM ops.claim_item_captions()",
    "SELECT ops.store_item_caption(1, now(), 'x', '{1, 2}', 'x', 'x')",
    "UPDATE core.item_caption SET text = 'x'",
    "SELECT ops.read_again('parts', 'ocr', 'x')",
    "SELECT ops.drop_orphans()",
    "DELETE FROM core.picture",
    "UPDATE core.media SET name = 'x'",
    "UPDATE core.ocr_line SET text = 'x'",
    "INSERT INTO core.picture_identifier VALUES (1, 'x', 'x', 1)",
    "UPDATE core.reading SET read_at = NULL",
    "UPDATE core.caption SET text = 'x'",
    "INSERT INTO ops.run (kind) VALUES ('ingest')",
    "DELETE FROM ops.run_item_error",
)


def test_a_reader_looks_at_pictures_and_changes_nothing(parts: Conn) -> None:
    show(parts, 1, put_picture(parts, b"a"))
    with acting_as(parts, "seogo_reader"):
        assert column(parts, "SELECT bytes FROM core.picture") == [b"a"]
        assert column(parts, "SELECT count(*) FROM search.runs") == [0]
        for statement in FORBIDDEN:
            with pytest.raises(DENIED):
                parts.execute(statement)


def test_a_writer_does_all_that_ingest_does(parts: Conn) -> None:
    space(parts, "image", "image")
    with acting_as(parts, "seogo_writer"):
        show(parts, 1, put_picture(parts, b"a"))
        (claimed,) = claim(parts).values()
        assert keep(parts, claimed, "Kitagawa")
        assert found(parts, "kitagawa") == ["P1"]
        assert fetch(parts, readings.due_readings(kind="ocr"))[0].n == 0
        assert len(claimed_of(parts, 1)) == 1
        parts.execute("INSERT INTO ops.run (kind) VALUES ('ingest')")
        assert fetch(parts, readings.drop_orphans())[0].n == 0
