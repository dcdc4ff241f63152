"""The page of webhooks and events, in a real browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import Dialog, Page, expect

from tests.service.browser import Site, click, expect_text, needs_chromium

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = needs_chromium

GIVE_UP = (
    "SELECT ops.finish_delivery(w.id, c.event_id, 410, 'gone for good')"
    " FROM ops.claim_deliveries() AS c JOIN ops.webhook AS w ON w.name = 'mes'"
)


def test_a_webhook_is_made_tried_replayed_paused_and_deleted(
    visit: Callable[..., Page], site: Site
) -> None:
    page = visit("/notifications", "ko-KR", apart=True)
    page.locator("#adding summary").click()
    page.locator("#hook-name").fill("mes")
    page.locator("#hook-url").fill("https://mes.example/hook")
    page.get_by_label("사진 판정").check()
    page.locator("#hook-filter").fill("[1]")
    page.locator("#add [type=submit]").click()
    expect_text(page, "#message", "JSON 객체여야")
    page.locator("#hook-filter").fill('{"verdict": "defect"}')
    page.locator("#add [type=submit]").click()
    secret = page.locator("#secret code").inner_text()
    assert secret.startswith("whsec_")
    kept = site.db.execute("SELECT kinds, filter FROM search.webhooks").fetchall()
    assert kept == [(["analysis.judged"], {"verdict": "defect"})]
    # It is nowhere once the page is left.
    page.reload()
    expect_text(page, "#hooks", "https://mes.example/hook")
    assert secret not in page.content()
    page.get_by_role("button", name="시험", exact=True).click()
    expect(page.locator("#deliveries tbody tr")).to_have_count(1)
    site.db.execute(GIVE_UP)
    click(page, "포기함")
    expect_text(page, "#deliveries", "gone for good")
    again = visit("/notifications#hook=mes&state=dead")
    expect_text(again, "#deliveries", "gone for good")
    click(page, "모두 다시 보내기")
    expect_text(page, "#message", "1건을 다시 보냅니다")
    expect_text(page, "#deliveries", "이 상태의 기록이 없습니다")
    click(page, "멈추기")
    expect_text(page, "#hooks", "멈춤")
    asked: list[str] = []

    def agree(dialog: Dialog) -> None:
        asked.append(dialog.message)
        dialog.accept()

    page.on("dialog", agree)
    click(page, "지우기")
    expect_text(page, "#hooks", "아직 없습니다")
    assert "기다리는 1건" in asked[0]


def test_events_are_read_the_newest_first(visit: Callable[..., Page], site: Site) -> None:
    site.db.execute("DELETE FROM ops.event")
    for n in range(32):
        site.db.execute(
            "INSERT INTO ops.event (kind, data) VALUES ('job.failed', jsonb_build_object("
            "'job_id', %s::int, 'task', 'backup', 'error', 'no room'))",
            (n,),
        )
    page = visit("/notifications")
    rows = page.locator("#events tbody tr")
    expect(rows).to_have_count(30)
    expect(rows.first).to_contain_text("#31 backup: no room")
    click(page, "Earlier events")
    expect(rows).to_have_count(32)
    page.locator("#kind").select_option("run.finished")
    expect(page.locator("#events")).to_contain_text("There are no events yet")
