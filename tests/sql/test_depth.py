"""Depth of search: recall by ef_search and by links, against oracles; the recommendation; setting it."""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.calls.query import fetch
from db.errors import BadRequest
from db.spaces import depth
from db.spaces.depth import DepthPoint, LinksPoint
from jobs.tuning import depth as job
from tests.sql.helpers import column, make_collection, put, put_vectors, unit

if TYPE_CHECKING:
    import psycopg

    Conn = psycopg.Connection[Any]


def test_a_space_is_measured_and_set(db: Conn, dummy_space: int) -> None:
    make_collection(db)
    ids = put(db, {f"P{n}": {"title": f"{n}"} for n in range(300)})
    rows = [(item_id, "item", 0) for item_id in ids.values()]
    put_vectors(db, dummy_space, rows, unit(np.random.default_rng(1), 300))
    about = {"space": "text", "depths": [10, 200], "sample_n": 20, "k": 5}
    with pytest.raises(BadRequest, match="no index"):
        fetch(db, depth.ef_curve(**about))
    db.execute("SELECT ops.build_space_index(id) FROM ops.space")
    shallow, deep = fetch(db, depth.ef_curve(**about))
    assert (shallow.ef_search, deep.ef_search, deep.sampled) == (10, 200, 20)
    assert 0 < shallow.recall <= deep.recall == 1
    z, n = 1.96, 20 * 5  # Wilson's lower bound
    share = shallow.recall
    centre, spread = share + z * z / 2 / n, z * sqrt((share * (1 - share) + z * z / 4 / n) / n)
    assert shallow.lower == pytest.approx((centre - spread) / (1 + z * z / n), abs=1e-4)
    few, many = fetch(
        db, depth.m_curve(space="text", links=[2, 16], ef_search=20, sample_n=20, k=5)
    )
    assert (few.m, many.m, many.vectors) == (2, 16, 300)
    assert few.recall <= many.recall
    assert few.bytes < many.bytes
    ran = job.apply(db, "text", job.Advice(ef_search=200, links=24, met=True))
    assert len(ran) == 2
    assert fetch(db, depth.settings(space="text"))[0] == depth.GraphSettings(24, 200)
    options = "SELECT unnest(reloptions) FROM pg_class WHERE relname LIKE 'embedding_%_hnsw'"
    assert set(column(db, options)) == {"m=24", "ef_construction=128"}
    assert fetch(db, depth.ef_curve(**about))[1].recall == 1
    with pytest.raises(BadRequest, match="1 to 1000"):
        fetch(db, depth.set_search_depth(space="text", ef_search=0, links=None))


recalls = st.floats(0, 1)
points = st.builds(
    DepthPoint,
    ef_search=st.integers(1, 1000),
    recall=recalls,
    lower=recalls,
    ann_ms=st.just(1.0),
    p95_ms=st.just(1.0),
    exact_ms=st.just(1.0),
    sampled=st.just(1),
)
trials = st.builds(
    LinksPoint,
    m=st.integers(2, 100),
    recall=recalls,
    ann_ms=st.just(1.0),
    build_s=st.just(1.0),
    bytes=st.just(1.0),
    vectors=st.just(1),
)


@given(st.lists(points, min_size=1), st.lists(trials), recalls)
def test_the_least_that_is_enough_is_recommended(
    curve: list[DepthPoint], links: list[LinksPoint], wanted: float
) -> None:
    found = job.advise(curve, links, wanted=wanted, m=16)
    enough = {p.ef_search for p in curve if p.lower >= wanted}
    assert found.met == bool(enough)
    assert found.ef_search == (min(enough) if enough else max(p.ef_search for p in curve))
    if found.links is not None:
        assert not enough
        assert found.links > 16
        assert max(p.recall for p in links if p.m == found.links) > max(
            (p.recall for p in links if p.m <= 16), default=0.0
        )
