"""Did you mean, and answers, on the search page: offered, applied, refused, in both languages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, expect

from jobs import maintain
from tests.service.browser import SHOTS, Site, click, expect_text, needs_chromium

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = needs_chromium


@pytest.fixture(autouse=True)
def counted(site: Site) -> None:
    """The words of the parts are counted."""
    maintain.run(site.db, "parts")


def test_a_correction_is_offered_and_taken(visit: Callable[..., Page]) -> None:
    page = visit("/#c=parts&q=Vacum gauge", width=390)
    expect_text(page, "#meant", "Did you mean")
    click(page, "Vacuum gauge")
    expect(page.locator("#query")).to_have_value("Vacuum gauge")
    expect(page.locator("#meant")).to_be_hidden()
    expect(page.locator(".card .key").first).to_have_text("P-2")


def test_an_applied_correction_is_said_and_can_be_refused(
    visit: Callable[..., Page],
) -> None:
    page = visit("/#c=parts&q=wlsrhd vjavm", "ko")
    expect_text(page, "#meant", "입력한 말로는 찾은 것이 없어 이것으로 찾았습니다")
    expect_text(page, "#meant b", "진공 펌프")
    expect(page.locator(".card .key").first).to_have_text("P-1")
    expect(page.locator("#query")).to_have_value("wlsrhd vjavm")
    click(page, "wlsrhd vjavm")
    expect_text(page, "#meant", "이것을 찾으셨나요?")
    assert "o=1" in page.url
    page.reload()
    expect_text(page, "#meant", "이것을 찾으셨나요?")
    page.go_back()
    expect_text(page, "#meant", "이것으로 찾았습니다")
    click(page, "English")
    expect_text(page, "#meant", "Showing results for")


@pytest.mark.parametrize(
    ("language", "ask", "told", "refused"),
    [
        ("en", "Answer this", "sentences of the items themselves", "No answer"),
        ("ko", "이 물음에 답하기", "문장을 그대로 옮긴 것", "답이 없습니다"),
    ],
)
def test_a_question_is_answered_with_what_it_cites(
    visit: Callable[..., Page], language: str, ask: str, told: str, refused: str
) -> None:
    page = visit("/#c=parts&q=digital gauge", language)
    click(page, ask)
    expect_text(page, "#answer", told)
    expect_text(page, ".statements li", "digital, for pumps")
    page.locator(".cited summary").first.click()
    expect(page.locator(".cited blockquote").first).to_have_text("digital, for pumps")
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/answer-{language}.png")
    page.goto(page.url.split("#")[0] + "#c=parts&q=capital of France")
    expect(page.locator(".answer-body")).to_be_empty()  # that of the search before is gone
    click(page, ask)
    expect_text(page, "#answer", refused)
