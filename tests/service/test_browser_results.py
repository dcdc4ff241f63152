"""The search page: ranges, bars, total, order and pages that do not shift."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect
from psycopg.types.json import Jsonb

from tests.service.browser import Site, expect_text, needs_chromium
from tests.service.test_browser_state import hits, state

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

pytestmark = needs_chromium


def test_a_list_is_narrowed_sorted_and_read_on(site: Site, visit: Callable[..., Page]) -> None:
    items = [
        {"external_id": f"B-{at:02d}", "fields": {"title": "belt"}, "metadata": {"price": at * 10}}
        for at in range(40)
    ]
    site.db.execute("SELECT ops.create_collection('belts')")
    site.db.execute("SELECT * FROM ops.upsert_items('belts', %s)", (Jsonb(items),))
    page = visit("/#c=belts&q=belt")
    expect(hits(page)).to_have_count(10)
    expect_text(page, "#message", "40 with words or numbers of it")
    for count in (20, 30, 40):
        page.locator("#more-hits").click()
        expect(hits(page)).to_have_count(count)
    assert len(set(hits(page).all_inner_texts())) == 40
    page.locator("#sort").select_option("-price")
    expect(hits(page).first).to_have_text("B-39")
    page.locator(".bars .bar").first.click()
    expect(page.locator("#chosen button")).to_have_count(1)
    assert set(state(page)) == {"c", "q", "r", "s"}
    expect(hits(page).first).not_to_have_text("B-39")
    korean = visit("/#" + page.url.partition("#")[2], "ko-KR")
    expect(korean.locator("#sort option:checked")).to_have_text("price 높은 것부터")
    expect_text(korean, "#message", "낱말이나 번호가 있는 것")
