"""What a request may take: as much as its input becomes, and no more."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

from service.items import uploads
from tests.service.conftest import application, inline, png

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from tests.service.conftest import Client

SEARCH = "/collections/parts/search"
ITEMS = "/collections/parts/items"
BULK = "/collections/parts/bulk"
JSON = {"Content-Type": "application/json"}
WITH_PARTS = True  # every application here


@pytest.fixture(scope="module")
def tight(parts_url: str, models: Path) -> Iterator[Client]:
    """64 MiB for all, of which one key gets 48."""
    with application(parts_url, models, memory_mb=64) as client:
        yield client


def blank(size: tuple[int, int], mode: str = "RGBA", format: str = "PNG", **how: Any) -> bytes:
    file = io.BytesIO()
    Image.new(mode, size).save(file, format, **how)
    return file.getvalue()


@pytest.mark.parametrize(
    "body",
    [
        b'{"query":"x","filter":{"a":[' + b"{}," * 200_000 + b"{}]}}",
        b'{"query":"x","filter":"' + b"$.a==1||" * 60_000 + b'"}',
        b'{"query":"x","like":[' + b"1," * 300_000 + b"1]}",
        b'{"query":"x","legs":[' + b'{"kind":"lexical"},' * 30_000 + b"{}]}",
        b'{"query":"x"' + b" " * 400_000 + b"}",
        b'{"query":"' + b"x" * 400_000 + b'"}',
        b'{"query":"x","nonsense":"' + b"x" * 400_000 + b'"}',
        b'{"query":"x","picture":{"id":1,"other":"' + b"x" * 400_000 + b'"}}',
    ],
    ids=["objects", "jsonpath", "likes", "legs", "blanks", "words", "unknown", "in the picture"],
)
def test_a_search_without_a_picture_is_small(asked: Client, body: bytes) -> None:
    answer = asked.post(SEARCH, content=body, headers=JSON)
    assert answer.status_code == 413
    assert "beside its picture" in answer.json()["detail"]


def test_a_search_with_a_picture_may_be_large(asked: Client) -> None:
    noise = Image.effect_noise((900, 900), 90)
    file = io.BytesIO()
    noise.save(file, "PNG")
    assert len(file.getvalue()) > 400_000
    body = {"picture": {"base64": inline(file.getvalue())}, "query": "펌프"}
    assert asked.post(SEARCH, json=body).status_code == 200


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/embed", {"texts": ["x" * 5_000_000]}),
        ("/collections", {"name": "a", "field_weights": {str(n): 1.0 for n in range(400_000)}}),
        ("/v1/embeddings", {"model": "text", "input": ["x" * 5_000_000]}),
    ],
)
def test_other_bodies_are_small(asked: Client, path: str, body: Any) -> None:
    assert asked.post(path, json=body).status_code == 413


def test_items_are_weighed_as_what_they_become(make_client: Callable[..., Client]) -> None:
    client = make_client(memory_mb=64)
    item = {"external_id": "a", "fields": {}, "metadata": {"a": [{}] * 400_000}}
    answer = client.post(ITEMS, json={"items": [item]})
    assert (answer.status_code, "of memory" in answer.json()["detail"]) == (413, True)
    lines = "\n".join(
        json.dumps(one) for one in (item, {"external_id": "b", "fields": {"title": "x"}})
    )
    told = client.post(BULK, content=lines, headers={"Content-Type": "application/x-ndjson"}).json()
    assert (told["inserted"], told["refused"]) == (1, 1)
    assert "of memory" in told["refusals"][0]["reason"]


@pytest.mark.parametrize(
    ("mode", "format", "how"),
    [
        ("RGBA", "PNG", {}),
        ("RGB", "PNG", {}),
        ("LA", "PNG", {}),
        ("CMYK", "TIFF", {"compression": "tiff_lzw"}),
        ("I;16", "TIFF", {"compression": "tiff_lzw"}),
        ("RGB", "JPEG", {"progressive": True}),
        ("RGB", "WEBP", {"method": 0}),
        ("P", "GIF", {}),
    ],
)
def test_pictures_are_weighed_by_their_pixels(
    tight: Client, mode: str, format: str, how: dict[str, Any]
) -> None:
    """Five bytes each for ten million pixels."""
    data = blank((4000, 2500), mode, format, **how)
    answer = tight.post(SEARCH, json={"picture": {"base64": inline(data)}})
    assert answer.status_code == 413, answer.text
    item = {"external_id": "a", "fields": {}, "media": [{"base64": inline(data)}]}
    stored = tight.post(ITEMS, json={"items": [item]})
    assert "of memory" in stored.json()["refused_pictures"][0]["reason"]
    small = tight.post(SEARCH, json={"picture": {"base64": inline(png("red"))}, "query": "펌프"})
    assert small.status_code == 200


def zipped(members: Mapping[str, bytes | Iterator[bytes]]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            with archive.open(name, "w") as member:
                for piece in [data] if isinstance(data, bytes) else data:
                    member.write(piece)
    return file.getvalue()


def sent(client: Client, data: bytes) -> Any:
    return client.post(BULK, content=data, headers={"Content-Type": "application/zip"})


def test_lists_in_archives_are_counted_while_they_are_unpacked(
    make_client: Callable[..., Client],
) -> None:
    client = make_client(max_body_mb=1, max_upload_mb=2)
    million = b" " * 1_000_000 + b"\n"
    answer = sent(client, zipped({"manifest.jsonl": (million for _ in range(60))}))
    assert answer.status_code == 400
    assert "the list of items is larger than" in answer.json()["detail"]
    answer = sent(client, zipped({"manifest.jsonl": b" " * 1_500_000}))
    assert "line 1 is longer than" in answer.json()["detail"]


def test_lines_are_handed_on_by_their_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    import asyncio

    monkeypatch.setattr(uploads, "BYTES_AT_ONCE", 1000)
    text = (b"x" * 400 + b"\n" + b"\n" * 50) * 10

    async def main() -> list[list[int]]:
        file = io.BytesIO(text)
        return [[n for n, _ in part] async for part in uploads.lines_in(file, 500, 10**6)]

    assert asyncio.run(main()) == [[1, 52, 103], [154, 205, 256], [307, 358, 409], [460]]


def test_archives_of_too_many_files_are_refused(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "LARGEST_DIRECTORY", 1000)
    many = {"manifest.jsonl": b""} | {f"{n}.png": b"" for n in range(30)}
    answer = sent(client, zipped(many))
    assert (answer.status_code, "files" in answer.json()["detail"]) == (400, True)
    assert sent(client, zipped({"manifest.jsonl": b""})).status_code == 200


def test_pictures_of_an_archive_are_counted_as_often_as_they_are_named(
    make_client: Callable[..., Client],
) -> None:
    client = make_client(max_upload_mb=1)
    bomb = blank((4000, 1000), "L", "BMP")  # four million bytes that pack well
    lines = [
        json.dumps({"external_id": str(n), "fields": {}, "media": [{"path": "a.bmp"}]})
        for n in range(3)
    ]
    members = {"manifest.jsonl": "\n".join(lines).encode(), "a.bmp": bomb}
    told = sent(client, zipped(members)).json()
    assert told["inserted"] == 3
    assert told["refused_pictures"] == 3
    assert "too large together" in told["picture_refusals"][0]["reason"]


def test_compressed_bodies_are_refused(asked: Client) -> None:
    for path, kind in ((SEARCH, "application/json"), (BULK, "application/x-ndjson")):
        answer = asked.post(
            path,
            content=gzip.compress(b'{"query": "x"}'),
            headers={"Content-Type": kind, "Content-Encoding": "gzip"},
        )
        assert answer.status_code == 415
        assert "gzip" in answer.json()["detail"]
    plain = {**JSON, "Content-Encoding": "identity"}
    assert asked.post(SEARCH, content=b'{"query": "x"}', headers=plain).status_code == 200


@pytest.mark.parametrize("body", [b"", b"  \n"])
def test_an_empty_body_is_named(asked: Client, body: bytes) -> None:
    answer = asked.post(SEARCH, content=body, headers=JSON)
    assert answer.status_code == 400
    assert answer.json()["errors"] == [{"path": "body", "reason": "it is empty: send JSON"}]


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"query": "x", "k": "5"}, "k"),
        ({"query": "x", "highlight": "true"}, "highlight"),
        ({"query": "x", "highlight": 1}, "highlight"),
        ({"query": "x", "like": ["1"]}, "like[0]"),
        ({"query": "x", "legs": [{"kind": "lexical", "weight": "2"}]}, "legs[0].weight"),
        ({"query": 5}, "query"),
        ({"query": "x", "kk": 5}, "body"),
        ([], "body"),
    ],
)
def test_texts_are_no_numbers(asked: Client, body: Any, path: str) -> None:
    answer = asked.post(SEARCH, json=body)
    assert answer.status_code == 400
    assert [error["path"] for error in answer.json()["errors"]] == [path]
    form = {"request": json.dumps(body)}
    files = {"picture": png("red")}
    assert asked.post(f"{SEARCH}/picture", data=form, files=files).status_code == 400


@pytest.mark.parametrize(
    "path",
    [
        "/collections?limit=1",
        f"{ITEMS}?limt=5",
        "/collections/parts/phrase?query=pump&K=5",
        "/runs?kinds=ingest",
        "/items/1/similar?spaces=text",
        "/metrics?x=1",
    ],
)
def test_unknown_parameters_are_refused(asked: Client, path: str) -> None:
    answer = asked.get(path)
    assert answer.status_code == 400
    wrong = path.partition("?")[2].rpartition("&")[2].partition("=")[0]
    assert [error["path"] for error in answer.json()["errors"]] == [wrong]


def test_known_parameters_are_taken(asked: Client) -> None:
    for path in (f"{ITEMS}?limit=1&after=0", "/collections/parts/phrase?query=pump&k=2"):
        assert asked.get(path).status_code == 200
    assert asked.get("/?q=pump").status_code == 200  # a page reads its own


def test_head_is_answered_where_get_is(asked: Client) -> None:
    paths = ["/", "/health", "/ready", "/collections", "/collections/parts", ITEMS, "/metrics"]
    paths += ["/docs", "/docs/openapi.json", "/assets/common/address.js", "/session", "/runs"]
    for path in paths:
        got, head = asked.get(path), asked.head(path)
        assert (head.status_code, head.content) == (200, b""), path
        assert head.headers["content-type"] == got.headers["content-type"]
    assert asked.head("/nowhere").status_code == 404
    assert asked.head(SEARCH).status_code == 405


def test_a_collection_that_is_there_with_other_settings_is_a_conflict(client: Client) -> None:
    body: dict[str, Any] = {"name": "other", "analyzer": "simple"}
    assert client.post("/collections", json=body).status_code == 201
    assert client.post("/collections", json=body).status_code == 201
    answer = client.post("/collections", json={**body, "analyzer": "korean"})
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:seogo:problem:conflict")
    answer = client.post("/collections", json={**body, "name": "No Name"})
    assert answer.status_code == 400


NUMBERS = b'{"a":0.10000000000000000555,"b":1e400,"c":[123456789012345678901234567890,1.5]}'


def test_numbers_are_kept_as_they_are(client: Client) -> None:
    item = b'{"external_id":"n","fields":{"title":"exact"},"metadata":' + NUMBERS + b"}"
    whole = b'{"items":[' + item + b"]}"
    assert client.post(ITEMS, content=whole, headers=JSON).status_code == 200
    lines = item.replace(b'"n"', b'"m"')
    kind = {"Content-Type": "application/x-ndjson"}
    assert client.post(BULK, content=lines, headers=kind).json()["inserted"] == 1
    kept = b'"a":0.10000000000000000555,"b":1' + b"0" * 400
    assert client.get(ITEMS).content.count(kept) == 2
    found = client.post(SEARCH, json={"query": "exact"}).content
    assert found.count(kept) == 2
    same = b'{"query":"exact","filter":{"a":0.10000000000000000555,"b":1e400}}'
    assert len(client.post(SEARCH, content=same, headers=JSON).json()["hits"]) == 2
    near = b'{"query":"exact","filter":{"a":0.1}}'
    assert client.post(SEARCH, content=near, headers=JSON).json()["hits"] == []
