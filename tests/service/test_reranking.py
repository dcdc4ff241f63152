"""What a search does beyond its legs: the reranker in use orders the first hits, pictures are read."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image

from db.calls.query import fetch
from db.evaluation import tuning
from encoders.rerank import rerankers
from tests.jobs import drawn
from tests.service.conftest import bearer, make_key

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import psycopg

    from encoders.rerank.base import RerankerSpec
    from tests.service.conftest import Client

    Conn = psycopg.Connection[Any]

URL = "/collections/parts/search"
WORDS = [{"kind": "lexical"}]
TITLES = ["pump", "pump oil", "dry pump", "pump valve seal", "screw pump for powder", "pump hose"]


@pytest.fixture
def pumps(db: Conn, client: Client) -> Client:
    """A collection whose items all have one word of the query."""
    client.post("/collections", json={"name": "parts"}).raise_for_status()
    items = [{"external_id": f"P{n}", "fields": {"title": t}} for n, t in enumerate(TITLES)]
    client.post("/collections/parts/items", json={"items": items}).raise_for_status()
    return client


@pytest.fixture
def spec(pumps: Client, db: Conn, cross_encoder: Path, models: Path) -> RerankerSpec:
    """A reranker that is in use for the first five hits, alone."""
    found = rerankers.spec(f"file:{cross_encoder}", models)
    use(db, found.name, found.revision)
    return found


def use(db: Conn, model: str, revision: str) -> None:
    (decision,) = db.execute(
        "INSERT INTO eval.decision (collection_id, kind, source, measure, candidate, activated, reason)"
        " SELECT c.id, 'rerank', 'people', 'nDCG@10', '{}', true, 'test' FROM core.collection AS c"
        " RETURNING id"
    ).fetchall()[0]
    setting = tuning.put_reranker(
        collection="parts", decision_id=decision, model=model, revision=revision, top_n=5, blend=1.0,
        threshold=None,
    )  # fmt: skip
    fetch(db, setting)


def ask(client: Client, **asked: Any) -> dict[str, Any]:
    answer = client.post(URL, json={"query": "pump", "legs": WORDS, **asked})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def keys_of(answer: dict[str, Any]) -> list[str]:
    return [hit["external_id"] for hit in answer["hits"]]


def test_the_reranker_in_use_orders_the_first_hits(
    pumps: Client, db: Conn, spec: RerankerSpec, models: Path
) -> None:
    fused = ask(pumps, rerank=False)
    assert (fused["reranker"], len(fused["hits"])) == (None, 6)
    titles = [hit["fields"]["title"] for hit in fused["hits"][:5]]
    read = rerankers.build(spec, models, threads=1).score("pump", titles)
    expected = [keys_of(fused)[at] for at in np.argsort(-read, kind="stable")] + keys_of(fused)[5:]
    assert expected != keys_of(fused), "the reranker should change something here"
    answer = ask(pumps)
    assert (keys_of(answer), answer["reranker"]) == (expected, spec.name)
    assert [hit["rank"] for hit in answer["hits"]] == [1, 2, 3, 4, 5, 6]
    assert (answer["degraded"], answer["timing"]["rerank_ms"] > 0) == ([], True)
    scores = {hit["external_id"]: hit["score"] for hit in fused["hits"]}
    assert {hit["external_id"]: hit["score"] for hit in answer["hits"]} == scores
    pages = [ask(pumps, k=2, skip=skip) for skip in (0, 2, 4)]
    assert [key for page in pages for key in keys_of(page)] == expected
    assert [page["more"] for page in pages] == [True, True, False]
    assert (keys_of(ask(pumps, k=1, skip=5)), ask(pumps, k=1, skip=5)["reranker"]) == (
        expected[5:],
        None,
    )


def test_it_has_no_say_where_it_was_not_measured(
    pumps: Client, db: Conn, spec: RerankerSpec
) -> None:
    (item_id,) = db.execute("SELECT min(id) FROM core.item").fetchall()[0]
    db.execute("SELECT ops.create_space('text', 'dummy', 'dummy@1', 64)")
    answer = ask(pumps, like=[item_id])
    assert (answer["reranker"], answer["timing"]["rerank_ms"] < 1) == (None, True)
    key = make_key(db, "reader", collections=["parts"])
    body = {"query": "pump", "legs": WORDS}
    by_reader = pumps.post(URL, json=body, headers=bearer(key)).json()
    assert (by_reader["reranker"], by_reader["degraded"]) == (spec.name, [])


@pytest.mark.parametrize(
    ("revision", "reason"), [("another", "measured with"), (None, "No such encoder")]
)
def test_where_it_cannot_be_had_the_order_of_the_search_stands(
    pumps: Client, db: Conn, cross_encoder: Path, revision: str | None, reason: str
) -> None:
    plain = ask(pumps)
    use(db, f"file:{cross_encoder}" if revision else "gone", revision or "1")
    answer = ask(pumps)
    assert (answer["hits"], answer["reranker"]) == (plain["hits"], None)
    (why,) = answer["degraded"]
    assert why.startswith("not reranked: ")
    assert reason in why


def plate(text: str) -> bytes:
    return drawn.encoded(drawn.labelled(text), "PNG")


@pytest.fixture
def plates(make_client: Callable[..., Client]) -> Client:
    """Parts with serial numbers, in a collection that reads pictures."""
    client = make_client(encode_wait_s=120)
    made = {
        "name": "parts",
        "identifier_fields": ["serial"],
        "picture_readers": {"ocr": "rapidocr"},
    }
    client.post("/collections", json=made).raise_for_status()
    items = [
        {"external_id": f"P{n}", "fields": {"title": "pump", "serial": f"7{n}E9991{n}"}}
        for n in range(4)
    ]
    client.post("/collections/parts/items", json={"items": items}).raise_for_status()
    return client


def by_picture(client: Client, file: bytes, **asked: Any) -> Any:
    form = {"data": {"request": json.dumps(asked)}, "files": {"picture": file}}
    return client.post(f"{URL}/picture", **form)


def test_numbers_on_the_picture_are_searched_for(plates: Client, db: Conn) -> None:
    file = plate("S/N 73E99913")
    answer = by_picture(plates, file, highlight=True, explain=True).json()
    assert (answer["numbers"], keys_of(answer)[0]) == (["73E99913"], "P3")
    assert answer["hits"][0]["legs"]["identifier"]["rank"] == 1
    assert {row["leg"] for row in answer["explain"]} == {"lexical", "identifier"}
    one = by_picture(plates, file, legs=[{"kind": "identifier"}]).json()
    assert (keys_of(one)[0], one["degraded"]) == ("P3", [])
    empty = drawn.encoded(Image.new("RGB", (320, 64), "white"), "PNG")
    both = by_picture(plates, empty, query="pump", legs=WORDS).json()
    assert (both["numbers"], len(both["hits"])) == ([], 4)
    nothing = by_picture(plates, empty, legs=WORDS)
    assert nothing.status_code == 400
    assert "no number read on the picture" in nothing.json()["detail"]
    db.execute("SELECT ops.alter_collection('parts', picture_readers => '{}')")
    assert "numbers" not in by_picture(plates, file, query="pump").json()


def test_a_picture_that_cannot_be_read_is_said(plates: Client, db: Conn) -> None:
    db.execute('UPDATE core.collection SET picture_readers = \'{"ocr": "gone"}\'')
    answer = by_picture(plates, plate("S/N 73E99913"), query="pump").json()
    assert len(answer["hits"]) == 4
    assert any(
        why.startswith("the picture was not read: No such enc") for why in answer["degraded"]
    )
