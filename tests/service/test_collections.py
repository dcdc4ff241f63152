"""Collections made and listed, spaces, coverage."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.service.conftest import Client

NEW = {
    "name": "manuals",
    "analyzer": "english",
    "field_weights": {"title": 2.0},
    "vector_sources": {"text": {"item": ["title"]}},
}


def test_making_a_collection(client: Client) -> None:
    answer = client.post("/collections", json=NEW)
    assert answer.status_code == 201, answer.text
    assert answer.json() == client.get("/collections/manuals").json()
    assert answer.json()["field_weights"] == {"title": 2.0}
    assert client.post("/collections", json=NEW).status_code == 201
    other = client.post("/collections", json={**NEW, "analyzer": "korean"})
    assert other.status_code == 409
    assert "other settings" in other.json()["detail"]


@pytest.mark.parametrize(
    "body",
    [{}, {"name": "Upper"}, {"name": "a", "analyzer": "klingon"}, {"name": "a", "x": 1}],
)
def test_collections_that_cannot_be(asked: Client, body: object) -> None:
    assert asked.post("/collections", json=body).status_code == 400


def test_spaces_and_coverage(client: Client, parts: str, dummy_space: int) -> None:
    (space,) = client.get("/spaces").json()
    assert (space["space"], space["encoder"], space["modality"]) == ("text", "dummy", "text")
    (row,) = client.get("/coverage").json()
    assert (row["collection"], row["items"], row["missing"]) == (parts, 3, 3)
    assert client.get("/coverage?collection=nope").json() == []


def test_facet_keys_know_the_whole_collection(client: Client, parts: str) -> None:
    """Items that were written one after the other are often alike: not the first ones are looked at."""
    items = [
        {
            "external_id": f"L-{n}",
            "fields": {"title": "law"},
            "metadata": {
                "law": f"law {n // 60}",
                "words": ["a", "b"] if n % 2 else ["b"],
                "grade": n % 4,
                "own": n,
                "long": "x" * 101 if n else "y",
                "a.b": n % 2,
                "rare": n % 2 if n < 100 else None,
                "nested": {"a": n % 2},
                "same": True,
            },
        }
        for n in range(300)
    ]
    for at in range(0, 300, 100):
        body = {"items": items[at : at + 100]}
        assert client.post(f"/collections/{parts}/items", json=body).status_code == 200
    found = client.get(f"/collections/{parts}/facets").json()
    assert found == [
        {"field": "words", "items": 300, "kinds": 2},
        {"field": "law", "items": 300, "kinds": 5},
        {"field": "grade", "items": 300, "kinds": 4},
    ]
    assert len(client.get(f"/collections/{parts}/facets?limit=1").json()) == 1
    assert client.get("/collections/none/facets").status_code == 404
    assert client.get(f"/collections/{parts}/facets?limit=0").status_code == 400
