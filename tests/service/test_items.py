from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.service.conftest import inline, png

if TYPE_CHECKING:
    from collections.abc import Callable

    import psycopg

    from tests.service.conftest import Client

URL = "/collections/parts/items"
WITH_PARTS = True  # every application here


def item(key: str, title: str = "감속기", **more: Any) -> dict[str, Any]:
    return {"external_id": key, "fields": {"title": title}, **more}


def test_writes_and_reads_back(client: Client) -> None:
    response = client.post(
        URL, json={"items": [item("감-1", "감속기 🔧", metadata={"a": [1, None]})]}
    )
    assert response.status_code == 200
    answer = response.json()
    assert (answer["inserted"], answer["updated"], answer["unchanged"]) == (1, 0, 0)
    assert answer["refused"] == []
    read = client.get(f"/items/{answer['written'][0]['item_id']}").json()
    assert read["external_id"] == "감-1"
    assert read["collection"] == "parts"
    assert read["fields"] == {"title": "감속기 🔧"}
    assert read["metadata"] == {"a": [1, None]}
    hits = client.post("/collections/parts/search", json={"query": "감속기"}).json()["hits"]
    assert [hit["external_id"] for hit in hits] == ["감-1"]


def test_counts_what_was_done(client: Client) -> None:
    client.post(URL, json={"items": [item("a"), item("b")]})
    answer = client.post(URL, json={"items": [item("c"), item("b", "new"), item("a")]}).json()
    assert [w["action"] for w in answer["written"]] == ["inserted", "updated", "unchanged"]
    assert (answer["inserted"], answer["updated"], answer["unchanged"]) == (1, 1, 1)


def test_bad_items_are_named_and_the_good_ones_written(client: Client) -> None:
    deep: Any = 1
    for _ in range(700):
        deep = [deep]
    bad: list[tuple[Any, str | None, str]] = [
        (5, None, "Expected `object`"),
        ({"fields": {}}, None, "external_id"),
        (item(""), "", "external_id"),
        (item("x" * 501), "x" * 500, "external_id"),
        ({"external_id": "n", "fields": {"title": 1}}, "n", "fields"),
        (item("u", unknown=1), "u", "unknown"),
        (item("nul", "a\0b"), "nul", "fields.title: contains a NUL"),
        (item("long", "가" * 1_000_001), "long", "fields.title: 1,000,001 characters"),
        (item("good-1"), "good-1", "stands already at index 0"),
        (item("deep", metadata={"a": deep}), "deep", "nested too deeply"),
    ]
    items = [item("good-1"), *(given for given, _, _ in bad), item("good-2")]
    response = client.post(URL, json={"items": items})
    assert response.status_code == 207
    answer = response.json()
    assert [w["external_id"] for w in answer["written"]] == ["good-1", "good-2"]
    assert [r["index"] for r in answer["refused"]] == list(range(1, len(bad) + 1))
    for refused, (_, key, reason) in zip(answer["refused"], bad, strict=True):
        assert refused["external_id"] == key
        assert reason in refused["reason"]


def test_items_that_only_the_database_refuses_stand_alone(
    client: Client, db: psycopg.Connection[Any]
) -> None:
    db.execute("ALTER TABLE core.item ADD CONSTRAINT clean CHECK (external_id NOT LIKE 'poison%')")
    keys = [f"k{n}" for n in range(20)]
    keys[3], keys[17] = "poison-1", "poison-2"
    response = client.post(URL, json={"items": [item(key) for key in keys]})
    answer = response.json()
    assert response.status_code == 207
    assert [r["index"] for r in answer["refused"]] == [3, 17]
    assert answer["inserted"] == 18
    assert [w["external_id"] for w in answer["written"]] == [k for k in keys if k[0] == "k"]


@pytest.mark.parametrize("items", [[], [5], [item("a")]])
def test_unknown_collection(asked: Client, items: list[Any]) -> None:
    response = asked.post("/collections/nope/items", json={"items": items})
    assert response.status_code == 404
    assert response.json()["type"] == "urn:seogo:problem:unknown-name"


def test_nothing_to_write_is_fine(asked: Client) -> None:
    assert asked.post(URL, json={"items": []}).status_code == 200


@pytest.mark.parametrize("body", [{}, {"items": 5}, {"items": [5] * 1001}, {"items": [], "x": 1}])
def test_bad_requests(asked: Client, body: Any) -> None:
    response = asked.post(URL, json=body)
    assert response.status_code == 400
    assert response.json()["errors"]


def test_a_thousand_at_once(client: Client) -> None:
    answer = client.post(URL, json={"items": [item(f"m{n}") for n in range(1000)]}).json()
    assert answer["inserted"] == 1000


def test_too_large_a_body(make_client: Callable[..., Client]) -> None:
    client = make_client(max_body_mb=1)
    response = client.post(URL, json={"items": [item("a", "x" * 1_100_000)]})
    assert response.status_code == 413
    assert response.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_what_a_foreign_page_could_post_is_refused(asked: Client, kind: str) -> None:
    body = b'{"items": []}'
    response = asked.post(URL, content=body, headers={"Content-Type": kind})
    assert response.status_code == 415


def test_json_with_a_charset_is_json(asked: Client) -> None:
    headers = {"Content-Type": "application/json; charset=utf-8"}
    assert asked.post(URL, content=b'{"items": []}', headers=headers).status_code == 200


@pytest.mark.parametrize("key", ["0", "999999", "9" * 30])
def test_an_item_that_is_not_there(asked: Client, key: str) -> None:
    response = asked.get(f"/items/{key}")
    assert response.status_code == 404
    assert response.json()["type"] == "urn:seogo:problem:unknown-item"


def test_collections(asked: Client) -> None:
    (row,) = asked.get("/collections").json()
    assert (row["collection"], row["items"]) == ("parts", 3)
    assert asked.get("/collections/parts").json() == row
    missing = asked.get("/collections/nope")
    assert missing.status_code == 404
    assert missing.json()["hint"] == "There are: parts."


def test_an_article_in_its_place_and_as_of_a_day(client: Client) -> None:
    versions = [
        ("a@2010", "① 하나. ② 둘", {"valid_from": "2010-01-01", "valid_until": "2020-01-01"}),
        ("a", "① 하나. ② 셋", {"valid_from": "2020-01-01"}),
    ]
    items = [
        {
            "external_id": key,
            "fields": {"text": f"감속기 {text}"},
            "metadata": m | {"version_of": "a"},
        }
        for key, text, m in versions
    ]
    written = client.post(URL, json={"items": items}).json()["written"]
    old, now = (one["item_id"] for one in written)
    found = client.get(f"/items/{now}/article", params={"words": "감속기"}).json()
    assert [v["external_id"] for v in found["versions"]] == ["a@2010", "a"]
    assert [c["change"] for c in found["changes"]] == ["same", "same", "changed"]
    assert [p["words"] > 0 for p in found["parts"]] == [True, False, False]
    other = client.get(f"/items/{old}/article", params={"earlier": now}).json()
    assert [c["after"] for c in other["changes"] if c["change"] == "changed"] == ["② 둘"]
    assert client.get(f"/items/{now}/article", params={"earlier": 10**9}).status_code == 404

    def search(**more: str) -> list[str]:
        body = {"query": "감속기", "total": True, **more}
        answer = client.post("/collections/parts/search", json=body).json()
        assert answer["total"]["items"] == len(answer["hits"])
        return [hit["external_id"] for hit in answer["hits"]]

    assert search() == ["a"]
    assert search(as_of="2015-05-05") == ["a@2010"]
    assert sorted(search(as_of="ever")) == ["a", "a@2010"]
    assert (
        client.post(f"{URL[:-6]}/search", json={"query": "x", "as_of": "2015"}).status_code == 400
    )
    listed = client.get(URL, params={"as_of": "2015-05-05"}).json()
    names = {one["external_id"] for one in listed}
    assert "a@2010" in names
    assert "a" not in names


def test_a_single_item_is_edited_and_its_readings_told(client: Client) -> None:
    media = [{"base64": inline(png("red"))}]
    written = client.post(URL, json={"items": [item("a", media=media, metadata={"year": 1})]})
    url = f"/items/{written.json()['written'][0]['item_id']}"
    year = {"part": "metadata", "name": "year", "from": 1, "to": None}
    title = {"part": "fields", "name": "title", "from": "감속기", "to": "모터"}
    done = client.patch(url, json={"changes": [title, year]})
    assert [(one["was"], one["becomes"]) for one in done.json()] == [("감속기", "모터"), (1, None)]
    late = client.patch(url, json={"changes": [title, {**year, "from": None, "to": 2}]})
    assert late.status_code == 409
    assert late.json()["type"].endswith("stale-edit")
    assert 'title is now "모터"' in late.json()["detail"]
    assert client.get(url).json()["metadata"] == {}
    assert client.patch("/items/999999", json={"changes": [title]}).status_code == 404
    assert client.patch(url, json={"changes": []}).status_code == 400
    assert client.get(f"{url}/readings").json() == []
    assert client.get(f"{url}/readings/earlier").json() == []
    asked = {"query": "모터 없음", "item_id": url.rpartition("/")[2]}
    met = client.get("/collections/parts/met-words", params=asked).json()
    assert [(one["word"], one["field"]) for one in met] == [("모터", "title"), ("없음", None)]
    numbers = client.put("/collections/parts/settings", json={"identifier_fields": ["title"]})
    assert numbers.json()["identifier_fields"] == ["title"]
    names = {"year": {"ko": "만든 해", "values": {"1": {"en": "first"}}}}
    assert client.patch("/collections/parts/labels", json=names).json()["labels"] == names
