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
def test_collections_that_cannot_be(client: Client, body: object) -> None:
    assert client.post("/collections", json=body).status_code == 400


def test_spaces_and_coverage(client: Client, parts: str, dummy_space: int) -> None:
    (space,) = client.get("/spaces").json()
    assert (space["space"], space["encoder"], space["modality"]) == ("text", "dummy", "text")
    (row,) = client.get("/coverage").json()
    assert (row["collection"], row["items"], row["missing"]) == (parts, 3, 3)
    assert client.get("/coverage?collection=nope").json() == []
