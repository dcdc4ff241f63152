"""Shaping of results against plain Python: boosts, MMR, collapse, pins, pages, weak matches."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg.types.json import Jsonb

from db.calls.query import fetch
from db.errors import BadRequest, UnknownName
from db.search import functions, shaping
from tests.sql.helpers import column, make_collection, put, put_vectors, text_of, unit

if TYPE_CHECKING:
    from db.search.rows import HybridHit
    from tests.sql.helpers import Conn

CHECKED = settings(
    deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
N = 24
DAYS = [f"2026-{month:02d}-15" for month in range(1, 13)]
META = {
    f"P{n:02d}": {
        "price": [n * 10, [n, n * 7], "n/a", None][n % 4],
        "day": DAYS[n % 12] if n % 5 else "soon",
        "in_stock": n % 3 == 0,
        "maker": [None, "SMC", "Ebara", ["CKD", "SMC"], 7][n % 5],
    }
    for n in range(N)
}


@pytest.fixture
def parts(db: Conn, dummy_space: int) -> dict[str, int]:
    """Items with metadata of several types, most of them with a vector, by external id."""
    make_collection(db, vector_sources={"text": {"item": ["title"]}}, identifier_fields=["no"])
    items = {key: {"title": f"pump {key} " + "dry " * (n % 7)} for n, key in enumerate(META)}
    ids = put(db, items, metadata=META)
    rows = [(item_id, "item", 0) for item_id in list(ids.values())[: N - 4]]
    vecs = unit(np.random.default_rng(5), len(rows))
    vecs[3] = vecs[2]
    put_vectors(db, dummy_space, rows, vecs)
    return ids


def values(metadata: dict[str, Any], field: str) -> list[Any]:
    found = metadata.get(field)
    return found if isinstance(found, list) else [found]


def factor_of(boost: dict[str, Any], metadata: dict[str, Any]) -> float:
    if "filter" in boost:
        passes = all(metadata.get(key) == value for key, value in boost["filter"].items())
        return boost["factor"] if passes else 1.0
    dated = isinstance(boost["scale"], str)
    near = []
    for value in values(metadata, boost["field"]):
        if dated and isinstance(value, str) and value[:4].isdigit():
            far = abs((moment(value) - moment(boost["origin"])).total_seconds())
            near.append((far, 86400 * int(boost["scale"].split()[0]), 0))
        elif not dated and isinstance(value, int) and not isinstance(value, bool):
            near.append((abs(value - boost["origin"]), boost["scale"], boost.get("offset", 0)))
    if not near:
        return 1.0
    d = max(
        decayed(boost["curve"], max(far - offset, 0) / scale, boost.get("decay", 0.5))
        for far, scale, offset in near
    )
    return 1 + (boost["factor"] - 1) * d if "factor" in boost else d


def decayed(curve: str, x: float, decay: float) -> float:
    if curve == "gauss":
        return math.exp(math.log(decay) * x * x)
    return math.exp(math.log(decay) * x) if curve == "exp" else max(1 - (1 - decay) * x, 0.0)


def moment(day: str) -> datetime:
    return datetime.fromisoformat(day).replace(tzinfo=UTC)


factors = st.sampled_from([0.1, 0.5, 1.0, 1.2, 3.0, 10.0])
decays = st.fixed_dictionaries(
    {"curve": st.sampled_from(["gauss", "exp", "linear"])},
    optional={"factor": factors, "decay": st.sampled_from([0.1, 0.5, 0.9])},
)
boosts = st.lists(
    st.one_of(
        st.builds(
            lambda value, factor: {"filter": {"in_stock": value}, "factor": factor},
            st.booleans(),
            factors,
        ),
        st.builds(
            lambda d, origin, scale, offset: {
                **d,
                "field": "price",
                "origin": origin,
                "scale": scale,
                "offset": offset,
            },
            decays,
            st.integers(-50, 300),
            st.sampled_from([1, 30, 200]),
            st.sampled_from([0, 25]),
        ),
        st.builds(
            lambda d, origin, days: {
                **d,
                "field": "day",
                "origin": origin,
                "scale": f"{days} days",
            },
            decays,
            st.sampled_from(DAYS),
            st.integers(1, 200),
        ),
    ),
    max_size=4,
)


@given(boosts)
@CHECKED
def test_factors_are_those_of_plain_python(
    db: Conn, parts: dict[str, int], wanted: list[dict[str, Any]]
) -> None:
    rows = db.execute(
        "SELECT item_id, factor, told FROM impl.boosted(%s, %s)",
        (Jsonb(wanted), list(parts.values())),
    ).fetchall()
    found = {item_id: (factor, told) for item_id, factor, told in rows}
    for key, item_id in parts.items():
        each = [factor_of(boost, META[key]) for boost in wanted]
        factor, told = found.get(item_id, (1.0, []))
        assert factor == pytest.approx(min(max(math.prod(each), 0.1), 10), rel=1e-9)
        assert [(t["boost"] - 1, pytest.approx(t["factor"])) for t in told] == [
            (no, value) for no, value in enumerate(each) if value != 1
        ]


def test_tiny_factors_do_not_underflow(db: Conn) -> None:
    assert column(db, "SELECT impl.multiplied('{1e-304,1e-304,1e-304}') < 1e-100") == [True]


def mmr(vecs: list[Any], scores: list[float], lamb: float) -> list[int]:
    """Maximal marginal relevance as Carbonell and Goldstein wrote it."""
    low, high = min(scores), max(scores)
    relevance = [(s - low) / (high - low) if high > low else 1.0 for s in scores]

    def sim(a: int, b: int) -> float:
        if vecs[a] is None or vecs[b] is None:
            return 0.0
        return float(vecs[a] @ vecs[b] / np.linalg.norm(vecs[a]) / np.linalg.norm(vecs[b]))

    taken: list[int] = []
    left = list(range(len(scores)))
    while left:
        worth = [
            lamb * relevance[i] - (1 - lamb) * max((sim(i, t) for t in taken), default=0.0)
            for i in left
        ]
        best = next(i for i, w in zip(left, worth, strict=True) if w >= max(worth) - 1e-9)
        taken.append(best)
        left.remove(best)
    return taken


@given(
    st.lists(st.integers(0, N - 1), unique=True, min_size=1),
    st.integers(0, 1000),
    st.sampled_from([0.0, 0.3, 0.7, 1.0]),
)
@CHECKED
def test_diversity_is_maximal_marginal_relevance(
    db: Conn, parts: dict[str, int], chosen: list[int], seed: int, lamb: float
) -> None:
    ids = [list(parts.values())[n] for n in chosen]
    scores = sorted(np.random.default_rng(seed).random(len(ids)).round(2).tolist(), reverse=True)
    stored = dict(db.execute("SELECT item_id, vec::real[] FROM core.embedding").fetchall())
    vecs = [np.array(stored[i], dtype=float) if i in stored else None for i in ids]
    rows = db.execute(
        "SELECT item_id, came, place FROM impl.mmr('text', %s, %s, %s)", (ids, scores, lamb)
    ).fetchall()
    assert [came - 1 for _, came, _ in rows] == mmr(vecs, scores, lamb)
    assert [place for _, _, place in rows] == list(range(1, len(ids) + 1))
    assert [item_id for item_id, _, _ in rows] == [ids[came - 1] for _, came, _ in rows]


def group_of(key: str) -> str | None:
    first = next((v for v in values(META[key], "maker") if v is not None), None)
    return None if first is None else str(first)


def reshaped(
    ranked: list[tuple[str, float]],
    pins: dict[str, int | None],
    leaders: set[str],
    min_score: float | None,
    field: bool,
    wanted: str | None,
) -> list[str]:
    """The whole order after shaping, written down step by step."""
    scores = dict(ranked)
    names = [n for n in META if n in scores or pins.get(n) is not None]
    place = {n: pins[n] for n in names if pins.get(n) is not None}
    if min_score is not None:
        names = [n for n in names if n in place or scores[n] >= min_score]
    if wanted is not None:
        names = [n for n in names if group_of(n) == wanted]
    buried = {n for n in names if n in pins and pins[n] is None}
    names.sort(
        key=lambda n: (
            place.get(n, 1000),
            n in buried,
            n not in leaders,
            -scores.get(n, 0.0),
            n,
        )
    )
    seen: set[str] = set()
    heads = []
    for name in names:
        group = group_of(name) if field else None
        if wanted is not None or group is None or group not in seen or name in place:
            heads.append(name)
        if group is not None:
            seen.add(group)
    others = [n for n in heads if n not in place]
    order: list[str] = []
    waiting = sorted((n for n in heads if n in place), key=lambda n: (place[n], n))
    while others or waiting:
        if waiting and (not others or place[waiting[0]] <= len(order) + 1):
            order.append(waiting.pop(0))
        else:
            order.append(others.pop(0))
    return order


@given(st.data())
@CHECKED
def test_order_is_that_of_plain_python(db: Conn, parts: dict[str, int], data: Any) -> None:
    names = list(META)
    found = data.draw(st.lists(st.sampled_from(names), unique=True))
    scores = data.draw(st.lists(st.integers(-3, 9), min_size=len(found), max_size=len(found)))
    ranked = sorted(zip(found, map(float, scores), strict=True), key=lambda r: (-r[1], r[0]))
    pins = data.draw(
        st.dictionaries(st.sampled_from(names), st.none() | st.integers(1, 9), max_size=5)
    )
    leaders = set(data.draw(st.lists(st.sampled_from(names), max_size=3))) & {*found}
    shape: dict[str, Any] = {}
    if (min_score := data.draw(st.none() | st.integers(-2, 8))) is not None:
        shape["min_score"] = min_score
    wanted = None
    if data.draw(st.booleans()):
        shape["collapse"] = {"field": "maker"}
        wanted = data.draw(st.none() | st.sampled_from(["SMC", "7", "nobody"]))
        if wanted is not None:
            shape["collapse"]["group"] = wanted
    in_order = sorted(pins, key=lambda n: (pins[n] is None, pins[n], n))
    rows = db.execute(
        "SELECT item_id, rank FROM impl.reshaped(%s, %s, %s, %s, %s, %s) ORDER BY rank",
        (
            Jsonb(shape),
            [parts[n] for n in in_order],
            [pins[n] for n in in_order],
            [parts[n] for n, _ in ranked],
            [score for _, score in ranked],
            [parts[n] for n in leaders],
        ),
    ).fetchall()
    by_id = {item_id: name for name, item_id in parts.items()}
    assert [by_id[item_id] for item_id, _ in rows] == reshaped(
        ranked, pins, leaders, min_score, "collapse" in shape, wanted
    )
    assert [rank for _, rank in rows] == list(range(1, len(rows) + 1))


def searched(db: Conn, query: str = "pump", **arguments: Any) -> list[HybridHit]:
    return fetch(db, functions.hybrid(collection="parts", query=query, **arguments))


SHAPES = (
    {"collapse": {"field": "maker"}},
    {"diversity": {"space": "text", "n": 10}},
    {"boosts": [{"filter": {"in_stock": True}, "factor": 2}], "min_score": 0.005},
)


@pytest.mark.parametrize("shape", SHAPES)
def test_pages_are_pieces_of_one_order(
    db: Conn, parts: dict[str, int], shape: dict[str, Any]
) -> None:
    fetch(db, shaping.pin_item(collection="parts", query="PUMP", external_id="P03", place=4))
    whole = searched(db, k=100, shape=shape)
    pages = [hit for skip in range(0, 30, 5) for hit in searched(db, k=5, skip=skip, shape=shape)]
    assert [h.item_id for h in pages] == [h.item_id for h in whole]
    assert [h.rank for h in whole] == list(range(1, len(whole) + 1))
    assert whole[3].external_id == "P03"


def test_a_group_is_counted_and_its_rest_is_had(db: Conn, parts: dict[str, int]) -> None:
    heads = searched(db, k=100, shape={"collapse": {"field": "maker"}})
    alone = [h for h in heads if h.adjustments is None]
    assert [h.external_id for h in alone] == [
        h.external_id for h in alone if not group_of(h.external_id)
    ]
    groups = {h.adjustments.group.value: h for h in heads if h.adjustments and h.adjustments.group}
    assert set(groups) == {"SMC", "Ebara", "CKD", "7"}
    for value, head in groups.items():
        rest = searched(db, k=100, shape={"collapse": {"field": "maker", "group": value}})
        assert head.adjustments
        assert head.adjustments.group
        assert len(rest) == head.adjustments.group.items
        assert rest[0].item_id == head.item_id
        assert {group_of(h.external_id) for h in rest} == {value}


def test_boosts_multiply_and_are_told(db: Conn, parts: dict[str, int]) -> None:
    plain = {h.item_id: h.score for h in searched(db, k=100)}
    for hit in searched(
        db, k=100, shape={"boosts": [{"filter": "$.in_stock == true", "factor": 1.5}]}
    ):
        told = hit.adjustments
        if META[hit.external_id]["in_stock"]:
            assert told is not None
            assert told.fused == plain[hit.item_id]
            assert told.factor == 1.5
            assert hit.score == pytest.approx(1.5 * plain[hit.item_id])
        else:
            assert told is None
            assert hit.score == plain[hit.item_id]


def test_pins_respect_filter_dates_and_spelling(db: Conn, parts: dict[str, int]) -> None:
    now = datetime.now(UTC)
    pin = {"collection": "parts", "query": "진공 Zz"}
    fetch(db, shaping.pin_item(**pin, external_id="P03"))
    fetch(db, shaping.pin_item(**pin, external_id="P04", place=2, valid_until=now - timedelta(1)))
    fetch(db, shaping.pin_item(**pin, external_id="P05", place=2, valid_from=now + timedelta(1)))
    fetch(db, shaping.bury_item(**pin, external_id="P00"))
    hits = searched(db, "진공zz", k=100)
    assert hits[0].external_id == "P03"
    assert [h.external_id for h in hits if h.adjustments] == ["P03"]  # P00 is not found by it
    assert hits[0].adjustments is not None
    assert hits[0].adjustments.pinned == shaping.Pinned(place=1, found=False)
    assert searched(db, "진공zz", filter='{"in_stock": false}') == []
    assert searched(db, "진공zz", shape={"pins": False}) == []
    states = {p.external_id: p.state for p in fetch(db, shaping.pins(collection="parts"))}
    assert states == {"P03": "in force", "P04": "over", "P05": "not yet", "P00": "in force"}
    gone = shaping.unpin_item(collection="parts", query="진공ZZ", external_id="P03")
    assert fetch(db, gone)[0].done
    assert not fetch(db, gone)[0].done
    assert searched(db, "진공zz") == []


def test_an_exact_part_number_stays_first_whatever_is_boosted(db: Conn, dummy_space: int) -> None:
    make_collection(db, identifier_fields=["no"])
    items = {f"P{n}": {"title": "valve AB1234-7", "no": f"AB1234-{n}"} for n in range(9)}
    put(db, items, metadata={f"P{n}": {"n": n} for n in range(9)})
    shape = {"boosts": [{"filter": "$.n != 7", "factor": 10}], "min_score": 0}
    assert searched(db, "AB1234-7", shape=shape)[0].external_id == "P7"


def test_a_collection_has_a_default_that_a_query_overrides(db: Conn, parts: dict[str, int]) -> None:
    fetch(db, shaping.set_shape(collection="parts", shape={"collapse": {"field": "maker"}}))
    folded = len(searched(db, k=100))
    assert folded < N
    assert len(searched(db, k=100, shape={"collapse": None})) == N
    assert len(searched(db, k=100, shape={"defaults": False})) == N
    assert len(searched(db, k=100, shape={"min_score": 0})) == folded
    fetch(db, shaping.set_shape(collection="parts", shape={}))
    assert len(searched(db, k=100)) == N


def test_nothing_near_is_told(db: Conn, dummy_space: int) -> None:
    make_collection(db, vector_sources={"text": {"item": ["title"]}})
    ids = put(db, {f"P{n:03d}": {"title": f"pump {n}"} for n in range(300)})
    vecs = unit(np.random.default_rng(1), 300)
    put_vectors(db, dummy_space, [(i, "item", 0) for i in ids.values()], vecs)
    legs = [{"kind": "vector", "space": "text", "vec": text_of(-vecs.mean(axis=0))}]
    near = [{"kind": "vector", "space": "text", "vec": text_of(vecs[7])}]

    def hits(legs: list[dict[str, Any]], query: str = "") -> list[Any]:
        words = [{"kind": "lexical"}] if query else []
        rows = db.execute(
            "SELECT adjustments FROM search.hybrid('parts', %s, impl.legs_from_json(%s))",
            (query or None, Jsonb([*words, *legs])),
        ).fetchall()
        return [row[0] for row in rows]

    assert hits(legs) == [{"uncalibrated": True}] * 10
    probes = [text_of(vec) for vec in unit(np.random.default_rng(2), 40)]
    (row,) = fetch(db, shaping.calibrate_space(collection="parts", space="text", probes=probes))
    best = [max(float(np.dot(vec, v)) for v in vecs) for vec in unit(np.random.default_rng(2), 40)]
    assert row.threshold == pytest.approx(np.percentile(best, 95), abs=2e-3)
    assert hits(legs) == [{"weak": True}] * 10
    assert hits(near)[0] is None
    assert {"weak": True} not in hits(legs, "pump")[:1]
    (report,) = [
        step
        for step in fetch(db, shaping.explain_shape(collection="parts", query="pump"))
        if step.step == "weak"
    ]
    assert report.items == 0
    (pairs,) = fetch(db, shaping.calibrate_space(collection="parts", space="text"))
    assert 0.4 < (pairs.threshold or 0) < 0.8
    assert [c.probes for c in fetch(db, shaping.calibrations(collection="parts"))] == ["items"]
    db.execute("DELETE FROM core.item")
    assert fetch(db, shaping.calibrate_space(collection="parts", space="text"))[0].threshold is None
    assert fetch(db, shaping.calibrations())[0].threshold is None


def test_steps_are_explained(db: Conn, parts: dict[str, int]) -> None:
    fetch(db, shaping.pin_item(collection="parts", query="pump", external_id="P01"))
    fetch(db, shaping.bury_item(collection="parts", query="pump", external_id="P15"))
    shape = {
        "boosts": [{"filter": {"in_stock": True}, "factor": 2}],
        "min_score": 0.0139,
        "collapse": {"field": "maker"},
        "diversity": {"space": "text", "n": 5, "lambda": 0},
    }
    query = shaping.explain_shape(collection="parts", query="pump", shape=shape)
    steps = {step.step: (step.items, step.detail) for step in fetch(db, query)}
    shown = searched(db, k=100, shape=shape)
    apart = searched(db, k=100, shape={**shape, "collapse": None})
    assert steps["candidates"] == (N, {})
    assert steps["boosts"][1] == {"lowest": 2, "highest": 2}
    assert steps["min_score"] == (N - len(apart), {"min_score": 0.0139})
    assert steps["collapse"][1] == {"field": "maker", "folded": len(apart) - len(shown)}
    assert steps["diversity"][1] == {"n": 5}
    assert steps["pins"] == (1, {"not_found": 0, "buried": 1})


def test_a_bad_shape_is_named(db: Conn, parts: dict[str, int]) -> None:
    bad: list[tuple[Any, str]] = [
        ({"colapse": {}}, "it may have boosts"),
        ({"boosts": [{"factor": 2}] * 9}, "more than 8"),
        ({"boosts": [{"filter": {"a": 1}}]}, "boost 1: it has no factor"),
        ({"boosts": [{"filter": {"a": 1}, "factor": 11}]}, "from 0.1 to 10"),
        ({"boosts": [{"field": "a", "curve": "bell"}]}, "gauss, exp or linear"),
        ({"boosts": [{"field": "a", "curve": "exp", "origin": 1, "scale": 0}]}, "scale is too"),
        ({"boosts": [{"field": "a", "curve": "exp", "origin": 1}]}, "scale is no number"),
        (
            {"boosts": [{"field": "a", "curve": "exp", "origin": "x", "scale": "9 days"}]},
            "origin is no date",
        ),
        ({"boosts": [{"field": "a", "curve": "exp", "scale": "some days"}]}, "length of time"),
        ({"diversity": {"space": "text", "n": 201}}, "from 2 to 200"),
        ({"diversity": {"space": "text", "lambda": 2}}, "from 0 to 1"),
        ({"diversity": {}}, "diversity has a space"),
        ({"collapse": {"field": 3}}, "collapse has a field"),
        ({"collapse": {"field": '"a'}}, "no key of the metadata"),
        ({"min_score": "high"}, "min_score is no number"),
        ({"pins": 1}, "true or false"),
        ([], "it is no object"),
    ]
    for shape, message in bad:
        with pytest.raises(BadRequest, match=message):
            searched(db, shape=shape)


def test_unknown_names_of_shapes_and_pins(db: Conn, parts: dict[str, int]) -> None:
    with pytest.raises(UnknownName, match="unknown embedding space"):
        searched(db, shape={"diversity": {"space": "nowhere"}})
    with pytest.raises(UnknownName, match="not in collection parts: P99"):
        fetch(db, shaping.pin_item(collection="parts", query="pump", external_id="P99"))
    with pytest.raises(UnknownName):
        fetch(db, shaping.pins(collection="nowhere"))
    shape = {"collapse": {"field": "maker", "group": "SMC"}}
    with pytest.raises(BadRequest, match="no group"):
        fetch(db, shaping.set_shape(collection="parts", shape=shape))


PIN = {"query": "pump", "external_id": "P1"}


def test_a_bad_pin_is_named_and_nothing_is_written(db: Conn, parts: dict[str, int]) -> None:
    bad: list[tuple[Any, str]] = [
        ([PIN, {"query": " "}], "pin 2: its query is empty"),
        ([{"query": "a"}], "no external_id"),
        ([{**PIN, "place": 101}], "no whole number from 1 to 100"),
        ([{**PIN, "place": "first"}], "no whole number from 1 to 100"),
        ([{**PIN, "from": "tomorrow"}], "its from is no date"),
        ([{**PIN, "from": "2026-02-01", "until": "2026-01-01"}], "not after its beginning"),
        ([{**PIN, "colour": "red"}], "it may have query"),
        ([{**PIN, "external_id": f"P{n}"} for n in range(101)], "the query pump has 101 items"),
        ({}, "no list"),
    ]
    for pins, message in bad:
        with pytest.raises(BadRequest, match=message):
            fetch(db, shaping.import_pins(collection="parts", pins=pins))
        assert fetch(db, shaping.pins(collection="parts")) == [], message


def test_imported_pins_replace_others(db: Conn, parts: dict[str, int]) -> None:
    fetch(db, shaping.pin_item(collection="parts", query="dry", external_id="P01"))
    pins = [{**PIN, "place": 3}, {"query": "Pump ", "external_id": "P02", "place": 0}]
    done = fetch(db, shaping.import_pins(collection="parts", pins=pins, replace=True))[0]
    assert (done.written, done.without_item, done.deleted) == (2, 1, 1)
    rows = fetch(db, shaping.pins(collection="parts", query="PUMP"))
    assert [(p.external_id, p.place, p.state) for p in rows] == [
        ("P1", 3, "no item"), ("P02", None, "in force")
    ]  # fmt: skip


def test_pins_are_found_by_their_index(db: Conn, parts: dict[str, int]) -> None:
    db.execute(
        "INSERT INTO core.pin (collection_id, folded, query, external_id)"
        " SELECT impl.collection_id('parts'), 'q' || n, 'q' || n, 'P01' FROM generate_series(1, 20000) AS n"
    )
    db.execute("ANALYZE core.pin")
    plan = db.execute(
        "EXPLAIN SELECT p.* FROM core.pin AS p"
        " WHERE p.collection_id = 1 AND p.folded = impl.fold_query('Q 7')"
    ).fetchall()
    assert "pin_collection_id_folded_external_id_key" in str(plan)


def test_readers_see_pins_and_do_not_set_them(db: Conn, parts: dict[str, int]) -> None:
    db.execute("SET ROLE seogo_reader")
    try:
        assert searched(db, shape={"collapse": {"field": "maker"}})
        assert db.execute("SELECT count(*) FROM search.calibrations").fetchall()
        for statement in (
            "SELECT ops.pin_item('parts', 'pump', 'P01')",
            "SELECT ops.set_shape('parts', '{}')",
            "DELETE FROM core.pin",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                db.execute(statement.encode())
    finally:
        db.execute("RESET ROLE")
