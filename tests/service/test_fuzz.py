"""Requests made up from the OpenAPI document: no answer is a mistake of ours, and all are documented."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from db import evaldata, evals, runs
from db.evalrows import QueryIn
from db.query import fetch
from service.schemas.system import Problem
from tests.service.conftest import inline, png

if TYPE_CHECKING:
    import psycopg

    from tests.service.conftest import Client

    Schema = dict[str, Any]
    Strategy = st.SearchStrategy[Any]

EXAMPLES = 12
HARD = ["\x00", "\ud7ff", "\U0001f600", "%00", "' OR 1=1 --", "{}", "ㅎ", "‮", "a" * 3000, " ", ""]
TEXTS = st.one_of(st.sampled_from(HARD), st.text(max_size=30))
# Names that are there, so that not every path ends at the first check.
THERE: dict[str, Strategy] = {
    "task": st.sampled_from(["merge_postings", "measure_recall"]),
    "query": st.sampled_from(["펌프", "q1"]) | TEXTS,
    "collection": st.just("parts"),
    "item_id": st.integers(1, 4),
    "picture_id": st.integers(1, 3),
    "run_id": st.integers(1, 2),
    "job_id": st.integers(1, 2),
    "query_set": st.just("asked"),
    "space": st.just("text"),
    "model": st.sampled_from(["text", "text:query"]),
    "filter": st.sampled_from(
        [
            "$.year >= 2015",
            '{"maker": "SMC"}',
            "$.x",
            "$",
            "((",
            "$ ? (",
            "true",
            '$.a like_regex "("',
        ]
    ),
    "profile": st.sampled_from(["nope", ""]),
}
ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)


class Shapes:
    """Values that fit a schema, mostly; others now and then."""

    def __init__(self, document: Schema) -> None:
        self._schemas: Schema = document["components"]["schemas"]

    def near(self, schema: Schema, name: str = "") -> Strategy:
        """What fits, what is there by that name, and sometimes anything."""
        likely = THERE.get(name, self.fitting(schema))
        return st.integers(0, 15).flatmap(lambda n: ANYTHING if n == 7 else likely)

    def fitting(self, schema: Schema) -> Strategy:
        """What the schema allows, bounds included."""
        if "$ref" in schema:
            return self.fitting(self._schemas[schema["$ref"].rpartition("/")[2]])
        if "allOf" in schema:
            whole = self.fitting(schema["allOf"][0])
            return whole | st.sampled_from(schema["examples"]) if "examples" in schema else whole
        if "enum" in schema:
            return st.sampled_from(schema["enum"])
        kind = schema.get("type")
        kinds = [{**schema, "type": one} for one in kind] if isinstance(kind, list) else []
        if ways := schema.get("oneOf") or schema.get("anyOf") or kinds:
            return st.one_of(*(self.fitting(one) for one in ways))
        return self._typed(schema)

    def _typed(self, schema: Schema) -> Strategy:
        match schema.get("type"):
            case "object":
                return self._object(schema)
            case "array":
                return st.lists(self.near(schema.get("items", {})), max_size=3)
            case "integer" | "number":
                low, high = schema.get("minimum", -(2**70)), schema.get("maximum", 2**70)
                return st.sampled_from([low, high]) | st.integers(int(low), int(high))
            case "string":
                return TEXTS
            case "boolean":
                return st.booleans()
            case "null":
                return st.none()
            case _:
                return ANYTHING

    def _object(self, schema: Schema) -> Strategy:
        properties: Schema = schema.get("properties", {})
        required = set(schema.get("required", ()))
        if not properties:
            return st.dictionaries(TEXTS, ANYTHING, max_size=3)
        shapes = {name: self.near(one, name) for name, one in properties.items()}
        return st.fixed_dictionaries(
            {name: shape for name, shape in shapes.items() if name in required},
            optional={name: shape for name, shape in shapes.items() if name not in required},
        )


def request_of(shapes: Shapes, operation: Schema) -> Strategy:
    """Path, query and body of an operation."""
    given = operation.get("parameters", [])
    parts = {
        place: st.fixed_dictionaries(
            {
                p["name"]: shapes.near(p["schema"], p["name"])
                for p in given
                if p["in"] == place and p.get("required")
            },
            optional={
                p["name"]: shapes.near(p["schema"], p["name"])
                for p in given
                if p["in"] == place and not p.get("required")
            },
        )
        for place in ("path", "query")
    }
    content = operation.get("requestBody", {}).get("content", {})
    body: Strategy = st.none()
    if "application/json" in content:
        body = shapes.near(content["application/json"]["schema"])
    elif content:
        body = st.binary(max_size=60)
    return st.fixed_dictionaries({**parts, "body": body})


def written(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def send(client: Client, method: str, path: str, asked: Schema, content: Schema) -> Any:
    """One request; text that cannot be written into an address is not sent in one."""
    url = path.format(**{k: quote(written(v), safe="") or "%20" for k, v in asked["path"].items()})
    query = [
        (name, written(one))
        for name, value in asked["query"].items()
        for one in (value if isinstance(value, list) else [value])
    ]
    body = asked["body"]
    if body is None and "application/json" not in content:
        return client.request(method, url, params=query)
    if "application/json" in content:
        return client.request(
            method,
            url,
            params=query,
            content=json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
    kind = sorted(content)[len(body) % len(content)]
    boundary = "; boundary=x" if "form" in kind else ""
    return client.request(
        method, url, params=query, content=body, headers={"Content-Type": kind + boundary}
    )


def check(answer: Any, operation: Schema) -> None:
    """It is none of our mistakes, is documented, and says so in the form that is documented."""
    documented = operation["responses"]
    assert answer.status_code < 500, answer.text
    assert str(answer.status_code) in documented, (answer.status_code, answer.text)
    if answer.status_code >= 400:
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json().keys() <= set(Problem.__struct_fields__)


def fuzz(client: Client, shapes: Shapes, method: str, path: str, operation: Schema) -> None:
    """Ask one operation some times."""
    content = operation.get("requestBody", {}).get("content", {})

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(request_of(shapes, operation))
    def ask(asked: Schema) -> None:
        check(send(client, method.upper(), path, asked, content), operation)

    ask()


@pytest.fixture
def something(db: psycopg.Connection[Any], client: Client, parts: str, dummy_space: int) -> None:
    """Of each kind one: an item with a picture, a run that is over, a query, a job."""
    item = {
        "external_id": "P-1",
        "fields": {"title": "pump"},
        "media": [{"base64": inline(png("red"))}],
    }
    client.post(f"/collections/{parts}/items", json={"items": [item]})
    run_id = fetch(db, runs.start(kind="ingest", args={"collection": parts}))[0].id
    fetch(db, runs.finish(run_id=run_id, state="done"))
    set_id = fetch(db, evaldata.put_set(name="asked"))[0].id
    query = QueryIn(external_id="q1", text="pump")
    fetch(db, evaldata.put_queries(set_id=set_id, queries=[query]))
    fetch(db, evals.start_run(collection=parts, query_set="asked"))
    client.post("/jobs", json={"task": "merge_postings"})


@pytest.mark.usefixtures("something")
def test_whatever_is_sent(client: Client) -> None:
    schema = client.get("/docs/openapi.json").json()
    shapes = Shapes(schema)
    wrong = {}
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            try:
                fuzz(client, shapes, method, path, operation)
            except AssertionError as exc:
                wrong[operation["operationId"]] = str(exc)
    assert wrong == {}
