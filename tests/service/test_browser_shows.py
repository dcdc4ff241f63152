"""What the pages show: formulas, facets, what is missing, who one is; on paper and on a phone."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, FilePayload, Page, Route, expect

from db.calls.query import fetch
from db.operations import runs
from tests.service.browser import (
    PATIENCE_MS,
    Site,
    Windows,
    click,
    expect_text,
    fits,
    leave,
    needs_chromium,
)
from tests.service.conftest import make_key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = needs_chromium
OWN_SITE = True  # its last test makes a key

PAGES = (
    *(
        "/#c=sums&q=삼각형",
        "/dashboard",
        "/activity",
        "/label",
        "/training",
        "/quality#c=parts",
        "/defects",
    ),
    *("/batches", "/manuals", "/products", "/statistics", "/notifications", "/item?id={item}"),
    *("/data", "/compare#c=parts&q=펌프&b=own&s=asked", "/evaluation", "/admin"),
)

# What a finger can hardly hit; a box is ticked by its label.
SMALL = """() => [...document.querySelectorAll("a, button, input, select, summary, label.check")]
  .filter((one) => !one.matches("label [type=checkbox]"))
  .filter((one) => one.checkVisibility() && !one.closest(".boxes"))
  .map((one) => [one.getBoundingClientRect(), one])
  .filter(([box]) => box.width > 0 && (box.height < 43.5 || box.width < 43.5))
  .map(([box, one]) => `${one.outerHTML.slice(0, 80)} ${Math.round(box.width)}x${Math.round(box.height)}`)"""


@contextmanager
def bare(windows: Windows, site: Site, language: str = "en") -> Iterator[Page]:
    """A page that may complain: the browser itself writes failed requests to the console."""
    window = windows(language, 1100, slow=False)
    page = window.pages[0] if window.pages else window.new_page()
    try:
        yield page
    finally:
        leave(window, site.url, [])


def barriers(page: Page, *rules: str) -> list[str]:
    """Faults that keep people from reading or using a page, by some rules of axe-core or by all."""
    only = {"runOnly": list(rules)} if rules else {}
    found = Axe().run(page, options={"resultTypes": ["violations"], **only}).response["violations"]
    return [f"{one['id']}: {[node['target'] for node in one['nodes']][:3]}" for one in found]


def facet(page: Page, name: str) -> list[str]:
    """The values of a facet, with their counts."""
    box = page.locator(".facet").filter(has=page.locator(".name", has_text=re.compile(f"^{name}$")))
    return [" ".join(text.split()) for text in box.locator("button").all_inner_texts()]


def test_formulas_are_set(visit: Callable[..., Page]) -> None:
    page = visit("/#c=sums&q=삼각형")
    card = page.locator(".card").first
    expect(card.locator("h2 .formula .katex")).to_have_count(1)
    assert "$" not in card.locator("h2").inner_text()
    card.get_by_role("button", name="Details").click()
    choices = card.locator(".field").filter(has_text="choices").locator(".value")
    # The unknown command is shown as it was written, and prices are none.
    assert choices.locator(".katex").count() == 2
    assert "$\\nosuch{}$ costs $5 and $10" in choices.inner_text()
    # Marks hold words or whole formulas.
    assert choices.locator("mark").all_inner_texts()[0] == "삼각형"
    for mark in choices.locator("mark").all():
        assert mark.inner_text().count("$") == 0
    expect(page.locator(".message .katex")).to_have_count(0)
    card.locator("h2 a").click()
    expect(page.locator("h1 .katex")).to_have_count(1)
    assert re.fullmatch(r"변 √\d+ cm 인 삼각형 · sums · Seogo", page.title())


def test_no_formula_no_library(visit: Callable[..., Page]) -> None:
    page = visit("/#c=parts&q=펌프")
    expect(page.locator(".card")).to_have_count(3)
    fetched = page.evaluate("performance.getEntriesByType('resource').map((r) => r.name)")
    assert [url for url in fetched if "formulas" in url]
    assert not [url for url in fetched if "katex" in url]


def test_facets_know_the_whole_collection(visit: Callable[..., Page]) -> None:
    """The first fifty items are alike."""
    page = visit("/#c=sums&q=삼각형")
    expect(page.locator(".facet")).to_have_count(3)
    expect(page.locator(".facet").filter(has_text="in force from")).to_have_count(
        1
    )  # a range of days
    assert facet(page, "grade") == ["one 50", "three 5", "two 5"]
    assert facet(page, "in stock") == ["no 30", "yes 30"]


def test_labels_values_and_days_in_both_languages(visit: Callable[..., Page]) -> None:
    page = visit("/#c=sums&q=삼각형")
    page.locator(".card").first.get_by_role("button", name="Details").click()
    chips = page.locator(".card").first.locator(".folded .chip")
    expect(chips.filter(has_text="in force from")).to_have_text("in force fromOct 1, 2025")
    # A number that looks like a day is none.
    expect(chips.filter(has_text="in stock (pieces)")).to_have_text("in stock (pieces)20251001")
    click(page, "한국어")
    page.locator(".card").first.get_by_role("button", name="자세히").click()
    expect(chips.filter(has_text="시행일")).to_have_text("시행일2025. 10. 1.")
    expect(chips.filter(has_text="재고 있음")).to_have_text(re.compile("재고 있음(예|아니오)"))
    expect_text(page, ".card:first-child", "보기")
    assert facet(page, "재고 있음") == ["아니오 30", "예 30"]
    assert not re.search("in_stock|true|false", page.locator("main").inner_text())


def test_what_a_field_says_is_not_said_again(visit: Callable[..., Page], site: Site) -> None:
    site.db.execute(
        "UPDATE core.item SET metadata = metadata || '{\"maker\": \"진공 펌프\"}' WHERE external_id = 'P-1'"
    )
    page = visit("/#c=parts&q=펌프")
    card = page.locator(".card").filter(has_text="P-1")
    expect(card.locator(".chip").filter(has_text="year")).to_have_count(1)
    expect(card.locator(".chip").filter(has_text="진공 펌프")).to_have_count(0)


def test_a_long_text_is_folded_into_paragraphs(visit: Callable[..., Page], site: Site) -> None:
    (row,) = site.db.execute("SELECT id FROM core.item WHERE external_id = 'S-01'").fetchall()
    page = visit(f"/item?id={row[0]}")
    field = page.locator(".field").filter(has_text="solution")
    expect(field.locator("p")).to_have_count(200)
    # The page may draw the item once more meanwhile: the height is that of whichever element is there.
    height = (
        "[...document.querySelectorAll('.field')].find((one) => one.textContent.includes('solution'))"
        ".querySelector('.value').getBoundingClientRect().height"
    )
    page.wait_for_function(f"0 < {height} && {height} < 300")
    field.get_by_role("button", name="Show all").click()
    page.wait_for_function(f"{height} > 300")


def test_collections_without_pictures(visit: Callable[..., Page]) -> None:
    page = visit("/#c=sums&q=삼각형")
    expect(page.locator(".card")).to_have_count(10)
    expect(page.locator("#pick")).to_be_disabled()
    page.evaluate(
        "() => { const given = new DataTransfer();"
        " given.items.add(new File(['x'], 'x.png', {type: 'image/png'}));"
        " document.dispatchEvent(new DragEvent('drop', {dataTransfer: given, cancelable: true})); }"
    )
    expect_text(page, "#message", "cannot be searched by picture")
    page.locator("#collection").select_option("parts")
    expect(page.locator("#pick")).to_be_enabled()


@pytest.mark.parametrize(
    ("language", "said"), [("en", "It is no picture."), ("ko-KR", "사진이 아닙니다.")]
)
@pytest.mark.parametrize(
    ("path", "given", "send"),
    [("/#c=parts", "#picture", ""), ("/defects", "#picture", "#ask [type=submit]")],
)
def test_a_file_that_is_no_picture(
    site: Site, windows: Windows, language: str, said: str, path: str, given: str, send: str
) -> None:
    with bare(windows, site, language) as page:
        page.goto(site.url + path)
        expect(page.locator("#message")).not_to_have_class(re.compile("busy"))
        file: FilePayload = {"name": "mine.png", "mimeType": "image/png", "buffer": b"no picture"}
        page.locator(given).set_input_files(file)
        if send:
            page.locator(send).click()
        expect_text(page, "#message", said)
        assert "not-a-picture" not in page.locator("#message").inner_text()
        assert "filter" not in page.locator("#message").inner_text()


def test_what_is_missing_or_weak_is_said(visit: Callable[..., Page], site: Site) -> None:
    page = visit("/#c=parts&q=zzqqxx")
    expect(page.locator(".card")).to_have_count(3)
    expect_text(page, "#degraded", "None of these has the words")
    expect_text(page, "#message", "All 3 results")
    page.locator("#query").fill("펌프")
    page.locator("#query").press("Enter")
    expect(page.locator(".card mark")).not_to_have_count(0)
    expect(page.locator("#degraded")).to_be_hidden()
    page.locator("#more summary").click()
    for n in range(3):
        weight = page.locator("#weights input").nth(n)
        weight.fill("0")
        expect(page.locator("#weights output").nth(n)).to_have_text("0")
        expect(page.locator("#more")).to_have_attribute("open", "")
    expect_text(page, "#message", "Every weight is 0")
    expect(page.locator(".card")).to_have_count(0)
    many = visit("/#c=sums&q=삼각형")
    expect_text(many, "#message", "The first 10 results, there are more")
    change = (
        "UPDATE core.item SET fields = fields || '{\"body\": \"new\"}' WHERE external_id = 'P-2'"
    )
    site.db.execute(change)
    late = visit("/#c=parts&q=nothinglikeit")
    expect_text(late, "#degraded", "1 of 3 items have none yet (seogo worker")


def test_what_waits_for_a_captioner_that_nobody_runs_and_a_caption_of_an_item(
    visit: Callable[..., Page], site: Site
) -> None:
    (item,) = site.db.execute("SELECT min(item_id) FROM core.media").fetchone() or (0,)
    site.db.execute(
        "INSERT INTO core.item_caption (item_id, wanted, pictures, text, of_pictures, unanswered)"
        " SELECT %s, 'parts-ko', '{1, 2, 3}', 'dry pump from all sides',"
        " impl.item_pictures(%s), 1",
        (item, item),
    )
    activity = visit("/activity", "ko-KR")
    told = "항목 설명: 1건이 기다리는데 이 설정의 작업자는 처리하지 못합니다."
    expect_text(activity, "#unserved", told)
    expect_text(activity, "#unserved", "SEOGO_CAPTIONERS 를 정하고")
    page = visit(f"/item?id={item}", "ko-KR")
    expect_text(page, "#fields", "dry pump from all sides")
    expect_text(page, "#fields", "사진 3장 가운데 1장을 보고 씀")
    site.db.execute("DELETE FROM core.item_caption")


def test_a_queue_that_nothing_serves(visit: Callable[..., Page], site: Site) -> None:
    page = visit("/activity")
    page.locator("#task").select_option("measure_recall")
    click(page, "Run now")
    expect_text(page, "#unserved", "1 waiting, and no program is running")
    expect_text(page, "#unserved", "seogo schedule run --forever")
    dashboard = visit("/dashboard", "ko-KR")
    expect_text(dashboard, "#queues", "예약 작업: 1건이 기다리는데")
    site.db.execute("INSERT INTO jobs.procrastinate_workers (last_heartbeat) VALUES (now())")
    expect(page.locator("#unserved .notice")).to_have_count(0)
    click(page, "Cancel")
    site.db.execute("DELETE FROM jobs.procrastinate_workers")
    expect_text(page, "#jobs", "cancelled")


def test_new_runs_appear_by_themselves(visit: Callable[..., Page], site: Site) -> None:
    page = visit("/activity", "ko-KR")
    expect(page.locator("#jobs")).not_to_contain_text("불러오는 중")
    run_id = fetch(site.db, runs.start(kind="ingest", args={"collection": "parts"}))[0].id
    stages = {
        "load": {"done": 1, "waiting": 3},
        "text vectors: text": {"done": 2},
        "ocr": {"done": 0},
    }
    fetch(site.db, runs.stages(run_id=run_id, stages=stages))
    shown = page.locator(f'[data-run="{run_id}"]')
    expect(shown).to_contain_text("데이터 넣기")
    expect(shown.locator(".stage")).to_have_count(2)
    expect_text(page, f'[data-run="{run_id}"]', "읽어 넣기")
    expect_text(page, f'[data-run="{run_id}"]', "글 벡터 (text)")
    fetch(site.db, runs.finish(run_id=run_id, state="done"))
    expect(shown.locator(".state")).to_have_text("완료")


def test_an_item_without_a_picture_or_a_vector(visit: Callable[..., Page], site: Site) -> None:
    """No request fails: the console stays empty, which the fixture sees to."""
    answer = site.db.execute(
        "INSERT INTO core.item (collection_id, external_id, fields) SELECT id, 'P-9', '{\"title\": \"new\"}'"
        " FROM core.collection WHERE name = 'parts' RETURNING id"
    ).fetchone()
    assert answer
    page = visit(f"/item?id={answer[0]}", "ko-KR")
    expect_text(page, "#neighbours", "이 항목의 벡터가 아직 없거나")
    site.db.execute("DELETE FROM core.item WHERE id = %s", answer)


def test_everything_can_be_read_and_used(visit: Callable[..., Page], site: Site) -> None:
    run_id = fetch(site.db, runs.start(kind="ingest", args={}))[0].id
    fetch(
        site.db,
        runs.note_error(run_id=run_id, place="line 1", external_id=None, reason="bad", record=b""),
    )
    fetch(site.db, runs.finish(run_id=run_id, state="failed", error="it broke"))
    page = visit("/dashboard", apart=True)
    for path in PAGES:
        page.emulate_media(color_scheme="light")
        page.goto(site.url + path.format(item=site.items["P-1"]))
        page.wait_for_load_state("networkidle")
        assert barriers(page) == [], path
        # Colours alone differ in the dark.
        page.emulate_media(color_scheme="dark")
        assert barriers(page, "color-contrast") == [], path


def test_a_phone(visit: Callable[..., Page], site: Site) -> None:
    page = visit("/dashboard", "ko-KR", 390)
    for path in PAGES:
        page.goto(site.url + path.format(item=site.items["P-1"]))
        page.wait_for_load_state("networkidle")
        assert page.evaluate(SMALL) == [], path
        assert barriers(page, "link-name", "button-name", "label") == [], path
        assert fits(page), path
        head = page.locator("header .bar").bounding_box()
        assert head
        assert head["height"] <= 60, path


def test_on_paper(visit: Callable[..., Page]) -> None:
    page = visit("/#c=parts&q=펌프", apart=True)
    expect(page.locator(".card")).to_have_count(3)
    page.locator(".card").first.get_by_role("button", name="Details").click()
    page.emulate_media(media="print")
    for hidden in ("header", "#facets", ".liking"):
        expect(page.locator(hidden).first).to_be_hidden()
    fill = page.locator(".fill").first
    assert fill.evaluate("(one) => getComputedStyle(one).printColorAdjust") == "exact"


def test_what_is_jumped_to_is_not_under_the_head(visit: Callable[..., Page]) -> None:
    page = visit("/defects")
    head = page.locator("header").bounding_box()
    assert head
    padding = page.evaluate(
        "parseFloat(getComputedStyle(document.documentElement).scrollPaddingTop)"
    )
    assert padding >= head["height"]


def test_a_contradiction_is_found_and_accepted(visit: Callable[..., Page], site: Site) -> None:
    """P-2 and P-3 show one picture."""
    page = visit("/quality#c=parts", language="ko")
    click(page, "지금 찾기")
    expect(page.locator("#found article")).to_have_count(1)
    expect(page.locator("#found article .strip img")).to_have_count(1)
    page.get_by_label("메모 (선택)").fill("한 사진")
    click(page, "그대로 인정")
    expect(page.locator("#found article")).to_have_count(0)
    rows = site.db.execute("SELECT rule, state, note FROM ops.contradiction").fetchall()
    assert rows == [("duplicate", "accepted", "한 사진")]


def test_an_address_that_is_none(site: Site, windows: Windows) -> None:
    with bare(windows, site, "ko-KR") as page:
        page.goto(f"{site.url}/nothing/here")
        expect_text(page, "#message", "그런 화면이 없습니다")
        page.locator("nav a").first.click()
        expect(page.locator("#query")).to_be_visible()


@pytest.mark.parametrize("path", ["/activity", "/defects", "/dashboard", "/label", "/"])
def test_while_the_database_is_away(site: Site, windows: Windows, path: str) -> None:
    def away(route: Route) -> None:
        if route.request.resource_type not in ("fetch", "eventsource"):
            return route.continue_()
        problem = '{"type": "urn:seogo:problem:database-unavailable", "detail": "PostgreSQL does not answer"}'
        return route.fulfill(status=503, content_type="application/problem+json", body=problem)

    with bare(windows, site) as page:
        page.route("**/*", away)
        page.goto(site.url + path)
        expect_text(page, "main", "The database is not available now")
        told = page.locator("main").inner_text()
        for claim in (
            "Nothing has run",
            "No jobs",
            "No picture",
            "Nothing needs",
            "There are no",
            "Loading",
        ):
            assert claim not in told
        page.unroute("**/*")
        page.get_by_role("button", name="Try again").first.click()
        expect(page.locator("main")).not_to_contain_text("The database is not available now")
        expect(page.get_by_role("button", name="Try again")).to_have_count(0)


def test_z_readers_see_what_they_may(browser: Browser, site: Site) -> None:
    """The last one: from now on a key is needed."""
    token = str(make_key(site.db))
    with browser.new_context(locale="en", extra_http_headers={"X-API-Key": token}) as context:
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        page.goto(f"{site.url}/activity")
        expect_text(page, "#not-admin", "takes an admin key")
        expect(page.get_by_role("button", name="Run now")).to_have_count(0)
        expect_text(page, "#bar", "test · reader")
        expect(page.get_by_role("button", name="Sign out")).to_be_visible()
        page.goto(f"{site.url}/defects")
        expect_text(page, "#reader-only", "you can only look")
        expect(page.locator("#ask")).to_be_hidden()
        page.goto(f"{site.url}/quality#c=parts")
        expect_text(page, "#message", "you can only look")
        expect(page.locator("#judge-now")).to_be_hidden()
