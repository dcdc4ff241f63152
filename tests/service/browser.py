"""A browser, a service with something in it, and pages on it, for the tests of pages."""

from __future__ import annotations

import os
import shutil
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import httpx
import psycopg
import pytest
from pgvector.psycopg import register_vector
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    WebError,
    expect,
    sync_playwright,
)

from db.calls.query import fetch
from db.evaluation import evals, query_sets
from db.evaluation.rows import Judgment, QueryIn
from db.operations import readings
from db.spaces import embedding
from encoders import registry
from encoders.settings import EncoderSettings
from encoders.text.dummy import DummyEncoder
from jobs import embed
from jobs.evaluation import runner
from tests.conftest import fresh_database
from tests.service.conftest import PARTS, inline, png, serving

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Conn = psycopg.Connection[Any]

CHROMIUM = (
    shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
)
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium here")

PATIENCE_MS = 60_000
SOURCES = {"text": {"title": ["title", "body"]}}
# Answers of what writes come late, so that there is time to press something twice.
SLOW_WRITES = """
const sent = window.fetch;
window.fetch = async (url, request) => {
  const answer = await sent(url, request);
  if (request.method !== "GET" && !url.includes("/search")) await new Promise((go) => setTimeout(go, 400));
  return answer;
};
"""
# Keep what the pages look like there.
SHOTS = os.environ.get("SEOGO_TEST_SHOTS")


class Windows(Protocol):
    """Opens a window, or gives the one that is open."""

    def __call__(self, language: str, width: int, *, slow: bool) -> BrowserContext: ...


class Site(NamedTuple):
    """A service and its database."""

    url: str
    db: Conn
    items: dict[str, int]


def judge_first_query(site: Site, *, done: bool) -> None:
    """Leave all queries of the set open, or (done) only the second: tests run in any order."""
    site.db.execute("DELETE FROM eval.judgment WHERE source = 'people'")
    if done:
        (query_set,) = site.db.execute("SELECT id FROM eval.query_set WHERE name = 'asked'")
        given = [Judgment("q0", item, 1) for item in ("P-1", "P-2", "P-3")]
        fetch(
            site.db,
            query_sets.put_judgments(set_id=query_set[0], source="people", judgments=given),
        )


@pytest.fixture(scope="package")
def shared_site(server_url: str, template: str, models: Path) -> Iterator[Site]:
    """A site for all modules that leave it open: none makes a key."""
    with running(server_url, template, models) as made:
        yield made


@pytest.fixture(scope="module")
def own_site(server_url: str, template: str, models: Path) -> Iterator[Site]:
    """A site of the module's own."""
    with running(server_url, template, models) as made:
        yield made


@pytest.fixture(scope="module")
def site(request: pytest.FixtureRequest, server_url: str) -> Site:
    """The shared site, or one of the module's own where that says so by `OWN_SITE = True`."""
    own = getattr(request.module, "OWN_SITE", False)
    made: Site = request.getfixturevalue("own_site" if own else "shared_site")
    return made


@contextmanager
def running(server_url: str, template: str, models: Path) -> Iterator[Site]:
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
            with httpx.Client(base_url=url, timeout=PATIENCE_MS / 1000) as client:
                items = filled(client, conn)
            yield Site(url, conn, items)


def filled(client: httpx.Client, conn: Conn) -> dict[str, int]:
    made = {"name": "parts", "vector_sources": SOURCES, "picture_readers": {"ocr": "auto"}}
    # Empty, and the first by name: nobody wants to begin there.
    for collection in (made, {"name": "aaa"}, {"name": "sums"}):
        client.post("/collections", json=collection).raise_for_status()
    client.post("/collections/sums/items", json={"items": sums()}).raise_for_status()
    client.put("/defects/products/plate", json={"name_ko": "판재"}).raise_for_status()
    client.put("/defects/products/plate/types/scratch", json={}).raise_for_status()
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
    answer = client.post("/collections/parts/items", json={"items": items}).json()
    for claimed in fetch(conn, readings.claim_readings(kind="ocr", batch_n=5)):
        line = readings.OcrRow(
            line_no=0, box=[8, 8, 60, 8, 60, 30, 8, 30], text="S/N 19E-1", normalized="S/N 19E-1",
            confidence=0.9, group_no=0, engine="test",
        )  # fmt: skip
        fetch(
            conn, readings.store_ocr(claimed, reader="test", lines=[line], identifiers=[], notes=[])
        )
    embed.run(conn, fetch(conn, embedding.live_spaces())[0], DummyEncoder(registry.spec("dummy")))
    set_id = fetch(conn, query_sets.put_set(name="asked"))[0].id
    queries = [QueryIn(external_id=f"q{n}", text=text) for n, text in enumerate(("펌프", "실린더"))]
    fetch(conn, query_sets.put_queries(set_id=set_id, queries=queries))
    known = [Judgment("q0", "P-1", 1)]
    fetch(conn, query_sets.put_judgments(set_id=set_id, source="known", judgments=known))
    settings = runner.Settings(collection="parts", query_set="asked", label="first")
    runner.run(conn, EncoderSettings(), settings)
    assert len(fetch(conn, evals.runs())) == 1
    return {row["external_id"]: row["item_id"] for row in answer["written"]}


def sums() -> list[dict[str, Any]]:
    """Sixty questions with formulas; the first fifty are alike in their metadata."""
    return [
        {
            "external_id": f"S-{n:02}",
            "fields": {
                "question": f"변 $\\sqrt{{{n}}} ~cm$ 인 삼각형",
                "choices": "$\\vec{AB}$ 삼각형"
                "$\\left\\{\\begin{matrix}1\\\\2\\\\3\\end{matrix}\\right.$ 삼각형"
                " $\\nosuch{}$ costs $5 and $10",
                "explanation": "①가. " * 200,
            },
            "metadata": {
                "grade": "one" if n <= 50 else "two" if n <= 55 else "three",
                "in_stock": n % 2 == 0,
                "valid_from": "2025-10-01",
                "stock_qty": 20251001,
                "part_number": f"N{n}",
            },
        }
        for n in range(1, 61)
    ]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The browser of this machine; none is downloaded."""
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=["--disable-gpu"])
        yield launched
        launched.close()


@pytest.fixture(scope="module")
def windows(browser: Browser) -> Windows:
    """A window for each language and width, kept: to open one takes longer than to show most pages."""
    kept: dict[tuple[str, int, bool], BrowserContext] = {}

    def window(language: str, width: int, *, slow: bool) -> BrowserContext:
        if (language, width, slow) not in kept:
            made = browser.new_context(
                locale=language, viewport={"width": width, "height": 900}, is_mobile=width < 500
            )
            if slow:
                made.add_init_script(SLOW_WRITES)
            made.set_default_timeout(PATIENCE_MS)
            kept[language, width, slow] = made
        return kept[language, width, slow]

    return window


@pytest.fixture
def visit(
    site: Site, windows: Windows, request: pytest.FixtureRequest
) -> Iterator[Callable[..., Page]]:
    """Opens pages; in the end none has complained, and none has asked for what is not here."""
    used: list[BrowserContext] = []
    opened: list[Page] = []
    changed: list[Page] = []
    complaints: list[str] = []
    asked_for: list[str] = []

    def heard(message: ConsoleMessage) -> None:
        if message.type == "error":
            complaints.append(f"{message.text} {message.location}")

    def failed(error: WebError) -> None:
        complaints.append(str(error.error))

    def sent(asked: Request) -> None:
        asked_for.append(asked.url)

    listeners: dict[Any, Any] = {"console": heard, "weberror": failed, "request": sent}

    def go(
        path: str,
        language: str = "en",
        width: int = 1100,
        *,
        slow: bool = False,
        apart: bool = False,
    ) -> Page:
        """Open a page; `apart`: it is closed in the end, as it is changed in ways that would stay."""
        window = windows(language, width, slow=slow)
        if window not in used:
            used.append(window)
            for event, listener in listeners.items():
                window.on(event, listener)
        left = [page for page in window.pages if page not in opened]
        page = left[0] if left else window.new_page()
        opened.append(page)
        changed.extend([page] * apart)
        page.goto(site.url + path)
        page.locator("nav").wait_for()
        return page

    yield go
    for n, window in enumerate(used):
        shoot(window, f"{request.node.name}-{n}")
        leave(window, site.url, changed)
        for event, listener in listeners.items():
            window.remove_listener(event, listener)
    assert complaints == [], complaints
    assert [u for u in asked_for if not u.startswith((site.url, "data:", "about:", "blob:"))] == []


def shoot(window: BrowserContext, name: str) -> None:
    """Keep what pages look like, where that is asked for."""
    if SHOTS:
        for n, page in enumerate(window.pages):
            page.screenshot(path=Path(SHOTS) / f"{name}-{n}.png")


def leave(window: BrowserContext, url: str, changed: list[Page]) -> None:
    """Leave one page of a window, empty, and nothing of what all have kept there.

    What it has loaded is ready for the next test then: half of what a page costs is to begin anew.
    """
    as_made = [page for page in window.pages if page not in changed]
    page = as_made[0] if as_made else window.new_page()
    for other in window.pages:
        if other is not page:
            other.close()
    page.unroute_all()
    page.goto("about:blank")
    page.mouse.move(0, 0)
    asked = window.new_cdp_session(page)
    asked.send("Storage.clearDataForOrigin", {"origin": url, "storageTypes": "all"})
    asked.detach()
    window.clear_cookies()


def click(page: Page, text: str) -> None:
    """Click the first button that says something."""
    page.get_by_role("button").filter(has_text=text).first.click()


def fits(page: Page) -> bool:
    """Whether nothing sticks out to the right."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def expect_text(page: Page, selector: str, text: str) -> None:
    """Wait until a part of the page shows a text."""
    expect(page.locator(selector)).to_contain_text(text, use_inner_text=True)
