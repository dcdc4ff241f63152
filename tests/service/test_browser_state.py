"""Pages write what was meant, once; and what they show stands in their address."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Dialog, FilePayload, Page, Route, expect

from tests.service.browser import (
    Site,
    click,
    expect_text,
    fits,
    judge_first_query,
    needs_chromium,
)
from tests.service.conftest import png

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Locator, Request

pytestmark = needs_chromium

INSPECT = "#ask button[type=submit]"
FILE: FilePayload = {"name": "mine.png", "mimeType": "image/png", "buffer": png("green")}


def writes(page: Page, what: str) -> list[Request]:
    """The requests that write which the page sends from now on."""
    sent: list[Request] = []

    def heard(request: Request) -> None:
        if request.method != "GET" and what in request.url:
            sent.append(request)

    page.on("request", heard)
    return sent


def judged(site: Site) -> list[tuple[str, int]]:
    """What people have judged so far: item and grade, in the order of writing."""
    return site.db.execute(
        "SELECT j.external_id, j.grade FROM eval.judgment AS j WHERE j.source = 'people'"
        " ORDER BY j.judged_at, j.external_id"
    ).fetchall()


def state(page: Page) -> dict[str, str]:
    """What the address says behind the #."""
    found = parse_qs(urlsplit(page.url).fragment)
    return {name: values[0] for name, values in found.items()}


def hits(page: Page) -> Locator:
    """The external ids of what was found."""
    return page.locator(".card .key")


def test_two_keys_at_once_judge_one_item(visit: Callable[..., Page], site: Site) -> None:
    judge_first_query(site, done=False)
    page = visit("/label", slow=True)
    bar, key = page.locator("#bar-of-items"), page.locator("#candidate .key")
    expect(page.locator("#asked")).to_have_text("펌프")
    sent = writes(page, "/judgments")
    items = []
    for n, (first, second) in enumerate((("0", "1"), ("2", "s"), ("1", "3"))):
        expect(bar).to_have_js_property("value", n)
        items.append(key.inner_text())
        page.keyboard.press(first)
        page.keyboard.press(second)
        page.keyboard.press("ArrowLeft")
    expect(page.locator("#asked")).to_have_text("실린더")
    assert [
        (request.post_data_json or {})["judgments"][0]["external_id"] for request in sent
    ] == items
    assert sorted(judged(site)) == sorted(zip(items, (0, 2, 1), strict=True))


def test_a_click_twice_and_a_key_held_down_judge_one_item(
    visit: Callable[..., Page], site: Site
) -> None:
    judge_first_query(site, done=True)
    page = visit("/label#set=asked&c=parts")
    bar, before = page.locator("#bar-of-items"), len(judged(site))
    expect(page.locator("#asked")).to_have_text("실린더")
    page.locator("[data-grade='1']").dblclick()
    expect(bar).to_have_js_property("value", 1)
    page.wait_for_timeout(300)
    assert len(judged(site)) == before + 1
    page.keyboard.down("2")
    for _ in range(5):
        page.keyboard.down("2")  # what a keyboard sends while a key is held
    expect(bar).to_have_js_property("value", 2)
    page.wait_for_timeout(300)
    assert len(judged(site)) == before + 2
    expect(bar).to_have_js_property("value", 2)


@pytest.mark.parametrize("press", ["dblclick", "Enter"])
def test_run_now_twice_queues_once(visit: Callable[..., Page], press: str) -> None:
    page = visit("/activity", slow=True)
    page.locator("#task").select_option("embed_stale")
    sent = writes(page, "/jobs")
    run = page.get_by_role("button", name="Run now")
    if press == "dblclick":
        run.dblclick()
    else:
        run.focus()
        for _ in range(3):
            page.keyboard.press("Enter")
    expect_text(page, "#jobs", "waiting")
    assert len(sent) == 1
    page.locator("#jobs").get_by_role("button", name="Cancel").first.dblclick()
    expect_text(page, "#jobs tbody tr:first-child", "cancelled")
    assert len(sent) == 2


def test_registering_and_feedback_twice_write_once(visit: Callable[..., Page], site: Site) -> None:
    page = visit("/products", slow=True)
    page.locator("#new-pictures").set_input_files(FILE)
    sent = writes(page, "/defects/")
    page.locator("#register button").dblclick()
    expect_text(page, "#registered", "1 new")
    assert [urlsplit(request.url).path for request in sent] == ["/defects/specimens"]
    page = visit("/defects", slow=True)
    sent = writes(page, "/defects/")
    page.locator("#picture").set_input_files(FILE)
    page.locator(INSPECT).dblclick()
    expect_text(page, "#verdict", "cannot be judged")
    page.locator("#note").fill("twice")
    page.locator("#note").press("Enter")
    page.locator("#note").press("Enter")
    expect_text(page, "#said", "Saved")
    page.locator("#learn").dblclick()
    expect_text(page, "#said", "Registered")
    last = state(page)["a"]
    paths = [urlsplit(request.url).path for request in sent]
    about = f"/defects/analyses/{last}"
    assert paths == ["/defects/analyze", f"{about}/feedback", f"{about}/register"]
    notes = site.db.execute("SELECT note FROM core.feedback WHERE note <> ''").fetchall()
    assert notes == [("twice",)]


def test_an_analysis_stands_in_the_address(visit: Callable[..., Page]) -> None:
    page = visit("/defects")
    page.locator("#picture").set_input_files(FILE)
    for shown in ("before", "last"):
        page.locator(INSPECT).click()
        expect(page.locator("#verdict")).to_be_visible()
        expect(page).to_have_title(re.compile("^Analysis"))
        if shown == "before":
            before = state(page)["a"]
            page.go_back()
            expect(page.locator("#result")).to_be_hidden()
    first = page.url
    analysis = state(page)["a"]
    expect(page).to_have_title(f"Analysis {analysis} · cannot be judged · Defects · Seogo")
    page.locator("#recent").get_by_role("link", name=f"#{before}").click()
    expect(page).to_have_title(f"Analysis {before} · cannot be judged · Defects · Seogo")
    page.go_back()
    expect(page).to_have_title(f"Analysis {analysis} · cannot be judged · Defects · Seogo")
    assert page.url == first
    page.go_back()
    expect(page.locator("#result")).to_be_hidden()
    again = visit("/defects#" + urlsplit(first).fragment, "ko-KR")
    expect(again).to_have_title(f"검사 {analysis} · 판정할 수 없음 · 결함 · Seogo")


def test_back_shows_each_search_as_it_was(visit: Callable[..., Page]) -> None:
    page = visit("/#c=parts")
    page.locator("#query").fill("펌프")
    page.locator("#query").press("Enter")
    expect(hits(page)).to_have_count(3)
    page.locator("#collection").select_option("sums")
    expect(hits(page)).to_have_count(0)
    page.locator("#query").fill("삼각형")
    page.locator("#query").press("Enter")
    expect(hits(page)).to_have_count(10)
    page.locator("#facets").get_by_role("button", name="grade: two").click()
    expect(hits(page)).to_have_count(5)
    chosen = sorted(hits(page).all_inner_texts())
    assert chosen == ["S-51", "S-52", "S-53", "S-54", "S-55"]
    assert state(page) == {"c": "sums", "q": "삼각형", "m": '{"grade":"two"}'}
    expect(page).to_have_title("삼각형, two · sums · Seogo")
    page.go_back()
    expect(hits(page)).to_have_count(10)
    expect(page.locator("#chosen button")).to_have_count(0)
    page.go_back()
    expect(page.locator("#query")).to_have_value("펌프")
    expect_text(page, "#message", "Nothing was found")
    page.go_back()
    expect(hits(page)).to_have_count(3)
    expect(page.locator("#collection")).to_have_value("parts")
    expect(page).to_have_title("펌프 · parts · Seogo")
    for _ in range(3):
        page.go_forward()
    expect(hits(page)).to_have_count(5)
    assert sorted(hits(page).all_inner_texts()) == chosen


def test_all_of_a_search_stands_in_the_address(visit: Callable[..., Page], site: Site) -> None:
    page = visit("/#c=parts&q=pump")
    expect(hits(page)).to_have_count(3)
    page.locator(".card").filter(has_text="P-1").get_by_text("like this").click()
    expect_text(page, "#chosen", "진공 펌프")
    page.locator(".card").filter(has_text="P-2").get_by_text("unlike").click()
    expect_text(page, "#chosen", "Vacuum gauge")
    page.locator("#more summary").click()
    page.locator("#weights input").first.fill("2.5")
    page.locator("#filter").fill("$.year >= 2000")
    page.locator("#k").select_option("20")
    expect(page).to_have_url(site.url + "/#" + urlsplit(page.url).fragment)
    expected = {
        "c": "parts", "q": "pump", "f": "$.year >= 2000", "k": "20",
        "like": str(site.items["P-1"]), "unlike": str(site.items["P-2"]), "w": '{"lexical":2.5}',
    }  # fmt: skip
    expect(page.locator("#chosen button")).to_have_count(2)
    assert state(page) == expected
    found = hits(page).all_inner_texts()
    page.reload()
    expect(hits(page)).to_have_count(len(found))
    assert hits(page).all_inner_texts() == found
    assert state(page) == expected
    expect_text(page, "#chosen", "진공 펌프")
    expect(page.locator("#filter")).to_have_value("$.year >= 2000")
    expect(page.locator("#k")).to_have_value("20")
    expect(page.locator("#weights input").first).to_have_value("2.5")


def test_back_from_an_item_is_where_one_was(visit: Callable[..., Page]) -> None:
    page = visit("/#c=sums&q=삼각형")
    for n in (20, 30, 40):
        page.locator("#more-hits").click()
        expect(hits(page)).to_have_count(n)
    found = hits(page).all_inner_texts()
    page.locator(".card h2 a").nth(33).scroll_into_view_if_needed()
    page.wait_for_timeout(300)
    there = page.evaluate("scrollY")
    assert there > 2000
    page.locator(".card h2 a").nth(33).click()
    expect(page.locator("h1")).to_contain_text("변")
    page.go_back()
    expect(hits(page)).to_have_count(40)
    assert hits(page).all_inner_texts() == found
    expect(page.locator(".card h2 a").nth(33)).to_be_in_viewport()
    assert abs(page.evaluate("scrollY") - there) < 50


def test_a_picture_stays_and_can_be_given_again(visit: Callable[..., Page]) -> None:
    page = visit("/#c=parts&q=gauge")
    expect(hits(page)).to_have_count(3)
    page.locator("#picture").set_input_files(FILE)
    expect_text(page, "#chosen", "mine.png")
    page.reload()
    expect_text(page, "#chosen", "mine.png")
    page.locator("#chosen button").first.click()  # the second searches by a part of it
    expect(page.locator("#chosen button")).to_have_count(0)
    page.locator("#picture").set_input_files(FILE)
    expect_text(page, "#chosen", "mine.png")
    # A window of another width keeps nothing of this one's.
    elsewhere = visit("/#" + urlsplit(page.url).fragment, width=1000)
    expect_text(elsewhere, "#degraded", "not kept in this browser")
    expect(hits(elsewhere)).to_have_count(3)


@pytest.mark.parametrize(
    "fragment",
    ["c=parts&q=pump&m=[1", "c=parts&q=pump&m={%22a%22:[1]}&w=7&k=9999999&n=-4&like=x,-1&p=../x"],
)
def test_an_address_written_by_hand_is_no_error(visit: Callable[..., Page], fragment: str) -> None:
    page = visit("/#" + fragment)
    expect(hits(page)).to_have_count(3)
    expect(page.locator("#k")).to_have_value("10")
    expect(page.locator("#chosen button")).to_have_count(0)


def test_an_address_of_a_collection_that_is_gone(visit: Callable[..., Page]) -> None:
    page = visit("/#c=gone&q=pump")
    expect_text(page, "#message", "There is no collection gone")
    expect(hits(page)).to_have_count(0)
    page.locator("#collection").select_option("parts")
    expect(hits(page)).to_have_count(3)


def test_pages_open_where_there_is_something(visit: Callable[..., Page], site: Site) -> None:
    """The first collection by name is empty."""
    judge_first_query(site, done=False)
    page = visit("/")
    expect(page.locator("#collection")).not_to_have_value("aaa")
    page.locator("#collection").select_option("sums")
    page.goto(page.url.partition("#")[0] + "dashboard")
    page.goto(page.url.replace("dashboard", ""))
    expect(page.locator("#collection")).to_have_value("sums")
    label = visit("/label")
    expect(label.locator("#collection")).to_have_value("parts")
    expect(label.locator("#asked")).to_be_visible()
    label.locator("#collection").select_option("aaa")
    expect_text(label, "#message", "Nothing is left to judge")
    label.reload()
    expect(label.locator("#collection")).to_have_value("aaa")
    label.go_back()
    expect(label.locator("#collection")).to_have_value("parts")
    expect(label.locator("#asked")).to_be_visible()


@pytest.mark.parametrize("path", ["/", "/compare"])
def test_what_is_typed_while_a_page_loads_stays(
    visit: Callable[..., Page], site: Site, path: str
) -> None:
    page = visit(f"{path}#c=parts&q=valve")
    query = page.locator("#query")
    page.wait_for_load_state("networkidle")
    held: list[Route] = []
    holding = True

    def hold(route: Route) -> None:
        if holding and route.request.resource_type == "fetch":
            held.append(route)
        else:
            route.continue_()

    page.route("**/*", hold)
    for leave in (lambda: page.goto(f"{site.url}{path}#c=sums&q=pump"), page.reload):
        holding = True
        leave()
        expect(query).to_have_value("pump")
        query.fill("typed")
        page.wait_for_timeout(100)
        assert held
        holding = False
        while held:
            held.pop().continue_()
        page.wait_for_load_state("networkidle")
        expect(query).to_have_value("typed")


def test_what_was_skipped_is_said(visit: Callable[..., Page], site: Site) -> None:
    judge_first_query(site, done=True)
    page = visit("/label#set=asked&c=parts")
    expect(page.locator("#asked")).to_have_text("실린더")
    page.keyboard.press("s")
    expect_text(page, "#message", "One query was skipped")
    click(page, "Start over")
    expect(page.locator("#asked")).to_have_text("실린더")


def test_two_fusions_are_compared_judged_saved_and_tried(
    visit: Callable[..., Page], site: Site
) -> None:
    judge_first_query(site, done=False)
    # A generation that was live before can be asked beside the live one.
    site.db.execute(
        'SELECT impl.make_generation(jsonb_populate_record(s, \'{"status": "retired"}\'))'
        " FROM ops.space AS s WHERE s.name = 'text' AND s.status = 'live'"
    )
    page = visit("/compare#c=parts&s=asked&q=펌프&b=g:text@2", "ko-KR")
    expect(page.locator("#side-b option:checked")).to_have_text(
        re.compile("^세대 text@2 .*전에 쓰던")
    )
    expect(page.locator("#hits-b .answer")).to_have_count(1)
    page = visit("/compare#c=parts&s=asked", "ko-KR")
    page.locator("#query").fill("펌프")
    page.keyboard.press("Enter")
    expect_text(page, "#summary", "순서까지 같습니다")
    page.locator("#side-b").select_option("own")
    page.get_by_role("slider", name="의미").fill("0")
    expect_text(page, "#summary", "순위가 다릅니다")
    better = page.locator("#hits-a .answer").first
    better.get_by_role("button", name="관련도 2").click()
    expect_text(page, "#measured", "nDCG@10: A")
    grades = page.locator(
        f"#hits-b [data-item='{better.get_attribute('data-item')}'] [aria-pressed=true]"
    )
    expect(grades).to_have_text("2")
    assert [grade for _, grade in judged(site)] == [2]
    page.locator("#profile").fill("meaning")
    page.locator("#save [type=submit]").click()
    expect_text(page, "#told", "meaning")
    expect_text(page, "#profiles", "의미 0")
    # All that is seen is in the address.
    page.reload()
    expect(page.locator("#side-b")).to_have_value("own")
    expect_text(page, "#measured", "nDCG@10: A")
    page.locator("#side-b").select_option("p:meaning")
    expect_text(page, "#summary", "순위가 다릅니다")
    click(page, "시험")
    expect_text(page, "#told", "예약했습니다")
    expect_text(page, "#profiles", "asked에서 시험을 기다림")
    click(page, "삭제")
    expect_text(page, "#profiles", "저장한 프로필이 없습니다")
    # The queue's own triggers name its tables without their schema.
    site.db.execute("SET search_path = jobs")
    site.db.execute("DELETE FROM procrastinate_jobs WHERE task_name = 'try_profiles'")
    site.db.execute("RESET search_path")


def test_a_table_is_dropped_given_roles_loaded_and_searched(
    visit: Callable[..., Page], site: Site
) -> None:
    rows = 'sku,품명,maker,price\nA-100,"진공 펌프, 건식",SMC,12.5\nA-200,밸브,TPC,3\n,이름만,X,1\n'
    table: FilePayload = {
        "name": "My parts.csv",
        "mimeType": "text/csv",
        "buffer": rows.encode("cp949"),
    }
    page = visit("/data", "ko-KR")
    page.locator("#file").set_input_files(table)
    expect_text(page, "#counted", "3행")
    chosen = page.locator("#columns select").evaluate_all("all => all.map((one) => one.value)")
    assert chosen == ["idNumber", "title", "metadata", "metadata"]
    expect(page.locator("#name")).to_have_value("my-parts")
    expect(page.locator("#analyzer")).to_have_value("korean")
    page.locator("#load [type=submit]").click()
    expect_text(page, "#outcome", "2건 추가")
    expect_text(page, "#refused", "3")
    kept = site.db.execute(
        "SELECT i.metadata FROM search.items AS i WHERE i.external_id = 'A-100'"
    ).fetchall()
    assert kept == [({"maker": "SMC", "price": 12.5},)]
    page.get_by_role("link", name="검색하기").click()
    expect(page.locator("#collection")).to_have_value("my-parts")
    page.locator("#query").fill("a100")
    page.keyboard.press("Enter")
    expect_text(page, "#hits", "진공 펌프, 건식")
    site.db.execute("SELECT ops.delete_collection('my-parts')")


def test_two_people_judge_and_their_agreement_is_told(
    visit: Callable[..., Page], site: Site
) -> None:
    judge_first_query(site, done=False)
    site.db.execute("DELETE FROM eval.vote")
    page = visit("/label#set=asked&c=parts", "ko-KR")
    judge, body, key = page.locator("#judge"), page.locator("body"), page.locator("#candidate .key")
    expect(page.locator("#asked")).to_have_text("펌프")
    judge.fill("mina")
    first = key.inner_text()
    page.keyboard.press("Tab")
    page.locator("#reason").fill("바로 그것")
    page.keyboard.press("Enter")
    page.keyboard.press("3")
    expect(key).not_to_have_text(first)
    second = key.inner_text()
    page.keyboard.press("0")
    expect(key).not_to_have_text(second)
    expect_text(page, "#queries tbody tr:nth-child(1)", "mina")
    page.keyboard.press("u")
    expect_text(page, "#message", f"{second}의 판정을 취소했습니다")
    expect(key).to_have_text(second)
    page.keyboard.press("1")
    expect(body).to_have_attribute("aria-busy", "false")
    # Somebody else is asked for the same, and not told what was said.
    judge.fill("kim")
    page.get_by_label("다른 사람이 판정한 것도").check()
    expect(page.locator("#place")).to_contain_text("1 / 2")
    expect(page.locator(".grades [aria-pressed=true]")).to_have_count(0)
    for n in range(2):
        expect(page.locator("#bar-of-items")).to_have_js_property("value", n)
        page.keyboard.press("3" if key.inner_text() == first else "2")
    expect_text(page, "#message", "다른 사람이 판정한 것 가운데 남은 것이 없습니다")
    expect_text(page, "#agreement", "판정자 2명, 항목 2개, 판정 4개")
    rows = site.db.execute(
        "SELECT judge, grade, reason FROM eval.vote ORDER BY judge, grade DESC"
    ).fetchall()
    assert rows == [
        ("kim", 3, None), ("kim", 2, None), ("mina", 3, "바로 그것"), ("mina", 1, None)
    ]  # fmt: skip


def test_queries_are_made_of_words_and_of_a_picture(visit: Callable[..., Page], site: Site) -> None:
    page = visit("/label#set=asked&c=parts", "ko-KR", 390)
    page.locator("#into").fill("made")
    page.locator("#make [type=submit]").click()
    expect_text(page, "#made", "질의를 적거나 사진을 고르세요")
    page.locator("#lines").fill("gauge\n\n  실린더 ")
    shown: FilePayload = {"name": "q.png", "mimeType": "image/png", "buffer": png("green")}
    page.locator("#by-picture").set_input_files(shown)
    page.locator("#make [type=submit]").click()
    expect_text(page, "#made", "질의 3개를 made에 넣었습니다")
    rows = site.db.execute(
        "SELECT q.text, q.picture_id IS NOT NULL FROM eval.query AS q"
        " JOIN eval.query_set AS s ON s.id = q.set_id WHERE s.name = 'made' ORDER BY q.id"
    ).fetchall()
    assert rows == [("gauge", False), ("실린더", False), (None, True)]
    page.locator("#set").select_option("made")
    expect(page.locator("#queries tbody tr")).to_have_count(3)
    expect(page.locator("#queries img")).to_have_js_property("complete", True)
    assert fits(page)
    site.db.execute("DELETE FROM eval.query_set WHERE name = 'made'")


def test_generations_are_started_switched_and_dropped_by_a_scheduler(
    visit: Callable[..., Page], site: Site
) -> None:
    page = visit("/admin", "ko-KR")
    expect_text(
        page, "#programs", "스케줄러가 실행 중이 아닙니다. 켜는 명령: seogo schedule run --forever"
    )
    expect_text(page, "#backups", "성공한 백업이 없습니다")
    page.locator("#build-encoder").select_option("multilingual-e5-small-fp32")
    page.locator("#build-rate").fill("20")
    page.locator("#build [type=submit]").click()
    expect_text(page, "#asked", "스케줄러가 실행합니다")
    click(page, "마지막 백업 검증")
    expect_text(page, "#backups-told", "스케줄러가 실행합니다")
    queued = "SELECT task_name, args FROM jobs.procrastinate_jobs WHERE task_name = ANY (%s)"
    tasks = ["start_generation", "verify_backup"]
    assert dict(site.db.execute(queued, (tasks,)).fetchall()) == {
        "start_generation": {
            "space": "text", "encoder": "multilingual-e5-small-fp32", "max_rate": 20
        },
        "verify_backup": {"name": "latest"},
    }  # fmt: skip
    with site.db.transaction():  # its triggers name no schema
        site.db.execute("SET LOCAL search_path = jobs, pg_catalog")
        site.db.execute("DELETE FROM jobs.procrastinate_jobs WHERE task_name = ANY (%s)", (tasks,))
    site.db.execute(
        "INSERT INTO ops.run (kind, state, finished_at, counts)"
        " VALUES ('backup', 'done', now() - interval '3 days', '{\"items\": 7}')"
    )
    page.reload()
    expect_text(page, "#backups", "마지막 백업: 3일 전")
    expect_text(page, "#backups", "항목 7")
    rows = page.locator("#schedule tbody tr")
    expect(rows).to_have_count(15)
    compacting = rows.filter(has_text="색인 정리")
    compacting.get_by_role("button", name="시각 바꾸기").click()
    page.locator("#time-kind").select_option("every")
    page.locator("#time-minutes").fill("20")
    click(page, "시각 저장")
    expect(compacting).to_contain_text("20분마다 */20 * * * * UTC 여기서 정함")
    site.db.execute("SELECT ops.set_task_time('merge_postings', NULL)")
    site.db.execute("DELETE FROM ops.run WHERE kind = 'backup'")


def test_searches_over_time_are_drawn(visit: Callable[..., Page], site: Site) -> None:
    site.db.execute(
        "INSERT INTO ops.query_log (asked_at, expires_at, collection_id, query, picture, liked, unliked,"
        " k, skip, legs, encode_ms, sql_ms, rerank_ms, total_ms, degraded, hits, found, word_hits)"
        " SELECT now() - n * interval '20 minutes', now() + interval '1 day', c.id, 'pump', false, '{}',"
        " '{}', 10, 0, '[]', 0, n, 0, n, '{}', '[]', n % 2, 0"
        " FROM core.collection AS c, generate_series(1, 20) AS n WHERE c.name = 'parts'"
    )
    page = visit("/dashboard", "ko-KR")
    expect_text(page, "#searches", "검색 20번. 결과 없음 10번")
    expect(page.locator("#searches canvas")).to_have_count(2)
    expect_text(page, "#top", "pump")
    expect_text(page, "#disk", "데이터베이스 전체")
    page.locator("#range").select_option("week")
    expect_text(page, "#searches", "검색 20번")
    site.db.execute("DELETE FROM ops.query_log")


def test_a_collection_is_changed_and_deleted_with_its_cost_said_before(
    visit: Callable[..., Page], site: Site
) -> None:
    site.db.execute("SELECT ops.create_collection('short', 'simple', '{\"title\": 2}')")
    site.db.execute(
        'SELECT count(*) FROM ops.upsert_items(\'short\', \'[{"external_id": "a", "fields": {}}]\')'
    )
    asked: list[str] = []

    def agree(dialog: Dialog) -> None:
        asked.append(dialog.message)
        dialog.accept()

    page = visit("/data", "ko-KR", apart=True)
    page.on("dialog", agree)
    row = page.locator("#collections-there tr", has_text="short")
    weights = row.get_by_label("short의 필드 비중")
    expect(weights).to_have_value("title 2")
    weights.fill("title two")
    row.get_by_role("button", name="바꾸기").click()
    expect_text(page, "#changed", "비중은 title 2, body 0.5 처럼")
    weights.fill("title 3, body 0.5")
    row.get_by_role("button", name="바꾸기").click()
    expect_text(page, "#changed", "색인은 작업")
    expect(weights).to_have_value("title 3, body 0.5")
    row.get_by_role("button", name="지우기").click()
    expect_text(page, "#changed", "short을(를) 지웠습니다 (항목 1건)")
    expect(row).to_have_count(0)
    assert "항목 1건을 다시 분석" in asked[0]
    assert "항목 1건, 사진 0장" in asked[1]
