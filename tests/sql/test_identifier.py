"""Part numbers: found folded, found with a typo, not found where there is none."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import numpy as np
import psycopg
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from db.calls.query import fetch
from db.search import functions
from tests.databases import fresh_database
from tests.sql.helpers import column, make_collection, put

if TYPE_CHECKING:
    from collections.abc import Iterator

    from db.search.rows import IdentifierHit
    from tests.sql.helpers import Conn

NUMBERS = (
    "NRY-1KH000",
    "EXT75DX-63CF",
    "A533-46-945",
    "HD1800-S7",
    "ESA25-D-0231",
    "6ES7 214-1AG40-0XB0",
)


@pytest.fixture
def parts(db: Conn) -> dict[str, int]:
    """One item per number, keyed by it."""
    return numbered(db)


@pytest.fixture(scope="module")
def known(server_url: str, template: str) -> Iterator[tuple[Conn, dict[str, int]]]:
    """The same in one database for all that only ask."""
    with (
        fresh_database(server_url, template) as url,
        psycopg.connect(url, autocommit=True) as conn,
    ):
        yield conn, numbered(conn)


def numbered(db: Conn) -> dict[str, int]:
    make_collection(db, identifier_fields=["part_number", "serial"])
    return put(db, {number: {"part_number": number, "title": "pump"} for number in NUMBERS})


def ask(db: Conn, query: str, k: int = 10) -> list[IdentifierHit]:
    return fetch(db, functions.identifier(collection="parts", query=query, k=k))


@pytest.mark.parametrize(
    ("query", "number"),
    [
        ("NRY-1KH000", "NRY-1KH000"),
        ("nry1kh000", "NRY-1KH000"),
        ("nry/1kh_000", "NRY-1KH000"),
        ("NRY1KHOOO", "NRY-1KH000"),
        ("NRYIKH000", "NRY-1KH000"),
        ("NRYlKH000", "NRY-1KH000"),
        ("ＮＲＹ１ＫＨ０００", "NRY-1KH000"),  # full width
        ("HD18OO-57", "HD1800-S7"),
        ("E5AZ5-D-O23I", "ESA25-D-0231"),
        ("진공 펌프 (A533-46-945)의 실링", "A533-46-945"),
    ],
)
def test_spellings_of_one_number_are_equal(
    known: tuple[Conn, dict[str, int]], query: str, number: str
) -> None:
    db, parts = known
    first = ask(db, query)[0]
    assert (first.item_id, first.score, first.matched) == (parts[number], 1.0, number)
    assert first.source == "part_number"


@pytest.mark.parametrize(
    "query", ["", "pump", "진공 펌프 소음", "NRY", "a1", "2024", "- / _", "①②③"]
)
def test_a_query_without_a_known_number_finds_nothing(
    known: tuple[Conn, dict[str, int]], query: str
) -> None:
    assert ask(known[0], query) == []


def test_one_edit_in_eight_characters_is_forgiven(db: Conn) -> None:
    """Substitute, drop, insert or swap one character: the number meant still comes first."""
    rng = np.random.default_rng(20)
    letters = list("ACDEFGHJKMNPQRTUVWXY34679")
    numbers = ["".join(rng.choice(letters, rng.integers(8, 14))) + "4" for _ in range(300)]
    make_collection(db, identifier_fields=["no"])
    ids = put(db, {number: {"no": number} for number in numbers})

    @settings(deadline=None, max_examples=40, suppress_health_check=list(HealthCheck))
    @given(
        st.sampled_from(numbers),
        st.sampled_from(["substitute", "drop", "insert", "swap"]),
        st.integers(0, 7),
        st.sampled_from(letters),
    )
    def check(number: str, edit: str, at: int, letter: str) -> None:
        typed = {
            "substitute": number[:at] + letter + number[at + 1 :],
            "drop": number[:at] + number[at + 1 :],
            "insert": number[:at] + letter + number[at:],
            "swap": number[:at] + number[at + 1] + number[at] + number[at + 2 :],
        }[edit]
        assume(typed not in ids or typed == number)
        hits = ask(db, f"order {typed} please", 3)
        assert hits
        assert hits[0].item_id == ids[number]
        assert 0.45 <= hits[0].score <= 1
        assert hits == sorted(hits, key=lambda hit: (-hit.score, hit.item_id))

    check()


def edits_between(a: str, b: str) -> int:
    """Edits by their definition; two neighbours exchanged are one."""

    @functools.cache
    def between(i: int, j: int) -> int:
        if i == 0 or j == 0:
            return i + j
        replaced = between(i - 1, j - 1) + (a[i - 1] != b[j - 1])
        least = min(replaced, between(i - 1, j) + 1, between(i, j - 1) + 1)
        if i > 1 and j > 1 and a[i - 2 : i] == b[j - 2 : j][::-1]:
            least = min(least, between(i - 2, j - 2) + 1)
        return least

    return between(len(a), len(b))


@settings(deadline=None, max_examples=40, suppress_health_check=list(HealthCheck))
@given(
    numbers=st.lists(st.text("A34", min_size=3, max_size=10), min_size=1, max_size=12, unique=True),
    typed=st.text("A34", min_size=4, max_size=10).filter(lambda t: set(t) != {"A"}),
)
def test_whatever_is_near_enough_is_found(db: Conn, numbers: list[str], typed: str) -> None:
    """Against comparing with every number; few letters, so that much is alike."""
    allowed = 2 if len(typed) >= 8 else int(len(typed) >= 5)
    with db.transaction(force_rollback=True):
        make_collection(db, identifier_fields=["no"])
        ids = put(db, {number: {"no": number} for number in numbers})
        wanted = {}
        for number in numbers:
            edits = edits_between(typed, number)
            scores = [1 - edits / len(typed)] if edits <= allowed else []
            if number.startswith(typed) and number != typed:
                scores.append(0.5 + 0.4 * len(typed) / len(number))
            if scores:
                wanted[ids[number]] = pytest.approx(max(scores))
        assert {hit.item_id: hit.score for hit in ask(db, typed, 50)} == wanted


def test_several_numbers_in_a_field_and_from_metadata(db: Conn) -> None:
    make_collection(db, identifier_fields=["part_number", "serial"])
    items: dict[str, dict[str, str]] = {
        "A": {"part_number": "AB-1234;CD-5678,EF-9012\nGH-3456"},
        "B": {},
    }
    ids = put(db, items, metadata={"B": {"serial": "SN-77-0001"}})
    for number, key in [("ab1234", "A"), ("CD5678", "A"), ("GH3456", "A"), ("SN770001", "B")]:
        assert [hit.item_id for hit in ask(db, number)] == [ids[key]]
    assert ask(db, "SN770001")[0].source == "serial"
    # An item comes once, by the number that fits best.
    assert [hit.matched for hit in ask(db, "AB-1234 CD-5679")] == ["AB-1234"]


def test_equal_numbers_come_in_the_order_of_ids(db: Conn) -> None:
    make_collection(db, identifier_fields=["no"])
    ids = put(db, {f"P{n}": {"no": "AB-1234"} for n in range(9)})
    hits = ask(db, "AB1234", 5)
    assert [hit.item_id for hit in hits] == sorted(ids.values())[:5]
    assert [hit.rank for hit in hits] == [1, 2, 3, 4, 5]


def test_numbers_follow_the_item(db: Conn, parts: dict[str, int]) -> None:
    db.execute(
        "UPDATE core.item SET fields = '{\"part_number\": \"ZZ-9999\"}' WHERE external_id = 'HD1800-S7'"
    )
    assert [hit.item_id for hit in ask(db, "ZZ9999")] == [parts["HD1800-S7"]]
    assert parts["HD1800-S7"] not in {hit.item_id for hit in ask(db, "HD1800-S7")}
    db.execute("DELETE FROM core.item WHERE external_id = 'HD1800-S7'")
    assert ask(db, "ZZ9999") == []
    assert column(db, "SELECT count(*) FROM core.identifier") == [len(NUMBERS) - 1]
