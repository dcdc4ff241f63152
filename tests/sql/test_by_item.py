"""A search by an item is what evaluation measures for queries by item, by the profile for such items."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import psycopg
import pytest
from msgspec import structs
from psycopg.types.json import Jsonb

from db.calls.query import fetch
from db.calls.steps import drive
from db.errors import BadRequest, UnknownName
from db.evaluation import tuning
from db.evaluation.rows import QueryIn
from db.evaluation.tuning import Fusion
from db.search import functions
from db.search.rows import Leg
from flows.effects import Score, UsedReranker
from flows.search.by_item import search_by_item
from flows.search.request import LegIn, SearchIn
from flows.search.rerank import rerank
from jobs.rerank import measure as job
from jobs.tuning import profiles
from jobs.tuning.validation import Splits
from tests.evaluation.support import make_set, own_run
from tests.evaluation.test_rerank import LongestRun
from tests.sql.helpers import column, make_collection, put, put_vectors, unit

if TYPE_CHECKING:
    from tests.sql.helpers import Conn

ONCE = Splits(outer=2, inner=2, repeats=1)
KINDS = ("image", "text")
SOURCE = Leg(kind="vector", space="text", source="title", name="title")
WORDS = Fusion(
    name="words", method="weighted", normalization="minmax", k_rrf=60, weights={"text": 0.0}
)


@pytest.fixture
def ids(db: Conn, dummy_space: int) -> dict[str, int]:
    """Thirty items of some words each, with a vector of their title and one of something else."""
    rng = np.random.default_rng(8)
    words = [f"w{n}" for n in range(12)]
    make_collection(db, vector_sources={"text": {"title": ["title"], "more": ["more"]}})
    items = {f"I{n:02}": {"title": " ".join(rng.choice(words, 4))} for n in range(30)}
    metadata = {name: {"category": KINDS[at % 2]} for at, name in enumerate(items)}
    ids = put(db, items, "parts", metadata)
    rows = [(item, source, 0) for item in ids.values() for source in ("title", "more")]
    put_vectors(db, dummy_space, rows, unit(rng, len(rows)))
    return ids


def measured(db: Conn, run_id: int) -> dict[str, list[tuple[str, float]]]:
    """Answers of a run: external ids and scores by query."""
    rows = db.execute(
        "SELECT q.external_id, h.external_id, h.score FROM eval.run_hit AS h"
        " JOIN eval.query AS q ON q.id = h.query_id WHERE h.run_id = %s ORDER BY q.id, h.rank",
        (run_id,),
    ).fetchall()
    found: dict[str, list[tuple[str, float]]] = {}
    for query, item, score in rows:
        found.setdefault(query, []).append((item, score))
    return found


def found(db: Conn, item: int, **more: Any) -> list[tuple[str, float]]:
    hits = fetch(db, functions.by_item(collection="parts", item=item, k=50, **more))
    assert [hit.rank for hit in hits] == list(range(1, len(hits) + 1))
    return [(hit.external_id, hit.score) for hit in hits]


def activate(db: Conn, fusion: Fusion, asker: dict[str, Any] | None) -> None:
    fetch(db, tuning.retire_profile(collection="parts", asker=asker))
    fetch(db, tuning.put_profile(collection="parts", fusion=fusion, note="", asker=asker))


def test_it_finds_what_was_measured_by_the_profile_for_the_item(
    db: Conn, ids: dict[str, int]
) -> None:
    make_set(db, [QueryIn(external_id=name, item=name) for name in ids])
    custom = [Leg(kind="lexical", weight=2), SOURCE]
    plain, chosen = measured(db, own_run(db)), measured(db, own_run(db, legs=custom))
    activate(db, WORDS, {"category": "image"})
    routed = measured(db, own_run(db))
    for at, (name, item) in enumerate(ids.items()):
        assert found(db, item) == routed[name]
        assert (routed[name] == plain[name]) == (KINDS[at % 2] == "text")
    assert routed["I00"] != plain["I00"]
    db.execute("UPDATE eval.profile SET active = false")
    for name, item in list(ids.items())[:5]:
        assert found(db, item, legs=custom) == chosen[name]
        pages = [
            hit.external_id
            for skip in (0, 4)
            for hit in fetch(db, functions.by_item(collection="parts", item=item, k=4, skip=skip))
        ]
        assert pages == [key for key, _ in plain[name][:8]]


def test_the_longest_metadata_that_fit_decide(db: Conn, ids: dict[str, int]) -> None:
    def used(*askers: dict[str, Any]) -> str:
        (row,) = db.execute(
            "SELECT use_profile FROM impl.fusion('parts', 'text', NULL, NULL, NULL, NULL, %s)",
            (Jsonb(list(askers)),),
        ).fetchall()
        return str(row[0])

    def named(name: str) -> Fusion:
        return Fusion(name=name, method="rrf", normalization="minmax", k_rrf=60, weights={})

    activate(db, named("all"), None)
    activate(db, named("image"), {"category": "image"})
    activate(db, named("hard image"), {"category": "image", "level": 5})
    hard = {"category": "image", "level": 5}
    assert used(hard) == "hard image"
    assert used({"category": "image"}, hard) == "image"
    assert used({"category": "text"}, hard) == used() == "all"
    with pytest.raises(BadRequest, match="profile has it already"):
        fetch(
            db,
            tuning.put_profile(
                collection="parts", fusion=named("two"), note="", asker={"category": "image"}
            ),
        )


@pytest.mark.parametrize(
    ("arguments", "state"),
    [
        ("999999", "SG001"),
        ("1, k => -1", "SG004"),
        ("1, profile => 'none'", "SG001"),
        ("1, legs => ARRAY[search.vector_leg('text', source => 'none')]", "SG003"),
    ],
)
def test_what_cannot_ask_is_refused(
    db: Conn, ids: dict[str, int], arguments: str, state: str
) -> None:
    arguments = arguments.replace("1,", f"{ids['I00']},", 1)
    with pytest.raises(psycopg.Error) as caught:
        db.execute(f"SELECT * FROM search.by_item('parts', {arguments})")  # type: ignore[call-overload]
    assert caught.value.sqlstate == state
    with pytest.raises(UnknownName):
        fetch(db, functions.by_item(collection="nowhere", item=ids["I00"]))
    with pytest.raises(ValueError, match="an item asks alone"):
        SearchIn(item=1, query="pump")


@pytest.mark.model
def test_a_profile_is_learned_from_the_items_it_is_for(db: Conn, ids: dict[str, int]) -> None:
    """Relevant is what the words say: vectors are noise, for items with pictures as for others."""
    qrels = {
        name: {key: 1 for key, _ in found(db, item, legs=[Leg(kind="lexical")])[:3]}
        for name, item in ids.items()
    }
    make_set(db, [QueryIn(external_id=name, item=name) for name in ids], qrels)
    asker = {"category": "image"}
    options = profiles.TuningOptions(group="query", asker=asker, measure="R@5", splits=ONCE)
    run_id = own_run(db, legs=[Leg(kind="lexical"), SOURCE])
    report = profiles.tune(db, "parts", run_id, options)
    assert report.queries == 15
    (decision,) = fetch(db, tuning.decisions(collection="parts"))
    assert decision.candidate["asker"] == asker
    live = column(db, "SELECT asker FROM eval.profile WHERE active")
    assert live == ([asker] if report.decision.activate else [])


def test_a_reranker_for_searches_by_item_is_not_one_for_words(
    db: Conn, ids: dict[str, int]
) -> None:
    texts = dict(
        zip(ids, column(db, "SELECT fields ->> 'title' FROM core.item ORDER BY id"), strict=True)
    )
    model = LongestRun()
    qrels: dict[str, dict[str, int]] = {}
    for name, text in texts.items():
        others = [other for other in texts if other != name]
        scores = model.score(text, [texts[other] for other in others])
        qrels[name] = {others[int(scores.argmax())]: 1}
    make_set(db, [QueryIn(external_id=name, item=name) for name in ids], qrels)
    run_id = own_run(db, legs=[Leg(kind="vector", space="text")])

    def perform(effect: Any) -> Any:
        match effect:
            case UsedReranker(collection, by_item):
                rows = fetch(db, tuning.reranker(collection=collection, by_item=by_item))
                return rows[0] if rows else None
            case Score(_, words, passages):
                return model.score(words, passages).astype(np.float64)
        return fetch(db, effect)

    options = job.RerankOptions(top_n=40, by_item=True, measure="RR@10", group="query")
    assert job.evaluate(db, run_id, model, options).decision.activate
    assert fetch(db, tuning.reranker(collection="parts")) == []
    (used,) = fetch(db, tuning.reranker(collection="parts", by_item=True))
    assert used.model == "longest-run"
    request = SearchIn(item=ids["I00"], k=5, legs=[LegIn(kind="like", space="text")])
    answer = drive(search_by_item("parts", request), perform)
    assert answer.reranker == "longest-run"
    fused = fetch(
        db,
        functions.by_item(
            collection="parts", item=ids["I00"], k=40, legs=[Leg(kind="vector", space="text")]
        ),
    )
    expected, _ = drive(rerank("parts", used, texts["I00"], fused), perform)
    assert [hit.external_id for hit in answer.hits] == [hit.external_id for hit in expected]
    assert [hit.external_id for hit in expected] != [hit.external_id for hit in fused]
    unread = drive(search_by_item("parts", structs.replace(request, rerank=False, skip=2)), perform)
    assert (unread.reranker, len(unread.hits)) == (None, 6)
