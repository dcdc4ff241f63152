"""Facets of all kinds, totals, sorted lists, cursors and batches over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from psycopg.types.json import Jsonb

from db.calls.query import fetch
from db.search import listing
from tests.service.conftest import bearer, make_key

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.service.conftest import Client

URL = "/collections/parts/search"
Conn = psycopg.Connection[Any]
pytestmark = pytest.mark.usefixtures("forgetful")
WITH_PARTS = True  # every application here


@pytest.fixture
def many(db: Conn, parts: str) -> None:
    """Forty more items, all with the word of the queries."""
    items = [
        {"external_id": f"M-{at}", "fields": {"title": f"pump {at}"}, "metadata": {"price": at % 7}}
        for at in range(40)
    ]
    db.execute("SELECT * FROM ops.upsert_items(%s, %s)", (parts, Jsonb(items)))


def ask(client: Client, body: dict[str, Any], **more: Any) -> dict[str, Any]:
    response = client.post(URL, json=body, **more)
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    return answer


def pages(client: Client, body: dict[str, Any], between: Callable[[], object]) -> list[str]:
    """External ids of all pages, something being done after each."""
    seen, cursor = [], "*"
    while True:
        answer = ask(client, {**body, "cursor": cursor})
        seen += [hit["external_id"] for hit in answer["hits"]]
        if "cursor" not in answer:
            assert not answer["more"]
            return seen
        cursor = answer["cursor"]
        between()


def test_counts_stand_beside_the_hits(client: Client) -> None:
    facets = [
        "maker",
        {"field": "year", "kind": "ranges", "bounds": [2016, "2022"]},
        {"field": "year", "kind": "histogram", "step": 5},
        {"field": "year", "kind": "statistics"},
    ]
    answer = ask(client, {"query": "pumps 펌프 실린더", "k": 1, "facets": facets, "total": True})
    assert answer["total"] == {"items": 3, "exact": True, "of": "words"}
    assert answer["counted"] == {"items": 3, "complete": True}
    assert [one["items"] for one in answer["ranges"]["year"]] == [1, 1, 1]
    assert [one["low"] for one in answer["histograms"]["year"]] == ["2015", "2020"]
    assert answer["statistics"]["year"]["high"] == "2022"
    chosen = answer["ranges"]["year"][1]["filter"]
    narrowed = ask(client, {"query": "pumps 펌프 실린더", "filter": [chosen, {"maker": "SMC"}]})
    assert [hit["external_id"] for hit in narrowed["hits"]] == ["P-1"]
    over = {"query": "펌프", "facets": ["maker"], "facet_over": "filter"}
    assert sum(one["items"] for one in ask(client, over)["facets"]["maker"]) == 3
    bounded = ask(client, {"query": "pumps 펌프 실린더", "total": 2})
    assert bounded["total"] == {"items": 2, "exact": False, "of": "words"}


def test_a_list_is_sorted_with_and_without_words(client: Client) -> None:
    names = lambda body: [hit["external_id"] for hit in ask(client, body)["hits"]]  # noqa: E731
    assert names({"sort": ["-year"]}) == ["P-3", "P-1", "P-2"]
    assert names({"sort": ["maker", "year"], "query": "pumps 펌프"}) == ["P-2", "P-1"]
    assert names({"sort": ["year"], "filter": "year:2016..", "skip": 1}) == ["P-3"]
    assert ask(client, {"sort": ["-year"], "total": True})["total"]["of"] == "filter"


@pytest.mark.usefixtures("many")
@pytest.mark.parametrize("body", [{"query": "pump", "k": 7}, {"sort": ["-price"], "k": 7}])
def test_pages_stay_under_writes(client: Client, db: Conn, body: dict[str, Any]) -> None:
    whole = [hit["external_id"] for hit in ask(client, {**body, "k": 100})["hits"]]
    new = iter(range(100))

    def write() -> None:
        at = next(new)
        item = {"external_id": f"N-{at}", "fields": {"title": "pump"}, "metadata": {"price": at}}
        db.execute("SELECT * FROM ops.upsert_items('parts', %s)", (Jsonb([item]),))

    seen = pages(client, body, write)
    assert [name for name in seen if not name.startswith("N-")] == whole
    assert len(seen) == len(set(seen))


@pytest.mark.usefixtures("many")
def test_what_is_gone_is_named(client: Client, db: Conn) -> None:
    body = {"query": "pump", "k": 5, "filter": "price:..5"}
    first = ask(client, {**body, "cursor": "*"})
    following = ask(client, {**body, "cursor": first["cursor"]})["hits"]
    deleted, changed = following[1]["item_id"], following[2]["item_id"]
    db.execute("DELETE FROM core.item WHERE id = %s", (deleted,))
    db.execute("UPDATE core.item SET metadata = '{\"price\": 6}' WHERE id = %s", (changed,))
    again = ask(client, {**body, "cursor": first["cursor"], "highlight": True})
    assert again["gone"] == [deleted, changed]
    assert [hit["rank"] for hit in again["hits"]] == [6, 9, 10]


@pytest.mark.usefixtures("many")
def test_a_cursor_is_for_its_question_and_its_key(client: Client, db: Conn) -> None:
    mine, other = bearer(make_key(db)), bearer(make_key(db, "admin"))
    body = {"query": "pump", "k": 5}
    cursor = ask(client, {**body, "cursor": "*"}, headers=mine)["cursor"]
    assert ask(client, {**body, "k": 9, "cursor": cursor}, headers=mine)["hits"][0]["rank"] == 6
    stolen = client.post(URL, json={**body, "cursor": cursor}, headers=other)
    assert (stolen.status_code, stolen.json()["type"][-14:]) == (410, "cursor-expired")
    for wrong in (
        {"query": "valve"},
        {**body, "filter": {"a": 1}},
        {"query": "pump", "sort": ["a"]},
    ):
        refused = client.post(URL, json={**wrong, "cursor": cursor}, headers=mine)
        assert (refused.status_code, "another search" in refused.text) == (400, True)
    for broken in ("x", cursor[:-3], "e30"):
        assert client.post(URL, json={**body, "cursor": broken}, headers=mine).status_code == 400
    db.execute("UPDATE ops.ranking SET expires_at = now() - interval '1 second'")
    assert client.post(URL, json={**body, "cursor": cursor}, headers=mine).status_code == 410
    assert fetch(db, listing.forget_rankings())[0].n == 1


@pytest.mark.usefixtures("many")
def test_another_process_reads_on(make_client: Callable[..., Client]) -> None:
    body = {"query": "pump", "k": 20}
    first = ask(make_client(), {**body, "cursor": "*"})
    hits = ask(make_client(), {**body, "cursor": first["cursor"]})["hits"]
    assert {hit["rank"] for hit in hits} == set(range(21, 21 + len(hits)))


@pytest.mark.usefixtures("parts")
def test_an_owner_keeps_only_so_many_rankings(db: Conn) -> None:
    for owner in ("a", "a", "a", "b"):
        db.execute("SELECT ops.keep_ranking(%s, 'parts', 'q', '[]', most_n => 2)", (owner,))
    rows = db.execute("SELECT owner, count(*) FROM ops.ranking GROUP BY owner ORDER BY 1")
    assert rows.fetchall() == [("a", 2), ("b", 1)]


@pytest.mark.parametrize(
    "body",
    [
        {"query": "a", "cursor": "*", "skip": 1},
        {"sort": ["a"], "like": [1]},
        {"sort": ["a"], "legs": [{"kind": "lexical"}]},
        {"sort": ["a"], "explain": True},
        {"sort": ["a", "b", "c", "d", "e"]},
        {"query": "a", "facets": [{"field": "x", "bounds": [1]}]},
        {"query": "a", "facets": [{"field": "x", "kind": "ranges", "step": 1}]},
        {"query": "a", "facets": [{"field": "x", "kind": "statistics", "n": 1}]},
        {"query": "a", "total": 0},
    ],
)
def test_what_would_be_ignored_is_refused(asked: Client, body: dict[str, Any]) -> None:
    assert asked.post(URL, json=body).status_code == 400


def test_a_batch_answers_each_by_itself(client: Client, db: Conn) -> None:
    searches = [
        {"query": "펌프", "k": 1},
        {"query": "펌프", "filter": "$.year"},
        {"sort": ["year"], "total": True},
    ]
    answer = client.post(f"{URL}/batch", json={"searches": searches}).json()
    assert answer["failed"] == 1
    first, second, third = answer["answers"]
    assert first["answer"]["hits"][0]["external_id"] == "P-1"
    assert second["problem"]["type"] == "urn:seogo:problem:bad-filter"
    assert third["answer"]["total"]["items"] == 3
    several = [{"collection": name, "query": "펌프"} for name in ("parts", "nothing")]
    found = client.post("/search/batch", json={"searches": several}).json()
    assert found["answers"][0]["answer"]["collection"] == "parts"
    assert found["answers"][1]["problem"]["status"] == 404
    assert client.post(f"{URL}/batch", json={"searches": []}).status_code == 400
    deep = [{"query": "a", "skip": 9000}] * 2
    too_much = client.post(f"{URL}/batch", json={"searches": deep})
    assert (too_much.status_code, "18,020 hits" in too_much.text) == (400, True)


def test_every_search_of_a_batch_counts(make_client: Callable[..., Client], db: Conn) -> None:
    client = make_client(rate_per_minute=1, rate_burst=5)
    headers = bearer(make_key(db))
    body = {"searches": [{"query": "펌프"}] * 4}
    assert client.post(f"{URL}/batch", json=body, headers=headers).status_code == 200
    assert client.post(f"{URL}/batch", json=body, headers=headers).status_code == 429
