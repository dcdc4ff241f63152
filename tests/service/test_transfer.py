"""Transfer: gzip where it is taken, ETags and 304 where a client asks again; streams as they come."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from service.http.transfer import Transfer

if TYPE_CHECKING:
    from litestar.testing import TestClient

    Client = TestClient[Any]

GZIP = {"Accept-Encoding": "br, gzip;q=0.5"}
PLAIN = {"Accept-Encoding": "gzip;q=0, identity"}


def size(response: Any) -> int:
    """Bytes on the wire."""
    return int(response.headers["content-length"])


@pytest.mark.usefixtures("parts")
def test_answers_are_compressed_and_not_sent_again(client: Client) -> None:
    for path in ("/assets/texts/ko.js", "/assets/common/page.css", "/"):
        long = client.get(path, headers=GZIP)
        assert long.headers["content-encoding"] == "gzip", path
        assert "Accept-Encoding" in long.headers["vary"]
        plain = client.get(path, headers=PLAIN)
        assert "content-encoding" not in plain.headers
        assert plain.content == long.content
        assert size(long) < size(plain) / 2
        again = {"If-None-Match": long.headers["etag"], **GZIP}
        same = client.get(path, headers=again)
        assert (same.status_code, same.content) == (304, b"")
        assert same.headers["x-content-type-options"] == "nosniff"
    written: dict[str, Any] = {"items": [{"external_id": "new", "fields": {"title": "one"}}]}
    answer = client.post("/collections/parts/items", json=written).json()
    path = f"/items/{answer['written'][0]['item_id']}"
    item = client.get(path)
    assert item.headers["cache-control"] == "private, no-cache"
    assert "Authorization" in item.headers["vary"]
    assert client.get(path, headers={"If-None-Match": '"x"'}).json() == item.json()
    tag = {"If-None-Match": item.headers["etag"]}
    assert client.get(path, headers=tag).status_code == 304
    written["items"][0]["fields"] = {"title": "two"}
    client.post("/collections/parts/items", json=written)
    assert client.get(path, headers=tag).status_code == 200
    static = client.get("/assets/icon.svg")
    dated = {"If-Modified-Since": static.headers["last-modified"]}
    assert client.get("/assets/icon.svg", headers=dated).status_code == 304
    assert client.head("/", headers=GZIP).status_code == 200
    assert "etag" not in client.get("/nope").headers


@pytest.mark.parametrize("kind", [b"text/event-stream", b"image/png", b"application/x-ndjson"])
def test_streams_and_pictures_pass_as_they_come(kind: bytes) -> None:
    sent: list[Any] = []
    start = {"type": "http.response.start", "status": 200, "headers": [(b"content-type", kind)]}
    pieces = [b"a" * 5000, b"b" * 5000, b""]

    async def app(_scope: Any, _receive: Any, send: Any) -> None:
        await send(start)
        for n, piece in enumerate(pieces):
            await send({"type": "http.response.body", "body": piece, "more_body": n < 2})
            assert len(sent) == n + 2

    async def keep(message: Any) -> None:
        sent.append(message)

    scope: Any = {"type": "http", "method": "GET", "headers": [(b"accept-encoding", b"gzip")]}
    asyncio.run(Transfer(app)(scope, None, keep))  # type: ignore[arg-type]
    assert [m["body"] for m in sent[1:]] == pieces
    assert sent[0]["headers"] == [(b"content-type", kind)]
