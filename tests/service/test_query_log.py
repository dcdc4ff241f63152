"""The query log: what a search leaves there, what not, and that no search suffers from it."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import pytest
from psycopg.rows import dict_row

from db.calls.query import fetch
from db.evaluation import query_sets
from db.evaluation.rows import QueryIn
from tests.service.conftest import bearer, inline, make_key, png

if TYPE_CHECKING:
    from collections.abc import Callable

    import psycopg

    from tests.service.conftest import Client

    Conn = psycopg.Connection[Any]
    Make = Callable[..., Client]

URL = "/collections/parts/search"
DROPPED = 'seogo_query_log_searches_total{outcome="dropped"}'

pytestmark = pytest.mark.usefixtures("parts", "forgetful")


@pytest.fixture
def logging_client(make_client: Make, monkeypatch: pytest.MonkeyPatch) -> Client:
    monkeypatch.setattr("service.search.query_log.WRITE_EVERY_S", 0.02)
    return make_client(query_log=True)


def logged(db: Conn, n: int) -> list[dict[str, Any]]:
    """The first n searches of the log, once they are there."""
    with db.cursor(row_factory=dict_row) as cur:
        deadline = time.monotonic() + 60
        while True:
            rows = cur.execute("SELECT * FROM search.queries ORDER BY search_id").fetchall()
            if len(rows) >= n or time.monotonic() > deadline:
                assert len(rows) == n
                return rows
            time.sleep(0.02)


def dropped(client: Client) -> float:
    lines = client.get("/metrics").text.splitlines()
    return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith(DROPPED))


def test_a_search_is_kept_with_its_first_hits(logging_client: Client, db: Conn) -> None:
    asked = {
        "query": "펌프 실린더 gauge",
        "k": 2,
        "filter": {"maker": "SMC"},
        "legs": [{"kind": "lexical", "name": "words", "weight": 2}, {"kind": "identifier"}],
    }
    answer = logging_client.post(URL, json=asked).json()
    (row,) = logged(db, 1)
    assert (row["collection"], row["query"], row["k"], row["skip"]) == (
        "parts",
        asked["query"],
        2,
        0,
    )
    assert (row["filter"], row["profile"], row["key"]) == ({"maker": "SMC"}, None, None)
    assert (row["picture"], row["liked"], row["unliked"], row["degraded"]) == (False, [], [], [])
    assert [(leg["kind"], leg["name"], leg.get("weight")) for leg in row["legs"]] == [
        ("lexical", "words", 2),
        ("identifier", "identifier", None),
    ]
    assert row["hits"] == [
        {
            "external_id": hit["external_id"],
            "rank": hit["rank"],
            "legs": {name: leg["rank"] for name, leg in hit["legs"].items() if leg},
        }
        for hit in answer["hits"]
    ]
    assert {hit["external_id"] for hit in row["hits"]} == {"P-1", "P-2"}
    times = {name: row[name] for name in ("encode_ms", "sql_ms", "rerank_ms", "total_ms")}
    assert times == answer["timing"]
    assert (row["expires_at"] - row["asked_at"]).days == 30


def test_the_first_ten_hits_are_kept_and_those_behind_them_not(
    logging_client: Client, db: Conn
) -> None:
    items = [{"external_id": f"N-{n}", "fields": {"title": "nozzle"}} for n in range(14)]
    logging_client.post("/collections/parts/items", json={"items": items})
    answer = logging_client.post(URL, json={"query": "nozzle", "k": 14}).json()
    (row,) = logged(db, 1)
    assert [h["external_id"] for h in row["hits"]] == [h["external_id"] for h in answer["hits"]][
        :10
    ]


def test_the_key_is_kept_and_no_picture(logging_client: Client, db: Conn) -> None:
    key = bearer(make_key(db, "writer"))
    item = {
        "external_id": "S-1",
        "fields": {"title": "seal"},
        "media": [{"base64": inline(png("red"))}],
    }
    written = logging_client.post("/collections/parts/items", json={"items": [item]}, headers=key)
    item_id = written.json()["written"][0]["item_id"]
    file = inline(png("blue"))
    sent = {"query": "seal", "picture": {"base64": file}}
    assert logging_client.post(URL, json=sent, headers=key).status_code == 200
    form = {"data": {"request": '{"query": "pump"}'}, "files": {"picture": png("blue")}}
    assert logging_client.post(f"{URL}/picture", **form, headers=key).status_code == 200
    liked = {"query": "seal", "like": [item_id]}
    assert logging_client.post(URL, json=liked, headers=key).status_code == 200
    rows = logged(db, 3)
    assert [(row["key"], row["picture"], row["liked"]) for row in rows] == [
        ("test", True, []),
        ("test", True, []),
        ("test", False, [item_id]),
    ]
    assert file[:40] not in json.dumps(rows, default=str)


def test_what_is_not_answered_and_what_judging_asks_are_not_kept(
    logging_client: Client, db: Conn
) -> None:
    (query_set,) = fetch(db, query_sets.put_set(name="asked"))
    query = QueryIn(external_id="q", text="펌프")
    fetch(db, query_sets.put_queries(set_id=query_set.id, queries=[query]))
    assert logging_client.post(URL, json={"query": "pump", "filter": "$["}).status_code == 400
    pool = logging_client.get("/evaluation/sets/asked/next", params={"collection": "parts"})
    assert pool.json()["items"]
    assert logging_client.post(URL, json={"query": "last"}).status_code == 200
    (row,) = logged(db, 1)
    assert row["query"] == "last"


def test_what_waits_is_written_when_the_service_stops(
    make_client: Make, db: Conn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.search.query_log.WRITE_EVERY_S", 3600.0)
    client = make_client(query_log=True, query_log_days=2)
    for query in ("one", "two"):
        client.post(URL, json={"query": query})
    assert logged(db, 0) == []
    client.__exit__(None, None, None)
    rows = logged(db, 2)
    assert [row["query"] for row in rows] == ["one", "two"]
    assert {(row["expires_at"] - row["asked_at"]).days for row in rows} == {2}


def test_searches_go_on_where_the_log_cannot_be_written(
    logging_client: Client, db: Conn, caplog: pytest.LogCaptureFixture
) -> None:
    before = dropped(logging_client)
    db.execute("ALTER TABLE ops.query_log ADD CONSTRAINT no CHECK (query <> 'secret words')")
    assert logging_client.post(URL, json={"query": "secret words"}).status_code == 200
    deadline = time.monotonic() + 60
    while dropped(logging_client) == before and time.monotonic() < deadline:
        time.sleep(0.02)
    assert dropped(logging_client) == before + 1
    assert "1 searches not in the query log" in caplog.text
    assert "secret" not in caplog.text
    logging_client.post(URL, json={"query": "pump"})
    assert [row["query"] for row in logged(db, 1)] == ["pump"]


def test_more_than_may_wait_is_dropped_and_counted(
    make_client: Make, db: Conn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.search.query_log.WRITE_EVERY_S", 3600.0)
    monkeypatch.setattr("service.search.query_log.MOST_WAITING", 2)
    client = make_client(query_log=True)
    before = dropped(client)
    for n in range(5):
        assert client.post(URL, json={"query": f"pump {n}"}).status_code == 200
    assert dropped(client) == before + 3
    client.__exit__(None, None, None)
    assert [row["query"] for row in logged(db, 2)] == ["pump 0", "pump 1"]


def test_a_click_is_kept_where_searches_are(
    logging_client: Client, make_client: Make, db: Conn
) -> None:
    click = {"query": "펌프", "external_id": "P-1", "rank": 3}
    url = "/collections/parts/clicks"
    off = make_client()  # without the setting nothing is kept
    assert off.post(URL, json={"query": "pump"}).status_code == 200
    assert off.post(url, json=click).json() == {"kept": False, "counted": False}
    visit = {"visit": "a1b2c3d4"}
    assert logging_client.post(url, json=click | visit).json() == {"kept": True, "counted": False}
    dwells = "/collections/parts/dwells"
    assert logging_client.post(dwells, json=visit | {"dwell_ms": 1500}).json() == {"kept": True}
    assert off.post(dwells, json=visit | {"dwell_ms": 9000}).json() == {"kept": False}
    off.__exit__(None, None, None)
    assert logged(db, 0) == []
    rows = db.execute(
        "SELECT query, external_id, rank, expires_at > now(), dwell_ms FROM search.clicks"
    )
    assert rows.fetchall() == [("펌프", "P-1", 3, True, 1500)]
    for wrong in ({"external_id": "nothing"}, {"rank": 0}, {"query": " "}):
        answer = logging_client.post(url, json={**click, **wrong})
        assert answer.status_code in (400, 404), answer.text
    assert db.execute("SELECT count(*) FROM search.clicks").fetchone() == (1,)


def test_a_log_without_texts_keeps_none(
    make_client: Make, db: Conn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.search.query_log.WRITE_EVERY_S", 0.02)
    client = make_client(query_log=True, query_log_text=False)
    asked = {"query": "secret words", "filter": {"maker": "secret"}}
    client.post(URL, json=asked)
    client.post("/collections/parts/clicks", json={"query": "secret words", "external_id": "P-1"})
    (row,) = logged(db, 1)
    clicks = db.execute("SELECT query, external_id FROM search.clicks").fetchall()
    assert clicks == [(None, "P-1")]
    assert "secret" not in json.dumps(row, default=str)


def test_a_live_test_over_http(make_client: Make, db: Conn) -> None:
    """Drafted answers, clicks that name them, visitors that stay on their side; begun and stopped."""
    client = make_client(spaces_ttl_s=0.0)
    url = "/collections/parts/live-tests"
    client.put("/collections/parts/profiles/numbers", json={"weights": {"lexical": 0.1}})
    items = [{"external_id": f"N-{n}", "fields": {"title": "nozzle " * n}} for n in (1, 2, 3)]
    client.post("/collections/parts/items", json={"items": items})
    asked = {"query": "nozzle", "visitor": "somebody"}
    assert "live" not in client.post(URL, json=asked).json()
    begun = client.post(url, json={"profile": "numbers", "policy": "activate"})
    assert begun.status_code == 201, begun.text
    test = begun.json()
    answer = client.post(URL, json=asked).json()
    assert answer["live"].startswith(f"{test['test_id']}-")
    assert client.post(URL, json=asked).json()["live"] == answer["live"]
    assert client.post(URL, json=asked | {"visitor": "other"}).json()["live"] != answer["live"]
    for own in ({"profile": "numbers"}, {"log": False}, {"legs": [{"kind": "lexical"}]}):
        assert "live" not in client.post(URL, json=asked | own).json()
    click = {"query": "nozzle", "external_id": "N-1", "live": answer["live"]}
    # Both rank the three alike, so nobody's item was opened.
    assert client.post("/collections/parts/clicks", json=click).json()["counted"] is False
    item = db.execute("SELECT id FROM core.item WHERE external_id = 'N-1'").fetchone()
    db.execute("UPDATE ops.live_answer SET b = %s", [list(item or ())])
    assert client.post("/collections/parts/clicks", json=click).json() == {
        "kept": False,
        "counted": True,
    }
    (row,) = client.get(url).json()
    assert (row["state"], row["answers"], row["wins"], row["losses"]) == ("running", 2, 1, 0)
    assert client.post(f"{url}/{test['test_id']}/stop").status_code == 200
    assert client.post(f"{url}/{test['test_id']}/stop").status_code == 409
    assert client.get(url).json()[0]["state"] == "stopped"
    assert "live" not in client.post(URL, json=asked).json()
