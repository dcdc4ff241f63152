"""The guide followed with the Python client, whose core is what the OpenAPI document of today gives."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import TYPE_CHECKING, Any

import pytest
from seogo_client import AsyncSeogo, BadRequest, Form, NotAdmitted, NotAllowed, NotFound, Seogo

from db.calls.query import fetch
from db.evaluation import query_sets
from db.evaluation.rows import QueryIn
from db.operations import keys
from db.spaces import embedding
from encoders import registry
from encoders.text.dummy import DummyEncoder
from jobs import embed
from tests.service.conftest import PARTS, inline, make_key, png, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import psycopg

    Conn = psycopg.Connection[Any]


@pytest.fixture
def seogo(db_url: str, models: Path, dummy_space: int) -> Iterator[Seogo]:
    """A client of a running service."""
    with serving(db_url, models) as address, Seogo(address) as client:
        yield client


def test_the_core_is_what_the_document_gives(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.syspath_prepend("tools")
    import client_core  # type: ignore[import-not-found]

    client_core.write(tmp_path)
    for file in ("types.py", "operations.py"):
        kept = (client_core.CORE / file).read_text(encoding="utf-8")
        made = (tmp_path / file).read_text(encoding="utf-8")
        assert made == kept, f"{file}: run {sys.executable} tools/client_core.py"


def filled(seogo: Seogo) -> dict[str, int]:
    """Make the collection and its items; the ids by external id."""
    sources = {"text": {"item": ["title", "body"]}}
    assert seogo.create_collection("parts", vector_sources=sources)["collection"] == "parts"
    items: list[dict[str, Any]] = [
        {"external_id": key, "fields": {"title": title, "body": text}, "metadata": metadata}
        for key, title, text, metadata in PARTS
    ]
    items[0]["media"] = [{"role": "photo", "base64": inline(png("red"))}]
    written = seogo.collection("parts").upsert(items)
    assert (written["inserted"], written["pictures"], written["refused"]) == (3, 1, [])
    return {row["external_id"]: row["item_id"] for row in written["written"]}


def test_the_guide_can_be_followed(seogo: Seogo, db: Conn, tmp_path: Path) -> None:
    assert seogo.call("health")["status"] == "ok"
    assert all(check["ok"] for check in seogo.call("ready")["checks"])
    ids = filled(seogo)
    embed.run(db, fetch(db, embedding.live_spaces())[0], DummyEncoder(registry.spec("dummy")))
    searched(seogo, ids)
    asked(seogo)
    read(seogo, ids)
    uploaded(seogo, tmp_path)
    worked(seogo)
    judged(seogo, db)
    asyncio.run(asynchronously(str(seogo._http.base_url)))
    admitted(seogo, db)


def searched(seogo: Seogo, ids: dict[str, int]) -> None:
    """Section `Search`."""
    parts = seogo.collection("parts")
    query = "진공 펌프 오일리스 저소음 실린더 gauge"
    found = parts.search(query, k=1, explain=True, highlight=True, facets=["maker"])
    (hit,) = found["hits"]
    assert (hit["external_id"], hit["item_id"], hit["rank"]) == ("P-1", ids["P-1"], 1)
    assert "<mark>" in hit["highlights"]["title"]
    assert hit["score"] == pytest.approx(
        sum(leg["contribution"] or 0 for leg in hit["legs"].values() if leg)
    )
    assert {one["value"]: one["items"] for one in found["facets"]["maker"]} == {"SMC": 2, "TPC": 1}
    assert {report["leg"] for report in found["explain"]} >= {"lexical", "identifier", "text"}
    assert (found["more"], found["degraded"]) == (True, [])
    for only in ({"maker": "TPC"}, "$.year >= 2022"):
        only_one = parts.search(query, filter=only)
        assert [one["external_id"] for one in only_one["hits"]] == ["P-3"]
    assert parts.search(like=[ids["P-1"]])["hits"]
    similar = seogo.call("similarItems", item_id=ids["P-1"], params={"space": "text", "k": 2})
    assert {one["external_id"] for one in similar["hits"]} == {"P-2", "P-3"}
    phrase = seogo.call("phrase", collection="parts", params={"query": '"digital, for pumps"'})
    assert [one["item_id"] for one in phrase] == [ids["P-2"]]
    by_picture = parts.search_picture(png("red"), query="gauge", k=1)
    assert [one["external_id"] for one in by_picture["hits"]] == ["P-2"]
    with pytest.raises(BadRequest) as wrong:
        parts.search("x", filter="$[")
    assert (wrong.value.slug, wrong.value.status) == ("bad-filter", 400)
    assert wrong.value.hint.rstrip(".") in str(wrong.value)
    with pytest.raises(BadRequest) as unfit:
        parts.search("x", k=0)
    assert unfit.value.errors[0]["path"] == "k"


def asked(seogo: Seogo) -> None:
    """Section `Ask`."""
    parts = seogo.collection("parts")
    answer = parts.ask("digital gauge for pumps", n=1)
    assert answer["statements"][0]["text"] == "digital, for pumps"
    events = list(parts.ask_events("digital gauge for pumps", n=1))
    assert [event.name for event in events] == ["passages", "statement", "end"]
    assert events[-1].data == answer
    with pytest.raises(NotFound):
        list(seogo.collection("nowhere").ask_events("pump"))


def read(seogo: Seogo, ids: dict[str, int]) -> None:
    """Sections `Items` and `Collections`."""
    parts = seogo.collection("parts")
    item = seogo.item(ids["P-2"])
    assert (item["external_id"], item["fields"]["title"]) == ("P-2", "Vacuum gauge")
    assert [one["external_id"] for one in parts.items(page=2)] == ["P-1", "P-2", "P-3"]
    assert [one["collection"] for one in seogo.collections()] == ["parts"]
    (coverage,) = seogo.call("coverage", params={"collection": "parts"})
    assert (coverage["items"], coverage["fresh"]) == (3, 3)
    (media,) = seogo.item(ids["P-1"])["media"]
    assert seogo.call("getPicture", picture_id=media["picture_id"]) == png("red")
    with pytest.raises(NotFound) as gone:
        seogo.item(4711)
    assert gone.value.slug == "unknown-item"


def uploaded(seogo: Seogo, tmp_path: Path) -> None:
    """Files of many items, batch by batch; a form; and items deleted again."""
    parts = seogo.collection("parts")
    lines = [{"external_id": f"B-{n}", "fields": {"title": "booster"}} for n in range(4)]
    file = tmp_path / "items.jsonl"
    file.write_text("\n".join(map(json.dumps, lines)) + "\nno JSON\n", encoding="utf-8")
    done = parts.ingest(file, batch_n=2)
    assert (done["inserted"], done["refused"]) == (4, 1)
    assert [one["line"] for one in done["refusals"]] == [5]
    table = tmp_path / "items.csv"
    table.write_text("external_id,title,metadata.maker\nB-0,부스터,SMC\n", encoding="utf-8")
    assert parts.ingest(table)["updated"] == 1
    item = parts.item("B-0")
    assert item is not None
    assert (item["fields"], item["metadata"]) == ({"title": "부스터"}, {"maker": "SMC"})
    form = Form([("items", ("items", json.dumps(lines[1]).encode()))])
    assert seogo.call("bulkItems", collection="parts", form=form)["unchanged"] == 1
    assert [parts.delete(f"B-{n}") for n in (0, 1, 2, 3, 4)] == [True] * 4 + [False]


def worked(seogo: Seogo) -> None:
    """Sections `Embeddings`, `Runs and jobs`."""
    texts = {"texts": ["진공 펌프", "vacuum pump"], "kind": "query"}
    made = seogo.call("embed", json=texts)
    assert {len(row) for row in made["vectors"]} == {made["dim"]}
    theirs = {"model": "text:query", "input": "진공 펌프"}
    (row,) = seogo.call("openaiEmbeddings", json=theirs)["data"]
    assert row["embedding"] == pytest.approx(made["vectors"][0], abs=1e-6)
    queued = seogo.call("queueJob", json={"task": "merge_postings"})
    assert [job["job_id"] for job in seogo.call("listJobs")] == [queued["job_id"]]
    assert seogo.call("cancelJob", job_id=queued["job_id"])["state"] == "cancelled"
    assert seogo.call("listFailures") == []
    assert b"seogo_up 1.0" in seogo.call("metrics")


def judged(seogo: Seogo, db: Conn) -> None:
    """Section `Evaluation`."""
    (query_set,) = fetch(db, query_sets.put_set(name="asked"))
    query = QueryIn(external_id="q1", text="진공 펌프")
    fetch(db, query_sets.put_queries(set_id=query_set.id, queries=[query]))
    waiting = seogo.call("nextToJudge", query_set="asked", params={"collection": "parts"})
    assert "P-1" in {item["external_id"] for item in waiting["items"]}
    judgment = {"query": "q1", "external_id": "P-1", "grade": 2}
    body = {"judge": "mina", "judgments": [judgment]}
    assert seogo.call("putJudgments", query_set="asked", json=body)["written"] == 1


async def asynchronously(url: str) -> None:
    """The same surface, asynchronously, several requests at once."""
    async with AsyncSeogo(url) as seogo:
        parts = seogo.collection("parts")
        found = await asyncio.gather(*(parts.search(query) for query in ("펌프", "gauge")))
        assert [one["hits"][0]["external_id"] for one in found] == ["P-1", "P-2"]
        assert [one["external_id"] async for one in parts.items(page=2)] == ["P-1", "P-2", "P-3"]
        events = [event.name async for event in parts.ask_events("digital gauge for pumps", n=1)]
        assert events == ["passages", "statement", "end"]
        new = [{"external_id": "A-1", "fields": {"title": "async"}}]
        assert (await parts.ingest(new))["inserted"] == 1
        assert await parts.delete("A-1")
        with pytest.raises(NotFound):
            await seogo.collection("nowhere").ask("pump")


def admitted(seogo: Seogo, db: Conn) -> None:
    """Section `Keys`: from the first one on, whoever has none is refused."""
    url = str(seogo._http.base_url)
    with Seogo(url, str(make_key(db, "reader", collections=["parts"]))) as reader:
        assert reader.call("whoAmI")["collections"] == ["parts"]
        assert reader.collection("parts").search("펌프")["hits"]
        with pytest.raises(NotAllowed) as refused:
            reader.collection("parts").upsert([{"external_id": "X", "fields": {}}])
        assert refused.value.slug == "not-allowed"
    with Seogo(url, str(keys.new_token())) as stranger, pytest.raises(NotAdmitted):
        stranger.collections()
