"""A space of token weights from its encoder to the tokens that met, as any space goes through it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from db.calls.query import fetch
from db.search import functions
from db.search.rows import Leg
from db.spaces import embedding, generations, weights
from db.spaces.generations import Throttle
from encoders.registry import build, spec
from flows.local import Local
from flows.search.matches import Matches, token_matches
from jobs import calibrate, maintain
from jobs.reembed import lifecycle as reembed
from tests.jobs.support import DUMMY, work_once
from tests.searching import searched
from tests.sql.helpers import make_collection, put

if TYPE_CHECKING:
    from tests.jobs.support import Conn

LONG = " ".join(f"filler{n}" for n in range(300)) + " vacuum noise"
FEEDS = {"text": {"item": ["title"]}, "sparse": {"item": ["title"]}}


def tell(_what: str, _done: int, _total: int) -> None:
    pass


@pytest.fixture
def parts(db: Conn, db_url: str, dummy_space: int) -> dict[str, int]:
    """Items in the spaces `text`, live, and `sparse`, whose first generation went live by a switch."""
    make_collection(db, field_weights={"title": 1}, vector_sources=FEEDS)
    words = ("vacuum pump", "oil compressor noise", "진공 펌프 소음", "valve seal", LONG)
    ids = put(db, {f"P{n}": {"title": title} for n, title in enumerate(words)})
    ids |= put(db, {f"F{n}": {"title": f"shelf {n} bolt{n}"} for n in range(30)})
    args: dict[str, Any] = {"space": "sparse", "throttle": Throttle(), "tell": tell}
    reembed.start(db, DUMMY, encoder="dummy-sparse", **args)
    work_once(db_url)
    reembed.switch(db, DUMMY, space="sparse", force=True, tell=tell)
    return ids


def matched(db: Conn, query: str, item_id: int) -> Matches:
    return Local(db, DUMMY).run(token_matches("parts", query, item_id))


def test_a_search_weighs_tokens_and_says_which_met(
    db: Conn, db_url: str, parts: dict[str, int]
) -> None:
    hits = searched(db, DUMMY, "parts", query="compressor 소리").hits
    legs = {hit.external_id: hit.legs["sparse"] for hit in hits}
    encoder: Any = build(spec("dummy-sparse"), DUMMY.models_path)
    asked, text = (
        encoder.query_weights(["compressor 소리"])[0],
        encoder.passage_weights(["진공 펌프 소음"])[0],
    )
    asked, text = (dict(zip(*one, strict=True)) for one in (asked, text))
    found = legs["P2"]
    assert found is not None
    assert found.score == pytest.approx(sum(w * text.get(t, 0) for t, w in asked.items()), rel=1e-3)
    met = matched(db, "compressor 소리", parts["P2"])
    assert [(one.token, one.in_words) for one in met.tokens] == [("소리", False)]
    assert met.score == pytest.approx(found.score)
    assert matched(db, "vacuum", parts["P4"]).part_no == 2  # the window that has it
    put(db, {"P2": {"title": "밸브"}})
    assert (matched(db, "소리", parts["P2"]).stale) is True
    work_once(db_url)
    assert matched(db, "소리", parts["P2"]).tokens == []
    db.execute("DELETE FROM core.item WHERE id = %s", (parts["P2"],))
    assert matched(db, "밸브", parts["P3"]).tokens == []


def test_psql_alone_asks_by_the_words_and_idf(db: Conn, parts: dict[str, int]) -> None:
    encoder: Any = build(spec("dummy-sparse"), DUMMY.models_path)
    for query in (
        "Vacuum-pump, 2 NOISE?",
        "진공 펌프의 소음",
        "café 漢字 ⅣÅ #x1",
        "unknown §",
        " ",
    ):
        ids, ws = encoder.query_weights([query])[0]
        row = db.execute(
            "SELECT u.ids, u.weights FROM impl.unpacked(impl.idf_query(2, %s)) AS u", (query,)
        ).fetchone()
        assert row is not None
        assert row[0] == (ids.tolist() or [0])
        assert row[1] == pytest.approx(ws.tolist() or [0], rel=1e-3)
    assert fetch(db, functions.request_vector(query="pump", space="sparse"))[0].state == "ready"
    hits = fetch(db, weights.sparse(collection="parts", query="suction pump"))
    assert hits[0].item_id == parts["P0"]
    assert hits[0].path == "exact"
    (row,) = db.execute(
        "SELECT legs FROM search.hybrid('parts', 'suction pump', k => 1)"
    ).fetchall()
    assert row[0]["sparse"]["rank"] == 1
    (by_hand,) = fetch(db, weights.sparse_query(space="sparse", weights={"펌프": 2}))
    assert by_hand.vec.to_list()[2] == 2
    with pytest.raises(Exception, match="no token zzz"):
        fetch(db, weights.sparse_query(space="sparse", weights={"zzz": 2}))


def test_what_spaces_go_through_is_there_for_weights(
    db: Conn, db_url: str, parts: dict[str, int]
) -> None:
    assert {s.space: (s.kind, s.indexed) for s in fetch(db, embedding.live_spaces())}["sparse"] == (
        "sparse", True,
    )  # fmt: skip
    assert calibrate.run(db, DUMMY, "parts").thresholds["parts", "sparse"] >= 0
    leg = Leg(kind="like", space="sparse", positive=[parts["P0"]], negative=[parts["P3"]])
    like = fetch(db, functions.hybrid(collection="parts", legs=[leg], k=3))
    assert like[0].external_id == "P4"
    assert fetch(db, functions.by_item(collection="parts", item=parts["P0"], k=1))[0].legs["sparse"]
    reports = fetch(db, functions.explain_hybrid(collection="parts", query="vacuum"))
    assert {r.leg: r.detail.get("tokens") for r in reports}["sparse"] == 1
    maintain.run(db)
    # Another kind takes over, and gives back.
    args: dict[str, Any] = {"space": "sparse", "throttle": Throttle(), "tell": tell}
    second = reembed.start(db, DUMMY, encoder="dummy", **args).generation
    work_once(db_url)
    fetch(db, generations.measure_drift(space_id=second.space_id))
    reembed.switch(db, DUMMY, space="sparse", force=True, tell=tell)
    assert {s.space: s.kind for s in fetch(db, embedding.live_spaces())}["sparse"] == "single"
    reembed.rollback(db, space="sparse", tell=tell)
    assert fetch(db, weights.sparse(collection="parts", query="pump"))[0].item_id == parts["P0"]
