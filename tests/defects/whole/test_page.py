"""The page of defects in a real browser, on a service in a process of its own."""

from __future__ import annotations

import io
import os
import shutil
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import psycopg
import pytest
from psycopg.types.json import Jsonb

from jobs.stages.settings import WorkerSettings
from jobs.stages.worker import Worker
from tests.conftest import fresh_database
from tests.defects.conftest import EXAMPLES
from tests.jobs.support import pipeline_settings
from tests.service.conftest import serving

pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

from playwright.sync_api import Browser, ConsoleMessage, Page, Request, expect, sync_playwright

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from encoders.settings import EncoderSettings

CHROMIUM = (
    shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
)
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium here")

PATIENCE_MS = 60_000
BOXES = (
    "['#heat', '#image'].map(one => document.querySelector(one).getBoundingClientRect().toJSON())"
)
# Keep what the page looks like there.
SHOTS = os.environ.get("SEOGO_TEST_SHOTS")
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]


@pytest.fixture(scope="module")
def database(server_url: str, template: str) -> Iterator[str]:
    with fresh_database(server_url, template) as db_url:
        yield db_url


@pytest.fixture(scope="module")
def url(database: str, models: Path) -> Iterator[str]:
    with serving(database, models) as address:
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

    def failed(request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":  # the page was left
            troubles.append(request.url)

    def heard(message: ConsoleMessage) -> None:
        # Refusals, which the browser itself writes there, are shown on the page.
        if message.type == "error" and "status of 400" not in message.text:
            troubles.append(message.text)

    def opened(locale: str = "en", width: int = 1200, path: str = "/defects") -> Page:
        context = browser.new_context(locale=locale, viewport={"width": width, "height": 900})
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("requestfailed", failed)
        page.on("console", heard)
        page.goto(url + path)
        expect(page.locator("#product option[value=plate]")).to_have_count(1)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert troubles == []


COMPARED = {
    "before": 1, "after": 2, "changed": 1,
    "groups": {"normal": {"pictures": 24, "before": 1, "after": 0}},
    "changes": [
        {"item_id": 7, "analysis_id": None, "label": "normal", "before": "defect", "after": "normal"}
    ],
}  # fmt: skip


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
    open_page: Callable[..., Page], database: str, locale: str, verdict: str, width: int
) -> None:
    page = open_page(locale, width)
    inspect(page)
    expect(page.locator("#verdict")).to_have_text(verdict, timeout=PATIENCE_MS)
    expect(page.locator("#nearest img").first).to_be_visible()
    expect(page.locator("#guide li")).to_have_count(4)
    expect(page.locator("#really")).to_have_value("scratch")
    # The map lies over the picture, pixel on pixel, and a normal picture stands beside.
    for image in ("#image", "#heat"):
        expect(page.locator(image)).to_have_js_property("naturalWidth", 192)
    over, under = page.evaluate(BOXES)  # of one moment: the page grows while it is filled
    assert over == under
    expect(page.locator("#beside :is(img, canvas)")).to_be_visible()
    # The legend has the threshold on it, and a place is outlined in pixels of the original.
    expect(page.locator("#legend .threshold")).to_be_visible()
    expect(page.locator("#outline")).to_have_attribute("viewBox", "0 0 192 192")
    expect(page.locator("#levels .state").first).to_be_visible()
    page.locator("#regions button").first.click()
    expect(page.locator("#outline .lit")).to_have_count(1)
    page.click("#unzoom")
    page.locator("#opacity").fill("0")
    expect(page.locator("#heat")).to_have_css("opacity", "0")
    assert "heat=0" in page.url
    page.locator("#outlines").uncheck()
    expect(page.locator("#outline")).to_be_hidden()
    shot(page, f"defects-{locale}")
    # What a model saw is shown apart from the manual.
    seen = {"number": 9, "kind": "look", "document": "openai:sight", "text": "a long dark line"}
    nothing = dict.fromkeys(("item_id", "defect", "page", "title"))
    with psycopg.connect(database, autocommit=True) as db:
        db.execute("UPDATE core.analysis SET sections = sections || %s", (Jsonb([nothing | seen]),))
    page.reload()
    expect(page.locator("#look")).to_contain_text("openai:sight")
    expect(page.locator("#look li")).to_have_text("a long dark line")
    expect(page.locator("#sections")).not_to_contain_text("a long dark line")
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
    page.click("#learn")
    expect(page.locator("#said")).to_contain_text("Registered.")
    expect(page.locator("#queue")).to_contain_text("Nothing needs")


def test_pictures_are_registered(open_page: Callable[..., Page], database: str) -> None:
    with psycopg.connect(
        database, autocommit=True
    ) as db:  # what `seogo defects bank compare` keeps
        db.execute(
            "UPDATE core.patch_bank SET report = report || %s",
            (Jsonb({"compared": COMPARED}),),
        )
    page = open_page(path="/products")
    page.locator("summary", has_text="v1 → v2, 1 picture judged otherwise").click()
    expect(page.locator("#list")).to_contain_text("item 7 really normal: abnormal → normal")
    page.select_option("#shows", "stain")
    pictures = [EXAMPLES / "pictures" / "b01.jpg", EXAMPLES / "README.md"]
    page.set_input_files("#new-pictures", pictures)
    page.click("#register button[type=submit]")
    expect(page.locator("#registered")).to_contain_text("1 refused")
    expect(page.locator("#refused tbody tr")).to_contain_text("README.md")
    page.locator("summary", has_text="Add a defect type").click()
    page.get_by_placeholder("Name (letters, digits)").fill("dent")
    page.get_by_placeholder("English name").fill("dented")
    page.locator("#list form button").click()
    expect(page.locator("#list .chip", has_text="dented")).to_be_visible()
    expect(page.locator("#list")).to_contain_text("Memory bank")


def test_a_batch_shows_what_is_defective(
    open_page: Callable[..., Page], database: str, encoders: EncoderSettings
) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.write(EXAMPLES / "query.jpg", "a.jpg")
        archive.write(EXAMPLES / "pictures" / "n00.jpg", "b.jpg")
        archive.writestr("notes.txt", "no picture")
    page = open_page("ko-KR", 390, path="/batches")
    given = {"name": "day.zip", "mimeType": "application/zip", "buffer": packed.getvalue()}
    page.set_input_files("#pictures", given)  # type: ignore[arg-type]
    page.click("#send button[type=submit]")
    expect(page.locator("#done-n")).to_have_text("3장 가운데 0장 끝남")
    settings = msgspec.structs.replace(pipeline_settings(database), encoders=encoders)
    Worker(settings, WorkerSettings(), stages=["defects"], once=True).run()
    expect(page.locator("#done-n")).to_have_text("3장 가운데 3장 끝남")
    rows = page.locator("#rows tbody tr")
    expect(rows).to_have_count(3)
    expect(rows.first).to_contain_text("a.jpg")
    expect(rows.first.locator("img")).not_to_have_js_property("naturalWidth", 0)
    expect(rows.filter(has_text="notes.txt")).to_contain_text("사진이 아닙니다")
    page.locator("#filters button", has_text="이상만").click()
    expect(rows).to_have_count(1)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    with page.expect_download() as saved:
        page.click("#csv")
    assert "a.jpg" in saved.value.path().read_text()
    rows.locator("a").first.click()
    expect(page.locator("#verdict")).to_have_text("이상")
    page.goto(page.url.partition("/defects")[0] + "/statistics")
    expect(page.locator("#by-day canvas")).to_be_visible()
    expect(page.locator("#by-type")).to_contain_text("긁힘")
    shot(page, "statistics")


def test_a_manual_is_uploaded_replaced_and_put_back(open_page: Callable[..., Page]) -> None:
    page = open_page("ko-KR", path="/manuals")
    for text in ("긁힘\n원인\n롤러에 칩이 낌\n", "긁힘\n원인\n벨트가 낡음\n얼룩\n조치\n닦아 냄\n"):
        given = {"name": "line.txt", "mimeType": "text/plain", "buffer": text.encode()}
        page.set_input_files("#document", given)  # type: ignore[arg-type]
        page.click("#upload button[type=submit]")
        expect(page.locator("#message")).to_contain_text("읽었습니다")
    card = page.locator("#list > section").filter(has_text="line.txt")
    expect(card.locator("> .run .chip").first).to_contain_text("긁힘")
    expect(card.locator("> .run")).to_contain_text("벨트가 낡음")
    card.locator("summary", has_text="이전 판 1개").click()
    card.get_by_role("button", name="이 판으로 되돌리기").click()
    expect(page.locator("#message")).to_contain_text("1판으로 되돌려")
    expect(card.locator("> .run .chip.without", has_text="얼룩")).to_have_count(1)


def test_what_is_no_picture_is_said_so(open_page: Callable[..., Page]) -> None:
    page = open_page()
    inspect(page, "README.md")
    expect(page.locator("#message.error")).to_contain_text("It is no picture")
    expect(page.locator("#result")).to_be_hidden()
    inspect(page)
    expect(page.locator("#verdict")).to_have_text("abnormal", timeout=PATIENCE_MS)
