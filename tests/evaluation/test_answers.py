"""Runs made in SQL: what is kept is what search.hybrid says, and the settings are those of the start."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest
from psycopg.types.json import Jsonb

from db.calls.query import fetch
from db.errors import BadRequest, BadVector, UnknownName
from db.evaluation import evals, query_sets
from db.evaluation.rows import QueryIn
from db.search import functions
from db.search.rows import Leg
from db.spaces import embedding
from tests.evaluation.support import foreign_run, items, make_set, own_run
from tests.sql.helpers import column, put_vectors, text_of, unit

if TYPE_CHECKING:
    from tests.sql.helpers import Conn

SOURCES = {"text": {"title": ["title"], "other": ["title"]}}
TITLES = {
    f"P{n:02d}": " ".join(words)
    for n, words in enumerate(
        [w for w in (("pump", "seal"), ("pump",), ("valve", "pump"), ("seal",), ("motor",))] * 4
    )
}


@pytest.fixture
def parts(db: Conn, dummy_space: int) -> dict[str, int]:
    """Twenty items with two vectors each, of two sources."""
    ids = items(db, TITLES, vector_sources=SOURCES)
    rows = [(i, source, 0) for i in ids.values() for source in ("title", "other")]
    put_vectors(db, dummy_space, rows, unit(np.random.default_rng(3), len(rows)))
    return ids


LEGS = (
    Leg(kind="lexical", weight=2.0),
    Leg(kind="vector", space="text", source="title", pool_n=5),
    Leg(kind="vector", space="text", source="other", name="other"),
)


def test_an_answer_is_what_hybrid_search_says(db: Conn, parts: dict[str, int]) -> None:
    ids = make_set(db, ["pump seal"])
    vec = unit(np.random.default_rng(5), 1)[0]
    fetch(db, embedding.keep_query_vector(space_id=1, query="pump seal", vec=vec))
    for how in ({}, {"method": "weighted", "normalization": "zscore"}, {"k_rrf": 3}):
        run_id = own_run(db, legs=LEGS, k=4, **how)
        legs = [
            Leg(kind=g.kind, name=g.name, space=g.space, source=g.source, weight=g.weight)
            if g.kind == "lexical"
            else Leg(
                kind="vector",
                name=g.name,
                space="text",
                source=g.source,
                pool_n=g.pool_n,
                vec=text_of(vec),
            )
            for g in LEGS
        ]
        wanted = fetch(
            db, functions.hybrid(collection="parts", query="pump seal", legs=legs, k=1000, **how)
        )
        rows = db.execute(
            "SELECT rank, item_id, external_id, score, legs FROM eval.run_hit"
            " WHERE run_id = %s AND query_id = %s ORDER BY rank",
            (run_id, ids["pump seal"]),
        ).fetchall()
        assert [row[:4] for row in rows] == [
            (h.rank, h.item_id, h.external_id, h.score) for h in wanted
        ]
        for (*_, kept), hit in zip(rows, wanted, strict=True):
            assert kept == {
                name: leg
                and {"rank": leg.rank, "score": leg.score, "contribution": leg.contribution}
                for name, leg in hit.legs.items()
            }
        assert len(fetch(db, query_sets.rankings(run_id=run_id))[0].external_ids) == 4


def test_an_item_as_the_query_brings_its_words_and_its_vectors_of_the_source(
    db: Conn, parts: dict[str, int]
) -> None:
    make_set(db, [QueryIn(external_id="like P02", item="P02")])
    run_id = own_run(db, legs=LEGS)
    vecs = dict(
        db.execute(
            "SELECT source, vec::text FROM core.embedding WHERE item_id = %s", (parts["P02"],)
        ).fetchall()
    )
    for leg, query in (
        ("lexical", functions.lexical(collection="parts", query="valve pump", k=100)),
        (
            "text",
            functions.semantic(
                space="text",
                query_vec=np.array(json.loads(vecs["title"])),
                k=6,
                only_source="title",
            ),
        ),
        (
            "other",
            functions.semantic(
                space="text",
                query_vec=np.array(json.loads(vecs["other"])),
                k=100,
                only_source="other",
            ),
        ),
    ):
        wanted = {hit.item_id: hit.rank for hit in fetch(db, query) if hit.item_id != parts["P02"]}
        kept = db.execute(
            "SELECT item_id, (legs -> %s ->> 'rank')::int FROM eval.run_hit"
            " WHERE run_id = %s AND legs -> %s <> 'null'",
            (leg, run_id, leg),
        ).fetchall()
        assert dict(kept) == wanted, leg
    assert "P02" not in fetch(db, query_sets.rankings(run_id=run_id))[0].external_ids


def test_item_fields_say_which_words_an_item_asks_with(db: Conn) -> None:
    items(db, {"A": "pump", "B": "pump", "C": "seal"}, field_weights={"note": 0})
    db.execute(
        """UPDATE core.item SET fields = fields || '{"note": "seal"}' WHERE external_id = 'A'"""
    )
    make_set(db, [QueryIn(external_id="q", item="A")])
    lexical = [Leg(kind="lexical")]
    for fields, wanted in ((None, ["B"]), (["note"], ["C"]), (["title", "note"], ["B", "C"])):
        run_id = own_run(db, legs=lexical, item_fields=fields)
        assert sorted(fetch(db, query_sets.rankings(run_id=run_id))[0].external_ids) == wanted


def test_a_run_keeps_the_settings_of_its_start(db: Conn, parts: dict[str, int]) -> None:
    ids = make_set(db, ["pump seal"])
    profile = (
        "INSERT INTO eval.profile (collection_id, name, active, method, normalization, weights)"
        " VALUES (1, %s, %s, %s, 'none', %s)"
    )
    db.execute(profile, ("live", True, "weighted", Jsonb({"lexical": 3})))
    start = evals.start_run(
        collection="parts", query_set="set", legs=[Leg(kind="lexical")], code_version="1.2"
    )
    run_id = fetch(db, start)[0].run_id
    db.execute("UPDATE eval.profile SET method = 'rrf', weights = '{}'")
    fetch(db, evals.answer(run_id=run_id, query_id=ids["pump seal"]))
    run = fetch(db, evals.run(run_id=run_id))[0]
    assert (run.profile, run.code_version, run.finished_at) == ("live", "1.2", None)
    assert run.settings["method"] == "weighted"
    assert run.settings["items"] == 20
    assert [(leg["name"], leg["weight"]) for leg in run.legs] == [("lexical", 3)]
    plain = fetch(db, functions.lexical(collection="parts", query="pump seal", k=1))[0].score
    assert fetch(db, query_sets.rankings(run_id=run_id))[0].scores[0] == pytest.approx(3 * plain)


def test_legs_unless_named_are_those_that_some_query_can_use(
    db: Conn, parts: dict[str, int]
) -> None:
    db.execute("SELECT ops.create_space('image', 'dummy', 'other', 32, 'image')")
    db.execute(
        'UPDATE core.collection SET vector_sources = vector_sources || \'{"image": {"photo": ["@photo"]}}\''
    )

    def legs(run_id: int) -> list[str]:
        return [leg["name"] for leg in fetch(db, evals.run(run_id=run_id))[0].legs]

    started = evals.start_run(collection="parts", query_set="set")
    make_set(db, ["words"])
    assert legs(fetch(db, started)[0].run_id) == ["lexical", "identifier", "text"]
    make_set(db, [QueryIn(external_id="item", item="P00")])
    assert legs(fetch(db, started)[0].run_id) == ["lexical", "identifier", "image", "text"]


def test_a_query_with_a_picture_needs_its_vector_and_words_do_without(
    db: Conn, parts: dict[str, int]
) -> None:
    space = column(db, "SELECT ops.create_space('image', 'dummy', 'other', 32, 'image')")[0]
    vecs = unit(np.random.default_rng(4), 3)
    put_vectors(db, space, [(parts[p], "photo", 0) for p in ("P00", "P01", "P03")], vecs)
    picture = column(
        db,
        "INSERT INTO core.picture (media_type, width, height, bytes) VALUES ('image/png', 1, 1, 'x')"
        " RETURNING id",
    )[0]
    queries = [
        QueryIn(external_id="shown", picture_id=picture),
        QueryIn(external_id="said", text="motor"),
    ]
    ids = make_set(db, queries)
    legs = [Leg(kind="lexical"), Leg(kind="vector", space="image")]
    start = evals.start_run(collection="parts", query_set="set", legs=legs)
    run_id = fetch(db, start)[0].run_id
    with pytest.raises(BadVector, match="query shown has no vector in space image"):
        fetch(db, evals.answer(run_id=run_id, query_id=ids["shown"]))
    vec = {"image": text_of(vecs[1])}
    fetch(db, evals.answer(run_id=run_id, query_id=ids["shown"], query_vecs=vec, encode_ms=8.0))
    fetch(db, evals.answer(run_id=run_id, query_id=ids["said"]))
    shown, said = fetch(db, query_sets.rankings(run_id=run_id))
    assert shown.external_ids[0] == "P01"
    assert len(shown.external_ids) == 3
    assert set(said.external_ids) == {key for key, title in TITLES.items() if title == "motor"}
    done = fetch(db, evals.finish_run(run_id=run_id))[0]
    assert (done.queries, done.answered, done.failed) == (2, 2, 0)
    run = fetch(db, evals.run(run_id=run_id))[0]
    assert run.encode_p50_ms == 8.0
    assert 0 < (run.search_p50_ms or 0) <= (run.search_p95_ms or 0)


def test_an_item_with_nothing_for_a_space_asks_without_it(db: Conn, dummy_space: int) -> None:
    items(db, {"A": "pump", "B": "pump"}, vector_sources={"text": {"note": ["note"]}})
    ids = make_set(db, [QueryIn(external_id="q", item="A")])
    legs = [Leg(kind="lexical"), Leg(kind="vector", space="text")]
    run_id = own_run(db, legs=legs)
    assert fetch(db, query_sets.rankings(run_id=run_id))[0].external_ids == ["B"]
    # A vector that is only missing is not passed over.
    db.execute("""UPDATE core.item SET fields = fields || '{"note": "quiet"}'""")
    with pytest.raises(BadVector, match="query q has no vector in space text"):
        fetch(db, evals.answer(run_id=run_id, query_id=ids["q"]))


def test_a_query_asked_again_is_answered_anew(db: Conn) -> None:
    items(db, {"A": "pump", "B": "seal"})
    ids = make_set(db, ["pump"])
    run_id = own_run(db, legs=[Leg(kind="lexical")])
    db.execute('UPDATE core.item SET fields = \'{"title": "pump"}\'')
    assert fetch(db, evals.answer(run_id=run_id, query_id=ids["pump"]))[0].items == 2
    assert fetch(db, query_sets.rankings(run_id=run_id))[0].external_ids == ["A", "B"]


def test_what_cannot_be_run_is_refused(db: Conn, parts: dict[str, int]) -> None:
    ids = make_set(db, ["pump", QueryIn(external_id="gone", item="P99")])
    other = make_set(db, ["pump"], name="other")

    def start(**changed: object) -> int:
        asked = {"collection": "parts", "query_set": "set"} | changed
        return fetch(db, evals.start_run(**asked))[0].run_id  # type: ignore[arg-type]

    for changed, kind, told in (
        ({"collection": "part"}, UnknownName, "unknown collection: part"),
        ({"query_set": "sett"}, UnknownName, "unknown query set: sett"),
        ({"legs": [Leg(kind="vector", space="texts")]}, UnknownName, "unknown embedding space"),
        ({"legs": [Leg(kind="like", positive=[1])]}, BadRequest, "brings its own vector"),
        ({"k": 0}, BadRequest, "cannot be 0 items deep"),
        ({"profile": "none"}, UnknownName, "has no profile none"),
        ({"method": "sum"}, BadRequest, "cannot fuse by method sum"),
        ({"filter": "$.x"}, BadRequest, "the filter"),
    ):
        with pytest.raises(kind, match=told):
            start(**changed)
    run_id = start()
    with pytest.raises(UnknownName, match="is an item that collection parts does not have: P99"):
        fetch(db, evals.answer(run_id=run_id, query_id=ids["gone"]))
    with pytest.raises(UnknownName, match="has no query"):
        fetch(db, evals.answer(run_id=run_id, query_id=other["pump"]))
    with pytest.raises(BadVector, match="query pump has no vector in space text"):
        fetch(db, evals.answer(run_id=run_id, query_id=ids["pump"]))
    with pytest.raises(BadRequest, match="no leg of run"):
        fetch(db, evals.answer(run_id=start(legs=[]), query_id=ids["pump"]))


def test_a_ranking_with_an_item_twice_or_without_a_score_is_refused(db: Conn) -> None:
    items(db, {"A": "pump"})
    make_set(db, ["q"])
    run_id = foreign_run(db, {"q": {"A": 1.0, "elsewhere": 1.0}})
    assert fetch(db, query_sets.rankings(run_id=run_id))[0].external_ids == ["A", "elsewhere"]
    for ids, scores in ((["A", "A"], [1.0, 2.0]), (["A"], [float("nan")]), (["A", "B"], [1.0])):
        store = evals.store_ranking(run_id=run_id, query="q", external_ids=ids, scores=scores)
        with pytest.raises(BadRequest, match="the ranking of query q is not one"):
            fetch(db, store)
    with pytest.raises(UnknownName, match="no query p"):
        fetch(db, evals.store_ranking(run_id=run_id, query="p", external_ids=[], scores=[]))
