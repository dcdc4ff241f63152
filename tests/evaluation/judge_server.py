"""A local server with OpenAI's chat interface whose model grades by shared words, or fails as told."""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types import TracebackType


class JudgeServer:
    """`with JudgeServer() as server` gives its `url`.

    Attributes:
        failures: statuses, or bodies that are no answer, for the next requests.
        prompts: texts of the requests answered, in order.
        bodies: JSON of all requests.
        keys: what they showed.
    """

    def __init__(self, *failures: int | str) -> None:
        self.failures = list(failures)
        self.prompts: list[str] = []
        self.bodies: list[dict[str, Any]] = []
        self.keys: list[str | None] = []
        self._server = _Server(self)
        self.url = f"http://127.0.0.1:{self._server.server_port}/v1"

    def __enter__(self) -> JudgeServer:
        Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()


def graded(prompt: str) -> str:
    """Grade as many shared words as there are, at most three; chatter around it, as models do."""
    sides = dict(part.split(":\n", 1) for part in prompt.split("\n\n") if ":\n" in part[:10])
    shared = sorted(set(sides["SOUGHT"].split()) & set(sides["FOUND"].split()))
    verdict = {"reason": f"shares {', '.join(shared) or 'nothing'}", "grade": min(len(shared), 3)}
    return f"Sure!\n```json\n{json.dumps(verdict)}\n```"


class _Server(ThreadingHTTPServer):
    def __init__(self, judge: JudgeServer) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.judge = judge


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def log_message(self, *_: Any) -> None:
        """Stay silent."""

    def do_POST(self) -> None:
        judge = self.server.judge
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        judge.bodies.append(body)
        judge.keys.append(self.headers.get("Authorization"))
        failure = judge.failures.pop(0) if judge.failures else None
        if isinstance(failure, int):
            self._send(failure, f"no: {self.headers.get('Authorization')}")
            return
        content = body["messages"][0]["content"]
        texts = [part["text"] for part in content if part["type"] == "text"]
        prompt = "\n\n".join(texts[1:])
        if failure is None:
            judge.prompts.append(prompt)
        said = graded(prompt) if failure is None else failure
        choice = {"index": 0, "message": {"role": "assistant", "content": said}}
        usage = {"prompt_tokens": 100, "completion_tokens": 10}
        self._send(200, json.dumps({"choices": [choice], "usage": usage}))

    def _send(self, status: int, body: str) -> None:
        data = body.encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)
