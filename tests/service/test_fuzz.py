"""Requests made up from the OpenAPI document: no answer is a mistake of ours, and all are documented."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING, Any

import httpx
import psycopg
import pytest
import requests
import schemathesis
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from db.calls.query import fetch
from db.evaluation import evals, query_sets
from db.evaluation.rows import QueryIn
from db.operations import runs
from db.settings import DbSettings
from encoders import registry
from encoders.settings import EncoderSettings
from service.app import create_app
from service.settings import ServiceSettings
from tests.conftest import fresh_database
from tests.service.conftest import PARTS, inline, png, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from schemathesis.specs.openapi.schemas import OpenApiSchema

pytestmark = pytest.mark.db

# What the HTTP server says to an address of tens of thousands of characters, before it is any operation's.
TOO_LONG = 414
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
# Names that are there, so that not every request ends at the first check; and filters, good and bad.
THERE: dict[str, list[str | int]] = {
    "path.collection": ["parts"],
    "query.collection": ["parts"],
    "path.item_id": [1, 2, 3, 4],
    "path.picture_id": [1, 2],
    "path.run_id": [1, 2],
    "path.job_id": [1, 2],
    "path.query_set": ["asked"],
    "query.query_set": ["asked"],
    "query.space": ["text"],
    "body.space": ["text"],
    "body.model": ["text", "text:query"],
    "body.query": ["펌프", "q1", "\ud7ff", "\u202e", "' OR 1=1 --", "a" * 3000],
}
FILTERS: list[str | int] = [
    "$.year >= 2015",
    '{"maker": "SMC"}',
    "$.x",
    "$",
    "((",
    "$ ? (",
    "true",
    '$.a like_regex "("',
]
LINES = ['{"external_id": "P-4", "fields": {"title": "x"}}', '{"external_id": 1}', "[]", "{"]


def config() -> schemathesis.Config:
    """The same requests every time; a part of them with names that are there."""
    values = {**THERE, "query.filter": FILTERS, "body.filter": FILTERS}
    return schemathesis.Config.from_dict(
        {
            "generation": {"deterministic": True, "max-examples": 2, "database": "none"},
            # Each operation would be asked by every method that it has not; one is as good as all.
            "phases": {"coverage": {"unexpected-methods": ["PATCH"]}},
            "dictionaries": {
                name.replace(".", "-"): {"values": some} for name, some in values.items()
            },
            "parameters": {
                name: {"dictionary": name.replace(".", "-"), "probability": 0.8} for name in values
            },
        }
    )


@pytest.fixture(scope="module")
def schema() -> OpenApiSchema:
    """What the service says of itself; it need not run for that."""
    document = create_app(
        ServiceSettings(), database=DbSettings(), encoders=EncoderSettings()
    ).openapi_schema.to_schema()
    return schemathesis.openapi.from_dict(document, config=config())


def zipped(manifest: bytes) -> bytes:
    """An archive with a manifest and a picture."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(zipfile.ZipInfo("manifest.jsonl"), manifest)
        archive.writestr(zipfile.ZipInfo("a.png"), png("red"))
    return file.getvalue()


manifests = st.lists(st.text() | st.sampled_from(LINES)).map("\n".join).map(str.encode)
schemathesis.openapi.media_type("application/x-ndjson", manifests)
schemathesis.openapi.media_type("application/zip", manifests.map(zipped) | st.binary())
# Made up when the test begins: every worker that collects it would do so otherwise.
later = schemathesis.pytest.from_fixture("schema")


@pytest.fixture(scope="module")
def url(server_url: str, template: str, models: Path) -> Iterator[str]:
    """A service that has of each kind one: items with a picture, a run that is over, a query, a job."""
    with (
        fresh_database(server_url, template) as db_url,
        psycopg.connect(db_url, autocommit=True) as conn,
        serving(db_url, models) as address,
    ):
        fill(conn, address)
        yield address


def fill(conn: psycopg.Connection[Any], address: str) -> None:
    spec = registry.spec("dummy")
    conn.execute(
        "SELECT ops.create_space('text', %s, %s, %s)", (spec.name, spec.identity, spec.dim)
    )
    items = [
        {
            "external_id": key,
            "fields": {"title": title, "body": body},
            "metadata": metadata,
            "media": [{"base64": inline(png("red"))}],
        }
        for key, title, body, metadata in PARTS
    ]
    made = {"name": "parts", "vector_sources": {"text": {"title": ["title"]}}}
    for path, body in (
        ("collections", made),
        ("collections/parts/items", {"items": items}),
        ("jobs", {"task": "merge_postings"}),
    ):
        httpx.post(f"{address}/{path}", json=body).raise_for_status()
    run_id = fetch(conn, runs.start(kind="ingest", args={"collection": "parts"}))[0].id
    fetch(conn, runs.finish(run_id=run_id, state="done"))
    set_id = fetch(conn, query_sets.put_set(name="asked"))[0].id
    fetch(
        conn,
        query_sets.put_queries(set_id=set_id, queries=[QueryIn(external_id="q1", text="pump")]),
    )
    fetch(conn, evals.start_run(collection="parts", query_set="asked"))


@pytest.fixture(scope="module")
def connection() -> Iterator[requests.Session]:
    """Kept open: most of the time would go into connecting."""
    with requests.Session() as session:
        # It would look for proxies in the environment before each of thousands of requests.
        session.trust_env = False
        yield session


@pytest.fixture
def named(request: pytest.FixtureRequest) -> None:
    """The attribute of a test's name that schemathesis reads, which pytest has no longer since 9.2."""
    request.node._nodeid = request.node.nodeid


@pytest.mark.usefixtures("named")
@later.parametrize()
def test_whatever_is_sent(case: schemathesis.Case, url: str, connection: requests.Session) -> None:
    answer = case.call(base_url=url, session=connection)
    if answer.status_code != TOO_LONG:
        case.validate_response(answer, checks=CHECKS)
