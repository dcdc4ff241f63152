"""A local server that speaks OpenAI's chat protocol, well or badly."""

from __future__ import annotations

import json
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types import TracebackType

ANSWER = "vacuum pump, label NRY-1KH000"


class ChatServer:
    """Answers as told; `with ChatServer([...]) as server` gives its `url`.

    Attributes:
        behaviours: What to do with the next requests, the last of them with all that follow: a
            status, a status with a body (and its type), a body, `slow`, `break` (close without an
            answer), or `ok`.
        bodies: JSON of the requests so far.
        headers: Their headers.

    """

    def __init__(
        self,
        behaviours: list[int | tuple[int, bytes] | tuple[int, bytes, str] | bytes | str],
        retry_after: str = "",
    ) -> None:
        self.behaviours = behaviours
        self.retry_after = retry_after
        self.bodies: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self._server = _Server(self)
        self.url = f"http://127.0.0.1:{self._server.server_port}/v1"

    def __enter__(self) -> ChatServer:
        Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()


def answer(text: str = ANSWER, finish: str = "stop", tokens: int = 9) -> bytes:
    choice = {
        "index": 0,
        "message": {"role": "assistant", "content": text},
        "finish_reason": finish,
    }
    usage = {"prompt_tokens": 700, "completion_tokens": tokens}
    return json.dumps({"id": "x", "choices": [choice], "usage": usage}).encode()


def events(pieces: list[str]) -> tuple[int, bytes, str]:
    """An answer that comes in pieces, as server-sent events."""
    sent = [{"choices": [{"index": 0, "delta": {"content": piece}}]} for piece in pieces]
    lines = [f"data: {json.dumps(one)}\n\n" for one in sent]
    return 200, "".join([*lines, "data: [DONE]\n\n"]).encode(), "text/event-stream"


class _Server(ThreadingHTTPServer):
    def __init__(self, chat: ChatServer) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.chat = chat

    def handle_error(self, *_: Any) -> None:
        """Stay silent about clients that gave up."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def log_message(self, *_: Any) -> None:
        """Stay silent."""

    def do_POST(self) -> None:
        chat = self.server.chat
        raw = self.rfile.read(int(self.headers["Content-Length"]))
        chat.bodies.append(json.loads(raw) | {"path": self.path})
        chat.headers.append(dict(self.headers))
        todo = chat.behaviours.pop(0) if len(chat.behaviours) > 1 else chat.behaviours[0]
        if todo == "break":
            self.close_connection = True
        elif todo == "slow":
            time.sleep(0.5)
            self._send(200, answer())
        elif isinstance(todo, tuple):
            self._send(*todo)
        elif isinstance(todo, int):
            key = self.headers.get("Authorization", "")
            self._send(todo, f"refused, your key was {key}".encode())
        else:
            self._send(200, todo if isinstance(todo, bytes) else answer())

    def _send(self, status: int, body: bytes, kind: str = "application/json") -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        if status != 200 and self.server.chat.retry_after:
            self.send_header("Retry-After", self.server.chat.retry_after)
        self.end_headers()
        self.wfile.write(body)
