"""search.phrase: exact in texts of any length, prefixes of mixed codes, signs and quotes, bounded work."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from tests.conftest import fresh_database
from tests.lexical import support

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.lexical.support import Conn

# By external id; more distinct words than a tsvector takes are made below.
TEXTS = {
    "long": " ".join(f"단어{n}번" for n in range(6000)) + " 최종결론 last word HD9900-Z1",
    "many": "pump valve " * 300 + "pump seal",
    "code": "Dry pump HD1800-S7, 3.5mm 그리고 7,500 rpm at -50℃",
    "other": "Seal of a pump, HD2000 5mm 진공 펌프",
    "navy": "Navy IT200 THE5000 hydraulic hoses",
}


def texts() -> Mapping[str, str]:
    rng = random.Random(1)
    distinct = " ".join("z" + "".join(rng.choices("qwertyuiop", k=8)) for _ in range(130_000))
    return {**TEXTS, "huge": f"first of all {distinct} oddment at an end TMP77-Q"}


@pytest.fixture(scope="module")
def filled(server_url: str, template: str) -> Iterator[Conn]:
    """One database for all: nothing here writes."""
    with (
        fresh_database(server_url, template) as url,
        psycopg.connect(url, autocommit=True) as conn,
    ):
        for analyzer in ("simple", "english", "korean"):
            cid = support.make_collection(conn, analyzer, analyzer, {"title": 3})
            rows = [(name, {"b": text, "title": name}, {"n": 1}) for name, text in texts().items()]
            support.copy_items(conn, cid, rows)
        yield conn


def found(conn: Conn, query: str, collection: str = "korean", **more: Any) -> list[str]:
    """External ids that search.phrase finds, sorted."""
    return sorted(
        support.column(
            conn,
            "SELECT i.external_id FROM search.phrase(%s, %s, 100, %s) AS h"
            " JOIN core.item AS i ON i.id = h.item_id",
            (collection, query, more.get("filter")),
        )
    )


def test_the_huge_text_is_in_no_index_of_lexemes(filled: Conn) -> None:
    names = support.column(
        filled,
        "SELECT DISTINCT i.external_id FROM core.document AS d JOIN core.item AS i ON i.id = d.item_id"
        " WHERE impl.is_long(d.tokens)",
    )
    assert names == ["huge"]


# Query, what it finds; with every analyzer.
EVERYWHERE = [
    ("최종결론", ["long"]),
    ('"단어5999번 최종결론"', ["long"]),
    ('"단어5998번 최종결론"', []),
    ("단어5번 -최종결론", []),
    ("단어5번 -다른결론", ["long"]),
    ('단어5번 -"최종결론 last"', []),
    ('단어5번 -"last 최종결론"', ["long"]),
    ('"pump seal"', ["many"]),
    ('"seal valve"', []),
    ('"valve pump seal"', ["many"]),
    ("valve -seal", []),
    ('"first of all"', ["huge"]),
    ("oddment", ["huge"]),
    ("oddment -TMP77-Q", []),
    ('oddment -"Q TMP77"', ["huge"]),
    ("TMP7*", ["huge"]),
    ("oddm* -nothing", ["huge"]),
    ("oddment OR 최종결론", ["huge", "long"]),
    ("HD18*", ["code"]),
    ("hd1*", ["code"]),
    ("HD*", ["code", "long", "other"]),
    ("HD1800-*", ["code"]),
    ("HD1800-S*", ["code"]),
    ("HD1800-S7*", ["code"]),
    ("hd990*", ["long"]),
    ("HD9900-z*", ["long"]),
    ("HD1900*", []),
    ("HD2* -HD18*", ["other"]),
    ("pump -HD1*", ["many", "other"]),
    ('"pump hd1*"', []),
    ("IT*", ["navy"]),
    ("THE5*", ["navy"]),
    ("THE*", ["navy"]),
    ("IT200", ["navy"]),
    ("3.5m*", ["code"]),
    ("3.5mm", ["code"]),
    ("5mm", ["other"]),
    ("7500", ["code"]),
    ("7,5*", ["code", "long"]),
    ("7,50*", ["code", "long"]),
    ("7,500*", ["code"]),
    ("7,500", ["code"]),
    ("pump -50℃", ["code"]),
    ("pump −50℃", ["code"]),
    ('pump -"50℃"', ["many", "other"]),
    ("HD* -0.5", []),
    ("“pump seal”", ["many"]),
    ("„pump seal‟", ["many"]),
    ("＂pump seal＂", ["many"]),
    ("pump －valve", ["code", "other"]),
    ("pump\u3000-valve\u00a0-HD1800", ["other"]),
    ("pu\u00admp -val\u200bve -\ufeffhd1800", ["other"]),
    ("HD18＊", ["code"]),
    ("!!! ...", []),
    ("", []),
]


@pytest.mark.parametrize("collection", ["simple", "english", "korean"])
@pytest.mark.parametrize(("query", "want"), EVERYWHERE)
def test_with_every_analyzer(filled: Conn, collection: str, query: str, want: list[str]) -> None:
    assert found(filled, query, collection) == want


KOREAN = [
    ("최종*", ["long"]),
    ("최종결*", ["long"]),
    ("최종결론*", ["long"]),
    ("최*", ["long"]),
    ("최종론*", []),
    ("단어59*", ["long"]),
    ("단어5999번*", ["long"]),
    ("진공펌프", []),  # written apart: bigrams of one word do not cross a space
    ('"진공 펌프"', ["other"]),
    ("pumps*", ["code", "many", "other"]),
    ("hos*", ["navy"]),
    ("Navy*", ["navy"]),
]


@pytest.mark.parametrize(("query", "want"), KOREAN)
def test_prefixes_of_words(filled: Conn, query: str, want: list[str]) -> None:
    assert found(filled, query) == want


@pytest.mark.parametrize("code", ["NRY1KH000", "TMP3403-LMC", "X1-2.5A", "12가3456", "A1B2C3D4"])
@pytest.mark.parametrize("analyzer", ["simple", "english", "korean"])
def test_every_prefix_of_a_code_finds_it(db: Conn, analyzer: str, code: str) -> None:
    cid = support.make_collection(db, "c", analyzer)
    support.copy_items(db, cid, [("it", {"t": f"a part {code} of"}, {}), ("no", {"t": "B"}, {})])
    for end in range(1, len(code) + 1):
        if code[end - 1].isalnum():
            assert found(db, f"{code[:end]}*", "c") == ["it"], code[:end]
            assert found(db, f"part -{code[:end]}*", "c") == (
                [] if not code[0].isdigit() else ["it"]
            )


def test_a_phrase_does_not_run_into_the_next_field(filled: Conn) -> None:
    assert found(filled, '"end TMP77 Q huge"') == []
    assert found(filled, '"TMP77-Q"') == ["huge"]


def test_a_long_passage_is_one_phrase(filled: Conn) -> None:
    passage = " ".join(f"단어{n}번" for n in range(3000, 4200))
    assert len(passage) > 9000
    assert found(filled, f'"{passage}"') == ["long"]
    assert found(filled, f'"{passage} 단어4201번"') == []
    assert found(filled, f'단어1번 -"{passage}"') == []


def test_the_better_match_comes_first(filled: Conn) -> None:
    rows = filled.execute(
        "SELECT i.external_id, h.rank, h.score FROM search.phrase('korean', 'pump', 10) AS h"
        " JOIN core.item AS i ON i.id = h.item_id ORDER BY h.rank"
    ).fetchall()
    lexical = {row[0]: row[2] for row in support.lexical(filled, "korean", "pump")}
    assert [row[1] for row in rows] == list(range(1, len(rows) + 1))
    assert sorted((row[2] for row in rows), reverse=True) == [row[2] for row in rows]
    assert sorted(row[2] for row in rows) == pytest.approx(sorted(lexical.values()))


def test_a_filter_and_k_hold(filled: Conn) -> None:
    assert found(filled, "pump", filter='{"n": 2}') == []
    assert len(found(filled, "pump", filter="$.n == 1")) == 3
    assert support.column(filled, "SELECT rank FROM search.phrase('korean', 'pump', 2)") == [1, 2]


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("-pump", "must not occur"),
        ("seal OR -pump", "must not occur"),
        (" ".join(f"w{n}" for n in range(1001)), "too many parts"),
        (" OR ".join(f"w{n}" for n in range(101)), "too many parts"),
    ],
)
def test_what_is_refused(filled: Conn, query: str, told: str) -> None:
    with pytest.raises(psycopg.Error, match=told) as caught:
        found(filled, query)
    assert caught.value.sqlstate == "SG004"


@pytest.mark.parametrize("analyzer", ["simple", "english", "korean"])
def test_random_queries_find_what_their_tokens_say(db: Conn, analyzer: str) -> None:
    """Words, phrases and exclusions against a search through the tokens, one by one."""
    rng = random.Random(7)
    words = ["pump", "seal", "진공", "펌프", "진공펌프", "a1b2", "a1", "3.5", "공", "valves"]
    cid = support.make_collection(db, "c", analyzer)
    bodies = {str(at): " ".join(rng.choices(words, k=rng.randint(1, 9))) for at in range(60)}
    support.copy_items(db, cid, [(name, {"t": text}, {}) for name, text in bodies.items()])

    def tokens(text: str) -> str:
        made = support.one(db, "SELECT search.analyze(%s, %s)", (analyzer, text))
        return f" {' '.join(made)} "

    bags = {name: tokens(text) for name, text in bodies.items()}
    for _ in range(60):
        wanted = " ".join(rng.choices(words, k=rng.randint(1, 3)))
        excluded = " ".join(rng.choices(words, k=rng.randint(1, 2)))
        want = sorted(
            name
            for name, bag in bags.items()
            if tokens(wanted) in bag and tokens(excluded) not in bag
        )
        assert found(db, f'"{wanted}" -"{excluded}"', "c") == want, (wanted, excluded)
