"""Searching by pictures and by likeness; paging, facets, highlights, explanations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.service.conftest import COLOURS, inline, png

if TYPE_CHECKING:
    from collections.abc import Callable

    import psycopg

    from tests.service.conftest import Client

URL = "/collections/shown/search"


def found(response: Any) -> list[str]:
    assert response.status_code == 200, response.text
    return [hit["external_id"] for hit in response.json()["hits"]]


def problem(response: Any) -> str:
    return str(response.json()["type"]).rpartition(":")[2]


def test_by_a_picture_alone(asked: Client, showing: dict[str, int]) -> None:
    answer = asked.post(URL, json={"picture": {"base64": inline(png("blue"))}})
    assert found(answer)[0] == "blue"
    first = answer.json()["hits"][0]
    assert set(first["legs"]) == {"image"}
    assert first["legs"]["image"]["score"] == pytest.approx(1.0, abs=1e-3)
    assert answer.json()["degraded"] == []
    (picture,) = first["pictures"]
    assert (picture["role"], picture["width"], picture["height"]) == ("photo", 96, 64)
    stored = asked.post(URL, json={"picture": {"id": picture["picture_id"]}})
    assert found(stored) == found(answer)


def test_by_an_uploaded_picture_and_words(asked: Client, showing: dict[str, int]) -> None:
    form = {"request": '{"query": "lamp", "k": 2, "filter": {"warm": true}}'}
    files = {"picture": ("a.png", png("yellow"), "image/png")}
    answer = asked.post(f"{URL}/picture", data=form, files=files)
    assert set(found(answer)) == {"yellow", "red"}
    legs = {hit["external_id"]: hit["legs"] for hit in answer.json()["hits"]}
    assert set(legs["yellow"]) == {"lexical", "identifier", "text", "image"}
    assert legs["yellow"]["image"]["rank"] == 1
    alone = asked.post(f"{URL}/picture", files=files)
    assert found(alone)[0] == "yellow"


def test_an_item_asks_with_all_that_it_has_and_is_left_out(
    asked: Client, showing: dict[str, int]
) -> None:
    answer = asked.post(URL, json={"item": showing["red"], "k": 2})
    assert "red" not in found(answer)
    assert set(answer.json()["hits"][0]["legs"]) == {"lexical", "identifier", "text", "image"}
    assert answer.json()["more"] is (len(showing) > 3)
    second = asked.post(URL, json={"item": showing["red"], "k": 1, "skip": 1})
    assert found(second) == found(answer)[1:]
    assert second.json()["hits"][0]["rank"] == 2
    legs = [{"kind": "like", "space": "image"}]
    alike = asked.post(URL, json={"item": showing["red"], "legs": legs})
    assert set(alike.json()["hits"][0]["legs"]) == {"image"}
    for body, status in [
        ({"item": showing["red"], "query": "lamp"}, 400),
        ({"item": showing["red"], "cursor": "*"}, 400),
        ({"item": 999_999}, 404),
    ]:
        assert asked.post(URL, json=body).status_code == status


def test_items_words_and_pictures_are_classified(asked: Client, showing: dict[str, int]) -> None:
    url = URL.replace("search", "classify")
    for about, space in [
        ({"item": showing["red"]}, "text"),
        ({"query": "red lamp"}, "text"),
        ({"picture": {"base64": inline(png("red"))}}, "image"),
    ]:
        answer = asked.post(url, json={"path": "warm", "k": 3, **about})
        assert answer.status_code == 200, answer.text
        body = answer.json()
        assert body["space"] == space
        assert body["neighbours"] == sum(row["votes"] for row in body["classes"]) <= 3
        assert {row["value"] for row in body["classes"]} <= {True, False}
    assert body["classes"][0]["external_ids"][0]
    none = asked.post(url, json={"path": "nothing", "query": "lamp"}).json()
    assert (none["neighbours"], none["classes"]) == (0, [])
    for body, status in [
        ({"path": "warm"}, 400),
        ({"path": "warm", "item": 1, "query": "lamp"}, 400),
        ({"path": "warm", "query": "lamp", "space": "image"}, 400),
        ({"path": "warm", "item": 999_999}, 404),
    ]:
        assert asked.post(url, json=body).status_code == status


def test_words_do_not_go_to_a_space_of_pictures(asked: Client, showing: dict[str, int]) -> None:
    answer = asked.post(URL, json={"query": "red lamp"}).json()
    assert set(answer["hits"][0]["legs"]) == {"lexical", "identifier", "text"}
    assert answer["degraded"] == []
    legs = [{"kind": "vector", "space": "image"}]
    refused = asked.post(URL, json={"query": "red", "legs": legs})
    assert (refused.status_code, problem(refused)) == (400, "bad-request")
    assert "takes a picture" in refused.json()["detail"]


def test_a_picture_that_no_space_takes_is_said_to_be_left_out(
    client: Client, shown: dict[str, int], db: psycopg.Connection[Any]
) -> None:
    db.execute("UPDATE ops.space SET status = 'retired' WHERE modality = 'image'")
    picture = {"base64": inline(png("red"))}
    answer = client.post(URL, json={"query": "red lamp", "picture": picture})
    assert found(answer)[0] == "red"
    assert "picture left out" in answer.json()["degraded"][0]
    alone = client.post(URL, json={"picture": picture})
    assert (alone.status_code, problem(alone)) == (400, "bad-request")
    gone = client.post("/collections/nope/search", json={"picture": picture})
    assert gone.status_code == 404


@pytest.mark.parametrize(
    ("picture", "reason"),
    [
        ("!!", "base64"),
        (inline(b"not a picture"), "not-a-picture"),
        (inline(png("red")[:60]), "truncated"),
    ],
)
def test_a_bad_picture_is_named(
    asked: Client, showing: dict[str, int], picture: str, reason: str
) -> None:
    answer = asked.post(URL, json={"picture": {"base64": picture}})
    assert (answer.status_code, problem(answer)) == (400, "bad-picture")
    assert reason in answer.json()["detail"]


def test_a_large_picture_is_refused(
    make_client: Callable[..., Client], shown: dict[str, int]
) -> None:
    small = make_client(max_picture_mb=1)
    noisy = inline(b"\x89PNG\r\n" + bytes(1_100_000))
    answer = small.post(URL, json={"picture": {"base64": noisy}})
    assert answer.status_code == 400
    assert "too-large" in answer.json()["detail"]


def test_items_like_one(asked: Client, showing: dict[str, int]) -> None:
    answer = asked.get(f"/items/{showing['red']}/similar")
    assert set(found(answer)) == set(COLOURS) - {"red"}
    assert set(answer.json()["hits"][0]["legs"]) == {"like-text", "like-image"}
    one = asked.get(f"/items/{showing['red']}/similar?space=image&k=1&filter=$.warm == true")
    assert found(one) == ["yellow"]
    assert asked.get("/items/999999/similar").status_code == 404
    assert asked.get(f"/items/{showing['red']}/similar?space=nope").status_code == 404


def test_like_and_unlike(asked: Client, showing: dict[str, int]) -> None:
    legs = [{"kind": "like", "space": "image"}]
    body = {"like": [showing["red"]], "unlike": [showing["yellow"]], "legs": legs}
    hits = found(asked.post(URL, json=body))
    assert set(hits) == {"green", "blue", "white"}
    refined = asked.post(URL, json={"query": "lamp", "like": [showing["green"]]})
    assert {"lexical", "like-text", "like-image"} <= set(refined.json()["hits"][0]["legs"])


def test_items_of_another_collection_are_no_example(asked: Client, showing: dict[str, int]) -> None:
    legs = [{"kind": "like", "space": "text"}]
    answer = asked.post("/collections/parts/search", json={"like": [showing["red"]], "legs": legs})
    assert (answer.status_code, problem(answer)) == (404, "unknown-item")
    picture = asked.get(f"/items/{showing['red']}").json()["media"][0]["picture_id"]
    answer = asked.post("/collections/parts/search", json={"picture": {"id": picture}})
    assert (answer.status_code, problem(answer)) == (404, "unknown-picture")


def test_items_without_vectors_are_said_to_be_left_out(client: Client, parts: str) -> None:
    listed = client.get(f"/collections/{parts}/items").json()
    answer = client.get(f"/items/{listed[0]['item_id']}/similar")
    assert answer.status_code == 400
    assert "no vectors yet" in answer.json()["detail"]


def test_pages_follow_each_other(client: Client, parts: str) -> None:
    url = f"/collections/{parts}/search"
    query = {"query": "pumps 펌프 실린더"}
    whole = found(client.post(url, json=query))
    paged = []
    for skip in range(3):
        answer = client.post(url, json={**query, "k": 1, "skip": skip})
        paged += found(answer)
        assert answer.json()["hits"][0]["rank"] == skip + 1
        assert answer.json()["more"] is (skip < 2)
    assert paged == whole


def test_facets_count_all_that_match(client: Client, parts: str) -> None:
    body = {"query": "pumps 펌프 실린더", "k": 1, "facets": ["maker", "year", "nothing"]}
    answer = client.post(f"/collections/{parts}/search", json=body).json()
    assert answer["facets"]["maker"] == [
        {"value": "SMC", "items": 2},
        {"value": "TPC", "items": 1},
    ]
    assert len(answer["facets"]["year"]) == 3
    assert answer["facets"]["nothing"] == []
    fewer = {**body, "filter": {"maker": "TPC"}, "facet_n": 1}
    answer = client.post(f"/collections/{parts}/search", json=fewer).json()
    assert answer["facets"]["year"] == [{"value": "2022", "items": 1}]


def test_highlights_are_safe_to_show(client: Client, parts: str) -> None:
    item = {"external_id": "x", "fields": {"title": "<script>alert(1)</script> gearbox"}}
    client.post(f"/collections/{parts}/items", json={"items": [item]})
    body = {"query": "gearbox", "highlight": True}
    (hit,) = client.post(f"/collections/{parts}/search", json=body).json()["hits"]
    passage = hit["highlights"]["title"]
    assert "<mark>gearbox</mark>" in passage
    assert "<script>" not in passage
    plain = client.post(f"/collections/{parts}/search", json={"query": "gearbox"}).json()
    assert "highlights" not in plain["hits"][0]


def test_explain_says_what_each_leg_did(asked: Client, showing: dict[str, int]) -> None:
    answer = asked.post(URL, json={"query": "red lamp", "explain": True}).json()
    legs = {leg["leg"]: leg for leg in answer["explain"]}
    assert set(legs) == {"lexical", "identifier", "text"}
    assert legs["text"]["found"] == len(COLOURS)
    assert legs["text"]["detail"]["path"] == "exact"
    assert legs["lexical"]["best_item_id"] == showing["red"]


def test_a_profile_weighs_the_legs(
    client: Client, shown: dict[str, int], db: psycopg.Connection[Any]
) -> None:
    db.execute(
        "INSERT INTO eval.profile (collection_id, name, method, weights)"
        " SELECT id, 'words', 'rrf', '{\"text\": 0}' FROM core.collection WHERE name = 'shown'"
    )
    hits = client.post(URL, json={"query": "red", "profile": "words"}).json()["hits"]
    assert {hit["legs"]["text"]["contribution"] for hit in hits} == {0.0}
    assert client.post(URL, json={"query": "red", "profile": "nope"}).status_code == 404


def test_exact_phrases(asked: Client) -> None:
    url = "/collections/parts/phrase"
    hits = asked.get(url, params={"query": '"vacuum gauge" -cylinder'}).json()
    assert len(hits) == 1
    assert asked.get(f"/items/{hits[0]['item_id']}").json()["external_id"] == "P-2"
    assert asked.get(url, params={"query": '"gauge vacuum"'}).json() == []
    assert asked.get(url).status_code == 400


@pytest.mark.usefixtures("shown")
def test_ready_with_a_space_of_pictures(client: Client) -> None:
    answer = client.get("/ready")
    assert answer.status_code == 200, answer.text
    names = {check["name"] for check in answer.json()["checks"]}
    assert {"encoder:text", "encoder:image"} <= names
