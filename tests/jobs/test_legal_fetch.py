"""Documents of the law API: asked for politely, kept, and asked for again only when they changed."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
from typer.testing import CliRunner

from jobs.cli import app
from jobs.legal import load
from jobs.legal.fetching import NotFetched, fetch_documents
from jobs.legal.settings import LawSettings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

KEY = "our-key"


def law(number: str, text: str) -> dict[str, Any]:
    """An answer of lawService.do, in its shape."""
    unit = {
        "조문번호": "1",
        "조문여부": "조문",
        "조문제목": "목적",
        "조문내용": f"제1조(목적) {text}",
    }
    info = {"법령ID": number, "법령명_한글": f"법{number}", "시행일자": "20240101"}
    return {"법령": {"기본정보": info, "조문": {"조문단위": [unit]}}}


class Api(ThreadingHTTPServer):
    """An API in the shapes of law.go.kr; `entries` are its list, `fails` statuses that come first."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.entries = [("000001", "11"), ("000002", "12")]
        self.laws = {"11": law("000001", "처음"), "12": law("000002", "둘째")}
        self.fails: list[int] = []
        self.asked: list[str] = []

    def answer(self, service: str, given: dict[str, str]) -> Any:
        if given.get("OC") != KEY:
            return {"result": "사용자 정보 검증에 실패하였습니다.", "msg": "정확한 IP를 등록하세요"}
        if service == "lawService.do":
            self.asked.append(given["MST"])
            return self.laws.get(given["MST"], {"Law": "일치하는 법령이 없습니다."})
        page, size = int(given["page"]), 1  # pages shorter than asked for
        rows = [
            {
                "법령일련번호": version,
                "법령ID": number,
                "법령명한글": f"법{number}",
                "시행일자": "20240101",
            }
            for number, version in self.entries[(page - 1) * size : page * size]
        ]
        shown = rows[0] if len(rows) == 1 else rows  # a single one is no list
        return {"LawSearch": {"totalCnt": str(len(self.entries)), "page": str(page), "law": shown}}


class Handler(BaseHTTPRequestHandler):
    """Answers as JSON."""

    server: Api

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        given = {key: values[0] for key, values in parse_qs(parts.query).items()}
        status = self.server.fails.pop(0) if self.server.fails else 200
        body = json.dumps(self.server.answer(parts.path.rpartition("/")[2], given)).encode()
        if status != 200:
            body = b"busy"
        self.send_response(status)
        if status == 429:
            self.send_header("Retry-After", "7")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def api() -> Iterator[Api]:
    with Api() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def settings(api: Api, key: str | None = KEY) -> LawSettings:
    return LawSettings(law_key=key, law_url=f"http://127.0.0.1:{api.server_port}/DRF")


def test_only_what_changed_is_asked_for_again(api: Api, tmp_path: Path) -> None:
    waits: list[float] = []

    def fetch(**more: Any) -> list[int]:
        found = fetch_documents(
            settings(api), "law", "법", tmp_path, pause_s=0.5, wait=waits.append, **more
        )
        return [found.listed, found.fetched, found.unchanged, len(found.failed)]

    assert fetch(most=1) == [2, 1, 0, 0]
    assert set(waits) == {0.5}
    assert fetch() == [2, 1, 1, 0]
    assert fetch() == [2, 0, 2, 0]
    assert api.asked == ["11", "12"]
    assert {p.id for p in load.load([tmp_path]).passages} == {"LAW_000001_1", "LAW_000002_1"}
    api.entries[0], api.laws["13"] = ("000001", "13"), law("000001", "나중")
    api.entries.append(("000003", "99"))
    assert fetch() == [3, 1, 1, 1]
    assert sorted(path.name for path in (tmp_path / "law").glob("*.json")) == [
        "000001.json",
        "000001@20240101.json",
        "000002.json",
    ]
    assert "나중" in (tmp_path / "law" / "000001.json").read_text(encoding="utf-8")
    log = tmp_path / "law" / "fetched.log"
    log.write_bytes(log.read_bytes()[:-20])  # stopped while it wrote
    assert fetch()[1] == 1


def test_a_busy_server_is_waited_for(api: Api, tmp_path: Path) -> None:
    waits: list[float] = []
    api.fails = [429, 503]
    found = fetch_documents(settings(api), "law", "법", tmp_path, pause_s=0.1, wait=waits.append)
    assert found.fetched == 2
    assert waits[:4] == [7.0, 0.1, 2.0, 0.1]
    api.fails = [500] * 5
    with pytest.raises(NotFetched, match="status 500"):
        fetch_documents(settings(api), "law", "법", tmp_path, wait=waits.append)
    api.fails = [404]
    with pytest.raises(NotFetched, match="status 404"):
        fetch_documents(settings(api), "law", "법", tmp_path, wait=waits.append)


@pytest.mark.parametrize(("key", "told"), [(None, "wants a key"), ("wrong", "검증에 실패")])
def test_a_key_that_is_missing_or_wrong_is_told(
    api: Api, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key: str | None, told: str
) -> None:
    monkeypatch.setenv("SEOGO_LAW_URL", settings(api).law_url)
    if key:
        monkeypatch.setenv("SEOGO_LAW_KEY", key)
    done = CliRunner().invoke(app, ["legal", "fetch", str(tmp_path), "--query", "민법"])
    assert isinstance(done.exception, NotFetched)
    assert told in str(done.exception)
    assert not list(tmp_path.rglob("*.json"))
