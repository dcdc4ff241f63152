"""A local server that speaks the few endpoints a model is pulled through."""

from __future__ import annotations

import hashlib
import json
import re
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

if TYPE_CHECKING:
    from types import TracebackType

COMMIT = "0123456789abcdef0123456789abcdef01234567"


class Hub:
    """Serves one model; `with Hub(files) as hub` gives its `url`.

    Attributes:
        files: Contents by path; large ones are announced with a sha256, as the hub does.
        cut: Bytes after which the next answers for a file break off, one entry per answer.
        spoiled: Files sent with one byte changed.
        asked: Method, path and Range header of every request so far.

    """

    large = 1000

    def __init__(self, files: dict[str, bytes], model: str = "org/tiny") -> None:
        self.files = files
        self.model = model
        self.commit = COMMIT
        self.cut: dict[str, list[int]] = {}
        self.spoiled: set[str] = set()
        self.asked: list[tuple[str, str, str]] = []
        self._server = _Server(self)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Hub:
        Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def downloads(self) -> list[str]:
        """Names of the files whose contents were asked for, in order."""
        return [path.partition(self.commit + "/")[2] for how, path, _ in self.asked if how == "GET"
                and "/resolve/" in path]  # fmt: skip

    def info(self) -> dict[str, Any]:
        siblings = [
            {"rfilename": name, "size": len(body), "blobId": blob(body)}
            | ({"lfs": lfs(body)} if len(body) >= self.large else {})
            for name, body in self.files.items()
        ]
        return {"id": self.model, "sha": self.commit, "siblings": siblings}


def blob(body: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(body) + body).hexdigest()


def lfs(body: bytes) -> dict[str, Any]:
    return {"sha256": hashlib.sha256(body).hexdigest(), "size": len(body), "pointerSize": 100}


class _Server(ThreadingHTTPServer):
    def __init__(self, hub: Hub) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.hub = hub


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def log_message(self, *_: Any) -> None:
        """Stay silent."""

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def do_GET(self) -> None:
        self._answer(body=True)

    def _answer(self, *, body: bool) -> None:
        hub = self.server.hub
        path = unquote(self.path.partition("?")[0])
        hub.asked.append((self.command, path, self.headers.get("Range", "")))
        if re.fullmatch(rf"/api/models/{hub.model}(/revision/(main|{hub.commit}))?", path):
            self._send(200, json.dumps(hub.info()).encode(), {}, body=body)
        elif path.startswith(f"/api/models/{hub.model}/"):
            self._send(404, b"", {"X-Error-Code": "RevisionNotFound"}, body=body)
        elif path.startswith(prefix := f"/{hub.model}/resolve/{hub.commit}/"):
            self._file(path.removeprefix(prefix), body=body)
        else:
            self._send(404, b"", {"X-Error-Code": "RepoNotFound"}, body=body)

    def _file(self, name: str, *, body: bool) -> None:
        hub = self.server.hub
        content = hub.files[name]
        etag = lfs(content)["sha256"] if len(content) >= hub.large else blob(content)
        headers = {"X-Repo-Commit": hub.commit, "ETag": f'"{etag}"'}
        if name in hub.spoiled:
            content = bytes([content[0] ^ 1]) + content[1:]
        status = 200
        if asked := re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", "")):
            content, status = content[int(asked[1]) :], 206
        cut = hub.cut[name].pop(0) if body and hub.cut.get(name) else None
        self._send(status, content, headers, body=body, cut=cut)

    def _send(
        self,
        status: int,
        content: bytes,
        headers: dict[str, str],
        *,
        body: bool,
        cut: int | None = None,
    ) -> None:
        self.send_response(status)
        for key, value in ({"Content-Length": str(len(content))} | headers).items():
            self.send_header(key, value)
        self.end_headers()
        if body:
            self.wfile.write(content[:cut])
        if cut is not None:
            self.close_connection = True
