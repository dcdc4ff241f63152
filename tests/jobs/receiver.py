"""A receiver of webhooks on this machine, which checks signatures and answers as it is told."""

from __future__ import annotations

import base64
import hmac
import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator


class Receiver:
    """What came, in its order: message id and body; `answers` are statuses, the last one for ever."""

    def __init__(self) -> None:
        self.secret = ""
        self.host = ""
        self.answers = [204]
        self.came: list[tuple[str, dict[str, Any]]] = []
        self.forged = 0
        # While it is not set, requests hang.
        self.answering = threading.Event()
        self.answering.set()

    @property
    def url(self) -> str:
        return f"http://{self.host}/hook"

    def take(self, headers: Any, body: bytes) -> int:
        """Check and keep a message; the status to answer."""
        signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
        key = base64.b64decode(self.secret.removeprefix("whsec_"))
        code = base64.b64encode(hmac.digest(key, signed, "sha256")).decode()
        if f"v1,{code}" not in headers["webhook-signature"].split():
            self.forged += 1
            return 401
        self.came.append((headers["webhook-id"], json.loads(body)))
        self.answering.wait()
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver that listens on a free port."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            status = receiver.take(
                self.headers, self.rfile.read(int(self.headers["content-length"]))
            )
            try:
                self.send_response(status)
                self.end_headers()
            except OSError:
                pass  # who sent it is dead

        def log_message(self, *_args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver.host = f"127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield receiver
    finally:
        receiver.answering.set()
        server.shutdown()
        thread.join()
        server.server_close()
