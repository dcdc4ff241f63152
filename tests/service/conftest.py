"""The application on a real database, and a network path to it that can be cut."""

from __future__ import annotations

import base64
import io
import os
import select
import socket
import socketserver
import subprocess
import sys
import threading
import time
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import psycopg
import pytest
from litestar import Litestar
from litestar.testing import TestClient
from pgvector.psycopg import register_vector
from PIL import Image
from psycopg.types.json import Jsonb

from db.calls.query import fetch
from db.operations import keys
from db.settings import DbSettings
from db.spaces import embedding
from encoders import registry
from encoders.settings import EncoderSettings
from jobs import embed
from service.app import create_app
from service.auth.keyring import Keyring
from service.settings import ServiceSettings
from tests.conftest import fresh_database

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from litestar.types import ASGIApp, Receive, Scope, Send

Client = TestClient[Litestar]

PARTS = [
    ("P-1", "진공 펌프", "오일리스 저소음", {"maker": "SMC", "year": 2021}),
    ("P-2", "Vacuum gauge", "digital, for pumps", {"maker": "SMC", "year": 2015}),
    ("P-3", "유압 실린더", "복동형 실린더", {"maker": "TPC", "year": 2022}),
]


class FromHere:
    """Gives requests the address they come from."""

    def __init__(self, app: ASGIApp, address: str) -> None:
        self._app = app
        self.address = address

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        await self._app({**scope, "client": (self.address, 50000)}, receive, send)  # type: ignore[typeddict-item]


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of models, built once."""
    return tmp_path_factory.mktemp("models")


@contextmanager
def application(
    url: str,
    models: Path,
    *,
    statement_timeout_s: int = 30,
    address: str = "127.0.0.1",
    **settings: Any,
) -> Iterator[Client]:
    """The application on a database, with other settings than usual."""
    chosen = {"preload": False, "spaces_ttl_s": 0.0, "pool_wait_s": 2.0, **settings}
    app = create_app(
        ServiceSettings(**chosen),
        database=DbSettings(database_url=url, statement_timeout_s=statement_timeout_s),
        encoders=EncoderSettings(models=str(models), threads=1),
        same_user=False,  # there is no socket whose owner the system could tell
    )
    app.asgi_handler = FromHere(app.asgi_handler, address)
    with TestClient(app, base_url="http://127.0.0.1", raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def make_client(
    db_url: str, models: Path, request: pytest.FixtureRequest
) -> Iterator[Callable[..., Client]]:
    """Start the application with other settings than usual; on parts where the module says so."""
    if getattr(request.module, "WITH_PARTS", False):
        request.getfixturevalue("parts")
    with ExitStack() as started:

        def make(url: str = db_url, **settings: Any) -> Client:
            return started.enter_context(application(url, models, **settings))

        yield make


@pytest.fixture(scope="module")
def parts_url(server_url: str, template: str) -> Iterator[str]:
    """A database with the parts, for all tests of a module."""
    with fresh_database(server_url, template) as url:
        with psycopg.connect(url, autocommit=True) as conn:
            make_parts(conn)
        yield url


@pytest.fixture(scope="module")
def asked(parts_url: str, models: Path) -> Iterator[Client]:
    """The application on the parts, for all tests of a module that only ask or are refused.

    To put it together takes longer than most requests.
    """
    with application(parts_url, models) as client:
        yield client


@pytest.fixture
def client(make_client: Callable[..., Client]) -> Client:
    """The application."""
    return make_client()


@pytest.fixture
def parts(db: psycopg.Connection[Any]) -> str:
    """A collection of three parts whose titles feed the space `text`; no vectors yet."""
    return make_parts(db)


def make_parts(db: psycopg.Connection[Any]) -> str:
    db.execute(
        "SELECT ops.create_collection('parts', 'korean', '{}', '{}', '{\"text\": {\"title\": [\"title\"]}}')"
    )
    for key, title, body, metadata in PARTS:
        item = {
            "external_id": key,
            "fields": {"title": title, "body": body},
            "metadata": metadata,
        }
        db.execute("SELECT * FROM ops.upsert_items('parts', %s)", (Jsonb([item]),))
    return "parts"


@pytest.fixture
def forgetful(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys are looked up on every request, so that tests need not wait."""
    monkeypatch.setattr(Keyring.__init__, "__defaults__", (-1.0,))


def make_key(
    db: psycopg.Connection[Any], scope: keys.KeyScope = "reader", **more: Any
) -> keys.Token:
    """An API key."""
    token = keys.new_token()
    fetch(
        db,
        keys.create_key(name="test", prefix=token.prefix, digest=token.digest, scope=scope, **more),
    )
    return token


def bearer(token: keys.Token) -> dict[str, str]:
    """The header that shows a key."""
    return {"Authorization": f"Bearer {token}"}


@pytest.fixture
def secret(client: Client, db: psycopg.Connection[Any], parts: str) -> dict[str, Any]:
    """An item with a picture in the collection `secret`, beside that of the parts."""
    db.execute("SELECT ops.create_collection('secret')")
    item = {
        "external_id": "hidden-1",
        "fields": {"title": "펌프 hidden"},
        "media": [{"base64": inline(png("red"))}],
    }
    answer = client.post("/collections/secret/items", json={"items": [item]}).json()
    found: dict[str, Any] = client.get(f"/items/{answer['written'][0]['item_id']}").json()
    return found


def png(colour: str, size: tuple[int, int] = (96, 64)) -> bytes:
    """A picture of one colour with a dark frame."""
    image = Image.new("RGB", size, "black")
    image.paste(colour, (8, 8, size[0] - 8, size[1] - 8))
    file = io.BytesIO()
    image.save(file, "png")
    return file.getvalue()


def inline(data: bytes) -> str:
    """A file as base64."""
    return base64.b64encode(data).decode()


@contextmanager
def serving(db_url: str, models: Path, **settings: str) -> Iterator[str]:
    """The address of a service in a process of its own; `settings` such as `SEOGO_POOL_MAX`."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    program = Path(sys.executable).with_name("seogo")
    process = subprocess.Popen(
        [program, "serve", "--port", str(port)],
        env={**os.environ, "SEOGO_DATABASE_URL": db_url, "SEOGO_MODELS": str(models), **settings},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        _wait_ready(url)
        yield url
    finally:
        process.terminate()
        process.wait(120)


def _wait_ready(url: str) -> None:
    deadline = time.monotonic() + 180
    while True:
        try:
            if httpx.get(f"{url}/ready").status_code == 200:
                return
        except httpx.TransportError:
            pass
        assert time.monotonic() < deadline, "the service does not start"
        time.sleep(0.1)


class Cable:
    """Forwards a TCP port to the database's socket while plugged in; unplugging cuts connections."""

    def __init__(self, target: Callable[[], socket.socket]) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self._target = target
        self._server: socketserver.ThreadingTCPServer | None = None
        self._open: list[socket.socket] = []

    def plug(self) -> None:
        """Begin to forward."""
        cable = self

        class Forward(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                with cable._target() as far:
                    cable._open += [self.request, far]
                    _pump(self.request, far)

        socketserver.ThreadingTCPServer.allow_reuse_address = True
        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", self.port), Forward)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def unplug(self) -> None:
        """Refuse new connections and cut those there are."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None
        for end in self._open:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        self._open.clear()


def _pump(a: socket.socket, b: socket.socket) -> None:
    with suppress(OSError):
        while True:
            for ready in select.select([a, b], [], [])[0]:
                data = ready.recv(65536)
                if not data:
                    return
                (b if ready is a else a).sendall(data)


@pytest.fixture
def cable(db: psycopg.Connection[Any]) -> Iterator[Cable]:
    """A cable to the test server, not plugged in yet."""
    host, port = db.info.host, db.info.port

    def connect() -> socket.socket:
        if not host.startswith("/"):
            return socket.create_connection((host, port))
        far = socket.socket(socket.AF_UNIX)
        far.connect(f"{host}/.s.PGSQL.{port}")
        return far

    made = Cable(connect)
    yield made
    made.unplug()


# Below: that module imports this one.
from tests.service.browser import browser as browser  # noqa: E402
from tests.service.browser import own_site as own_site  # noqa: E402
from tests.service.browser import shared_site as shared_site  # noqa: E402
from tests.service.browser import site as site  # noqa: E402
from tests.service.browser import visit as visit  # noqa: E402
from tests.service.browser import windows as windows  # noqa: E402

COLOURS = ("red", "green", "blue", "white", "yellow")
SOURCES = '{"text": {"title": ["title"]}, "image": {"photo": ["@photo"]}}'


@pytest.fixture(scope="session")
def built(models: Path) -> dict[str, Any]:
    """The encoder of each modality."""
    return {
        "text": registry.build(registry.spec("dummy"), models),
        "image": registry.build_images(registry.spec("efficientnet-lite0"), models, 1),
    }


@pytest.fixture
def shown(db: psycopg.Connection[Any], client: Client, built: dict[str, Any]) -> dict[str, int]:
    """Lamps with a photo each, their vectors in a space of texts and one of pictures."""
    return make_shown(db, client, built)


@pytest.fixture(scope="module")
def showing(parts_url: str, asked: Client, built: dict[str, Any]) -> dict[str, int]:
    """The same beside the parts, for all tests of a module that only ask."""
    with psycopg.connect(parts_url, autocommit=True) as conn:
        register_vector(conn)
        return make_shown(conn, asked, built)


def make_shown(
    db: psycopg.Connection[Any], client: Client, built: dict[str, Any]
) -> dict[str, int]:
    db.execute("SELECT ops.create_collection('shown', 'english', '{}', '{}', %s)", (SOURCES,))
    for modality, encoder in built.items():
        spec = encoder.spec
        db.execute(
            "SELECT ops.create_space(%s, %s, %s, %s, %s)",
            (modality, spec.name, spec.identity, spec.dim, modality),
        )
    items = [
        {
            "external_id": colour,
            "fields": {"title": f"{colour} lamp"},
            "metadata": {"colour": colour, "warm": colour in ("red", "yellow")},
            "media": [{"base64": inline(png(colour))}],
        }
        for colour in COLOURS
    ]
    answer = client.post("/collections/shown/items", json={"items": items})
    assert answer.status_code == 200, answer.text
    for space in fetch(db, embedding.live_spaces()):
        embed.run(db, space, built[space.modality])
    return {row["external_id"]: row["item_id"] for row in answer.json()["written"]}
