"""Metadata filters against the same questions asked in Python."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import numpy as np
import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg.types.json import Jsonb

from tests.sql.helpers import column, make_collection, put_vectors, unit

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.sql.helpers import Conn

KEYS = ("maker", "year", "tags", "box", "stock")
SCALARS: tuple[Any, ...] = (None, True, False, 0, 1, 2, 2.5, "", "SMC", "smc", "한글", 'a"b', "\\")

scalars = st.sampled_from(SCALARS)
nested = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=2)
    ),
    max_leaves=6,
)
documents = st.dictionaries(st.sampled_from(KEYS), nested, max_size=4)

Truth = bool | None  # None is SQL/JSON's unknown


def kind(value: Any) -> str:
    if isinstance(value, bool):
        return "bool"
    return "number" if isinstance(value, int | float) else type(value).__name__


def contains(whole: Any, part: Any) -> bool:
    """jsonb's `whole @> part`, for values inside an object."""
    if kind(whole) != kind(part):
        return False
    if isinstance(part, dict):
        return all(key in whole and contains(whole[key], part[key]) for key in part)
    if isinstance(part, list):
        return all(any(contains(w, p) for w in whole) for p in part)
    return bool(whole == part)


def compare(op: str, stored: Any, asked: Any) -> Truth:
    """jsonpath's comparison of one stored scalar with a constant."""
    if stored is None or asked is None:
        same = stored is None and asked is None
        return {"==": same, "!=": not same}.get(op, False)
    if kind(stored) != kind(asked):
        return None
    outcomes: dict[str, bool] = {"==": stored == asked, "!=": stored != asked}
    if kind(asked) == "number":
        outcomes |= {"<": stored < asked, ">=": stored >= asked}
    return outcomes[op]


def negated(a: Truth) -> Truth:
    return None if a is None else not a


def both(a: Truth, b: Truth) -> Truth:
    if a is False or b is False:
        return False
    return None if a is None or b is None else True


Predicate = tuple[str, "Callable[[dict[str, Any]], Truth]"]


@st.composite
def comparisons(draw: st.DrawFn) -> Predicate:
    key, asked = draw(st.sampled_from(KEYS)), draw(scalars)
    ordered = ["<", ">="] if kind(asked) == "number" else []
    op = draw(st.sampled_from(["==", "!=", *ordered]))
    path = f"$.{key} {op} {json.dumps(asked, ensure_ascii=False)}"
    return path, lambda doc: compare(op, doc[key], asked) if key in doc else False


def joined(inner: st.SearchStrategy[Predicate]) -> st.SearchStrategy[Predicate]:
    def conjunction(pair: tuple[Predicate, Predicate]) -> Predicate:
        (left, is_left), (right, is_right) = pair
        return f"({left}) && ({right})", lambda doc: both(is_left(doc), is_right(doc))

    def disjunction(pair: tuple[Predicate, Predicate]) -> Predicate:
        (left, is_left), (right, is_right) = pair
        return (
            f"({left}) || ({right})",
            lambda doc: negated(both(negated(is_left(doc)), negated(is_right(doc)))),
        )

    def negation(one: Predicate) -> Predicate:
        return f"!({one[0]})", lambda doc: negated(one[1](doc))

    pairs = st.tuples(inner, inner)
    return pairs.map(conjunction) | pairs.map(disjunction) | inner.map(negation)


predicates = st.recursive(comparisons(), joined, max_leaves=4)


def load(db: Conn, space_id: int, docs: list[dict[str, Any]]) -> dict[int, dict[str, Any]]:
    """Make each document the metadata of an item that every leg finds."""
    db.execute("DELETE FROM core.item")
    statement = """
        INSERT INTO core.item (collection_id, external_id, fields, metadata)
        SELECT 1, 'P' || at, '{"title": "pump", "no": "AB1234"}', doc || jsonb_build_object('at', at)
        FROM jsonb_array_elements(%s) WITH ORDINALITY AS d(doc, at) RETURNING id"""
    ids = column(db, statement, (Jsonb(docs),))
    put_vectors(db, space_id, [(i, "item", 0) for i in ids], np.tile(unit_vector(), (len(ids), 1)))
    return dict(zip(ids, docs, strict=True))


def unit_vector() -> Any:
    return unit(np.random.default_rng(5), 1)[0]


LEGS = {
    "lexical": "SELECT item_id FROM search.lexical('parts', 'pump', 1000, %s)",
    "identifier": "SELECT item_id FROM search.identifier('parts', 'AB1234', 1000, %s)",
    "phrase": "SELECT item_id FROM search.phrase('parts', 'pump', 1000, %s)",
    "facets": "SELECT (SELECT i.id FROM core.item AS i WHERE i.external_id = 'P' || f.value)"
    " FROM search.facets('parts', 'pump', 'at', %s, 1000) AS f",
    "semantic": "SELECT item_id FROM search.semantic('text', array_fill(1, '{32}')::halfvec, 1000, %s)",
}


@pytest.fixture
def ready(db: Conn, dummy_space: int) -> int:
    assert make_collection(db, identifier_fields=["no"]) == 1
    return dummy_space


def test_containment_is_jsonb_containment(db: Conn, ready: int) -> None:
    @settings(deadline=None, max_examples=8, suppress_health_check=list(HealthCheck))
    @given(st.lists(documents, min_size=1, max_size=12), st.lists(documents, max_size=5), st.data())
    def check(
        docs: list[dict[str, Any]], filters: list[dict[str, Any]], data: st.DataObject
    ) -> None:
        items = load(db, ready, docs)
        for asked in [*filters, {}, data.draw(st.sampled_from(docs))]:
            expected = {i for i, doc in items.items() if contains(doc, asked)}
            for leg, statement in LEGS.items():
                got = column(db, statement, (json.dumps(asked),))
                assert (leg, set(got)) == (leg, expected)

    check()


@pytest.mark.parametrize("scan", ["any", "index"])
def test_jsonpath_predicates(db: Conn, ready: int, scan: str) -> None:
    """By any plan, and where the planner takes the index whenever it may."""
    if scan == "index":
        db.execute("SET enable_seqscan = off")
    flat = st.dictionaries(st.sampled_from(KEYS), scalars, max_size=4)

    @settings(deadline=None, max_examples=8, suppress_health_check=list(HealthCheck))
    @given(st.lists(flat, min_size=1, max_size=12), st.lists(predicates, min_size=1, max_size=8))
    def check(docs: list[dict[str, Any]], asked: list[Predicate]) -> None:
        items = load(db, ready, docs)
        for path, holds in asked:
            expected = {i for i, doc in items.items() if holds(doc) is True}
            for leg, statement in LEGS.items():
                assert (path, leg, set(column(db, statement, (path,)))) == (path, leg, expected)

    check()


@pytest.mark.parametrize(
    ("filter", "expected"),
    [
        (None, {0, 1, 2}),
        ("", {0, 1, 2}),
        (" \n\t", {0, 1, 2}),
        ("{}", {0, 1, 2}),
        ('  {"maker": "SMC"}', {0}),
        ('{"tags": ["b"]}', {0, 1}),
        ('$.tags[*] == "c"', {1}),
        ('exists($.tags[*] ? (@ == "a"))', {0}),
        ('$.maker like_regex "^S" && $.year >= 2019', {0}),
        ('$.maker starts with "F"', {1}),
        ("strict $.year > 1", {0, 1}),
        ("$.absent == null", set()),
    ],
)
def test_the_grammar(db: Conn, ready: int, filter: str | None, expected: set[int]) -> None:
    docs = [
        {"maker": "SMC", "year": 2020, "tags": ["a", "b"]},
        {"maker": "Festo", "year": 2018, "tags": ["b", "c"]},
        {},
    ]
    order = list(load(db, ready, docs))
    for statement in LEGS.values():
        assert {order.index(i) for i in column(db, statement, (filter,))} == expected


@pytest.mark.parametrize(
    ("filter", "message"),
    [
        ('{"maker": }', "cannot be read: invalid input syntax for type json"),
        ('{"maker": "SMC"} x', "cannot be read: invalid input syntax for type json"),
        ('{"maker": "\\u0000"}', "cannot be read: unsupported Unicode escape"),
        ("$.year >=", "cannot be read: syntax error at end of jsonpath input"),
        ("maker = 'SMC'", "cannot be read: syntax error"),
        ('[{"maker": "SMC"}, 7]', "a list of filters has something else in it"),
        ('[{"maker": "SMC"}', "cannot be read: invalid input syntax for type json"),
        ("$.year == $this_year", "cannot be read: could not find jsonpath variable"),
        ("$.year", "selects a value instead of testing one"),
        ("$.tags[*] ? (@ == 1)", "selects a value instead of testing one"),
        ('"SMC"', "selects a value instead of testing one"),
    ],
)
def test_an_unreadable_filter_says_what_is_wrong(
    db: Conn, ready: int, filter: str, message: str
) -> None:
    for statement in LEGS.values():
        with pytest.raises(psycopg.Error, match=re.escape(message)) as caught:
            db.execute(statement, (filter,))
        assert caught.value.sqlstate == "SG002"
        assert "$.year >= 20" in (caught.value.diag.message_hint or "")


@pytest.mark.parametrize(
    ("filter", "many"),
    [
        ('{"half": 1}', True),
        ("$.n < 9000", True),
        ('{"rare": 0}', False),
        ('{"half": 7}', False),
    ],
)
def test_a_sample_tells_wide_filters_from_narrow_ones(db: Conn, filter: str, many: bool) -> None:
    cid = make_collection(db)
    asked = "SELECT impl.matches_many(%s, f.contains, f.path, 1000) FROM impl.parse_filter(%s) AS f"
    assert column(db, asked, (cid, filter)) == [False]  # an empty table tells nothing
    with db.transaction():
        db.execute("SET LOCAL session_replication_role = replica")
        db.execute(
            "INSERT INTO core.item (collection_id, external_id, metadata)"
            " SELECT %s, n::text, jsonb_build_object('n', n, 'half', n %% 2, 'rare', n %% 40)"
            " FROM generate_series(1, 20000) AS n",
            (cid,),
        )
    assert column(db, asked, (cid, filter)) == [many]
    assert column(db, asked, (cid + 1, filter)) == [False]  # items of another collection
