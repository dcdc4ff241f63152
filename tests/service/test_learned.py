"""Fusions learned without judgments, over HTTP and by their keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from db.calls.query import fetch
from db.search import proposals
from service.search import query_log
from tests.service.test_query_log import logged

if TYPE_CHECKING:
    from collections.abc import Callable

    import psycopg
    import pytest

    from tests.service.conftest import Client

    Conn = psycopg.Connection[Any]


def test_a_collection_says_on_what_its_fusion_rests(client: Client, db: Conn, parts: str) -> None:
    (row,) = client.get("/fusions").json()
    assert (row["collection"], row["rests_on"], row["weights"]) == (parts, "default", {})
    db.execute(
        "INSERT INTO eval.profile (collection_id, name, active, weights, basis) SELECT c.id, 'self-1', true,"
        " '{\"text\": 0}', '{\"queries\": 300}' FROM core.collection AS c"
    )
    (row,) = client.get("/fusions", params={"collection": parts}).json()
    assert (row["rests_on"], row["weights"], row["basis"]) == (
        *("made queries", {"text": 0}),
        {"queries": 300},
    )


def test_what_was_asked_in_vain_is_reported(
    make_client: Callable[..., Client], db: Conn, parts: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(query_log, "WRITE_EVERY_S", 0.02)
    client = make_client(query_log=True)
    for words in ("no such thing", "진공 펌프"):
        body = {"query": words, "legs": [{"kind": "lexical"}]}
        assert client.post(f"/collections/{parts}/search", json=body).status_code == 200
    logged(db, 2)
    kept = db.execute(
        "SELECT query, found, word_hits, best_score > 0 FROM search.queries ORDER BY search_id"
    )
    assert kept.fetchall() == [("no such thing", 0, 0, None), ("진공 펌프", 1, 1, True)]
    (row,) = client.get("/weak-queries", params={"collection": parts}).json()
    assert (row["query"], row["asked"], row["nothing"]) == ("no such thing", 1, 1)


def test_a_person_decides_on_proposals(client: Client, db: Conn, parts: str) -> None:
    near = [{"words": ["gauge", "meter"], "score": 0.5, "evidence": {"both": 0}}]
    fetch(db, proposals.propose(collection=parts, near=near))
    (row,) = client.get("/proposals").json()
    assert (row["kind"], row["subject"], row["state"]) == ("synonym", "gauge = meter", "open")
    url = f"/proposals/{row['proposal']}"
    assert client.post(url, json={"decision": "maybe"}).status_code == 400
    assert client.post(url, json={"decision": "refuse"}).json() == {"state": "refused"}
    assert client.get("/proposals").json() == []
    (row,) = client.get("/proposals", params={"status": "all"}).json()
    assert row["state"] == "refused"
    assert client.post("/proposals/synonym-999999", json={"decision": "accept"}).status_code == 404
    db.execute("SELECT impl.put_proposal(id, 'labels', '진공 펌프', 3, '{}') FROM core.collection")
    (row,) = client.get("/proposals", params={"kind": "labels"}).json()
    assert (row["collection"], row["subject"], row["state"]) == (parts, "진공 펌프", "open")
    url = f"/proposals/{row['proposal']}"
    assert client.post(url, json={"decision": "accept"}).json() == {"state": "accepted"}
    assert client.get("/proposals").json() == []
    assert db.execute("SELECT text FROM eval.query").fetchall() == [("진공 펌프",)]
    assert client.post("/proposals/labels-99", json={"decision": "accept"}).status_code == 404
