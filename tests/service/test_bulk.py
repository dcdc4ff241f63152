"""Bulk uploads: JSON lines, archives, forms; each bad line named, the rest written."""

from __future__ import annotations

import asyncio
import gzip
import io
import json
import struct
import unicodedata
import zipfile
import zlib
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.items import uploads
from tests.service.conftest import inline, png

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from tests.service.conftest import Client

URL = "/collections/parts/bulk"
LINES = {"Content-Type": "application/x-ndjson"}
ZIP = {"Content-Type": "application/zip"}
WITH_PARTS = True  # every application here


def line(key: str, *pictures: dict[str, str], title: str = "감속기") -> bytes:
    record: dict[str, Any] = {"external_id": key, "fields": {"title": title}}
    if pictures:
        record["media"] = list(pictures)
    return json.dumps(record).encode()


def zipped(files: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return made.getvalue()


def media(client: Client, key: str) -> list[dict[str, Any]]:
    (item,) = client.get("/collections/parts/items", params={"external_id": key}).json()
    found: list[dict[str, Any]] = client.get(f"/items/{item['item_id']}").json()["media"]
    return found


def test_lines_are_written_and_bad_ones_named(client: Client) -> None:
    body = b"\n".join(
        [
            b"\xef\xbb\xbf" + line("a"),
            b"{not json",
            b"",
            b"   ",
            line("b"),
            b'{"external_id": "c"}',
            b"5",
            line("a"),
            b"\xff\xfe",
            b"[" * 5000,
            line("d"),
        ]
    )
    answer = client.post(URL, content=body, headers=LINES)
    assert answer.status_code == 207
    told = answer.json()
    assert (told["inserted"], told["refused"]) == (3, 6)
    assert [r["line"] for r in told["refusals"]] == [2, 6, 7, 8, 9, 10]
    assert told["refusals"][3]["external_id"] == "a"
    assert "stands already at line 1" in told["refusals"][3]["reason"]
    again = client.post(URL, content=line("a"), headers=LINES)
    assert (again.status_code, again.json()["unchanged"]) == (200, 1)


@given(st.lists(st.binary(max_size=6), max_size=8), st.integers(1, 3))
def test_lines_are_cut_however_they_arrive(pieces: list[bytes], at_once: int) -> None:
    async def stream() -> AsyncIterator[bytes]:
        for piece in pieces:
            yield piece

    async def collected() -> list[tuple[int, bytes]]:
        return [line async for batch in uploads.lines_of(stream(), 100) for line in batch]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(uploads, "LINES_AT_ONCE", at_once)
        found = asyncio.run(collected())
    lines = enumerate(b"".join(pieces).split(b"\n"), start=1)
    assert found == [(number, line) for number, line in lines if line.strip()]


def test_lines_are_handed_on_while_the_rest_is_on_its_way() -> None:
    handed: list[int] = []

    async def stream() -> AsyncIterator[bytes]:
        for _n in range(uploads.LINES_AT_ONCE + 1):
            yield b"{}\n"
        assert handed == [uploads.LINES_AT_ONCE]
        yield b"{}"

    async def take() -> None:
        async for batch in uploads.lines_of(stream(), 100):
            handed.append(len(batch))

    asyncio.run(take())
    assert sum(handed) == uploads.LINES_AT_ONCE + 2


def test_an_archive_with_pictures(client: Client) -> None:
    data = zipped(
        {
            "set/manifest.jsonl": b"\n".join(
                [
                    line("z1", {"path": "pictures/red.png", "role": "nameplate"}),
                    line("z2", {"path": "blue.png"}, {"path": "missing.png"}),
                    line("z3", {"path": "bad.png"}, {"base64": inline(png("white"))}),
                    line("z4", {"url": "http://127.0.0.1/x.png"}),
                ]
            ),
            "set/pictures/red.png": png("red"),
            "set/pictures/blue.png": png("blue"),
            "set/bad.png": b"nothing",
        }
    )
    answer = client.post(URL, content=data, headers=ZIP)
    assert answer.status_code == 207
    told = answer.json()
    assert (told["inserted"], told["refused"], told["pictures"]) == (4, 0, 3)
    assert [r["line"] for r in told["picture_refusals"]] == [2, 3, 4]
    reasons = [r["reason"] for r in told["picture_refusals"]]
    assert "no such file" in reasons[0]
    assert "not-a-picture" in reasons[1]
    assert "SEOGO_ALLOW_URLS" in reasons[2]
    (shown,) = media(client, "z1")
    assert (shown["role"], shown["width"], shown["name"]) == ("nameplate", 96, "pictures/red.png")
    kept, lost = media(client, "z2")
    assert kept["picture_id"] is not None
    assert (lost["picture_id"], lost["position"]) == (None, 1)
    assert "no such file" in lost["error"]


def named(name: bytes, data: bytes, *, flag: bool = False, extra: bytes = b"") -> bytes:
    """A zip archive of a list and one picture, whose name stands there as these bytes."""
    made = io.BytesIO()
    place = "X" * len(name)
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("manifest.jsonl", data)
        info = zipfile.ZipInfo(place)
        info.extra = extra
        archive.writestr(info, png("red"))
    raw = made.getvalue().replace(place.encode(), name)
    if flag:
        for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
            start = raw.rindex(mark)
            raw = raw[: start + at + 1] + b"\x08" + raw[start + at + 2 :]
    return raw


def unicode_path(name: str, raw: bytes) -> bytes:
    data = b"\x01" + struct.pack("<I", zlib.crc32(raw)) + name.encode()
    return struct.pack("<HH", 0x7075, len(data)) + data


WANTED = "사진 1번.png"
NAMES = {
    "UTF-8 with its flag": named(WANTED.encode(), line("n", {"path": WANTED}), flag=True),
    "UTF-8 without it": named(WANTED.encode(), line("n", {"path": WANTED})),
    "CP949 of Korean Windows": named(WANTED.encode("cp949"), line("n", {"path": WANTED})),
    "decomposed by macOS": named(
        unicodedata.normalize("NFD", WANTED).encode(), line("n", {"path": WANTED})
    ),
    "a name in the extra field": named(
        b"____ 1_.png",
        line("n", {"path": WANTED}),
        extra=unicode_path(WANTED, b"____ 1_.png"),
    ),
    "CP437": named("café.png".encode("cp437"), line("n", {"path": "café.png"})),
    "backslashes": named(b"pics\\red.png", line("n", {"path": "pics/red.png"})),
    "backslashes wanted": named(b"pics/red.png", line("n", {"path": "pics\\red.png"})),
    "ways round": named(b"a/b/red.png", line("n", {"path": "./a//c/../b/red.png"})),
}


@pytest.mark.parametrize("maker", NAMES)
def test_names_in_archives_of_every_maker(asked: Client, maker: str) -> None:
    answer = asked.post(URL, content=NAMES[maker], headers=ZIP)
    assert (answer.status_code, answer.json()["pictures"]) == (200, 1), answer.text


def test_what_systems_put_into_archives_is_not_looked_at(client: Client) -> None:
    files = {
        "__MACOSX/._items.jsonl": b"\0\5",
        "__MACOSX/set/._red.png": b"\0\5",
        "set/._red.png": b"\0\5",
        "set/.DS_Store": b"x",
        "set/Thumbs.db": b"x",
        "set\\": b"",
        "set/items.JSONL": line("m", {"path": "red.png"}),
        "set/red.png": png("red"),
    }
    answer = client.post(URL, content=zipped(files), headers=ZIP)
    assert (answer.status_code, answer.json()["pictures"]) == (200, 1), answer.text
    both = {
        "data\\manifest.jsonl": line("w", {"path": "pics/red.png"}),
        "data\\pics\\red.png": png("red"),
    }
    answer = client.post(URL, content=zipped(both), headers=ZIP)
    assert (answer.status_code, answer.json()["pictures"]) == (200, 1), answer.text


@pytest.mark.parametrize(
    ("body", "what"),
    [
        ((line("a") + b"\n" + line("b")).decode().encode("utf-16"), "UTF-16"),
        (b"[" + line("a") + b", " + line("b") + b"]", "one JSON array"),
        (json.dumps([json.loads(line("a"))], indent=1).encode(), "one JSON array"),
        (b"external_id,title\na,b\n", "CSV"),
        (line("a") + b"\r" + line("b") + b"\r", "CR alone"),
        (gzip.compress(line("a"), mtime=0), "gzip"),
    ],
)
def test_uploads_that_are_no_lines_are_told_in_one_sentence(
    asked: Client, body: bytes, what: str
) -> None:
    answer = asked.post(URL, content=body, headers=LINES)
    assert answer.status_code == 400
    assert what in answer.json()["detail"]
    answer = asked.post(URL, content=zipped({"manifest.jsonl": body}), headers=ZIP)
    assert answer.status_code == 400
    assert what in answer.json()["detail"]


def test_decimals_and_keys_of_lines_are_as_they_stand(client: Client) -> None:
    body = b"\n".join(
        [
            b'{"external_id": "d", "fields": {}, "metadata": {"n": 0.10000000000000000555, "m": 1e400}}',
            b'{"external_id": "e", "fields": {}, "metadata": {"n": 1, "n": 2}}',
        ]
    )
    told = client.post(URL, content=body, headers=LINES).json()
    assert (told["inserted"], told["refused"]) == (1, 1)
    assert told["refusals"][0]["reason"] == "the key 'n' stands there twice"


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({"a.txt": b"x"}, "0 files"),
        ({"a.jsonl": b"", "b.jsonl": b""}, "2 files"),
        (None, "no zip archive"),
    ],
)
def test_archives_that_cannot_be_used(
    asked: Client, files: dict[str, bytes] | None, reason: str
) -> None:
    data = b"PK nonsense" if files is None else zipped(files)
    answer = asked.post(URL, content=data, headers=ZIP)
    assert answer.status_code == 400
    assert reason in answer.json()["detail"]


def test_a_damaged_archive_is_a_bad_request(asked: Client) -> None:
    data = bytearray(zipped({"manifest.jsonl": line("x") * 50, "a.png": png("red")}))
    data[60:90] = bytes(30)
    answer = asked.post(URL, content=bytes(data), headers=ZIP)
    assert answer.status_code == 400, answer.text


def test_what_unpacks_too_large_is_not_unpacked(make_client: Callable[..., Client]) -> None:
    client = make_client(max_picture_mb=1, max_upload_mb=1, max_body_mb=1)
    bomb = zipped({"manifest.jsonl": line("x", {"path": "a.png"}), "a.png": bytes(5_000_000)})
    told = client.post(URL, content=bomb, headers=ZIP).json()
    assert told["inserted"] == 1
    assert "too-large" in told["picture_refusals"][0]["reason"]
    long = zipped({"manifest.jsonl": b'{"external_id": "' + b"x" * 3_000_000})
    assert client.post(URL, content=long, headers=ZIP).status_code == 400
    many = zipped({"manifest.jsonl": (line("x") + b"\n") * 30_000})
    answer = client.post(URL, content=many, headers=ZIP)
    assert answer.status_code == 400
    assert "larger than" in answer.json()["detail"]


def test_a_form_with_pictures(client: Client) -> None:
    files = [
        ("pictures", ("red.png", png("red"), "image/png")),
        ("pictures", ("blue.png", png("blue"), "image/png")),
    ]
    body = line("f1", {"path": "red.png"}) + b"\n" + line("f2", {"path": "pictures/blue.png"})
    told = client.post(URL, data={"items": body.decode()}, files=files).json()
    assert (told["inserted"], told["pictures"], told["refused_pictures"]) == (2, 2, 0)
    listed = [*files, ("items", ("items.jsonl", body, "application/x-ndjson"))]
    told = client.post(URL, files=listed).json()
    assert (told["unchanged"], told["pictures"]) == (2, 2)
    assert client.post(URL, files=files).status_code == 400


def test_limits(make_client: Callable[..., Client]) -> None:
    client = make_client(max_upload_mb=2, max_body_mb=1)
    large = b"\n".join(line(f"k{n}", title="x" * 10_000) for n in range(150))
    assert client.post(URL, content=large, headers=LINES).json()["inserted"] == 150
    assert client.post(URL, content=large * 2, headers=LINES).status_code == 413
    long = client.post(URL, content=line("x", title="x" * 1_100_000), headers=LINES)
    assert long.status_code == 400
    assert "line 1 is longer" in long.json()["detail"]


def test_other_kinds_of_bodies_and_collections(client: Client) -> None:
    assert client.post(URL, content=b"x", headers={"Content-Type": "text/csv"}).status_code == 415
    gone = client.post("/collections/nope/bulk", content=line("a"), headers=LINES)
    assert gone.status_code == 404
    assert client.post("/collections/nope/bulk", content=b"", headers=LINES).status_code == 404
    assert client.post(URL, content=b"", headers=LINES).json()["inserted"] == 0


def test_more_refusals_than_are_listed(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.items.bulk.LISTED", 5)
    told = client.post(URL, content=b"{\n" * 20, headers=LINES).json()
    assert told["refused"] == 20
    assert [r["line"] for r in told["refusals"]] == [1, 2, 3, 4, 5]


def test_what_may_be_sent_is_documented(client: Client) -> None:
    paths = client.get("/docs/openapi.json").json()["paths"]
    body = paths["/collections/{collection}/bulk"]["post"]["requestBody"]
    assert set(body["content"]) == {
        "application/x-ndjson",
        "application/zip",
        "multipart/form-data",
    }
