"""The pages in a real browser, on a service in a process of its own."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import httpx
import psycopg
import pytest
from pgvector.psycopg import register_vector

from db import evaldata, evals, keys, ops, pictures, runs
from db.evalrows import Judgment, QueryIn
from db.query import fetch
from encoders import registry
from encoders.dummy import DummyEncoder
from encoders.settings import EncoderSettings
from jobs import embed
from jobs.evaluation import runner
from tests.conftest import fresh_database
from tests.service.chromium import PROGRAM, Browser, Page
from tests.service.conftest import PARTS, inline, make_key, png

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Conn = psycopg.Connection[Any]

pytestmark = pytest.mark.skipif(PROGRAM is None, reason="there is no Chromium here")

SOURCES = {"text": {"title": ["title", "body"]}}
# Keep what the pages look like there.
SHOTS = os.environ.get("SEOGO_TEST_SHOTS")


class Site(NamedTuple):
    """A service and its database."""

    url: str
    db: Conn
    items: dict[str, int]


@pytest.fixture(scope="module")
def site(server_url: str, template: str, models: Path) -> Iterator[Site]:
    """Three parts with pictures and vectors, a query set that somebody judges, an evaluation."""
    with (
        fresh_database(server_url, template) as db_url,
        psycopg.connect(db_url, autocommit=True) as conn,
    ):
        register_vector(conn)
        spec = registry.spec("dummy")
        conn.execute(
            "SELECT ops.create_space('text', %s, %s, %s)", (spec.name, spec.identity, spec.dim)
        )
        with serving(db_url, models) as url:
            yield Site(url, conn, filled(url, conn))


@contextmanager
def serving(db_url: str, models: Path) -> Iterator[str]:
    """The address of a service in a process of its own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    program = Path(sys.executable).with_name("seogo")
    process = subprocess.Popen(
        [program, "serve", "--port", str(port)],
        env={**os.environ, "SEOGO_DATABASE_URL": db_url, "SEOGO_MODELS": str(models)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        wait_ready(url)
        yield url
    finally:
        process.terminate()
        process.wait(30)


def wait_ready(url: str) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            if httpx.get(f"{url}/ready").status_code == 200:
                return
        except httpx.TransportError:
            pass
        assert time.monotonic() < deadline, "the service does not start"
        time.sleep(0.1)


def filled(url: str, conn: Conn) -> dict[str, int]:
    made = {"name": "parts", "vector_sources": SOURCES, "picture_readers": {"ocr": "auto"}}
    httpx.post(f"{url}/collections", json=made).raise_for_status()
    items = [
        {
            "external_id": key,
            "fields": {"title": title, "body": body},
            "metadata": metadata,
            "media": [
                {"role": "nameplate", "base64": inline(png("red" if key == "P-1" else "blue"))}
            ],
        }
        for key, title, body, metadata in PARTS
    ]
    answer = httpx.post(f"{url}/collections/parts/items", json={"items": items}).json()
    for claimed in fetch(conn, pictures.claim_readings(kind="ocr", batch_n=5)):
        line = pictures.OcrRow(
            line_no=0, box=[8, 8, 60, 8, 60, 30, 8, 30], text="S/N 19E-1", normalized="S/N 19E-1",
            confidence=0.9, group_no=0, engine="test",
        )  # fmt: skip
        fetch(
            conn, pictures.store_ocr(claimed, reader="test", lines=[line], identifiers=[], notes=[])
        )
    embed.run(conn, fetch(conn, ops.live_spaces())[0], DummyEncoder(registry.spec("dummy")))
    set_id = fetch(conn, evaldata.put_set(name="asked"))[0].id
    queries = [QueryIn(external_id=f"q{n}", text=text) for n, text in enumerate(("펌프", "실린더"))]
    fetch(conn, evaldata.put_queries(set_id=set_id, queries=queries))
    known = [Judgment("q0", "P-1", 1)]
    fetch(conn, evaldata.put_judgments(set_id=set_id, source="known", judgments=known))
    settings = runner.Settings(collection="parts", query_set="asked", label="first")
    runner.run(conn, EncoderSettings(), settings)
    assert len(fetch(conn, evals.runs())) == 1
    return {row["external_id"]: row["item_id"] for row in answer["written"]}


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """The browser."""
    made = Browser(tmp_path_factory.mktemp("profile"))
    yield made
    made.close()


@pytest.fixture
def visit(
    site: Site, browser: Browser, request: pytest.FixtureRequest
) -> Iterator[Callable[..., Page]]:
    """Opens pages; in the end none has complained, and none has asked for what is not here."""
    opened: list[Page] = []

    def go(path: str, language: str = "en", width: int = 1100) -> Page:
        page = browser.page(width)
        opened.append(page)
        page.open(site.url + path, language)
        page.until("document.readyState === 'complete' && document.querySelector('nav') !== null")
        return page

    yield go
    for n, page in enumerate(opened):
        if SHOTS:
            page.shot(Path(SHOTS) / f"{request.node.name}-{n}.png")
        assert page.complaints() == []
        elsewhere = [u for u in page.asked_for() if not u.startswith((site.url, "data:", "about:"))]
        assert elsewhere == []


def click(page: Page, text: str) -> None:
    """Click the button that says something."""
    found = f"[...document.querySelectorAll('button')].find((b) => b.innerText.includes({text!r}))"
    page.until(f"!!{found}")
    page.ask(f"{found}.click()")


@pytest.mark.parametrize("width", [1100, 390])
def test_searching_and_refining(visit: Callable[..., Page], width: int) -> None:
    page = visit("/#c=parts", width=width)
    page.until("document.querySelector('#message').innerText.includes('looking for')")
    page.ask("document.querySelector('#query').focus()")
    page.write("펌프")
    page.ask("document.querySelector('#search').requestSubmit()")
    page.until("document.querySelectorAll('.card').length === 3")
    assert page.ask("document.querySelector('.card mark').innerText").endswith("펌프")
    assert page.ask("document.querySelector('.card .key').innerText") == "P-1"
    page.until("[...document.images].every((i) => i.complete && i.naturalWidth > 0)")
    assert page.ask("document.documentElement.scrollWidth <= innerWidth")
    click(page, "like this")
    page.until("document.querySelector('#chosen').innerText.includes('진공 펌프')")
    page.until("document.querySelector('.side').innerText.includes('like-text')")
    click(page, "+ 진공 펌프")
    page.until("!document.querySelector('.side').innerText.includes('like-text')")


def test_searching_by_a_picture(visit: Callable[..., Page]) -> None:
    page = visit("/#c=parts&q=gauge")
    page.until("document.querySelectorAll('.card').length > 0")
    page.ask(
        "fetch(document.querySelector('.thumbnail').src).then((r) => r.blob()).then((b) => {"
        " const given = new DataTransfer(); given.items.add(new File([b], 'mine.webp', {type: b.type}));"
        " document.dispatchEvent(new DragEvent('drop', {dataTransfer: given, cancelable: true})); })"
    )
    page.until("document.querySelector('#chosen').innerText.includes('mine.webp')")
    # There is no space of pictures: the words are searched for, and the page says so.
    page.until(
        "document.querySelector('#degraded').innerText.includes('no live space of pictures')"
    )
    assert page.ask("document.querySelectorAll('.card').length") > 0


def test_both_languages(visit: Callable[..., Page]) -> None:
    page = visit("/dashboard", "ko-KR")
    page.until("document.body.innerText.includes('벡터 현황')")
    click(page, "English")
    page.until("document.body.innerText.includes('What could not be processed')")
    assert page.ask("document.documentElement.lang") == "en"
    page.ask("localStorage.clear()")


def test_the_dashboard(visit: Callable[..., Page]) -> None:
    page = visit("/dashboard")
    page.until("document.querySelector('#coverage').innerText.includes('fresh 3')")
    page.until("document.querySelector('#evaluation svg .dot')")
    assert "asked · parts · known" in page.text()
    assert page.ask("document.documentElement.scrollWidth <= innerWidth")


def test_watching_a_run_to_its_end(visit: Callable[..., Page], site: Site) -> None:
    run_id = fetch(site.db, runs.start(kind="ingest", args={"collection": "parts"}))[0].id
    fetch(site.db, runs.stages(run_id=run_id, stages={"load": {"done": 1, "waiting": 3}}))
    page = visit("/activity")
    shown = f"document.querySelector('[data-run=\"{run_id}\"]')?.innerText || ''"
    page.until(f"({shown}).includes('1 / 4')")
    fetch(site.db, runs.stages(run_id=run_id, stages={"load": {"done": 3, "waiting": 1}}))
    page.until(f"({shown}).includes('3 / 4')")
    fetch(site.db, runs.finish(run_id=run_id, state="done"))
    page.until(f"({shown}).includes('done')")


def test_queueing_and_cancelling_a_job(visit: Callable[..., Page]) -> None:
    page = visit("/activity")
    page.until("document.querySelector('#task').options.length === 4")
    page.ask("document.querySelector('#task').value = 'merge_postings'")
    click(page, "Run now")
    page.until("document.querySelector('#jobs').innerText.includes('waiting')")
    click(page, "Cancel")
    page.until("document.querySelector('#jobs').innerText.includes('cancelled')")


def test_an_item_with_what_was_read(visit: Callable[..., Page], site: Site) -> None:
    page = visit(f"/item?id={site.items['P-1']}")
    page.until("document.querySelector('.boxes .box') && document.querySelector('.near li')")
    assert page.ask("document.querySelector('h1').innerText") == "진공 펌프"
    page.ask("document.querySelector('.lines li').focus()")
    assert page.ask("document.querySelector('.boxes .box').classList.contains('lit')")
    assert "S/N 19E-1" in page.text()


def test_judging_by_keyboard(visit: Callable[..., Page], site: Site) -> None:
    page = visit("/label")
    page.until("document.querySelector('#asked').innerText === '펌프'")
    total = page.ask("document.querySelector('#bar-of-items').max")
    for n in range(total):
        page.until(f"document.querySelector('#bar-of-items').value === {n}")
        page.press("2" if n else "0")
    page.until("document.querySelector('#asked').innerText === '실린더'")
    rows = site.db.execute(
        "SELECT j.grade, count(*) FROM eval.judgment AS j JOIN eval.query AS q ON q.id = j.query_id"
        " WHERE j.source = 'people' AND q.external_id = 'q0' GROUP BY 1 ORDER BY 1"
    ).fetchall()
    assert rows == [(0, 1), (2, total - 1)]
    page.press("s")
    page.until("document.querySelector('#message').innerText.includes('Nothing is left')")


def test_z_signing_in(browser: Browser, site: Site) -> None:
    """The last one: from now on the others would be asked for a key."""
    token = make_key(site.db)
    deadline = time.monotonic() + 15
    while httpx.get(f"{site.url}/collections").status_code != 401:
        assert time.monotonic() < deadline
        time.sleep(0.2)
    page = browser.page()
    page.open(f"{site.url}/#c=parts&q=gauge")
    page.until("document.querySelector('dialog[open] input') !== null")
    page.ask("document.querySelector('dialog input').focus()")
    page.write(str(keys.new_token()))
    click(page, "Sign in")
    page.until("document.querySelector('dialog .wrong').innerText.includes('not valid')")
    page.ask("document.querySelector('dialog input').select()")
    page.write(str(token))
    click(page, "Sign in")
    page.until("document.querySelectorAll('.card').length > 0")
    assert page.ask("document.cookie") == ""
