"""The pages in a real browser, on a service in a process of its own."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from db.calls.query import fetch
from db.operations import keys, runs
from tests.service.browser import (
    Site,
    click,
    expect_text,
    fits,
    judge_first_query,
    needs_chromium,
)
from tests.service.conftest import make_key

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = needs_chromium
OWN_SITE = True  # its last test makes a key


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
    cards.first.get_by_role("button", name="Details").click()
    expect(cards.first.locator(".leg-name").filter(has_text="like (meaning)")).to_have_count(1)
    click(page, "+ 진공 펌프")
    expect(cards.locator(".leg")).to_have_count(0)


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
    expect_text(page, "body", "asked · parts · known")
    plot = page.locator("#evaluation .plot")
    expect(plot.locator("canvas")).to_be_visible()
    expect(plot).to_have_attribute("aria-label", re.compile(r"nDCG@10: [01]\.\d{3}$"))
    plot.locator(".u-over").hover(position={"x": 60, "y": 40})
    expect(plot.locator(".u-legend")).to_contain_text("#1 first")
    page.locator("#evaluation summary").click()
    expect(page.locator("#evaluation details tbody tr")).to_have_count(1)
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
    expect(page.locator("#task option")).to_have_count(6)
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
    page.locator("#class-key").select_option(index=1)
    expect_text(page, "#classes", "nearest items voted (space text)")
    expect_text(page, "#neighbours", "words and vectors together")


def test_judging_by_keyboard(visit: Callable[..., Page], site: Site) -> None:
    judge_first_query(site, done=False)
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
    deadline = time.monotonic() + 60
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
