"""Suggestions under the search field, in a real browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import Page, expect

from tests.service.browser import needs_chromium

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = needs_chromium


def test_suggestions_are_chosen_by_keys(visit: Callable[..., Page]) -> None:
    page = visit("/#c=parts")
    query = page.locator("#query")
    options = page.locator("#suggestions [role=option]")
    query.press_sequentially("진고")
    expect(options.first).to_contain_text("진공")
    expect(query).to_have_attribute("aria-expanded", "true")
    query.press("ArrowDown")
    expect(query).to_have_value("진공")
    expect(query).to_have_attribute("aria-activedescendant", "suggestion-0")
    expect(options.first).to_have_attribute("aria-selected", "true")
    query.press("Escape")
    expect(query).to_have_value("진고")
    expect(page.locator("#suggestions")).to_be_hidden()
    query.press_sequentially("ㅇ")
    query.fill("진고")
    expect(options.first).to_contain_text("진공")
    query.press("ArrowDown")
    query.press("Enter")
    expect(page.locator("#suggestions")).to_be_hidden()
    expect(page.locator(".card")).not_to_have_count(0)


def test_enter_that_ends_a_syllable_does_not_search(visit: Callable[..., Page]) -> None:
    page = visit("/#c=parts")
    query = page.locator("#query")
    query.focus()
    composing = page.context.new_cdp_session(page)
    composing.send(
        "Input.imeSetComposition", {"text": "진고", "selectionStart": 2, "selectionEnd": 2}
    )
    expect(page.locator("#suggestions [role=option]").first).to_contain_text("진공")
    stopped = page.evaluate(
        "!document.getElementById('query').dispatchEvent(new KeyboardEvent('keydown',"
        " {key: 'Enter', isComposing: true, cancelable: true, bubbles: true}))"
    )
    assert stopped
    expect(page.locator(".card")).to_have_count(0)
