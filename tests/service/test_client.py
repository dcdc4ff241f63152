"""The guide followed with a client that a generator wrote from the OpenAPI document alone."""

from __future__ import annotations

import importlib
import io
import json
import os
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from db.calls.query import fetch
from db.evaluation import query_sets
from db.evaluation.rows import QueryIn
from db.operations import keys
from db.spaces import embedding
from encoders import registry
from encoders.text.dummy import DummyEncoder
from jobs import embed
from tests.service.conftest import inline, make_key, png, serving

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import psycopg

    Conn = psycopg.Connection[Any]

PROGRAM = Path(sys.executable).with_name("openapi-python-client")
PACKAGE = "seogo_client"
CONFIG = {
    "package_name_override": PACKAGE,
    "post_hooks": [],
    "content_type_overrides": dict.fromkeys(
        ("image/*", "image/png", "image/webp"), "application/octet-stream"
    ),
}
# The generator has no bodies but JSON, forms and plain bytes: it leaves these two out, and says so.
UNSUPPORTED = ["application/x-ndjson", "application/zip"]
PARTS = [
    ("P-1", "진공 펌프", "오일리스 저소음", {"maker": "SMC", "year": 2021}),
    ("P-2", "Vacuum gauge", "digital, for pumps", {"maker": "SMC", "year": 2015}),
    ("P-3", "유압 실린더", "복동형 실린더", {"maker": "TPC", "year": 2022}),
]


@pytest.fixture
def url(db_url: str, models: Path, dummy_space: int) -> Iterator[str]:
    """The address of a running service."""
    with serving(db_url, models) as address:
        yield address


@pytest.fixture
def generated(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Generated]:
    """The client, made of nothing but the document that the service hands out."""
    document, config = tmp_path / "openapi.json", tmp_path / "config.json"
    document.write_bytes(httpx.get(f"{url}/docs/openapi.json").content)
    config.write_text(json.dumps(CONFIG), encoding="utf-8")
    command = [PROGRAM, "generate", "--meta", "none", "--path", document, "--config", config]
    done = subprocess.run(
        [*command, "--output-path", tmp_path / "made" / PACKAGE],
        env={**os.environ, "NO_COLOR": "1", "COLUMNS": "200"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    told = (done.stdout + done.stderr).splitlines()
    warned = [line.rpartition(" ")[2] for line in told if line.startswith("Unsupported")]
    assert warned == UNSUPPORTED
    assert sum("WARNING" in line for line in told) == len(UNSUPPORTED), "\n".join(told)
    monkeypatch.syspath_prepend(str(tmp_path / "made"))
    with ExitStack() as open_clients:
        yield Generated(url, open_clients)
    for name in [name for name in sys.modules if name.partition(".")[0] == PACKAGE]:
        del sys.modules[name]


class Generated:
    """The generated package: operations by name, as whoever holds the token."""

    def __init__(self, url: str, opened: ExitStack, token: keys.Token | None = None) -> None:
        self._url, self._opened = url, opened
        package = importlib.import_module(PACKAGE)
        # The default of httpx is five seconds, which a busy machine may need.
        more = {"timeout": httpx.Timeout(60), "raise_on_unexpected_status": True}
        client = (
            package.Client(base_url=url, **more)
            if token is None
            else package.AuthenticatedClient(base_url=url, token=str(token), **more)
        )
        self._client = opened.enter_context(client)
        self.models = importlib.import_module(f"{PACKAGE}.models")
        self.file: Callable[..., Any] = importlib.import_module(f"{PACKAGE}.types").File

    def holding(self, token: keys.Token) -> Generated:
        """The same with a key."""
        return Generated(self._url, self._opened, token)

    def call(self, operation: str, *args: Any, **more: Any) -> Any:
        """What `TAG.OPERATION` answers, whatever the status."""
        module = importlib.import_module(f"{PACKAGE}.api.{operation}")
        return module.sync_detailed(*args, client=self._client, **more)

    def ask(self, operation: str, *args: Any, **more: Any) -> Any:
        """The same, parsed, where it must succeed."""
        answer = self.call(operation, *args, **more)
        assert answer.status_code in (200, 201, 202), answer.content
        return answer.parsed

    def body(self, name: str, /, **value: Any) -> Any:
        """The body of that name, from JSON."""
        return getattr(self.models, name).from_dict(value)

    def search(self, **asked: Any) -> Any:
        """A search in `parts`."""
        return self.ask("search.search", "parts", body=self.body("SearchIn", **asked))


def filled(api: Generated) -> dict[str, int]:
    """Make the collection and its items; the ids by external id."""
    sources = {"text": {"item": ["title", "body"]}}
    body = api.body("CollectionIn", name="parts", vector_sources=sources)
    assert api.ask("collections.create_collection", body=body).collection == "parts"
    items = [
        {"external_id": key, "fields": {"title": title, "body": text}, "metadata": metadata}
        for key, title, text, metadata in PARTS
    ]
    items[0]["media"] = [{"role": "photo", "base64": inline(png("red"))}]
    written = api.ask("items.upsert_items", "parts", body=api.body("ItemsIn", items=items))
    assert (written.inserted, written.pictures, written.refused) == (3, 1, [])
    return {row.external_id: row.item_id for row in written.written}


def test_the_guide_can_be_followed(generated: Generated, db: Conn) -> None:
    api = generated
    assert api.ask("system.health").status == "ok"
    assert all(check.ok for check in api.ask("system.ready").checks)
    ids = filled(api)
    embed.run(db, fetch(db, embedding.live_spaces())[0], DummyEncoder(registry.spec("dummy")))
    searched(api, ids)
    read(api, ids)
    shown(api, ids)
    uploaded(api)
    encoded(api)
    worked(api)
    judged(api, db)
    admitted(api, db)


def searched(api: Generated, ids: dict[str, int]) -> None:
    """Section `Search`."""
    query = "진공 펌프 오일리스 저소음 실린더 gauge"
    found = api.search(query=query, k=1, explain=True, highlight=True, facets=["maker"])
    (hit,) = found.hits
    assert (hit.external_id, hit.item_id, hit.rank) == ("P-1", ids["P-1"], 1)
    assert hit.fields["title"] == "진공 펌프"
    assert hit.metadata["maker"] == "SMC"
    assert "<mark>" in hit.highlights["title"]
    given = [leg.contribution for leg in hit.legs.additional_properties.values() if leg]
    assert hit.score == pytest.approx(sum(given))
    assert hit.pictures[0].role == "photo"
    counted = {facet.value: facet.items for facet in found.facets["maker"]}
    assert counted == {"SMC": 2, "TPC": 1}
    assert {report.leg for report in found.explain} >= {"lexical", "identifier", "text"}
    assert (found.more, found.degraded) == (True, [])
    behind = api.search(query=query, k=2, skip=1)
    assert {h.external_id for h in behind.hits} == {"P-2", "P-3"}
    assert not behind.more
    for only in ({"maker": "TPC"}, "$.year >= 2022"):
        assert [h.external_id for h in api.search(query=query, filter=only).hits] == ["P-3"]
    legs = [{"kind": "vector", "space": "text", "name": "near", "weight": 2.0}]
    chosen = api.search(query=query, legs=legs, method="weighted", normalization="minmax")
    assert set(chosen.hits[0].legs.additional_properties) == {"near"}
    assert api.search(like=[ids["P-1"]]).hits
    similar = api.ask("items.similar_items", ids["P-1"], space="text", k=2)
    assert {h.external_id for h in similar.hits} == {"P-2", "P-3"}
    (exact,) = api.ask("search.phrase", "parts", query='"digital, for pumps"')
    assert exact.item_id == ids["P-2"]
    wrong = api.call("search.search", "parts", body=api.body("SearchIn", query="x", filter="$["))
    assert (wrong.status_code, wrong.parsed.type_) == (400, "urn:seogo:problem:bad-filter")
    assert wrong.parsed.hint


def read(api: Generated, ids: dict[str, int]) -> None:
    """Sections `Items` and `Collections`."""
    item = api.ask("items.get_item", ids["P-2"])
    assert (item.external_id, item.fields["title"]) == ("P-2", "Vacuum gauge")
    listed = api.ask("items.list_items", "parts", limit=1, after=ids["P-1"])
    assert [one.external_id for one in listed] == ["P-2"]
    assert [c.items for c in api.ask("collections.list_collections")] == [3]
    assert api.ask("collections.get_collection", "parts").collection == "parts"
    assert [space.space for space in api.ask("collections.list_spaces")] == ["text"]
    (coverage,) = api.ask("collections.coverage", collection="parts")
    assert (coverage.items, coverage.fresh) == (3, 3)
    gone = api.call("items.get_item", 4711)
    assert (gone.status_code, gone.parsed.type_) == (404, "urn:seogo:problem:unknown-item")


def shown(api: Generated, ids: dict[str, int]) -> None:
    """Pictures as files, and a search by one."""
    (media,) = api.ask("items.get_item", ids["P-1"]).media
    assert api.call("pictures.get_picture", media.picture_id).content == png("red")
    assert api.call("pictures.get_thumbnail", media.picture_id).content[8:12] == b"WEBP"
    file = api.file(payload=io.BytesIO(png("red")), file_name="a.png", mime_type="image/png")
    form = api.models.SearchForm(picture=file, request='{"query": "gauge", "k": 1}')
    found = api.ask("search.search_by_picture", "parts", body=form)
    assert [hit.external_id for hit in found.hits] == ["P-2"]


def uploaded(api: Generated) -> None:
    """A form of many items, and one item deleted again."""
    lines = json.dumps({"external_id": "B-1", "fields": {"title": "booster"}}).encode()
    body = api.models.BulkItemsFilesBody(
        items=api.file(payload=io.BytesIO(lines), file_name="items")
    )
    assert api.ask("items.bulk_items", "parts", body=body).inserted == 1
    (item,) = api.ask("items.list_items", "parts", external_id="B-1")
    assert api.call("items.delete_item", item.item_id).status_code == 204
    assert api.ask("items.list_items", "parts", external_id="B-1") == []


def encoded(api: Generated) -> None:
    """Section `Embeddings`."""
    body = api.body("EmbedIn", texts=["진공 펌프", "vacuum pump"], kind="query")
    made = api.ask("embeddings.embed", body=body)
    assert {len(row) for row in made.vectors} == {made.dim}
    theirs = api.body("OpenAIEmbeddingIn", model="text:query", input="진공 펌프")
    (row,) = api.ask("embeddings.openai_embeddings", body=theirs).data
    assert row.embedding == pytest.approx(made.vectors[0], abs=1e-6)


def worked(api: Generated) -> None:
    """Section `Runs and jobs`."""
    queued = api.ask("runs.queue_job", body=api.body("JobIn", task="merge_postings"))
    assert [job.job_id for job in api.ask("runs.list_jobs")] == [queued.job_id]
    assert api.ask("runs.cancel_job", queued.job_id).state == "cancelled"
    assert api.ask("runs.list_runs") == []
    assert api.ask("runs.list_failures") == []
    assert "seogo_up 1.0" in api.ask("system.metrics")


def judged(api: Generated, db: Conn) -> None:
    """Section `Evaluation`."""
    (query_set,) = fetch(db, query_sets.put_set(name="asked"))
    asked = QueryIn(external_id="q1", text="진공 펌프")
    fetch(db, query_sets.put_queries(set_id=query_set.id, queries=[asked]))
    waiting = api.ask("evaluation.next_to_judge", "asked", collection="parts")
    assert "P-1" in {item.external_id for item in waiting.items}
    judgment = {"query": "q1", "external_id": "P-1", "grade": 2}
    body = api.body("JudgmentsIn", judge="mina", judgments=[judgment])
    assert api.ask("evaluation.put_judgments", "asked", body=body).written == 1
    assert api.ask("evaluation.list_evaluations") == []


def admitted(api: Generated, db: Conn) -> None:
    """Section `Keys`: from the first one on, whoever has none is refused."""
    reader = api.holding(make_key(db, "reader", collections=["parts"]))
    assert reader.ask("session.who_am_i").collections == ["parts"]
    assert reader.search(query="펌프").hits
    items = api.body("ItemsIn", items=[{"external_id": "X", "fields": {}}])
    refused = reader.call("items.upsert_items", "parts", body=items)
    assert (refused.status_code, refused.parsed.type_) == (403, "urn:seogo:problem:not-allowed")
    wrong = api.holding(keys.new_token()).call("collections.list_collections")
    assert (wrong.status_code, wrong.parsed.type_) == (401, "urn:seogo:problem:not-admitted")
