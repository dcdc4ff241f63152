"""search.highlight: the right words marked, passages of bounded size, in texts of any length and script."""

from __future__ import annotations

import random
import re
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from psycopg.types.json import Jsonb

from tests.conftest import fresh_database
from tests.lexical import support

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.lexical.support import Conn

JAPANESE = "真空ポンプの点検と交換について説明します。"
MARKED = re.compile(r"<mark>(.*?)</mark>")


@pytest.fixture(scope="module")
def shared(server_url: str, template: str) -> Iterator[Conn]:
    """One database with the collections `korean`, `english` and `simple`."""
    with (
        fresh_database(server_url, template) as url,
        psycopg.connect(url, autocommit=True) as conn,
    ):
        for analyzer in ("korean", "english", "simple"):
            support.make_collection(conn, analyzer, analyzer)
        yield conn


def highlight(
    conn: Conn, text: str, query: str, analyzer: str = "korean", **more: Any
) -> list[tuple[str, int]]:
    """Snippet and hits of an item with the text alone."""
    fields = Jsonb({"t": text})
    item = support.one(
        conn,
        "INSERT INTO core.item (collection_id, external_id, fields)"
        " SELECT id, gen_random_uuid(), %s FROM core.collection WHERE name = %s RETURNING id",
        (fields, analyzer),
    )
    names = "".join(f", {name} => %({name})s" for name in more)
    statement = f"SELECT snippet, hits FROM search.highlight(%(c)s, %(q)s, %(i)s{names})"
    return conn.execute(
        statement.encode(), {"c": analyzer, "q": query, "i": item, **more}
    ).fetchall()


@pytest.mark.parametrize(
    ("text", "query", "marked"),
    [
        ("진공펌프 점검과 vacuum pumps.", "진공 pump", ["진공펌프", "pumps."]),
        ("pu\u00admp 진\u200b공", "pump 진공", ["pu\u00admp", "진\u200b공"]),
        ("pump 진공", "pu\u200bmp 진\u2060공", ["pump", "진공"]),
        ("ＰＵＭＰ １，０００rpm", "pump 1000rpm", ["ＰＵＭＰ", "１，０００rpm"]),
        ("1,000 10² 3.5mm 5mm C++ C# C", "1000 10", ["1,000", "10²"]),
        ("3.5mm 5mm", "5mm", ["3.5mm", "5mm"]),
        ("C++ C# B", "C++", ["C++", "C#"]),
        ("dying happy skis abilities hopping", "die happiness ski ability hop",
         ["dying", "happy", "skis", "abilities", "hopping"]),
        ("HD1800-S7 seal", "hd1800", ["HD1800-S7"]),
        ("for .NET and Node.js", "dotnet nodejs", [".NET", "Node.js"]),
        ("pipe ½ wide", "0.5", ["½"]),
        ("filter 10 µm fine", "10um", ["10", "µm"]),
        ("벌금 3천만원 이하", "30,000,000", ["3천만원"]),
        ("at p<.05 only", "0.05", ["p<.05"]),
        (r"\left( pump \right)", "pump", ["pump"]),
        ("nothing here", "pump", []),
        ("nothing here", "!!!", []),
    ],
)  # fmt: skip
def test_what_is_marked(shared: Conn, text: str, query: str, marked: list[str]) -> None:
    rows = highlight(shared, text, query)
    if not marked:
        assert rows == []
        return
    [(snippet, hits)] = rows
    assert MARKED.findall(snippet) == marked
    assert hits == len(marked)
    assert re.sub("</?mark>", "", snippet) == text


@pytest.mark.parametrize("analyzer", ["korean", "english", "simple"])
def test_marks_are_those_of_the_analyzer(shared: Conn, analyzer: str) -> None:
    """Word by word, against search.analyze."""
    rng = random.Random(3)
    words = [
        "running",
        "runs",
        "runner",
        "die",
        "dying",
        "lies",
        "lying",
        "skies",
        "sky",
        "happily",
        "happiness",
        "relational",
        "relate",
        "visibility",
        "visible",
        "conformably",
        "early",
        "only",
        "gently",
        "news",
        "bias",
        "진공",
        "진공펌프",
        "펌프를",
        "a1b2",
        "A1",
        "3.5mm",
        "1,000",
        "1000",
        "C++",
        "c",
        "H₂O",
        "東京都",
        "the",
        "IT200",
        "valves",
        "valency",
        "size",
        "sizes",
        "capability",
    ]
    for _ in range(40):
        text = rng.choices(words, k=25)
        query = " ".join(rng.choices(words, k=3))
        wanted = set(support.one(shared, "SELECT search.analyze(%s, %s)", (analyzer, query)))
        want = [
            word
            for word in text
            if wanted & set(support.one(shared, "SELECT search.analyze(%s, %s)", (analyzer, word)))
        ]
        rows = highlight(shared, " ".join(text), query, analyzer)
        assert [MARKED.findall(row[0]) for row in rows] == ([want] if want else []), query


@pytest.mark.parametrize("size", [40_000, 1_300_000])
@pytest.mark.parametrize("place", [0.0, 0.5, 1.0])
def test_a_word_anywhere_in_a_long_text(shared: Conn, size: int, place: float) -> None:
    words = [f"단어{n % 5000}번" for n in range(size // 8)]
    words.insert(int(place * len(words)), "최종결론")
    [(snippet, hits)] = highlight(shared, " ".join(words), "최종결론", word_n=10)
    assert MARKED.findall(snippet) == ["최종결론"]
    assert hits == 1
    shown = re.sub("</?mark>", "", snippet).strip("… ").split(" ")
    assert shown[min(int(place * len(words)), 2)] == "최종결론"
    assert (snippet.startswith("… "), snippet.endswith(" …")) == (place > 0, place < 1)
    assert len(shown) <= 10


def test_every_hit_of_40000_characters_is_counted(shared: Conn) -> None:
    text = "밸브 pump 진공 센서 " * 2500
    [(snippet, hits)] = highlight(shared, text, "진공", word_n=8)
    assert hits == 2500
    assert MARKED.findall(snippet) == ["진공", "진공"]


@pytest.mark.parametrize(
    ("text", "query", "longest"),
    [
        (JAPANESE * 8 + "最終検査", "最終", 320),
        (JAPANESE * 20_000 + "最終検査" + JAPANESE, "最終検査", 320),
        ("abcdefghij" * 42_000 + "펌프", "펌프", 2000),
        ("가나다라마바사" * 60_000 + "최종결론", "최종결론", 320),
        ("foo,bar;" * 50_000 + "pump," + "foo,bar;" * 100, "pump", 320),
        ("QUJDRA==" * 20_000 + " pump", "pump", 2000),
        ('{"a":1,"b":[2,3]},' * 5_000 + '{"pump":4}', "pump", 320),
    ],
)
def test_a_passage_is_bounded_where_there_are_no_spaces(
    shared: Conn, text: str, query: str, longest: int
) -> None:
    [(snippet, hits)] = highlight(shared, text, query)
    assert hits >= 1
    plain = re.sub("</?mark>", "", snippet)
    assert len(plain) <= longest
    assert plain.strip("… ") in text
    assert query in plain
    assert any(set(mark) & set(query) for mark in MARKED.findall(snippet))


def test_a_match_over_the_cut_of_a_long_word_is_found_at_every_place(shared: Conn) -> None:
    filler = "가나다라마바사아자차카타파하" * 4
    for at in range(24):
        text = filler[:at] + "펌프" + filler
        [(snippet, _)] = highlight(shared, text, "펌프")
        assert "펌프" in re.sub("</?mark>", "", snippet)


def test_html_is_escaped_in_pieces_as_well(shared: Conn) -> None:
    [(snippet, _)] = highlight(shared, "<b>&pump</b>," * 10, "pump", html=True, word_n=5)
    assert "<b>" not in snippet
    assert "&lt;" in snippet
    assert "<mark>pump</mark>" in snippet
