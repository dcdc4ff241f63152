"""Filters that would fail on some metadata, or take for ever: right rows, or SG002 at once."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING, Any, NamedTuple

import psycopg
import pytest
from psycopg.types.json import Jsonb

from db.calls.query import fetch
from db.errors import BadFilter, translated
from db.search import functions
from encoders import registry
from tests.conftest import fresh_database
from tests.sql.helpers import column, make_collection
from tests.sql.test_filters import LEGS, load

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.sql.helpers import Conn

DATES: list[dict[str, Any]] = [
    {"d": "2024-01-05"},
    {"d": "2024-01-05T10:00:00+09:00"},
    {"d": "2023-12-31T23:00:00-02:00"},
    {"d": "2023-12-31"},
    {"d": "10:00:00"},
    {"d": "no date"},
    {"d": 7},
    {"d": None},
    {"d": ["2024-02-01", "x"]},
    {"d": {"d": "2024-03-01"}},
    {},
]


@pytest.fixture
def ready(db: Conn, dummy_space: int) -> int:
    make_collection(db, identifier_fields=["no"])
    return dummy_space


class Dated(NamedTuple):
    """A database where each of DATES is the metadata of an item; the ids, in their order."""

    db: Conn
    ids: list[int]

    def found(self, leg: str, filter: str) -> set[int]:
        """Places in DATES of what a leg finds."""
        return {self.ids.index(item) for item in column(self.db, LEGS[leg], (filter,))}


@pytest.fixture(scope="module")
def dated(server_url: str, template: str) -> Iterator[Dated]:
    """One database for all that only ask."""
    with (
        fresh_database(server_url, template) as url,
        psycopg.connect(url, autocommit=True) as conn,
    ):
        make_collection(conn, identifier_fields=["no"])
        spec = registry.spec("dummy")
        add = "SELECT ops.create_space('text', %s, %s, %s)"
        (space_id,) = column(conn, add, (spec.name, spec.identity, spec.dim))
        yield Dated(conn, list(load(conn, space_id, DATES)))


@pytest.mark.parametrize(
    ("filter", "expected"),
    [
        ('$.d.datetime() >= "2024-01-01T00:00:00+00:00".datetime()', {0, 1, 2}),
        ('$.d.datetime() >= "2024-01-01".datetime()', {0, 1, 2}),
        ('$.d.datetime() == "2024-01-05T01:00:00+00:00".datetime()', {1}),
        ('$.d.datetime() < "2024-01-01T00:00:00".datetime()', {3}),
        ('$.d.datetime() == "10:00:00+00".datetime()', {4}),
        ('$.d.datetime("YYYY-MM-DD") == "2023-12-31".datetime()', {3}),
        ('exists($.d ? (@.datetime() > "2024-01-05T00:30:00+00:00".datetime()))', {1, 8}),
        ('!($.d.datetime() > "2024-01-01T00:00:00+00:00".datetime())', {3, 10}),
    ],
)
@pytest.mark.parametrize("zone", ["UTC", "Asia/Seoul", "America/New_York"])
def test_dates_with_and_without_a_time_zone(
    dated: Dated, filter: str, expected: set[int], zone: str
) -> None:
    with dated.db.transaction():
        dated.db.execute("SELECT set_config('timezone', %s, true)", (zone,))
        assert {leg: dated.found(leg, filter) for leg in LEGS} == dict.fromkeys(LEGS, expected)


@pytest.mark.parametrize(
    ("filter", "expected"),
    [
        ("$.d / 0 == 1", set()),
        ("$.d.double() == 7", {6}),
        ("$.d[100000000000] == 7", set()),
        ("strict $.d.d == 7", set()),
        ("-$.d == -7", {6}),
        ('$.d.type() == "object"', {9}),
        ("$.d.size() == 2", {8}),
        ('$.d.keyvalue().value == "2024-03-01"', {9}),
        ('$.**.d == "2024-03-01"', {9}),
        ("$.d == 7 && $.d == 7 || exists($.d.d)", {6, 9}),
    ],
)
def test_what_does_not_fit_leaves_the_item_out(
    dated: Dated, filter: str, expected: set[int]
) -> None:
    assert {leg: dated.found(leg, filter) for leg in LEGS} == dict.fromkeys(LEGS, expected)


REFUSED = [
    # What would fail on the first item that has a value.
    ('$.d.datetime("XYZ") == "1".datetime("XYZ")', "cannot be read: invalid datetime format"),
    ('exists($.d.datetime("FOO"))', "cannot be read: invalid datetime format"),
    ("exists($.d ? (@ == $x))", "cannot be read: could not find jsonpath variable"),
    # What grows faster than the metadata.
    (
        "exists($.keyvalue() ? (exists($.** ? (exists($.** ? (exists($.** ? (exists($.** ?"
        ' (@ == "x"))))))))))',
        "too much work: it has more than one .**",
    ),
    ("$.** == $.**", "more than one .**"),
    ("exists($.**.**)", "more than one .**"),
    ("exists($.** ? (@ == $.a))", "begins with $"),
    ("exists($[*] ? (exists($[*] ? (exists($[*] ? (@ == 1))))))", "begins with $"),
    ("exists($.a ? (exists($.a ? (exists($.a ? (@ == 1))))))", "begins with $"),
    ("exists($.a" + "[0,0]" * 30 + ")", "more than one list of subscripts"),
    ("exists($.a[" + "0," * 100 + "0])", "more than one list of subscripts"),
    ("exists($" + ".keyvalue()" * 12 + ")", "more than one .keyvalue()"),
    ("exists($.a" + "?(exists(@" * 4 + "?(@==1)" + "))" * 4 + ")", "more than three deep"),
    (" && ".join(["$.*.* == $.*.*"] * 5), "more than 16 of"),
    ("$.a == 1" + " || $.a == 1" * 1000, "12008 characters"),
    ('{"a": [' + ",".join(["{}"] * 5000) + "]}", "characters"),
    # What takes minutes to compile.
    ('$.a like_regex "(((a?b?){1,9}){1,9}){1,9}"', "repeats a group"),
    ('$.a like_regex "(a){9}"', "repeats a group"),
    ('$.a LIKE_REGEX "(a) {9}"', "repeats a group"),
    (r'$.a like_regex "(a)\{9}"', "repeats a group"),
    (r'$.a like_regex "(a\u0029{9}"', "given by its number"),
    (r'$.a like_regex "(a\x29{9}"', "given by its number"),
    (r'$.a\" like_regex "(a){9}"', "repeats a group"),
    ('$.a like_regex /* " */ "(a){9}" /* " */', "it has a comment"),
    (r'$.a like_regex "^(.*)\\1$"', "refers back"),
    ('$.a like_regex "(?x)(a)"', "has options"),
    ('$.a like_regex "***=a"', "has options"),
    ('$.a like_regex "' + "(a*)*" * 50 + '"', "more than 200 characters"),
    (" || ".join(['$.a like_regex "x"'] * 9), "more than 8 regular"),
    ("!" * 4000 + "($.a == 1)", "cannot be read"),
]


@pytest.mark.parametrize(("filter", "message"), REFUSED)
def test_a_hostile_filter_is_refused_before_it_is_used(
    dated: Dated, filter: str, message: str
) -> None:
    for statement in LEGS.values():
        with pytest.raises(psycopg.Error) as caught:
            dated.db.execute(statement, (filter,))
        assert caught.value.sqlstate == "SG002", caught.value
        assert message in str(caught.value.diag.message_primary)
        assert caught.value.diag.message_hint
        # It goes to the server's log, where what people ask does not belong.
        assert filter not in str(caught.value)


@pytest.mark.parametrize(
    "filter",
    [
        'exists($.tags[*] ? (@ == "a" && @ != "b"))',
        "exists($.parts[*] ? (exists(@.sizes[*] ? (@.w > 3 && @.h < 2))))",
        '$.maker like_regex "^(SMC|Festo)" flag "i"',
        r'$.no like_regex "^HD[0-9]{4}-S\\d+(\\.\\w+)?$"',
        r'$.note like_regex "(?:a|b)+ \\(x\\)" || $."a /* b" == "/* no comment */"',
        "$.a[0] == 1 && $.a[last] == 2 && $.a[0 to 2] == 3 && $.b[0, 2] == 4",
        '$.x == "$y" && $."$.**.**" == "?(?(?(?(" && $.z == "like_regex"',
        '$.**{1 to 3}.name == "x"',
        "($.a + $.b * 2) / 3 > 1 && ($.c == 1) is unknown",
        " || ".join(f'$.id == "P{n:04}"' for n in range(500)),
        "$.price.double() > 3 && $.count.size() == 2",
        "strict exists($.a)",
    ],
)
def test_what_people_ask_is_not_refused(dated: Dated, filter: str) -> None:
    assert {leg: found for leg in LEGS if (found := dated.found(leg, filter))} == {}


def test_a_filter_never_fails_on_what_another_collection_has(db: Conn, ready: int) -> None:
    """Not even where the index looks at the metadata of all."""
    make_collection(db, "other")
    load(db, ready, [{"kind": "a", "d": "2024-01-05"}])
    db.execute(
        "INSERT INTO core.item (collection_id, external_id, metadata) SELECT 2, 'O' || n, %s"
        " FROM generate_series(1, 50) AS n",
        (Jsonb({"kind": "a", "d": "2024-01-05T00:00:00Z"}),),
    )
    db.execute("SET enable_seqscan = off")
    asked = '$.kind == "a" && $.d.datetime() == "2024-01-05".datetime()'
    for leg, statement in LEGS.items():
        assert (leg, len(column(db, statement, (asked,)))) == (leg, 1)


def test_the_wrapper_says_that_it_is_the_filter(db: Conn, ready: int) -> None:
    with pytest.raises(BadFilter, match="too much work"):
        fetch(db, functions.lexical(collection="parts", query="x", filter="$.** == $.**"))


@pytest.mark.parametrize("state", ["0A000", "22038", "2203A", "2203G", "2201B"])
def test_an_error_of_a_jsonpath_is_a_bad_filter(plain: Conn, state: str) -> None:
    with pytest.raises(BadFilter, match="such a path"), translated():
        plain.execute(f"DO $$BEGIN RAISE 'such a path' USING ERRCODE = '{state}'; END$$".encode())


def test_precisions_that_no_number_has_match_nothing(db: Conn, ready: int) -> None:
    if db.info.server_version < 170000:
        pytest.skip("decimal() is of PostgreSQL 17")
    for filter in ("$.d.decimal(10000, 2) == 1", "$.d.decimal(5, 2000) == 1"):
        # Up to 18.4 the server fails on them, later it says that nothing matches.
        refused = db.info.server_version < 180005
        wrong = pytest.raises(psycopg.Error, match="cannot be read: NUMERIC")
        with wrong if refused else nullcontext():
            assert column(db, LEGS["lexical"], (filter,)) == []
