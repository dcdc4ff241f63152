"""Judging by hand, and evaluations read."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from db.calls.query import fetch
from db.evaluation import query_sets
from db.evaluation.rows import QueryIn
from encoders.settings import EncoderSettings
from jobs.evaluation import runner

if TYPE_CHECKING:
    import psycopg

    from tests.service.conftest import Client

    Conn = psycopg.Connection[Any]

NEXT = "/evaluation/sets/asked/next"
PUT = "/evaluation/sets/asked/judgments"


@pytest.fixture
def query_set(db: Conn, parts: str) -> str:
    """Two queries in words, and one by an item."""
    set_id = fetch(db, query_sets.put_set(name="asked"))[0].id
    queries = [
        QueryIn(external_id="q1", text="pump 펌프"),
        QueryIn(external_id="q2", text="실린더"),
        QueryIn(external_id="q3", text="gauge", item="P-1"),
    ]
    fetch(db, query_sets.put_queries(set_id=set_id, queries=queries))
    return "asked"


def next_one(client: Client, **params: Any) -> Any:
    answer = client.get(NEXT, params={"collection": "parts", **params})
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.usefixtures("query_set")
def test_judging_to_the_end(client: Client, db: Conn) -> None:
    first = next_one(client, depth=2)
    assert (first["query"], first["text"], first["open"]) == ("q1", "pump 펌프", 3)
    # One of them has the word in its body, the other in its title.
    assert {item["external_id"] for item in first["items"]} == {"P-1", "P-2"}
    assert "rank" not in first["items"][0]
    assert first == next_one(client, depth=2)
    judged = [
        {"query": "q1", "external_id": item["external_id"], "grade": at}
        for at, item in enumerate(first["items"])
    ]
    body = {"judgments": judged[:1], "judge": "mina", "pool": first["pool"]}
    assert client.put(PUT, json=body).json() == {"written": 1, "unknown": []}
    left = next_one(client, depth=2)
    assert [item["external_id"] for item in left["items"]] == [judged[1]["external_id"]]
    assert client.put(PUT, json={**body, "judgments": judged[1:]}).json()["written"] == 1
    second = next_one(client, depth=2)
    assert (second["query"], second["open"]) == ("q2", 2)
    third = next_one(client, depth=2, after=second["query_id"])
    assert (third["query"], third["like"]) == ("q3", "P-1")
    assert [item["external_id"] for item in third["items"]] == ["P-2"]
    assert next_one(client, depth=2, after=third["query_id"]) is None
    rows = db.execute("SELECT source, judge, pool FROM eval.judgment GROUP BY 1, 2, 3").fetchall()
    assert rows == [("people", "mina", "default: first 2")]
    # Another's judgments are another source.
    assert len(next_one(client, depth=2, source="kim")["items"]) == 2


@pytest.mark.usefixtures("query_set")
def test_queries_whose_hits_are_judged_are_passed_over(client: Client) -> None:
    judged = [{"query": "q1", "external_id": key, "grade": 0} for key in ("P-1", "P-2", "P-3")]
    client.put(PUT, json={"judgments": judged})
    assert next_one(client)["query"] == "q2"


@pytest.mark.usefixtures("query_set")
def test_the_last_word_counts(client: Client, db: Conn) -> None:
    for grades in ([1, 2], [0]):
        judged = [{"query": "q1", "external_id": "P-1", "grade": grade} for grade in grades]
        answer = client.put(PUT, json={"judgments": [*judged, {**judged[0], "query": "zz"}]})
        assert answer.json() == {"written": 1, "unknown": ["zz"]}
        rows = db.execute("SELECT grade FROM eval.judgment").fetchall()
        assert rows == [(grades[-1],)]


@pytest.mark.usefixtures("query_set")
def test_judgments_of_a_set_that_is_not_there(client: Client) -> None:
    body = {"judgments": [{"query": "q1", "external_id": "P-1", "grade": 1}]}
    assert client.put("/evaluation/sets/nope/judgments", json=body).status_code == 404
    assert client.put(PUT, json={**body, "judge": "x" * 101}).status_code == 400


@pytest.mark.usefixtures("query_set")
def test_profiles_widen_the_pool(client: Client, db: Conn) -> None:
    db.execute(
        "INSERT INTO eval.profile (collection_id, name, method, weights)"
        " SELECT id, 'words', 'rrf', '{}' FROM core.collection"
    )
    assert next_one(client, profile=["words"])["pool"] == "default, words: first 10"
    params = {"collection": "parts", "profile": "nope"}
    assert client.get(NEXT, params=params).status_code == 404


@pytest.mark.usefixtures("query_set")
def test_what_is_not_there(client: Client) -> None:
    for url, status in (
        ("/evaluation/sets/nope/next?collection=parts", 404),
        ("/evaluation/sets/asked/next?collection=nope", 404),
        ("/evaluation/sets/asked/next", 400),
        ("/evaluation/sets/asked/next?collection=parts&depth=0", 400),
        ("/evaluation/runs/99", 404),
        ("/evaluation/history", 400),
    ):
        assert client.get(url).status_code == status, url


@pytest.mark.usefixtures("query_set")
def test_evaluations_are_read(client: Client, db: Conn) -> None:
    judged = [{"query": "q1", "external_id": "P-1", "grade": 1}]
    client.put(PUT, json={"judgments": judged})
    (row,) = client.get("/evaluation/sets").json()
    assert (row["query_set"], row["source"], row["queries"], row["judgments"]) == (
        "asked",
        "people",
        3,
        1,
    )
    settings = runner.Settings(collection="parts", query_set="asked", label="first")
    run_id, _ = runner.run(db, EncoderSettings(), settings, lambda *_: None)
    (run,) = client.get("/evaluation/runs").json()
    assert (run["run_id"], run["label"], run["collection"]) == (run_id, "first", "parts")
    assert client.get("/evaluation/runs?query_set=other").json() == []
    measured = client.get(f"/evaluation/runs/{run_id}", params={"measure": "R@5"}).json()
    assert measured["metrics"] == [{"measure": "R@5", "category": None, "queries": 1, "value": 1.0}]
    assert measured["blame"][0]["verdict"] == "found"
    assert client.get(f"/evaluation/runs/{run_id}/errors").json() == []
    legs = client.get(f"/evaluation/runs/{run_id}/legs", params={"k": 5}).json()
    assert {row["leg"] for row in legs["overlap"]} >= {"lexical", "identifier"}
    assert (legs["whole"]["pairs"], legs["whole"]["oracle"]) == (1, 1)
    assert client.get("/evaluation/decisions").json() == []
    assert client.get("/evaluation/decisions/1/grid").status_code == 404
    recipe = {"query_set": "made", "collection": "parts", "n": 2}
    made = client.post("/evaluation/samples", json=recipe)
    assert (made.status_code, made.json()["queries"], made.json()["as_before"]) == (200, 2, None)
    (kept,) = [r["recipe"] for r in client.get("/evaluation/sets").json() if r["recipe"]]
    assert (kept["n"], kept["digest"]) == (2, made.json()["digest"])
    history = client.get("/evaluation/history", params={"query_set": "asked"}).json()
    assert [(r["run_id"], r["measure"]) for r in history] == [(run_id, "nDCG@10")]


@pytest.mark.usefixtures("query_set")
def test_a_second_opinion_is_about_what_others_judged(client: Client) -> None:
    given = [{"query": "q1", "external_id": key, "grade": 2} for key in ("P-1", "P-3", "gone")]
    client.put(PUT, json={"judgments": given, "judge": "mina"})
    asked = next_one(client, judge="kim")
    assert (asked["query"], asked["open"], asked["pool"]) == ("q1", 1, "judged by others")
    assert {item["external_id"] for item in asked["items"]} == {"P-1", "P-3"}
    assert next_one(client, judge="mina") is None
    client.put(
        PUT, json={"judgments": [given[0] | {"grade": 0, "reason": "too old"}], "judge": "kim"}
    )
    left = next_one(client, judge="kim")
    assert [item["external_id"] for item in left["items"]] == ["P-3"]
    agreed = client.get("/evaluation/sets/asked/agreement").json()
    assert (agreed["together"]["judges"], agreed["together"]["items"]) == (2, 1)
    assert [(row["first"], row["second"], row["equal"]) for row in agreed["pairs"]] == [
        ("kim", "mina", 0.0)
    ]
    back = {"query": "q1", "external_id": "P-1", "judge": "kim"}
    stands = client.delete("/evaluation/sets/asked/judgments", params=back).json()
    assert stands == {"grade": 2}


@pytest.mark.usefixtures("query_set")
def test_two_fusions_are_asked_and_compared(client: Client, db: Conn) -> None:
    def ended(**more: Any) -> dict[str, Any]:
        body = {"collection": "parts", "query_set": "asked", **more}
        answer = client.post("/evaluation/runs", json=body)
        assert answer.status_code == 200, answer.text
        blocks = [block.split("\r\n") for block in answer.text.strip().split("\r\n\r\n")]
        assert [block[0] for block in blocks[:-1]] == ["event: progress"] * (len(blocks) - 1)
        assert blocks[-1][0] == "event: end"
        found: dict[str, Any] = json.loads(blocks[-1][1].removeprefix("data: "))
        return found

    judged = [
        {"query": "q1", "external_id": "P-1", "grade": 1},
        {"query": "q2", "external_id": "P-3", "grade": 1},
    ]
    client.put(PUT, json={"judgments": judged})
    first = ended(label="A")
    second = ended(label="B", legs=[{"kind": "identifier", "weight": 1}])
    assert (first["label"], second["label"]) == ("A", "B")
    of = f"/evaluation/runs/{first['run_id']}/comparison"
    (found,) = client.get(of, params={"other": second["run_id"], "measure": "RR@10"}).json()
    assert found["comparison"]["means"] == [0.75, 0.0]
    assert found["comparison"]["difference"] == {"mean": -0.75, "low": -1.0, "high": -0.5}
    assert [one["query"] for one in found["losses"]] == ["q2", "q1"]
    assert found["gains"] == []
    wrong = client.post(
        "/evaluation/runs", json={"collection": "parts", "query_set": "asked", "profile": "none"}
    )
    assert wrong.status_code == 404
    assert len(db.execute("SELECT FROM eval.run").fetchall()) == 2
