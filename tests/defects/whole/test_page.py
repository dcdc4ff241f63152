"""The page of defects in a real browser, on a service in a process of its own."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.conftest import fresh_database
from tests.defects.conftest import EXAMPLES
from tests.service.conftest import serving

pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

from playwright.sync_api import Browser, Page, expect, sync_playwright

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CHROMIUM = (
    shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
)
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium here")

PATIENCE_MS = 20_000
# Keep what the page looks like there.
SHOTS = os.environ.get("SEOGO_TEST_SHOTS")
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]


@pytest.fixture(scope="module")
def url(server_url: str, template: str, models: Path) -> Iterator[str]:
    with fresh_database(server_url, template) as db_url, serving(db_url, models) as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield started
        started.close()


@pytest.fixture
def open_page(browser: Browser, url: str) -> Iterator[Callable[..., Page]]:
    """Open the page in a language; whatever goes wrong in it fails the test."""
    troubles: list[str] = []
    contexts: list[Any] = []

    def opened(locale: str = "en", width: int = 1200) -> Page:
        context = browser.new_context(locale=locale, viewport={"width": width, "height": 900})
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("requestfailed", lambda request: troubles.append(request.url))
        page.goto(f"{url}/defects")
        expect(page.locator("#product option")).to_have_count(1)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert troubles == []


def inspect(page: Page, picture: str = "query.jpg") -> None:
    page.set_input_files("#picture", EXAMPLES / picture)
    page.click("#ask button[type=submit]")


def shot(page: Page, name: str) -> None:
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)


@pytest.mark.parametrize(
    ("locale", "verdict", "width"), [("ko-KR", "이상", 1200), ("en-US", "abnormal", 390)]
)
def test_a_picture_is_inspected_and_spoken_of(
    open_page: Callable[..., Page], locale: str, verdict: str, width: int
) -> None:
    page = open_page(locale, width)
    inspect(page)
    expect(page.locator("#verdict")).to_have_text(verdict, timeout=PATIENCE_MS)
    expect(page.locator("#nearest img").first).to_be_visible()
    expect(page.locator("#guide li")).to_have_count(4)
    expect(page.locator("#really")).to_have_value("scratch")
    # The slider goes through what there is to see.
    seen = []
    for at in range(5):
        page.locator("#layer").fill(str(at))
        image = page.locator("#image")
        seen.append(re.sub(r".*/", "", str(image.get_attribute("src"))))
        expect(image).to_have_js_property("naturalWidth", 592 if at == 4 else 192)
    assert seen == ["picture", "heatmap", "mask", "overlay", "compared"]
    shot(page, f"defects-{locale}")
    # A citation opens the section that it cites.
    page.locator("#guide a.cite").first.click()
    assert page.locator("#sections details[open]").count() == 1
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_feedback_queues_the_case_and_registering_it_is_the_end(
    open_page: Callable[..., Page],
) -> None:
    page = open_page()
    inspect(page)
    expect(page.locator("#verdict")).to_have_text("abnormal", timeout=PATIENCE_MS)
    page.select_option("#really", "stain")
    page.fill("#note", "oil, not a scratch")
    page.click("#say button[type=submit]")
    expect(page.locator("#said")).to_have_text("Saved.")
    row = page.locator("#queue tbody tr")
    expect(row).to_have_count(1)
    expect(row).to_contain_text("people say otherwise")
    expect(page.locator("#counts")).to_contain_text("stain")
    page.click("#learn")
    expect(page.locator("#said")).to_contain_text("Registered.")
    expect(page.locator("#queue")).to_contain_text("Nothing needs")


def test_a_picture_is_registered(open_page: Callable[..., Page]) -> None:
    page = open_page()
    page.select_option("#shows", "stain")
    page.set_input_files("#new-picture", EXAMPLES / "pictures" / "b01.jpg")
    page.click("#register button[type=submit]")
    expect(page.locator("#registered")).to_contain_text("Registered: plate-")


def test_what_is_no_picture_is_said_so(open_page: Callable[..., Page]) -> None:
    page = open_page()
    inspect(page, "README.md")
    expect(page.locator("#message.error")).to_contain_text("It is no picture")
    expect(page.locator("#result")).to_be_hidden()
    inspect(page)
    expect(page.locator("#verdict")).to_have_text("abnormal", timeout=PATIENCE_MS)
