"""Vectors of texts, in our form and in that of OpenAI."""

from __future__ import annotations

import base64
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import pytest

from db.calls.query import fetch
from db.spaces import generations
from encoders import registry
from encoders.text.dummy import DummyEncoder
from flows import encoding
from jobs import embed
from tests.jobs.support import DUMMY

if TYPE_CHECKING:
    import psycopg

    from tests.service.conftest import Client

TEXTS = ["진공 펌프", "vacuum gauge", ""]


@pytest.fixture(autouse=True)
def space(dummy_space: int) -> int:
    """A space of texts."""
    return dummy_space


@pytest.fixture
def encoder() -> DummyEncoder:
    """What makes its vectors."""
    return DummyEncoder(registry.spec("dummy"))


def test_vectors_are_those_of_the_model(client: Client, encoder: DummyEncoder) -> None:
    answer = client.post("/embed", json={"texts": TEXTS}).json()
    assert (answer["space"], answer["dim"]) == ("text", 32)
    assert answer["model"] == encoder.spec.identity
    np.testing.assert_allclose(answer["vectors"], encoder.encode_passages(TEXTS), rtol=1e-6)
    asked = client.post("/embed", json={"texts": TEXTS[:1], "kind": "query"}).json()
    np.testing.assert_allclose(asked["vectors"], encoder.encode_queries(TEXTS[:1]), rtol=1e-6)


def test_what_cannot_be_encoded(client: Client) -> None:
    bodies: list[tuple[dict[str, Any], int]] = [
        ({"texts": []}, 400),
        ({"texts": ["x"] * 257}, 400),
        ({"texts": ["x" * 150_000] * 2}, 400),
        ({"texts": ["x"], "space": "nope"}, 404),
        ({"texts": ["x"], "kind": "poem"}, 400),
        ({"texts": "x"}, 400),
    ]
    for body, status in bodies:
        assert client.post("/embed", json=body).status_code == status, str(body)[:80]


def test_clients_of_openai(client: Client, encoder: DummyEncoder) -> None:
    (passages, queries) = client.get("/v1/models").json()["data"]
    assert (passages["id"], queries["id"]) == ("text", "text:query")
    body = {"model": "text", "input": TEXTS, "user": "somebody", "encoding_format": "base64"}
    answer = client.post("/v1/embeddings", json=body).json()
    assert (answer["object"], answer["model"]) == ("list", "text")
    assert [row["index"] for row in answer["data"]] == [0, 1, 2]
    words = sum(len(text.split()) for text in TEXTS)
    assert answer["usage"] == {"prompt_tokens": words, "total_tokens": words}
    read = [np.frombuffer(base64.b64decode(row["embedding"]), "<f4") for row in answer["data"]]
    np.testing.assert_array_equal(np.stack(read), encoder.encode_passages(TEXTS))
    one = client.post("/v1/embeddings", json={"model": "text:query", "input": TEXTS[0]}).json()
    np.testing.assert_allclose(
        one["data"][0]["embedding"], encoder.encode_queries(TEXTS[:1])[0], rtol=1e-6
    )
    for more in ({"dimensions": 7}, {"input": [[1, 2]]}, {"encoding_format": "hex"}):
        refused = client.post("/v1/embeddings", json={"model": "text", "input": "a", **more})
        assert refused.status_code == 400, more


def test_a_model_that_is_not_there(client: Client, db: psycopg.Connection[Any]) -> None:
    db.execute("SELECT ops.create_space('other', 'gone', 'gone@1', 32)")
    answer = client.post("/embed", json={"texts": ["x"], "space": "other"})
    assert answer.status_code == 503
    assert answer.json()["type"] == "urn:seogo:problem:encoder-unavailable"


def test_a_generation_that_is_not_live_is_asked_by_its_number(
    client: Client, db: psycopg.Connection[Any], parts: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Texts are encoded by its own encoder: that of the live one would find the item far."""
    later = msgspec.structs.replace(
        registry.spec("dummy"), name="dummy-2", revision="2", query_template="{text}!",
        passage_template="{text}!",
    )  # fmt: skip
    monkeypatch.setattr(registry, "SPECS", MappingProxyType({**registry.SPECS, later.name: later}))
    started = "SELECT ops.start_generation('text', %s, %s, 32)"
    db.execute(started, (later.name, later.identity))
    db.execute("SELECT ops.enqueue_stale(s.id) FROM ops.space AS s WHERE s.status = 'building'")
    (building,) = [row for row in fetch(db, generations.of_space()) if row.status == "building"]
    embed.run(db, building, encoding.encoder_of(building, DUMMY))

    def asked(space: str) -> Any:
        body = {"query": "진공 펌프", "legs": [{"kind": "vector", "space": space}]}
        return client.post(f"/collections/{parts}/search", json=body)

    first = asked("text@2").json()["hits"][0]
    assert first["fields"]["title"] == "진공 펌프"
    assert first["legs"]["text"]["score"] == pytest.approx(1, abs=1e-3)
    assert asked("text@1").json() | {"timing": None} == asked("text").json() | {"timing": None}
    assert asked("text").json()["hits"] == []  # nobody has filled the live one
    assert asked("text@9").status_code == 404
    assert asked("text@x").status_code == 400
