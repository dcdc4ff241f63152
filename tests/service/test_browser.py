"""The pages in a real browser, on a service in a process of its own."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import httpx
import psycopg
import pytest
from pgvector.psycopg import register_vector
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, expect, sync_playwright

from db import evaldata, evals, keys, ops, pictures, runs
from db.evalrows import Judgment, QueryIn
from db.query import fetch
from encoders import registry
from encoders.dummy import DummyEncoder
from encoders.settings import EncoderSettings
from jobs import embed
from jobs.evaluation import runner
from tests.conftest import fresh_database
from tests.service.conftest import PARTS, inline, make_key, png, serving

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Conn = psycopg.Connection[Any]

CHROMIUM = (
    shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
)
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium here")

PATIENCE_MS = 15_000
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
def browser() -> Iterator[Browser]:
    """The browser of this machine; none is downloaded."""
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=["--disable-gpu"])
        yield launched
        launched.close()


@pytest.fixture
def visit(
    site: Site, browser: Browser, request: pytest.FixtureRequest
) -> Iterator[Callable[..., Page]]:
    """Opens pages; in the end none has complained, and none has asked for what is not here."""
    opened: list[Page] = []
    complaints: list[str] = []
    asked_for: list[str] = []

    def heard(message: ConsoleMessage) -> None:
        if message.type == "error":
            complaints.append(f"{message.text} {message.location}")

    def sent(asked: Request) -> None:
        asked_for.append(asked.url)

    def go(path: str, language: str = "en", width: int = 1100) -> Page:
        context = browser.new_context(
            locale=language, viewport={"width": width, "height": 900}, is_mobile=width < 500
        )
        context.set_default_timeout(PATIENCE_MS)
        context.on("console", heard)
        context.on("weberror", lambda error: complaints.append(str(error.error)))
        context.on("request", sent)
        page = context.new_page()
        opened.append(page)
        page.goto(site.url + path)
        page.locator("nav").wait_for()
        return page

    yield go
    for n, page in enumerate(opened):
        if SHOTS:
            page.screenshot(path=Path(SHOTS) / f"{request.node.name}-{n}.png")
        page.context.close()
    assert complaints == []
    assert [u for u in asked_for if not u.startswith((site.url, "data:", "about:", "blob:"))] == []


def click(page: Page, text: str) -> None:
    """Click the first button that says something."""
    page.get_by_role("button").filter(has_text=text).first.click()


def fits(page: Page) -> bool:
    """Whether nothing sticks out to the right."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def expect_text(page: Page, selector: str, text: str) -> None:
    """Wait until a part of the page shows a text."""
    expect(page.locator(selector)).to_contain_text(text, use_inner_text=True)


@pytest.mark.parametrize("width", [1100, 390])
def test_searching_and_refining(visit: Callable[..., Page], width: int) -> None:
    page = visit("/#c=parts", width=width)
    expect_text(page, "#message", "looking for")
    page.locator("#query").fill("펌프")
    page.locator("#query").press("Enter")
    cards = page.locator(".card")
    expect(cards).to_have_count(3)
    assert page.locator(".card mark").first.inner_text().endswith("펌프")
    assert cards.first.locator(".key").inner_text() == "P-1"
    for image in page.locator("img").all():
        expect(image).not_to_have_js_property("naturalWidth", 0)
    assert fits(page)
    click(page, "like this")
    expect_text(page, "#chosen", "진공 펌프")
    legs = page.locator(".side").filter(has_text="like-text")
    expect(legs).not_to_have_count(0)
    click(page, "+ 진공 펌프")
    expect(legs).to_have_count(0)


def test_searching_by_a_picture(visit: Callable[..., Page]) -> None:
    page = visit("/#c=parts&q=gauge")
    expect(page.locator(".card")).not_to_have_count(0)
    page.evaluate(
        "fetch(document.querySelector('.thumbnail').src).then((r) => r.blob()).then((b) => {"
        " const given = new DataTransfer(); given.items.add(new File([b], 'mine.webp', {type: b.type}));"
        " document.dispatchEvent(new DragEvent('drop', {dataTransfer: given, cancelable: true})); })"
    )
    expect_text(page, "#chosen", "mine.webp")
    # There is no space of pictures: the words are searched for, and the page says so.
    expect_text(page, "#degraded", "no live space of pictures")
    expect(page.locator(".card")).not_to_have_count(0)


def test_both_languages(visit: Callable[..., Page]) -> None:
    page = visit("/dashboard", "ko-KR")
    expect_text(page, "body", "벡터 현황")
    click(page, "English")
    expect_text(page, "body", "What could not be processed")
    expect(page.locator("html")).to_have_attribute("lang", "en")


def test_the_dashboard(visit: Callable[..., Page]) -> None:
    page = visit("/dashboard")
    expect_text(page, "#coverage", "fresh 3")
    page.locator("#evaluation svg .dot").first.wait_for()
    expect_text(page, "body", "asked · parts · known")
    assert fits(page)


def test_watching_a_run_to_its_end(visit: Callable[..., Page], site: Site) -> None:
    run_id = fetch(site.db, runs.start(kind="ingest", args={"collection": "parts"}))[0].id
    fetch(site.db, runs.stages(run_id=run_id, stages={"load": {"done": 1, "waiting": 3}}))
    page = visit("/activity")
    shown = f'[data-run="{run_id}"]'
    expect_text(page, shown, "1 / 4")
    fetch(site.db, runs.stages(run_id=run_id, stages={"load": {"done": 3, "waiting": 1}}))
    expect_text(page, shown, "3 / 4")
    fetch(site.db, runs.finish(run_id=run_id, state="done"))
    expect_text(page, shown, "done")


def test_queueing_and_cancelling_a_job(visit: Callable[..., Page]) -> None:
    page = visit("/activity")
    expect(page.locator("#task option")).to_have_count(4)
    page.locator("#task").select_option("merge_postings")
    click(page, "Run now")
    expect_text(page, "#jobs", "waiting")
    click(page, "Cancel")
    expect_text(page, "#jobs", "cancelled")


def test_an_item_with_what_was_read(visit: Callable[..., Page], site: Site) -> None:
    page = visit(f"/item?id={site.items['P-1']}")
    page.locator(".near li").first.wait_for()
    assert page.locator("h1").inner_text() == "진공 펌프"
    page.locator(".lines li").first.focus()
    expect(page.locator(".boxes .box").first).to_contain_class("lit")
    expect_text(page, "body", "S/N 19E-1")


def test_judging_by_keyboard(visit: Callable[..., Page], site: Site) -> None:
    page = visit("/label")
    asked, bar = page.locator("#asked"), page.locator("#bar-of-items")
    expect(asked).to_have_text("펌프")
    total = bar.evaluate("(bar) => bar.max")
    for n in range(total):
        expect(bar).to_have_js_property("value", n)
        page.keyboard.press("2" if n else "0")
    expect(asked).to_have_text("실린더")
    rows = site.db.execute(
        "SELECT j.grade, count(*) FROM eval.judgment AS j JOIN eval.query AS q ON q.id = j.query_id"
        " WHERE j.source = 'people' AND q.external_id = 'q0' GROUP BY 1 ORDER BY 1"
    ).fetchall()
    assert rows == [(0, 1), (2, total - 1)]
    page.keyboard.press("s")
    expect_text(page, "#message", "Nothing is left")


def test_z_signing_in(browser: Browser, site: Site) -> None:
    """The last one: from now on the others would be asked for a key."""
    token = make_key(site.db)
    deadline = time.monotonic() + 15
    while httpx.get(f"{site.url}/collections").status_code != 401:
        assert time.monotonic() < deadline
        time.sleep(0.2)
    with browser.new_context(locale="en") as context:
        page = context.new_page()
        page.goto(f"{site.url}/#c=parts&q=gauge")
        dialog = page.locator("dialog[open]")
        dialog.locator("input").fill(str(keys.new_token()))
        click(page, "Sign in")
        expect(dialog.locator(".wrong")).to_contain_text("not valid")
        dialog.locator("input").fill(str(token))
        click(page, "Sign in")
        expect(page.locator(".card")).not_to_have_count(0)
        assert page.evaluate("document.cookie") == ""
