from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from db.search.legs import vector_text
from encoders import registry
from encoders.text.dummy import DummyEncoder

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.service.conftest import Client

URL = "/collections/parts/search"
WITH_PARTS = True  # every application here


@pytest.fixture
def embedded(db: psycopg.Connection[Any], parts: str, dummy_space: int, tmp_path: Path) -> int:
    """The titles' vectors, made by the dummy encoder."""
    encoder = registry.build(registry.spec("dummy"), tmp_path)
    rows = db.execute("SELECT item_id, fields ->> 'title' FROM search.items").fetchall()
    for item_id, title in rows:
        vec = vector_text(encoder.encode_passages([title])[0])
        db.execute(
            "INSERT INTO core.embedding (space_id, item_id, source, vec, content_hash)"
            " VALUES (%s, %s, 'title', %s::halfvec, gen_random_uuid())",
            (dummy_space, item_id, vec),
        )
    return dummy_space


def found(response: Any) -> list[str]:
    assert response.status_code == 200, response.text
    return [hit["external_id"] for hit in response.json()["hits"]]


@pytest.mark.usefixtures("embedded")
def test_a_hit_says_what_every_leg_gave(client: Client) -> None:
    answer = client.post(URL, json={"query": "진공 펌프"}).json()
    hit = answer["hits"][0]
    assert (hit["external_id"], hit["rank"]) == ("P-1", 1)
    assert hit["fields"] == {"title": "진공 펌프", "body": "오일리스 저소음"}
    assert hit["metadata"] == {"maker": "SMC", "year": 2021}
    assert set(hit["legs"]) == {"lexical", "identifier", "text"}
    assert hit["legs"]["identifier"] is None
    assert hit["legs"]["text"]["rank"] == 1
    assert hit["legs"]["text"]["score"] == pytest.approx(1.0, abs=1e-3)
    given = [leg["contribution"] for leg in hit["legs"].values() if leg]
    assert hit["score"] == pytest.approx(sum(given))
    assert answer["degraded"] == []
    assert answer["collection"] == "parts"
    assert answer["timing"]["total_ms"] >= answer["timing"]["sql_ms"] > 0


@pytest.mark.usefixtures("embedded")
def test_signs_alone_have_no_hits_by_meaning(client: Client) -> None:
    said = "legs of meaning left out: the query has no letter and no digit"
    for query in ("!!!", "… -- ?", "（）", "+-*/=", "👍"):
        answer = client.post(URL, json={"query": query}).json()
        assert (answer["hits"], answer["degraded"]) == ([], [said]), query
        by_meaning = {"query": query, "legs": [{"kind": "vector", "space": "text"}]}
        assert client.post(URL, json=by_meaning).json()["hits"], query
        assert client.post(URL, json={"query": f"{query} 펌프"}).json()["degraded"] == [], query


def test_k_limits(asked: Client) -> None:
    query = {"query": "pumps 펌프 실린더"}
    assert len(found(asked.post(URL, json=query))) == 3
    assert len(found(asked.post(URL, json={**query, "k": 1}))) == 1


@pytest.mark.parametrize(
    "filter",
    [{"maker": "SMC"}, '{"maker": "SMC"}', '$.maker == "SMC"'],
    ids=["object", "object as text", "jsonpath"],
)
def test_filters(asked: Client, filter: Any) -> None:
    query = {"query": "pumps 펌프 실린더", "filter": filter}
    assert sorted(found(asked.post(URL, json=query))) == ["P-1", "P-2"]


@pytest.mark.usefixtures("embedded")
def test_chosen_legs(client: Client) -> None:
    legs = [
        {"kind": "lexical", "name": "words", "weight": 2},
        {"kind": "vector", "space": "text", "source": "title", "name": "near", "pool_n": 1},
        {"kind": "vector", "space": "text"},
    ]
    answer = client.post(URL, json={"query": "진공", "legs": legs, "k_rrf": 0}).json()
    first = answer["hits"][0]
    assert set(first["legs"]) == {"words", "near", "text"}
    assert first["legs"]["words"]["contribution"] == 2.0
    assert sum(hit["legs"]["near"] is not None for hit in answer["hits"]) == 1


def test_a_space_of_another_model_degrades_the_answer(
    client: Client, db: psycopg.Connection[Any]
) -> None:
    db.execute("SELECT ops.create_space('text', 'dummy', 'dummy@0 of yore', 32)")
    answer = client.post(URL, json={"query": "진공 펌프"}).json()
    assert answer["hits"][0]["external_id"] == "P-1"
    assert set(answer["hits"][0]["legs"]) == {"lexical", "identifier"}
    assert len(answer["degraded"]) == 1
    assert "dummy@0 of yore" in answer["degraded"][0]


def test_an_unknown_encoder_degrades_the_answer(
    client: Client, db: psycopg.Connection[Any]
) -> None:
    db.execute("SELECT ops.create_space('text', 'gone', 'gone@1', 32)")
    answer = client.post(URL, json={"query": "진공"}).json()
    assert "'gone'" in answer["degraded"][0]
    assert answer["hits"]


def test_without_any_leg_left_there_is_no_answer(
    client: Client, db: psycopg.Connection[Any]
) -> None:
    db.execute("SELECT ops.create_space('text', 'gone', 'gone@1', 32)")
    legs = [{"kind": "vector", "space": "text"}]
    response = client.post(URL, json={"query": "진공", "legs": legs})
    assert response.status_code == 503
    assert response.json()["type"] == "urn:seogo:problem:no-leg-left"


@pytest.mark.usefixtures("dummy_space")
def test_an_encoder_that_fails_or_hangs_degrades_the_answer(
    make_client: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    client = make_client(encode_wait_s=2)  # a busy machine takes a second to say that it broke
    answered = threading.Event()

    def broken(*_: Any) -> Any:
        raise RuntimeError("진공 broke it")

    monkeypatch.setattr("encoders.text.dummy.DummyEncoder.encode_queries", broken)
    answer = client.post(URL, json={"query": "진공"}).json()
    assert answer["degraded"] == ["leg text left out: encoder dummy failed (RuntimeError)"]

    def hangs(*_: Any) -> Any:
        answered.wait(60)

    monkeypatch.setattr("encoders.text.dummy.DummyEncoder.encode_queries", hangs)
    answer = client.post(URL, json={"query": "진공"}).json()
    answered.set()
    assert "did not answer within 2" in answer["degraded"][0]
    assert answer["hits"]


@pytest.mark.usefixtures("dummy_space")
def test_an_encoder_is_built_once(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    built = []
    build = registry.build

    def spy(*args: Any) -> Any:
        built.append(args[0].name)
        return build(*args)

    monkeypatch.setattr("encoders.registry.build", spy)
    for _ in range(3):
        assert client.post(URL, json={"query": "펌프"}).status_code == 200
    assert built == ["dummy"]


@pytest.mark.usefixtures("dummy_space")
def test_a_failed_load_is_tried_again_later(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    build = registry.build

    def fails(*_: Any) -> Any:
        raise OSError("no such folder")

    monkeypatch.setattr("encoders.registry.build", fails)
    assert client.post(URL, json={"query": "펌프"}).json()["degraded"]
    monkeypatch.setattr("encoders.registry.build", build)
    assert client.post(URL, json={"query": "펌프"}).json()["degraded"]
    monkeypatch.setattr("service.models.pool.RETRY_S", 0.0)
    assert client.post(URL, json={"query": "펌프"}).json()["degraded"] == []


@pytest.mark.usefixtures("embedded")
def test_one_statement_per_search(
    make_client: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    client = make_client(spaces_ttl_s=60.0)
    found(client.post(URL, json={"query": "warm up"}))
    seen: list[str] = []
    execute = psycopg.AsyncCursor.execute

    async def spy(self: Any, query: Any, *args: Any, **kwargs: Any) -> Any:
        seen.append(str(query))
        return await execute(self, query, *args, **kwargs)

    monkeypatch.setattr(psycopg.AsyncCursor, "execute", spy)
    assert found(client.post(URL, json={"query": "펌프", "correct": "off"}))[0] == "P-1"
    begin, rights, asked, commit = seen  # in one round trip
    assert (begin, commit) == ("BEGIN", "COMMIT")
    assert "set_config('role'" in rights
    assert "search.hybrid" in asked
    seen.clear()
    assert found(client.post(URL, json={"query": "펌프"}))[0] == "P-1"
    # A correction is looked for beside it.
    assert [
        sum(name in asked for asked in seen) for name in ("search.hybrid", "search.correct")
    ] == [1, 1]
    assert len(seen) == 8


@pytest.mark.usefixtures("embedded")
def test_a_search_sent_again_neither_encodes_nor_writes(
    make_client: Callable[..., Client],
    db: psycopg.Connection[Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    client = make_client()
    first = client.post(URL, json={"query": "펌프"}).json()

    def encode(*_: Any) -> Any:
        raise AssertionError("encoded again")

    monkeypatch.setattr(DummyEncoder, "encode_queries", encode)
    again = client.post(URL, json={"query": "펌프"}).json()
    assert (again["hits"], again["degraded"]) == (first["hits"], [])
    assert client.post(URL, json={"query": "밸브"}).json()["degraded"] != []
    assert db.execute("SELECT count(*) FROM ops.query_vector").fetchone() == (0,)


def test_a_space_that_appears_is_used_after_the_ttl(
    make_client: Callable[..., Client], db: psycopg.Connection[Any]
) -> None:
    client = make_client(spaces_ttl_s=60.0)
    legs = [{"kind": "vector", "space": "text"}]
    query = {"query": "진공", "legs": legs}
    assert client.post(URL, json=query).status_code == 404
    spec = registry.spec("dummy")
    db.execute("SELECT ops.create_space('text', 'dummy', %s, %s)", (spec.identity, spec.dim))
    # A space asked for by name is looked up again before it is called unknown.
    assert client.post(URL, json=query).status_code == 200


@pytest.mark.usefixtures("embedded")
def test_any_text_may_be_searched_for(client: Client) -> None:
    for query in ("🔧 펌프", "\u202e펌프", "진공\ttabs\nlines", "'; DROP TABLE x; --"):
        assert found(client.post(URL, json={"query": query})), query


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"query": "   "}, "query"),
        ({"query": "x" * 10_001}, "query"),
        ({"query": "a", "k": 0}, "k"),
        ({"query": "a", "k": 1001}, "k"),
        ({"query": "a", "k": "x"}, "k"),
        ({"query": "a", "legs": []}, "legs"),
        ({"query": "a", "legs": [{"kind": "psychic"}]}, "legs[0].kind"),
        ({"query": "a", "legs": [{"kind": "lexical", "weight": -1}]}, "legs[0].weight"),
        ({"query": "a", "legs": [{"kind": "vector"}]}, "legs[0]"),
        ({"query": "a", "legs": [{"kind": "lexical", "space": "text"}]}, "legs[0]"),
        ({"query": "a", "legs": [{"kind": "like"}]}, "legs[0]"),
        ({"query": "a", "unlike": [1]}, "body"),
        ({"like": [0]}, "like[0]"),
        ({"like": list(range(1, 102))}, "like"),
        ({"picture": {}}, "picture"),
        ({"picture": {"id": 1, "base64": "AA=="}}, "picture"),
        ({"query": "a", "skip": -1}, "skip"),
        ({"query": "a", "skip": 9001}, "skip"),
        ({"query": "a", "facets": [""]}, "facets[0]"),
        ({"query": "a", "nonsense": 1}, "nonsense"),
        ([], "body"),
    ],
)
def test_a_bad_request_names_the_part(asked: Client, body: Any, path: str) -> None:
    response = asked.post(URL, json=body)
    problem = response.json()
    assert response.status_code == 400
    assert response.headers["content-type"] == "application/problem+json"
    assert problem["type"] == "urn:seogo:problem:invalid-request"
    where = [error["path"] for error in problem["errors"]]
    assert any(path in (w, *problem["detail"].replace("`", " ").split()) for w in where), problem


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({}, "bad-request"),
        ({"legs": [{"kind": "lexical"}]}, "bad-request"),
        ({"query": "a", "legs": [{"kind": "like", "space": "text"}]}, "bad-request"),
        ({"query": "a", "method": "weighted", "legs": [{"kind": "lexical"}] * 2}, "bad-request"),
        ({"query": "a", "filter": "$.year"}, "bad-filter"),
        ({"query": "a", "filter": "{"}, "bad-filter"),
        ({"query": "a", "filter": {"a": "\0"}}, "bad-filter"),
        ({"query": "a", "filter": "\0"}, "bad-data"),
        ({"query": "a\0b"}, "bad-data"),
        ({"query": "a", "legs": [{"kind": "lexical"}, {"kind": "lexical"}]}, "bad-request"),
    ],
)
def test_what_the_database_refuses_is_a_bad_request(asked: Client, body: Any, kind: str) -> None:
    response = asked.post(URL, json=body)
    assert response.status_code == 400
    assert response.json()["type"] == f"urn:seogo:problem:{kind}"


@pytest.mark.parametrize(
    "body",
    [b"{bad", b"", b'{"query": "\xff"}', b'{"query": "\\ud800"}', b'{"filter":' * 3000],
    ids=["syntax", "empty", "not utf-8", "lone surrogate", "deep"],
)
def test_a_body_that_is_not_json_is_a_bad_request(asked: Client, body: bytes) -> None:
    response = asked.post(URL, content=body, headers={"Content-Type": "application/json"})
    assert response.status_code == 400
    assert response.headers["content-type"] == "application/problem+json"


def test_an_unknown_collection_is_named_with_those_there_are(asked: Client) -> None:
    response = asked.post("/collections/nope/search", json={"query": "a"})
    assert response.status_code == 404
    assert response.json()["detail"] == "unknown collection: nope"
    assert "parts" in response.json()["hint"]
