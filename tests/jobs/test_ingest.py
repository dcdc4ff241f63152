"""Ingest of good and bad input: what is refused is named with its line, and the rest is kept."""

from __future__ import annotations

import io
import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from db.calls.query import fetch
from db.errors import UnknownName
from db.items.items import create_collection
from db.operations import runs
from inputs.lines import of_lines
from jobs.errors import UnknownRecipe
from jobs.ingest import load as ingest
from jobs.recipes import registry as recipes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import psycopg

    Conn = psycopg.Connection[Any]


@pytest.fixture
def parts(db: Conn) -> Conn:
    fetch(db, create_collection(name="parts", settings=recipes.get("parts").collection))
    return db


def record(key: str, title: str = "pump", **more: Any) -> bytes:
    return json.dumps({"external_id": key, "fields": {"title": title}, **more}).encode() + b"\n"


def run(db: Conn, lines: Sequence[bytes], *given: str, **more: Any) -> ingest.IngestReport:
    return run_numbered(db, enumerate(lines, 1), *given, **more)


def run_numbered(
    db: Conn,
    lines: Iterable[tuple[int, bytes]],
    recipe: str = "generic",
    collection: str = "parts",
    **more: Any,
) -> ingest.IngestReport:
    return ingest.run(
        db,
        of_lines(lines),
        collection=collection,
        recipe=recipes.get(recipe),
        run_id=fetch(db, runs.start(kind="ingest", args={}))[0].id,
        **more,
    )


def kept(db: Conn) -> list[str]:
    return [key for (key,) in db.execute("SELECT external_id FROM core.item ORDER BY external_id")]


DEEP = b'{"external_id": "B", "fields": {}, "metadata": {"a": %b}}\n'
BAD = {
    b'{"external_id": "B", "fields": {"title": "pump"}\n': "not JSON: ",
    b"not json\n": "not JSON: JSON is malformed",
    b"{'external_id': 'B'}\n": "not JSON: ",
    b'{"external_id": "B", "fields": {}} trailing\n': "not JSON: ",
    b'\xff\xfe{"external_id": "B"}\n': "not JSON: ",
    b'{"external_id": "B", "fields": {"title": "\xff"}}\n': "not UTF-8 at byte 43",
    b'{"external_id": "B", "fields": {"title": "\xed\xa0\x80"}}\n': "not UTF-8 at byte 43",
    b'{"external_id": "B", "fields": {"title": "\\ud800"}}\n': "not JSON: ",
    b'{"external_id": "B", "fields": {}, "metadata": {"n": NaN}}\n': "not JSON: ",
    b'{"external_id": "B", "fields": {}, "metadata": {"n": 1e99999999999999999999}}\n': "Number out of range",
    b'{"external_id": "B", "fields": {}, "metadata": {"n": 1e200000}}\n': "overflow",
    b'{"external_id": "B", "external_id": "A0", "fields": {}}\n': "the key 'external_id' stands there twice",
    b'{"external_id": "B", "fields": {}, "metadata": {"n": 1, "n": 2}}\n': "the key 'n' stands there twice",
    DEEP % (b"[" * 3000 + b"]" * 3000): "nested too deeply",
    DEEP % (b"[" * 700 + b"]" * 700): "nested too deeply",
    b"[1, 2]\n": "a JSON array, not an object",
    b'"text"\n': "a JSON text, not an object",
    b"null\n": "a JSON null, not an object",
    b"7\n": "a JSON number, not an object",
    b"{}\n": "missing required field `external_id`",
    b'{"external_id": "B"}\n': "missing required field `fields`",
    b'{"fields": {"title": "pump"}}\n': "missing required field `external_id`",
    b'{"external_id": "", "fields": {}}\n': "length >= 1 - at `$.external_id`",
    b'{"external_id": 7, "fields": {}}\n': "Expected `str`, got `int` - at `$.external_id`",
    b'{"external_id": null, "fields": {}}\n': "got `null` - at `$.external_id`",
    b'{"external_id": "' + b"x" * 501 + b'", "fields": {}}\n': "length <= 500 - at `$.external_id`",
    b'{"external_id": "B", "fields": "pump"}\n': "Expected `object`, got `str` - at `$.fields`",
    b'{"external_id": "B", "fields": {"title": 5}}\n': "Expected `str`, got `int` - at `$.fields[...]`",
    b'{"external_id": "B", "fields": {"title": null}}\n': "got `null` - at `$.fields[...]`",
    b'{"external_id": "B", "fields": {}, "metadata": []}\n': "got `array` - at `$.metadata`",
    b'{"external_id": "B", "fields": {}, "colour": 1}\n': "unknown field `colour`",
    b'{"external_id": "B", "fields": {}, "media": "a.png"}\n': "got `str` - at `$.media`",
    b'{"external_id": "B", "fields": {}, "media": [{}]}\n': "exactly one of path, url and base64",
    b'{"external_id": "B", "fields": {}, "media": [{"path": "a", "url": "b"}]}\n': "exactly one of",
    b'{"external_id": "B", "fields": {}, "media": [{"path": "a", "role": "Photo"}]}\n': "matching regex",
    b'{"external_id": "B", "fields": {}, "media": [{"path": "a\\u0000"}]}\n': "media[0]: contains a NUL",
    b'{"external_id": "B\\u0000", "fields": {}}\n': "external_id: contains a NUL character",
    b'{"external_id": "B", "fields": {"title": "a\\u0000b"}}\n': "fields.title: contains a NUL",
    b'{"external_id": "B", "fields": {"a\\u0000": "b"}}\n': "fields: a key: contains a NUL",
    b'{"external_id": "B", "fields": {}, "metadata": {"a": [1, {"b": "\\u0000"}]}}\n': "metadata.a[1].b: ",
}  # fmt: skip


def test_bad_records_are_named_by_line_and_the_rest_is_kept(parts: Conn) -> None:
    lines = [record("A0")]
    for at, bad in enumerate(BAD, 1):
        lines += [bad, b"\n" if at % 3 else b"  \t\r\n", record(f"A{at}")]
    report = run(parts, lines)
    assert [error.line for error in report.errors] == [2 + 3 * at for at in range(len(BAD))]
    for error, (bad, reason) in zip(report.errors, BAD.items(), strict=True):
        assert reason in error.reason, bad[:80]
        assert "\n" not in error.reason
        assert len(error.reason) < 300
    assert report.inserted == report.written == len(BAD) + 1
    assert len(kept(parts)) == len(BAD) + 1
    assert all(key.startswith("A") for key in kept(parts))
    (row,) = fetch(parts, runs.get(run_id=1))
    assert row.counts["refused"] == row.errors == len(BAD)
    assert row.counts["inserted"] == report.inserted
    told = {error.place: error for error in fetch(parts, runs.errors(run_id=1))}
    for error in report.errors:
        assert told[f"line {error.line}"].reason == error.reason
        assert told[f"line {error.line}"].external_id in (error.external_id, "B")
        assert told[f"line {error.line}"].record == lines[error.line - 1]


@pytest.mark.parametrize(
    "content", [b"", b"\n", b"\n\n  \n", b"\xef\xbb\xbf", b"\xef\xbb\xbf\n", b"\r\n"]
)
def test_a_file_with_nothing_in_it_is_no_error(parts: Conn, content: bytes) -> None:
    assert run(parts, list(io.BytesIO(content))) == ingest.IngestReport()


def test_line_ends_byte_order_mark_and_missing_last_newline_do_not_matter(parts: Conn) -> None:
    content = b"\xef\xbb\xbf" + record("A") + record("B")[:-1] + b"\r\n" + record("C")[:-1]
    assert run(parts, list(io.BytesIO(content))).inserted == 3
    assert kept(parts) == ["A", "B", "C"]


def test_an_external_id_twice_keeps_the_first(parts: Conn) -> None:
    report = run(parts, [record("A", "first"), record("B"), record("A", "second")])
    assert report.errors == [ingest.LineError(3, "A", "external_id stands already in line 1")]
    titles = "SELECT fields ->> 'title' FROM core.item WHERE external_id = 'A'"
    assert parts.execute(titles).fetchone() == ("first",)
    # One that was refused for another reason does not count.
    report = run(parts, [record("C", "nul \0"), record("C", "good")])
    assert [error.line for error in report.errors] == [1]
    assert "C" in kept(parts)


def test_texts_beyond_the_limits_are_refused_with_their_size(parts: Conn) -> None:
    many = {f"f{at}": "글" * 300_000 for at in range(5)}
    report = run(
        parts,
        [
            record("A", "x" * 5_000_000),
            json.dumps({"external_id": "B", "fields": many}).encode(),
            record("C", "pump " * 10_000),
        ],
    )
    assert [(error.line, error.external_id) for error in report.errors] == [(1, "A"), (2, "B")]
    assert report.errors[0].reason == "fields.title: 5,000,000 characters; the limit is 1,000,000"
    assert "bytes together; the limit is 4,194,304" in report.errors[1].reason
    assert kept(parts) == ["C"]


def test_what_the_database_refuses_is_found_by_halving(parts: Conn) -> None:
    parts.execute(
        "ALTER TABLE core.item ADD CONSTRAINT wholesome CHECK (fields ->> 'title' <> 'poison')"
    )
    lines = [record(f"P{at:03d}", "poison" if at in (3, 77, 99) else "pump") for at in range(100)]
    report = run(parts, lines)
    assert [(error.line, error.external_id) for error in report.errors] == [
        (4, "P003"),
        (78, "P077"),
        (100, "P099"),
    ]
    assert all("wholesome" in error.reason for error in report.errors)
    assert report.inserted == len(kept(parts)) == 97


def test_the_same_file_again_changes_nothing(parts: Conn) -> None:
    lines = [record(f"P{at}", metadata={"at": at}) for at in range(20)]
    assert run(parts, lines) == ingest.IngestReport(inserted=20)
    before = parts.execute(
        "SELECT id, updated_at, xmin::text FROM core.item ORDER BY id"
    ).fetchall()
    assert run(parts, lines) == ingest.IngestReport(unchanged=20)
    assert (
        parts.execute("SELECT id, updated_at, xmin::text FROM core.item ORDER BY id").fetchall()
        == before
    )
    lines[7] = record("P7", metadata={"at": "seven"})
    assert run(parts, lines) == ingest.IngestReport(unchanged=19, updated=1)


def test_more_records_than_a_batch(parts: Conn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ingest, "FIRST_ITEMS", 3)
    monkeypatch.setattr(ingest, "BATCH_ITEMS", 40)
    count = 3 + 40 + 1
    seen: list[int] = []
    lines = [record(f"P{at:04d}") for at in range(count)]
    report = run(parts, lines, on_line=seen.append)
    assert report.inserted == len(kept(parts)) == count
    assert seen == [3, 43, count]


def test_a_batch_is_bounded_by_its_bytes(parts: Conn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ingest, "BATCH_BYTES", 1000)
    seen: list[int] = []
    lines = [record(f"P{at}", metadata={"note": "x" * 400}) for at in range(7)]
    lines[3] = b"{" + b"y" * 1200 + b"\n"  # counts as well: it is kept with its error
    report = run(parts, lines, on_line=seen.append)
    assert (report.inserted, [error.line for error in report.errors]) == (6, [4])
    assert seen == [3, 4, 7]


def test_a_line_that_cannot_be_read_stops_the_run_behind_what_is_written(parts: Conn) -> None:
    def broken() -> Iterator[tuple[int, bytes]]:
        for at in range(ingest.FIRST_ITEMS):
            yield at + 1, record(f"P{at:03d}")
        raise OSError("the disk is gone")

    with pytest.raises(OSError, match="the disk is gone"):
        run_numbered(parts, broken())
    assert len(kept(parts)) == ingest.FIRST_ITEMS


def test_what_is_committed_is_not_written_again(parts: Conn) -> None:
    lines = [record("A"), record("A", "again"), b"{\n", record("B"), record("A", "once more")]
    report = run(parts, lines, after_line=3)
    assert report == ingest.IngestReport(
        inserted=1, errors=[ingest.LineError(5, "A", "external_id stands already in line 1")]
    )
    assert kept(parts) == ["B"]


def test_an_unknown_collection_stops_the_ingest(parts: Conn) -> None:
    with pytest.raises(UnknownName, match="unknown collection: elsewhere"):
        run(parts, [record("A")], collection="elsewhere")


def test_an_unknown_recipe_is_answered_with_those_there_are() -> None:
    with pytest.raises(UnknownRecipe, match="unknown recipe: cooking") as caught:
        recipes.get("cooking")
    assert "generic, parts, itembank" in (caught.value.hint or "")


@pytest.mark.parametrize(
    ("question", "reason"),
    [
        ({"text": "1 + 1?"}, "id: missing or empty"),
        ({"id": "Q", "text": " "}, "text: missing or empty"),
        ({"id": "Q", "text": 5}, "Expected `str`, got `int` - at `$.fields[...]`"),
        (
            {"id": "Q", "text": "?", "choices": "12345"},
            "Expected `array | null`, got `str` - at `$.choices`",
        ),
        (
            {"id": "Q", "text": "?", "choices": [1, 2]},
            "Expected `str`, got `int` - at `$.choices[...]`",
        ),
        ({"id": "Q", "text": "?", "metadata": "none"}, "got `str` - at `$.metadata`"),
        ({"id": "Q", "text": "?", "metadata": [1]}, "got `array` - at `$.metadata`"),
        ({"id": "Q", "text": "?", "explanation": 3}, "got `int` - at `$.explanation`"),
    ],
)
def test_item_bank_records_of_the_wrong_type_are_refused(
    parts: Conn, question: dict[str, Any], reason: str
) -> None:
    (error,) = run(parts, [json.dumps(question).encode()], "itembank").errors
    assert reason in error.reason.replace("$.choices[0]", "$.choices[...]")


def test_item_bank_records_become_fields_and_metadata(parts: Conn) -> None:
    question = {
        "id": "Q1",
        "text": "$1 + 1$은?",
        "choices": ["1", "2"],
        "explanation": None,
        "category": "plain",
        "metadata": {"unit_large": "수와 연산", "unit_small": "덧셈", "level": 1},
        "unused": [1],
    }
    assert run(parts, [json.dumps(question).encode()], "itembank").inserted == 1
    row = parts.execute("SELECT external_id, fields, metadata FROM core.item").fetchone()
    assert row == (
        "Q1",
        {"question": "$1 + 1$은?", "choices": "1\n2", "units": "수와 연산\n덧셈"},
        {"unit_large": "수와 연산", "unit_small": "덧셈", "level": 1, "category": "plain"},
    )


def test_decimals_are_kept_to_the_last_digit(parts: Conn) -> None:
    numbers = ["0.10000000000000000555", "1e400", "1.10", "123456789012345678901234567890", "-0.5"]
    lines = [
        f'{{"external_id": "A{at}", "fields": {{}}, "metadata": {{"n": {number}}}}}'.encode()
        for at, number in enumerate(numbers)
    ]
    assert run(parts, lines).inserted == len(numbers)
    rows = parts.execute("SELECT metadata ->> 'n' FROM core.item ORDER BY external_id").fetchall()
    assert [Decimal(row[0]) for row in rows] == [Decimal(number) for number in numbers]
    for at, number in enumerate(numbers):
        same = "SELECT metadata = jsonb_build_object('n', %s::numeric) FROM core.item WHERE external_id = %s"
        assert parts.execute(same, (number, f"A{at}")).fetchone() == (True,)
    assert run(parts, lines).unchanged == len(numbers)


def test_pictures_of_the_item_bank_come_in_with_their_roles() -> None:
    question: dict[str, Any] = {
        "id": "Q",
        "text": "?",
        "media": [{"role": "photo", "url": "http://x/a"}],
    }
    question["image_refs"] = {"question": ["a.png", "b.png"], "explanation": ["a.png"]}
    item = recipes.get("itembank").to_item(question)
    assert [(one.role, one.name) for one in item.media or ()] == [
        ("photo", "http://x/a"),
        ("question", "a.png"),
        ("question", "b.png"),
        ("explanation", "a.png"),
    ]
    assert recipes.get("itembank").to_item({"id": "Q", "text": "?"}).media is None
    assert recipes.get("itembank").to_item({"id": "Q", "text": "?", "image_refs": {}}).media == []


def test_keys_without_a_place_are_counted(parts: Conn) -> None:
    questions: list[dict[str, Any]] = [
        {"id": "Q1", "text": "?", "latex": [], "image_refs": {"question": [], "missing": ["a"]}},
        {"id": "Q2", "text": "?", "latex": ["x"], "answer_text": "1", "answer": 1},
        {"id": "Q3", "latex": ["x"]},
    ]
    report = run(parts, [json.dumps(q).encode() for q in questions], "itembank")
    assert (report.inserted, len(report.errors)) == (2, 1)
    assert report.unused == {"latex": 2, "image_refs.missing": 1, "answer": 1}
    (stored,) = fetch(parts, runs.get(run_id=1))
    assert stored.counts["unused latex"] == 2
    assert stored.counts["unused image_refs.missing"] == 1
    passage = {"id": "L", "doc": "민법", "text": "제1조", "시행일": "20250101"}
    report = run(parts, [json.dumps(passage).encode()], "legal")
    assert (report.inserted, report.unused) == (1, {"시행일": 1})
    # Of very many keys not all are named, but all are counted.
    odd = {"id": "Q9", "text": "?"} | {f"k{at}": at for at in range(80)}
    assert run(parts, [json.dumps(odd).encode()], "itembank").unused["(others)"] == 30


def test_no_bytes_whatever_break_it(parts: Conn) -> None:
    """Whatever stands in a file, it becomes items and errors, one of them per line that is not blank."""
    noise = st.binary(max_size=30) | st.sampled_from(list(BAD))
    chunks = st.lists(
        noise | st.sampled_from([record("A"), record("가", "펌프"), b"\n"]), max_size=8
    )

    @settings(deadline=None, max_examples=40, suppress_health_check=list(HealthCheck))
    @given(chunks.map(b"".join))
    def check(content: bytes) -> None:
        lines = list(io.BytesIO(content))
        report = run(parts, lines)
        lines[:1] = [line.removeprefix(b"\xef\xbb\xbf") for line in lines[:1]]
        told = [line for line in lines if line.strip()]
        assert report.written + len(report.errors) == len(told)

    check()
