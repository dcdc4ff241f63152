"""Pictures on their way in: where they are looked for, what is taken, what is refused and why."""

from __future__ import annotations

import base64
import io
import json
import os
import threading
import unicodedata
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

from db.calls.query import fetch
from db.items.items import create_collection
from db.operations import runs
from db.operations.readings import Decoded
from db.rows import MediaIn, NewCollection
from encoders.pictures.decoding import Limits
from jobs.ingest import attempts, source
from jobs.ingest import load as ingest
from jobs.ingest.media import MediaSource
from jobs.recipes import registry as recipes
from tests.jobs import drawn
from tests.sql.helpers import column

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import psycopg

    Conn = psycopg.Connection[Any]

LIMITS = Limits(bytes=20_000, pixels=1_000_000)


@contextmanager
def opened(root: Path | None, **options: Any) -> Iterator[MediaSource]:
    media = MediaSource(root, limits=LIMITS, **options)
    try:
        yield media
    finally:
        media.close()


def got(media: MediaSource, **where: str) -> Decoded | str:
    """What a record's picture becomes: itself, or the reason why there is none."""
    return media.prepare([MediaIn(**where)])[0].result()


TAKEN = {
    "rgb.png": (drawn.encoded(drawn.plain()), "image/png", (40, 24)),
    "grey.bmp": (drawn.encoded(drawn.plain(mode="L"), "BMP"), "image/bmp", (40, 24)),
    "palette.gif": (drawn.encoded(drawn.plain(mode="P"), "GIF"), "image/gif", (40, 24)),
    "cmyk.jpg": (drawn.encoded(drawn.plain(mode="CMYK"), "JPEG"), "image/jpeg", (40, 24)),
    "alpha.webp": (drawn.encoded(drawn.plain(mode="RGBA"), "WEBP"), "image/webp", (40, 24)),
    "deep.png": (drawn.sixteen_bit(), "image/png", (40, 24)),
    "moving.gif": (drawn.animated(), "image/gif", (40, 24)),
    "lying.jpg": (drawn.lying(), "image/jpeg", (24, 40)),
    "really-a-jpeg.png": (drawn.encoded(drawn.plain(), "JPEG"), "image/jpeg", (40, 24)),
}
REFUSED = {
    "empty.png": (b"", "empty: "),
    "text.png": (b"this is no picture at all", "not-a-picture: "),
    "half.jpg": (drawn.truncated(), "truncated: "),
    "half.png": (drawn.truncated("PNG"), "truncated: "),
    "noise.png": (drawn.corrupt(), "truncated: "),
    "bomb.png": (drawn.bomb(), "too-many-pixels: far too many"),
    "wide.png": (drawn.encoded(Image.new("1", (1001, 1000))), "too-many-pixels: 1,001 x 1,000"),
    "heavy.bmp": (drawn.encoded(drawn.plain(size=(100, 80)), "BMP"), "too-large: 24,054 bytes"),
    "page.pdf": (drawn.encoded(drawn.plain(), "PDF"), "not-a-picture: "),
    "icon.ico": (drawn.encoded(drawn.plain(), "ICO"), "unsupported: "),
}


def test_pictures_are_taken_by_content_and_measured_upright(tmp_path: Path) -> None:
    for name, (data, _, _) in TAKEN.items():
        (tmp_path / name).write_bytes(data)
    with opened(tmp_path) as media:
        for name, (data, media_type, size) in TAKEN.items():
            picture = got(media, path=name)
            assert isinstance(picture, Decoded), (name, picture)
            assert picture.data == data
            assert (picture.media_type, (picture.width, picture.height)) == (media_type, size), name
            with Image.open(io.BytesIO(picture.thumbnail)) as thumbnail:
                assert (thumbnail.format, thumbnail.size) == ("WEBP", size), name


def test_what_is_no_whole_picture_is_refused_with_its_reason(tmp_path: Path) -> None:
    for name, (data, _) in REFUSED.items():
        (tmp_path / name).write_bytes(data)
    with opened(tmp_path) as media:
        for name, (data, reason) in REFUSED.items():
            assert reason in str(got(media, path=name)), name
            inline = str(got(media, base64=base64.b64encode(data).decode()))
            assert reason.split(" ")[0] in inline, name


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Pictures in nested folders; beside it one that is none of its business."""
    root = tmp_path / "pictures"
    for at, name in enumerate(["2024/05/a.png", "2024/06/a.png", "2024/06/b.png", "c.png"]):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(drawn.encoded(drawn.plain(at)))
    (tmp_path / "secret.png").write_bytes(drawn.encoded(drawn.plain(9)))
    return root


def test_paths_are_found_by_index_and_never_guessed(folder: Path) -> None:
    def bytes_of(name: str) -> bytes:
        return (folder / name).read_bytes()

    with opened(folder) as media:
        for named, there in {
            "2024/06/a.png": "2024/06/a.png",
            "./2024/05/a.png": "2024/05/a.png",
            "2024\\05\\a.png": "2024/05/a.png",
            "b.png": "2024/06/b.png",  # the only one of that name
            "/somewhere/else/b.png": "2024/06/b.png",
        }.items():
            picture = got(media, path=named)
            assert isinstance(picture, Decoded), (named, picture)
            assert picture.data == bytes_of(there)
        assert got(media, path="a.png") == "2 files of that name below pictures/"
        nothing = "no such file among the 4 below pictures/"
        for named in (
            "B.png",
            "b.PNG",
            "b",
            "b.jpg",
            "*.png",
            "",
            "..",
            "2024",
            "2024/06",
            "../secret.png",
        ):
            assert got(media, path=named) == nothing, named
    with opened(None) as media:
        assert "give their folder" in str(got(media, path="b.png"))


def test_links_out_of_the_folder_and_what_is_no_file_are_not_followed(folder: Path) -> None:
    (folder / "inside.png").symlink_to(folder / "c.png")
    (folder / "outside.png").symlink_to(folder.parent / "secret.png")
    (folder / "dangling.png").symlink_to(folder / "nowhere.png")
    (folder / "loop.png").symlink_to(folder / "loop.png")
    (folder / "away").symlink_to(folder.parent, target_is_directory=True)
    (folder / "folder.png").mkdir()
    os.mkfifo(folder / "pipe.png")
    with opened(folder) as media:
        assert isinstance(got(media, path="inside.png"), Decoded)
        for name in ("outside", "dangling", "loop", "folder", "pipe", "away/secret", "secret"):
            assert str(got(media, path=f"{name}.png")).startswith("no such file"), name


@pytest.mark.parametrize("on_disk", ["NFC", "NFD"])
def test_names_are_the_same_however_they_are_composed(tmp_path: Path, on_disk: Any) -> None:
    name = "펌프/명판 é.png"
    path = tmp_path / unicodedata.normalize(on_disk, name)
    path.parent.mkdir()
    path.write_bytes(drawn.encoded(drawn.plain()))
    with opened(tmp_path) as media:
        for form in ("NFC", "NFD"):
            for named in (name, name.partition("/")[2]):
                found = got(media, path=unicodedata.normalize(form, named))
                assert isinstance(found, Decoded), (form, found)


def test_a_file_that_cannot_be_read_says_why(folder: Path) -> None:
    with opened(folder) as media:
        assert isinstance(got(media, path="c.png"), Decoded)
        (folder / "c.png").unlink()
        assert "No such file" in str(got(media, path="c.png"))
        if os.geteuid():  # root reads everything
            (folder / "2024/06/b.png").chmod(0)
            assert "Permission denied" in str(got(media, path="b.png"))


def test_paths_are_the_same_however_they_lead_there(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / "sub" / folder).mkdir(parents=True)
        (tmp_path / "sub" / folder / "same.bmp").write_bytes(
            drawn.encoded(drawn.plain(ord(folder)))
        )
    with opened(tmp_path) as media:
        for path, folder in (
            ("sub//a/same.bmp", "a"),
            ("sub/a/../b/same.bmp", "b"),
            ("./sub/./a/same.bmp", "a"),
            ("sub\\\\b\\same.bmp", "b"),
            ("x/../sub/a/same.bmp", "a"),
        ):
            found = got(media, path=path)
            assert isinstance(found, Decoded), path
            assert found.data == (tmp_path / "sub" / folder / "same.bmp").read_bytes()
        for path in ("same.bmp", "../sub/a/../../same.bmp", ""):
            assert isinstance(got(media, path=path), str), path


def test_pictures_may_come_with_the_record() -> None:
    data = drawn.encoded(drawn.plain())
    text = base64.b64encode(data).decode()
    with opened(None) as media:
        wrapped = base64.encodebytes(data).decode()
        for_urls = base64.urlsafe_b64encode(data).decode()
        pages = (text, wrapped, wrapped.replace("\n", "\r\n"), for_urls, for_urls.rstrip("="))
        for given in (*pages, *(f"data:image/png;base64,{one}" for one in pages)):
            picture = got(media, base64=given)
            assert isinstance(picture, Decoded)
            assert picture.data == data
        for wrong in ("%%%", text[:-3], "글", "data:image/png;base64,?"):
            assert str(got(media, base64=wrong)).startswith("not base64: "), wrong
        assert "empty: " in str(got(media, base64=""))


# --- URLs -----------------------------------------------------------------------------------------


PRIVATE = (
    "http://127.0.0.1/a.png",
    "http://127.1/a.png",
    "http://0x7f000001/a.png",
    "http://localhost:8000/a.png",
    "http://[::1]/a.png",
    "http://[::ffff:10.0.0.1]/a.png",
    "http://10.1.2.3/a.png",
    "http://192.168.0.1/a.png",
    "http://169.254.169.254/latest/meta-data",
    "http://100.64.0.1/a.png",
    "http://0.0.0.0/a.png",
    "http://224.0.0.1/a.png",
    "http://8.8.8.8\\@127.0.0.1/a.png",
)
NO_URLS = (
    "file:///etc/passwd",
    "ftp://8.8.8.8/a.png",
    "gopher://8.8.8.8/",
    "/etc/passwd",
    "http:///a.png",
    "http://[::1",
    "http://8.8.8.8:99999999/",
    "http://" + "a" * 70 + ".invalid/a.png",
    "http://no-such-host.invalid/a.png",
    "",
)


def test_urls_are_fetched_only_if_allowed() -> None:
    with opened(None) as media:
        for url in (*PRIVATE, "http://8.8.8.8/a.png"):
            assert "unless that is allowed" in str(got(media, url=url))


def test_urls_into_the_own_network_and_what_is_none_are_refused() -> None:
    with opened(None, allow_urls=True) as media:
        for url in PRIVATE:
            assert str(got(media, url=url)).endswith("has no public address"), url
        for url in NO_URLS:
            assert isinstance(got(media, url=url), str), url


class Proxy(ThreadingHTTPServer):
    """Stands for the network: answers for every host, and remembers what it was asked."""

    daemon_threads = True

    def __init__(self, answers: dict[str, tuple[int, bytes]]) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.answers = answers
        self.asked: list[tuple[str, str]] = []


class _Answer(BaseHTTPRequestHandler):
    server: Proxy

    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        self.server.asked.append((self.path, self.headers["Host"]))
        status, body = self.server.answers.get(self.path, (404, b""))
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        if status == 302:
            self.send_header("Location", "http://127.0.0.1/secret.png")
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture
def proxy(monkeypatch: pytest.MonkeyPatch) -> Iterator[Proxy]:
    data = drawn.encoded(drawn.plain())
    with Proxy(
        {
            "http://8.8.8.8/a.png": (200, data),
            "http://8.8.8.8/elsewhere.png": (302, b""),
            "http://8.8.8.8/large.png": (200, bytes(LIMITS.bytes + 1)),
            "http://8.8.8.8/page.html": (200, b"<html>"),
        }
    ) as server:
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{server.server_address[1]}")
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_a_public_url_is_fetched_within_limits(proxy: Proxy) -> None:
    with opened(None, allow_urls=True) as media:
        picture = got(media, url="http://8.8.8.8/a.png")
        assert isinstance(picture, Decoded), picture
        for name, reason in {
            "elsewhere.png": "the server answered 302",
            "absent.png": "the server answered 404",
            "large.png": "too-large: over 20,000 bytes",
            "page.html": "not-a-picture: ",
        }.items():
            assert reason in str(got(media, url=f"http://8.8.8.8/{name}")), name
    assert ("http://8.8.8.8/a.png", "8.8.8.8") in proxy.asked
    assert not any("127.0.0.1" in url for url, _ in proxy.asked)


# --- inputs ---------------------------------------------------------------------------------------


@pytest.fixture
def parts(db: Conn) -> Conn:
    """The collection `parts`, whose pictures nobody reads."""
    fetch(db, create_collection(name="parts", settings=NewCollection()))
    return db


def loaded(
    db: Conn, attempt: attempts.IngestAttempt, stop_after: int | None = None
) -> ingest.IngestReport:
    """Run an attempt as the pipeline does, or stop it behind a line."""
    stop = threading.Event()

    def on_line(line: int) -> None:
        if stop_after is not None and line >= stop_after:
            stop.set()

    report = attempt.run(db, on_line=on_line, stop=stop)
    state: Any = "stopped" if stop.is_set() else "done"
    fetch(db, runs.finish(run_id=attempt.run_id, state=state))
    return report


def begun(db: Conn, path: Path, **more: Any) -> attempts.IngestAttempt:
    settings: dict[str, Any] = {"collection": "parts", "recipe": "generic", "allow_urls": False}
    settings |= more
    return attempts.begin(db, source.find(path, None), **settings)


def shown(db: Conn) -> list[tuple[Any, ...]]:
    return db.execute(
        "SELECT i.external_id, m.role, m.position, m.name, encode(p.sha256, 'hex'), m.error"
        " FROM core.item AS i JOIN core.media AS m ON m.item_id = i.id"
        " LEFT JOIN core.picture AS p ON p.id = m.picture_id ORDER BY 1, 2, 3"
    ).fetchall()


MANIFEST = """\
external_id,path,role,title,metadata.year,note
A,a.png,nameplate,Vacuum pump,2021,
B,"b.png; c.png",,"Valve, 3/2",2019,quiet
C,,,No picture,,
,d.png,photo,no id,,
E,absent.png,photo,gone,,
F,a.png,photo,too many,,,x,y
"""


def test_a_folder_with_a_csv_manifest(parts: Conn, tmp_path: Path) -> None:
    for at, name in enumerate("abc"):
        (tmp_path / f"{name}.png").write_bytes(drawn.encoded(drawn.plain(at)))
    (tmp_path / "manifest.csv").write_text("\ufeff" + MANIFEST, encoding="utf-8")
    report = loaded(parts, begun(parts, tmp_path))
    assert (report.inserted, report.pictures) == (4, 3)
    assert [(error.line, error.external_id) for error in report.errors] == [(5, None), (7, None)]
    assert report.errors[1].reason == "8 columns, the header has 6"
    (lost,) = report.picture_errors
    assert (lost.line, lost.external_id) == (6, "E")
    assert lost.reason == f"photo absent.png: no such file among the 4 below {tmp_path.name}/"
    items = parts.execute(
        "SELECT external_id, fields, metadata FROM core.item ORDER BY 1"
    ).fetchall()
    assert items[:3] == [
        ("A", {"title": "Vacuum pump"}, {"year": "2021"}),
        ("B", {"title": "Valve, 3/2", "note": "quiet"}, {"year": "2019"}),
        ("C", {"title": "No picture"}, {}),
    ]
    assert [row[:4] for row in shown(parts)] == [
        ("A", "nameplate", 0, "a.png"),
        ("B", "photo", 0, "b.png"),
        ("B", "photo", 1, "c.png"),
        ("E", "photo", 0, "absent.png"),
    ]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is empty"),
        (b"External_ID,title\nA,b\n", "the header lacks external_id; it has External_ID, title"),
        (b"\xff\xfee\0x\0t\0", "seems to be UTF-16"),
        (b"external_id,title,title\nA,b,c\n", "the header has title twice"),
    ],
)
def test_a_manifest_that_is_none_says_so(
    parts: Conn, tmp_path: Path, content: bytes, reason: str
) -> None:
    (tmp_path / "manifest.csv").write_bytes(content)
    with pytest.raises(source.InputUnusable, match=reason) as caught:
        loaded(parts, begun(parts, tmp_path))
    assert caught.value.hint


def records(tmp_path: Path, rows: list[dict[str, Any]]) -> Path:
    path = tmp_path / "parts.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def part(key: str, *paths: str, **more: Any) -> dict[str, Any]:
    media = [{"role": "photo", "path": path} for path in paths]
    return {"external_id": key, "fields": {"title": f"part {key}"}, "media": media, **more}


def test_each_bad_picture_is_reported_and_kept_with_its_item(parts: Conn, tmp_path: Path) -> None:
    for name, (data, _) in REFUSED.items():
        (tmp_path / name).write_bytes(data)
    (tmp_path / "good.png").write_bytes(drawn.encoded(drawn.plain()))
    rows = [part(f"P{at:02d}", "good.png", name) for at, name in enumerate(REFUSED)]
    rows += [part("none", "absent.png"), {"external_id": "plain", "fields": {}}]
    attempt = begun(parts, records(tmp_path, rows))
    report = loaded(parts, attempt)
    assert report.inserted == len(rows)
    assert report.errors == []
    # The limit of bytes is the default here, and what is heavy under that of the other tests is taken.
    bad = [name for name in REFUSED if name not in ("heavy.bmp", "wide.png")] + ["absent.png"]
    assert [error.reason.split(" ")[1].rstrip(":") for error in report.picture_errors] == bad
    assert (
        column(parts, "SELECT name FROM core.media WHERE picture_id IS NULL ORDER BY item_id")
        == bad
    )
    assert column(parts, "SELECT count(*) FROM core.picture") == [3]
    (run,) = fetch(parts, runs.get(run_id=attempt.run_id))
    assert (run.state, run.errors) == ("done", len(bad))
    assert run.counts["refused_pictures"] == len(bad)


def test_an_item_without_the_key_keeps_its_pictures_and_an_empty_list_takes_them(
    parts: Conn, tmp_path: Path
) -> None:
    (tmp_path / "a.png").write_bytes(drawn.encoded(drawn.plain()))
    for row, left in (
        (part("A", "a.png"), 1),
        ({"external_id": "A", "fields": {"title": "renamed"}}, 1),
        (part("A"), 0),
    ):
        assert loaded(parts, begun(parts, records(tmp_path, [row]))).written == 1
        assert len(shown(parts)) == left


def test_what_could_not_be_had_is_tried_again(parts: Conn, tmp_path: Path) -> None:
    rows = [part("A", "a.png"), part("B", "b.png"), part("C", "b.png"), part("A", "b.png")]
    first = begun(parts, records(tmp_path, rows))
    report = loaded(parts, first)
    assert [error.external_id for error in report.picture_errors] == ["A", "B", "C"]
    (tmp_path / "b.png").write_bytes(drawn.encoded(drawn.plain()))

    second = attempts.retry(parts, first.run_id)
    report = loaded(parts, second)
    assert (report.unchanged, report.pictures) == (3, 2)
    assert [error.external_id for error in report.picture_errors] == ["A"]
    # Line 4 was a second A: tried again it would have replaced the first.
    assert [(row[0], row[3], row[5] is None) for row in shown(parts)] == [
        ("A", "a.png", False),
        ("B", "b.png", True),
        ("C", "b.png", True),
    ]
    with pytest.raises(attempts.NothingToResume, match="nothing of what run 1 refused"):
        attempts.retry(parts, first.run_id)
    with pytest.raises(attempts.NothingToResume, match="no errors that wait"):
        attempts.retry(parts, 999)

    (tmp_path / "a.png").write_bytes(drawn.encoded(drawn.plain(1)))
    assert loaded(parts, attempts.retry(parts, second.run_id)).picture_errors == []
    assert column(parts, "SELECT count(*) FROM core.media WHERE error IS NOT NULL") == [0]


def test_what_was_mended_in_the_file_is_read_from_it(parts: Conn, tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(drawn.encoded(drawn.plain()))
    bad = [b"{", b'{"external_id": "C", "fields": 1}', json.dumps(part("A", "a.png")).encode()]
    good = [json.dumps(part(key, "a.png")).encode() for key in "AB"]
    path = tmp_path / "parts.jsonl"
    path.write_bytes(b"\n".join([good[0], *bad, good[1]]))
    first = begun(parts, path)
    assert [error.line for error in loaded(parts, first).errors] == [2, 3, 4]
    others = (
        "SELECT external_id, xmin::text FROM core.item WHERE external_id IN ('A', 'B') ORDER BY 1"
    )
    before = parts.execute(others).fetchall()

    # As it is, the two can be tried, and fail as they did; the second A cannot even be tried.
    second = attempts.retry(parts, first.run_id)
    assert [error.line for error in loaded(parts, second).errors] == [2, 3]

    mended = [json.dumps(part(key, "a.png")).encode() for key in "XYZ"]
    path.write_bytes(b"\n".join([good[0], mended[0], bad[1], mended[2], good[1]]))
    for run_id, lines in ((first.run_id, [4]), (second.run_id, [2, 3])):
        again = attempts.retry(parts, run_id)
        assert "was mended" in again.about
        report = loaded(parts, again)
        assert (report.inserted, report.updated) == (1, 0)
        assert [error.line for error in report.errors] == [3][: len(lines) - 1]
    path.write_bytes(b"\n".join([good[0], mended[0], mended[1], mended[2], good[1]]))
    assert loaded(parts, attempts.retry(parts, again.run_id)).inserted == 1
    assert column(parts, "SELECT external_id FROM core.item ORDER BY 1") == [
        "A",
        "B",
        "X",
        "Y",
        "Z",
    ]
    assert parts.execute(others).fetchall() == before
    assert column(parts, "SELECT count(*) FROM core.media WHERE error IS NULL") == [5]
    assert [run.errors for run in fetch(parts, runs.listed(limit=9))] == [0] * 5


def test_a_file_with_other_lines_is_compared_as_a_whole(parts: Conn, tmp_path: Path) -> None:
    path = tmp_path / "parts.jsonl"
    good = [json.dumps({"external_id": key, "fields": {"title": "x"}}).encode() for key in "ABC"]
    path.write_bytes(b"\n".join([good[0], b"{", good[1]]))
    first = begun(parts, path)
    assert len(loaded(parts, first).errors) == 1
    path.write_bytes(b"\n".join([b"", b"", good[2], good[0], good[1]]))
    again = attempts.retry(parts, first.run_id)
    assert "all of it is compared" in again.about
    report = loaded(parts, again)
    assert (report.inserted, report.unchanged, report.errors) == (1, 2, [])
    # Another file may be given in its place; one that cannot be read begins nothing.
    second = begun(parts, records(tmp_path, [{"external_id": "bad"}]))
    loaded(parts, second)
    other = tmp_path / "other.jsonl"
    other.write_bytes(good[1].replace(b'"B"', b'"D"') + b"\n")
    assert (
        loaded(parts, attempts.retry(parts, second.run_id, source.find(other, None))).inserted == 1
    )
    other.write_bytes(b"\xff\xfe{\0")
    third = begun(parts, records(tmp_path, [{"external_id": "bad"}]))
    loaded(parts, third)
    with pytest.raises(source.InputUnusable, match="UTF-16"):
        attempts.retry(parts, third.run_id, source.find(other, None))


def test_a_mended_file_is_resumed(
    parts: Conn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ingest, "BATCH_ITEMS", 2)
    rows = [{"external_id": f"P{at}"} for at in range(10)]
    first = begun(parts, records(tmp_path, rows))
    assert len(loaded(parts, first).errors) == 10
    path = records(tmp_path, [row | {"fields": {}} for row in rows])
    loaded(parts, attempts.retry(parts, first.run_id), stop_after=4)
    again = attempts.resume(parts)
    assert (again.after_line, loaded(parts, again).inserted) == (4, 6)
    assert column(parts, "SELECT count(*) FROM core.item") == [10]
    assert fetch(parts, runs.get(run_id=first.run_id))[0].errors == 0
    assert path.is_file()


def test_rows_of_tables_in_are_rows_taken_and_rows_named(parts: Conn, tmp_path: Path) -> None:
    path = tmp_path / "stray.csv"
    rows = [f"R{at:02d},pump {at}," for at in range(1, 21)]
    rows[2] = 'R03,"12 inch pump,'
    path.write_text("external_id,title,path\n" + "\n".join(rows), encoding="utf-8")
    first = begun(parts, path)
    report = loaded(parts, first)
    assert (report.inserted, [error.line for error in report.errors]) == (19, [4])
    rows[2] = 'R03,"12"" pump",'
    path.write_text("external_id,title,path\n" + "\n".join(rows), encoding="utf-8")
    assert loaded(parts, attempts.retry(parts, first.run_id)).inserted == 1
    titles = "SELECT fields ->> 'title' FROM core.item ORDER BY external_id"
    told = [f"pump {at}" for at in range(1, 21)]
    told[2] = '12" pump'
    assert column(parts, titles) == told


def test_names_with_semicolons_and_long_cells(parts: Conn, tmp_path: Path) -> None:
    for at, name in enumerate(("semi;colon.png", "a.png", "b.png")):
        (tmp_path / name).write_bytes(drawn.encoded(drawn.plain(at)))
    (tmp_path / "m.csv").write_text(
        "external_id,title,path\nA,x,semi;colon.png\nB,x,a.png;semi;colon.png; b.png\n"
        f"C,{'가' * 140_000},a.png\nD,{'x' * 1_000_001},\nE,ok,\n",
        encoding="utf-8",
    )
    report = loaded(parts, begun(parts, tmp_path / "m.csv"))
    assert (report.inserted, report.picture_errors) == (4, [])
    assert [(error.line, error.external_id) for error in report.errors] == [(5, "D")]
    assert "1,000,001 characters; the limit is 1,000,000" in report.errors[0].reason
    assert [(row[0], row[3]) for row in shown(parts)] == [
        ("A", "semi;colon.png"),
        ("B", "a.png"),
        ("B", "semi;colon.png"),
        ("B", "b.png"),
        ("C", "a.png"),
    ]


def test_a_recipe_of_its_own_form_takes_no_tables(tmp_path: Path) -> None:
    (tmp_path / "q.csv").write_text("id,text\nQ,what\n")
    for recipe in ("itembank", "legal"):
        with pytest.raises(source.InputUnusable, match="does not take tables"):
            source.find(tmp_path / "q.csv", None).check(recipes.get(recipe))


def test_a_stopped_ingest_goes_on_behind_what_it_committed(
    parts: Conn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ingest, "BATCH_ITEMS", 4)
    for name in ("a.png", "b.png"):
        (tmp_path / name).write_bytes(drawn.encoded(drawn.plain(ord(name[0]))))
    rows = [part(f"P{at:02d}", "ab"[at % 2] + ".png", "absent.png") for at in range(15)]
    path = records(tmp_path, [*rows[:9], {"external_id": "bad"}, *rows[9:], rows[0]])
    attempt = begun(parts, path)
    report = loaded(parts, attempt, stop_after=5)
    assert report.inserted == 8
    (run,) = fetch(parts, runs.get(run_id=attempt.run_id))
    assert (run.state, run.cursor) == ("stopped", {"line": 8})
    before = parts.execute("SELECT external_id, xmin::text FROM core.item ORDER BY 1").fetchall()

    again = attempts.resume(parts)
    assert (again.run_id, again.after_line) == (attempt.run_id, 8)
    report = loaded(parts, again)
    assert report.inserted == 7
    after = parts.execute("SELECT external_id, xmin::text FROM core.item ORDER BY 1").fetchall()
    assert after[:8] == before
    assert len(after) == 15
    (run,) = fetch(parts, runs.get(run_id=attempt.run_id))
    assert run.state == "done"
    assert run.counts == {
        "inserted": 15,
        "updated": 0,
        "unchanged": 0,
        "pictures": 15,
        "refused": 2,
        "refused_pictures": 15,
    }
    assert run.errors == 17
    with pytest.raises(attempts.NothingToResume):
        attempts.resume(parts)


def test_an_input_that_is_another_one_now_is_not_resumed(parts: Conn, tmp_path: Path) -> None:
    path = records(tmp_path, [part("A")])
    begun(parts, path)
    path.write_text("{}\n")
    with pytest.raises(attempts.InputChanged, match=r"parts\.jsonl is not the file that run 1"):
        attempts.resume(parts)
    path.unlink()
    with pytest.raises(attempts.InputChanged):
        attempts.resume(parts)


def test_a_newer_ingest_of_the_collection_takes_the_place_of_an_unfinished_one(
    parts: Conn, tmp_path: Path
) -> None:
    fetch(parts, create_collection(name="notes", settings=NewCollection()))
    old, other, new = (
        begun(parts, records(tmp_path, [part("A")]), collection=name)
        for name in ("parts", "notes", "parts")
    )
    assert attempts.resume(parts).run_id == new.run_id
    loaded(parts, new)
    assert attempts.resume(parts).run_id == other.run_id  # not the old one, whose data are older
    loaded(parts, other)
    with pytest.raises(attempts.NothingToResume):
        attempts.resume(parts)
    assert old.run_id < other.run_id


def test_recipes_take_pictures(db: Conn, tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(drawn.encoded(drawn.plain()))
    fetch(db, create_collection(name="parts", settings=recipes.get("parts").collection))
    row = {
        "external_id": "A",
        "fields": {"title": "pump", "part_number": "AB-1"},
        "media": [{"role": "nameplate", "path": "a.png"}],
    }
    loaded(db, begun(db, records(tmp_path, [row]), recipe="parts"))
    assert column(db, "SELECT role FROM core.media") == ["nameplate"]
    assert column(db, "SELECT kind FROM core.reading") == ["ocr"]
