"""The search page: ranges, order and pages that do not shift, law by days and parts, suggestions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

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


LAW = {"law": "민법", "heading": "제2조(신의성실)"}
ARTICLES = [
    ("C2", LAW | {"text": "① 권리는 성실히 행사한다. ② 다음 각 호 1. 남용 2. 기계의 방치"},
     {"version_of": "C2", "article": "제2조", "valid_from": "2020-01-01"}),
    ("C2@2010", LAW | {"text": "① 권리는 성실히 행사한다. ② 기계의 태만"},
     {"version_of": "C2", "article": "제2조", "valid_from": "2010-01-01", "valid_until": "2020-01-01"}),
]  # fmt: skip


def test_articles_as_of_a_day_and_by_their_parts(site: Site, visit: Callable[..., Page]) -> None:
    items = [
        {"external_id": name, "fields": fields, "metadata": metadata}
        for name, fields, metadata in ARTICLES
    ]
    site.db.execute("SELECT ops.create_collection('laws', 'korean')")
    site.db.execute("SELECT * FROM ops.upsert_items('laws', %s)", (Jsonb(items),))
    page = visit("/#c=laws&q=기계")
    expect(hits(page)).to_have_count(1)
    expect_text(page, "#as-of-told", "found only when asked for")
    expect_text(page, ".found-parts", "Words are in paragraph ②, item 2")
    page.locator("#as-of").fill("2015-05-01")
    expect_text(page, ".found-parts", "paragraph ②")
    expect_text(page, "#chosen", "in force on May 1, 2015")
    assert state(page)["d"] == "2015-05-01"
    page.locator("#ever").check()
    expect(hits(page)).to_have_count(2)
    assert state(page)["d"] == "ever"
    page.locator("#chosen button").click()
    expect(hits(page)).to_have_count(1)
    korean = visit("/#c=laws&q=기계&d=2015-05-01", "ko-KR")
    expect_text(korean, "#as-of-told", "2015. 5. 1.에 시행 중이던")
    expect_text(korean, ".found-parts", "제2항")
    korean.goto(korean.url.partition("#")[0] + "#c=laws&q=기계")
    korean.get_by_role("link", name="제2항제2호").click()
    expect_text(korean, ".part.lit", "2. 기계의 방치")
    other = visit("/#c=parts&q=pump")
    expect(other.locator("#dated")).to_be_hidden()


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
    page = visit("/#c=parts", apart=True)
    asked: list[Any] = []
    page.on(
        "request",
        lambda one: asked.append(one.post_data_json) if one.url.endswith("/search") else None,
    )
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
    # Results while typing come all the same, and are nobody's search.
    expect(page.locator(".card").first).to_be_visible()
    assert asked
    assert all(body["log"] is False for body in asked)
