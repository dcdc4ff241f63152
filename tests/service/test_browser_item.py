"""The item page and what it shares with the search page: zoom, edits, regions of pictures, reasons, grid."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.sync_api import Page, expect

from tests.service.browser import Site, Windows, click, expect_text, fits, needs_chromium
from tests.service.test_browser_shows import bare, barriers
from tests.service.test_browser_state import state

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = needs_chromium


def test_a_picture_is_zoomed_with_its_boxes_and_says_who_read_it(
    visit: Callable[..., Page], site: Site
) -> None:
    page = visit(f"/item?id={site.items['P-1']}", "ko-KR")
    box, line = page.locator(".boxes .box"), page.locator(".lines li")
    expect(line).to_have_count(1)
    assert page.locator("main").inner_text().count("S/N 19E-1") == 1
    assert page.locator("#media").bounding_box()["y"] < page.locator("#fields").bounding_box()["y"]  # type: ignore[index]
    box.focus()
    expect(line).to_contain_class("lit")
    page.keyboard.press("Enter")
    expect(line).to_be_focused()
    expect(box).to_contain_class("lit")
    assert "openseadragon" not in page.evaluate("[...document.scripts].map((s) => s.src).join()")
    click(page, "+")
    expect(page.locator(".zoom canvas").first).to_be_visible()
    expect(page.locator(".zoom .boxes .box")).to_be_visible()
    page.keyboard.press("Tab")  # the buttons come first, then the picture that can be moved by keys
    expect(page.locator(".zoom [role=application]")).to_have_accessible_name(re.compile("방향키"))
    site.db.execute(
        "INSERT INTO core.earlier_reading (picture_id, kind, reader, read_at, content)"
        " SELECT m.picture_id, 'ocr', 'old', now(), 'S/N I9E-1' FROM core.media AS m WHERE m.item_id = %s",
        (site.items["P-1"],),
    )
    page.get_by_text("사진을 읽은 기록").click()
    page.locator("#history .earlier summary").last.click()
    expect(page.locator("#history .earlier ins")).to_have_text("19E-1")
    site.db.execute("DELETE FROM core.earlier_reading")
    expect_text(page, "#history tbody tr:first-child", "읽음")
    expect_text(page, "#history", "1줄")
    expect(page.get_by_role("button", name="한 부분으로 찾기")).to_be_visible()
    assert barriers(page) == []


def test_a_part_of_a_picture_is_searched_by(visit: Callable[..., Page], site: Site) -> None:
    (picture,) = site.db.execute("SELECT min(picture_id) FROM core.media").fetchone() or (0,)
    nothing = {"hits": [], "more": False, "degraded": [], "timing": {"total_ms": 1}}
    page = visit("/#c=parts", "ko-KR", apart=True)
    # Reading a picture takes seconds, and others test it.
    page.route("**/collections/parts/search**", lambda route: route.fulfill(json=nothing))
    page.goto(f"{site.url}/#c=parts&q=gauge&p={picture}")
    page.set_viewport_size({"width": 390, "height": 800})
    click(page, "한 부분만")
    # What is marked is what is cut out: the picture fills its stage.
    widths = "(one) => [one.clientWidth, one.querySelector('img').clientWidth]"
    stage, picture_width = page.locator(".crop .stage").evaluate(widths)
    assert stage == picture_width
    page.get_by_label("너비").press("Home")
    with page.expect_request("**/search/picture") as sent:
        page.locator("dialog button").first.press("Enter")
    assert b"image/jpeg" in (sent.value.post_data_buffer or b"")
    expect_text(page, "#chosen", f"#{picture} (한 부분)")
    assert state(page)["p"].startswith("u-")
    size = page.locator("#chosen img").evaluate("(one) => [one.naturalWidth, one.naturalHeight]")
    assert size == [2, 32]  # of 96 x 64: the least width, half of the height


def test_an_edit_says_what_changes_and_refuses_what_is_stale(windows: Windows, site: Site) -> None:
    later = (
        "UPDATE core.item SET metadata = metadata || '{\"year\": 2024}' WHERE external_id = 'P-3'"
    )
    with bare(windows, site, "ko-KR") as page:
        page.goto(f"{site.url}/item?id={site.items['P-3']}")
        click(page, "내용 고치기")
        page.get_by_role("textbox", name="제목").fill("유압 실린더 A")
        page.get_by_role("textbox", name="연도").fill("이천")
        expect_text(page, ".changing", "값을 읽을 수 없습니다")
        page.get_by_role("textbox", name="연도").fill("2023")
        expect_text(page, ".changing", "연도 2022 → 2023")
        site.db.execute(later)
        click(page, "저장")
        refused = "그사이 다른 사람이 고쳐서 저장하지 않았습니다: 연도"
        expect_text(page, ".editor [role=alert]", refused)
        expect_text(page, ".changing", "연도 2024 → 2023")
        click(page, "저장")
        expect_text(page, "#edit", "저장했습니다: 제목, 연도")
        expect(page.locator("h1")).to_have_text("유압 실린더 A")
        assert fits(page)
        assert barriers(page) == []
    site.db.execute(
        'UPDATE core.item SET fields = fields || \'{"title": "유압 실린더"}\','
        " metadata = metadata || '{\"year\": 2022}' WHERE external_id = 'P-3'"
    )


def test_why_in_words_a_grid_and_names_of_keys(visit: Callable[..., Page], site: Site) -> None:
    site.db.execute(
        'SELECT ops.set_labels(\'parts\', \'{"year": {"ko": "만든 해", "en": "built in"},'
        ' "maker": {"values": {"SMC": {"ko": "에스엠씨"}}}}\')'
    )
    page = visit("/#c=parts&q=진공 펌프 없는말", "ko-KR")
    first = page.locator(".card").first
    expect(first).to_be_visible()
    # Cards are dense: four or five on a screen, one snippet each, the rest folded.
    assert all(box.bounding_box()["height"] < 150 for box in page.locator(".card").all())  # type: ignore[index]
    first.get_by_role("button", name="왜 나왔나요?").click()
    why = first.locator(".why")
    expect(why).to_contain_text("단어로 1위")
    for said in (
        "제목의 “진공”",
        "이 항목에 없는 낱말: 없는말",
        "비중: 단어 1배",
        "점수에서 차지하는 몫",
    ):
        expect(why).to_contain_text(said)
    assert not re.search("[a-z_]{3,}", why.inner_text().replace("score", ""))
    expect(first.locator(".chip").filter(has_text="만든 해")).to_have_count(1)
    expect(first.locator(".chip").filter(has_text="제조사에스엠씨")).to_have_count(1)
    expect(first.locator(".brief .chip").filter(has_text="만든 해")).to_have_count(1)
    expect(page.locator("#sort option").filter(has_text="만든 해")).not_to_have_count(0)
    assert barriers(page) == []
    click(page, "바둑판으로 보기")
    assert state(page)["v"] == "grid"
    assert first.locator(".thumbnail").first.bounding_box()["width"] > 150  # type: ignore[index]
    expect(first.locator(".brief .chip").first).to_be_hidden()
    first.locator("h2 a").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".card h2 a").nth(1)).to_be_focused()
    page.reload()
    expect(page.locator("#hits.tiles .card")).to_have_count(3)
    page.goto(f"{site.url}/compare#c=parts&q=진공 펌프")
    expect(page.locator(".answer").first.locator(".chips")).to_have_text(
        "만든 해2021제조사에스엠씨"
    )
    site.db.execute("SELECT ops.set_labels('parts', '{}', true)")
