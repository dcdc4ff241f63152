"""Pictures as files, items with all that was read in them, and items that go."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.calls.query import fetch
from db.operations import readings
from service.errors import RangeOutside
from service.http.ranges import parse_range
from tests.service.conftest import inline, png

if TYPE_CHECKING:
    import psycopg

    from tests.service.conftest import Client

RED = png("red", (640, 400))


@pytest.fixture
def item(client: Client, parts: str, db: psycopg.Connection[Any]) -> dict[str, Any]:
    """An item with a nameplate."""
    db.execute('UPDATE core.collection SET picture_readers = \'{"ocr": "auto"}\'')
    media = [{"role": "nameplate", "base64": inline(RED)}]
    given = {"external_id": "shown", "fields": {"title": "lamp"}, "media": media}
    answer = client.post(f"/collections/{parts}/items", json={"items": [given]})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = client.get(f"/items/{answer.json()['written'][0]['item_id']}").json()
    return found


def test_a_picture_is_the_file_that_came(client: Client, item: dict[str, Any]) -> None:
    url = f"/pictures/{item['media'][0]['picture_id']}"
    answer = client.get(url)
    assert answer.content == RED
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["etag"] == f'"{hashlib.sha256(RED).hexdigest()}"'
    assert "private" in answer.headers["cache-control"]
    assert "sandbox" in answer.headers["content-security-policy"]
    again = client.get(url, headers={"If-None-Match": f'"x", {answer.headers["etag"]}'})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == answer.headers["etag"]
    assert client.get(url, headers={"If-None-Match": '"x"'}).status_code == 200


def test_a_thumbnail_is_small(client: Client, item: dict[str, Any]) -> None:
    from io import BytesIO

    from PIL import Image

    answer = client.get(f"/pictures/{item['media'][0]['picture_id']}/thumbnail")
    assert answer.headers["content-type"] == "image/webp"
    assert Image.open(BytesIO(answer.content)).size == (320, 200)
    etag = answer.headers["etag"]
    url = f"/pictures/{item['media'][0]['picture_id']}/thumbnail"
    assert client.get(url, headers={"If-None-Match": etag}).status_code == 304


def test_a_piece_of_a_picture(client: Client, item: dict[str, Any]) -> None:
    url = f"/pictures/{item['media'][0]['picture_id']}"
    for header, start, stop in (
        ("bytes=0-9", 0, 10),
        ("bytes=5-", 5, None),
        ("bytes=-7", -7, None),
        ("bytes=0-999999", 0, None),
    ):
        answer = client.get(url, headers={"Range": header})
        assert answer.content == RED[start:stop], header
        whole = len(answer.content) == len(RED)
        assert answer.status_code == (200 if whole else 206), header
        if not whole:
            first = RED.index(answer.content) if start < 0 else start
            last = first + len(answer.content) - 1
            assert answer.headers["content-range"] == f"bytes {first}-{last}/{len(RED)}", header


def test_a_range_behind_the_end(client: Client, item: dict[str, Any]) -> None:
    url = f"/pictures/{item['media'][0]['picture_id']}"
    answer = client.get(url, headers={"Range": f"bytes={len(RED)}-"})
    assert answer.status_code == 416
    assert answer.headers["content-range"] == f"bytes */{len(RED)}"
    old = client.get(url, headers={"Range": "bytes=0-1", "If-Range": '"older"'})
    assert (old.status_code, old.content) == (200, RED)


@given(st.binary(max_size=40), st.integers(0, 50), st.integers(0, 50))
def test_ranges_cut_as_python_does(data: bytes, first: int, last: int) -> None:
    try:
        span = parse_range(f"bytes={first}-{last}", len(data))
    except RangeOutside:
        assert first >= len(data)
        return
    if last < first:
        assert span is None
    else:
        assert span is not None
        assert data[span.start : span.stop] == data[first : last + 1]


@pytest.mark.parametrize("header", ["", "bytes=-", "items=0-1", "bytes=0-1,5-6", "bytes=x-y"])
def test_other_ranges_are_the_whole_file(header: str) -> None:
    assert parse_range(header, 10) is None


@pytest.mark.parametrize("path", ["/pictures/999", "/pictures/0/thumbnail"])
def test_pictures_that_are_not_there(client: Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert answer.json()["type"] == "urn:seogo:problem:unknown-picture"


def test_an_item_with_what_was_read(
    client: Client, item: dict[str, Any], db: psycopg.Connection[Any]
) -> None:
    assert item["media"][0]["readings"] == {"ocr": "waiting"}
    (claimed,) = fetch(db, readings.claim_readings(kind="ocr", batch_n=5))
    line = readings.OcrRow(
        line_no=0,
        box=[1, 2, 3, 2, 3, 4, 1, 4],
        text="S/N 19E-1",
        normalized="S/N 19E-1",
        confidence=0.5,
        group_no=0,
        engine="test",
    )
    number = readings.IdentifierRow(label="serial_number", raw="19E-1", confidence=0.5)
    fetch(
        db,
        readings.store_ocr(claimed, reader="test", lines=[line], identifiers=[number], notes=[]),
    )
    read = client.get(f"/items/{item['item_id']}").json()
    (shown,) = read["media"]
    assert shown["readings"] == {"ocr": "read"}
    assert shown["lines"][0]["text"] == "S/N 19E-1"
    assert shown["lines"][0]["box"] == [1, 2, 3, 2, 3, 4, 1, 4]
    assert shown["identifiers"] == [{"label": "serial_number", "raw": "19E-1", "confidence": 0.5}]
    assert "19E-1" in read["fields"]["ocr"]
    hits = client.post("/collections/parts/search", json={"query": "19E-1"}).json()["hits"]
    assert hits[0]["external_id"] == "shown"


def test_pictures_come_and_go_with_the_item(client: Client, item: dict[str, Any]) -> None:
    url = "/collections/parts/items"
    bare = {"external_id": "shown", "fields": {"title": "lamp"}}
    client.post(url, json={"items": [bare]})
    assert len(client.get(f"/items/{item['item_id']}").json()["media"]) == 1
    media = [{"base64": inline(png("blue"))}, {"base64": "!"}, {"path": "x.png"}]
    answer = client.post(url, json={"items": [{**bare, "media": media}]})
    assert answer.status_code == 207
    assert answer.json()["pictures"] == 1
    assert [r["index"] for r in answer.json()["refused_pictures"]] == [0, 0]
    shown = client.get(f"/items/{item['item_id']}").json()["media"]
    assert [m["error"] is None for m in shown] == [True, False, False]
    assert client.get(f"/pictures/{item['media'][0]['picture_id']}").status_code == 404
    client.post(url, json={"items": [{**bare, "media": []}]})
    assert client.get(f"/items/{item['item_id']}").json()["media"] == []


def test_deleting_an_item(client: Client, item: dict[str, Any]) -> None:
    url = f"/items/{item['item_id']}"
    assert client.delete(url).status_code == 204
    assert client.get(url).status_code == 404
    assert client.delete(url).status_code == 404
    assert client.get(f"/pictures/{item['media'][0]['picture_id']}").status_code == 404
    hits = client.post("/collections/parts/search", json={"query": "lamp"}).json()["hits"]
    assert hits == []


def test_listing_items(client: Client, parts: str) -> None:
    url = f"/collections/{parts}/items"
    everything = client.get(url).json()
    assert [row["external_id"] for row in everything] == ["P-1", "P-2", "P-3"]
    first = client.get(url, params={"limit": 1}).json()
    rest = client.get(url, params={"after": first[0]["item_id"]}).json()
    assert first + rest == everything
    found = client.get(url, params={"filter": "$.year > 2020"}).json()
    assert [row["external_id"] for row in found] == ["P-1", "P-3"]
    assert client.get(url, params={"external_id": "nope"}).json() == []
    assert client.get("/collections/nope/items").status_code == 404
    assert client.get(url, params={"filter": "$.x"}).status_code == 400
