"""Counts that make no sense are refused in one way by every function; large ones and NULL mean all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import psycopg
import pytest

from tests.sql.helpers import column, make_collection, put, put_vectors, unit

if TYPE_CHECKING:
    from tests.sql.helpers import Conn

VEC = "(SELECT vec FROM core.embedding ORDER BY item_id LIMIT 1)"
# A call with {} in the place of the count, its argument's name, and the least that makes sense.
CALLS = [
    ("search.lexical('parts', 'pump', {})", "k", 0),
    ("search.phrase('parts', 'pump', {})", "k", 0),
    ("search.identifier('parts', 'AB1234', {})", "k", 0),
    ("search.facets('parts', 'pump', 'at', NULL, {})", "top_n", 0),
    ("search.highlight('parts', 'pump', 1, {})", "word_n", 1),
    (f"search.semantic('text', {VEC}, {{}})", "k", 0),
    ("search.like_items('{{1}}', '{{}}', 'text', {})", "k", 0),
    ("search.hybrid('parts', 'pump', k => {})", "k", 0),
    ("search.hybrid('parts', 'pump', skip => {})", "skip", 0),
    ("search.manual('pump', NULL, NULL, {}, NULL, 'parts')", "k", 0),
    (f"search.similar_defects(NULL, {VEC}, {{}}, true, 'text')", "k", 0),
    ("search.measure_recall('text', {}, 1)", "sample_n", 1),
    ("search.measure_recall('text', 1, {})", "k", 1),
]


@pytest.fixture
def parts(db: Conn, dummy_space: int) -> Conn:
    make_collection(db, vector_sources={"text": {"item": ["title"]}}, identifier_fields=["no"])
    items = {f"P{n}": {"title": "pump", "no": "AB-1234"} for n in range(3)}
    ids = put(db, items, metadata={key: {"at": key, "product": "pump"} for key in items})
    rows = [(item_id, "item", 0) for item_id in ids.values()]
    put_vectors(db, dummy_space, rows, unit(np.random.default_rng(1), 3))
    db.execute("INSERT INTO core.product (name, collection_id) VALUES ('pump', 1)")
    return db


@pytest.mark.parametrize(("call", "argument", "least"), CALLS)
def test_too_small_a_count_is_refused(parts: Conn, call: str, argument: str, least: int) -> None:
    for count in (least - 1, -(2**31)):
        with pytest.raises(
            psycopg.Error, match=f"{argument} is {count}, which is too sm"
        ) as caught:
            parts.execute(f"SELECT * FROM {call.format(count)}".encode())
        assert caught.value.sqlstate == "SG004"
        assert caught.value.diag.message_hint == f"Give {argument} => {least} or more."
    parts.execute(f"SELECT * FROM {call.format(least)}".encode())


@pytest.mark.parametrize(("call", "argument"), [c[:2] for c in CALLS if c[1] in ("k", "top_n")])
def test_null_and_huge_counts_are_all_there_is(parts: Conn, call: str, argument: str) -> None:
    if "measure_recall" in call or "similar_defects" in call:
        return
    for count in ("NULL", 2**31 - 1):
        rows = column(parts, f"SELECT 1 FROM {call.format(count)}".encode())
        assert len(rows) == (2 if "like_items" in call else 3), count


@pytest.mark.parametrize("k_rrf", [-1, -61])
def test_a_constant_of_fusion_that_divides_by_zero_is_refused(parts: Conn, k_rrf: int) -> None:
    with pytest.raises(psycopg.Error, match="k_rrf") as caught:
        parts.execute("SELECT * FROM search.hybrid('parts', 'pump', k_rrf => %s)", (k_rrf,))
    assert caught.value.sqlstate == "SG004"


@pytest.mark.parametrize("pool_n", ["NULL", "0", "-5"])
def test_a_leg_without_depth_is_refused(parts: Conn, pool_n: str) -> None:
    call = f"search.hybrid('parts', 'pump', ARRAY[search.lexical_leg(pool_n => {pool_n})])"
    with pytest.raises(psycopg.Error, match="items deep") as caught:
        parts.execute(f"SELECT * FROM {call}".encode())
    assert caught.value.sqlstate == "SG004"
