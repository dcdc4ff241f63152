"""Did you mean, on the search page: offered, applied, refused, in the address, in both languages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, expect

from jobs import maintain
from tests.service.browser import Site, click, expect_text, needs_chromium

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
