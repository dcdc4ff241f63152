"""A stranger's path without the command line: from an empty database to a judged comparison."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import psycopg
import pytest
from pgvector.psycopg import register_vector
from playwright.sync_api import Page, expect

from tests.conftest import fresh_database
from tests.service.browser import Site, expect_text, fits, needs_chromium
from tests.service.conftest import serving

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = needs_chromium


@pytest.fixture(scope="module")
def site(server_url: str, template: str, models: Path) -> Iterator[Site]:
    """A service on a database with nothing in it."""
    with (
        fresh_database(server_url, template) as db_url,
        psycopg.connect(db_url, autocommit=True) as conn,
        serving(db_url, models) as url,
    ):
        register_vector(conn)
        yield Site(url, conn, {})


def go_on(page: Page, name: str) -> None:
    page.locator("nav, .tabs").get_by_role("link", name=name, exact=True).last.click()


@pytest.mark.parametrize("language", ["ko-KR"])
def test_from_an_empty_database_to_a_judged_comparison(
    visit: Callable[..., Page], site: Site, language: str
) -> None:
    page = visit("/", language)
    expect_text(page, "#message", "아직 컬렉션이 없습니다")
    # The sample, with its progress.
    go_on(page, "데이터")
    page.locator("#load-sample").click()
    expect_text(page, "#sample-outcome", "163건 추가")
    expect(page.locator("#sample-done")).to_have_js_property("value", 163)
    # A search.
    page.locator("#sample-outcome").get_by_role("link", name="검색하기").click()
    page.locator("#query").fill("진공 펌프")
    page.keyboard.press("Enter")
    expect(page.locator(".card")).to_have_count(10)
    # A query set, made and judged by keyboard.
    page.goto(f"{site.url}/label")
    expect_text(page, "#message", "질의 묶음이 없습니다")
    page.locator("#into").fill("mine")
    page.locator("#lines").fill("진공 펌프\nturbo pump\n밸브")
    page.locator("#make [type=submit]").click()
    expect(page.locator("#asked")).to_have_text("진공 펌프")
    expect(page.locator("#queries tbody tr")).to_have_count(3)
    bar = page.locator("#bar-of-items")
    for query, n in (("진공 펌프", 4), ("turbo pump", 3), ("밸브", 3)):
        page.locator("#queries tr", has_text=query).get_by_role("button").click()
        expect(page.locator("#asked")).to_have_text(query)
        expect(page.locator("body")).to_have_attribute("aria-busy", "false")
        for at in range(n):
            expect(bar).to_have_js_property("value", at)
            page.keyboard.press("3" if at % 2 else "0")
        expect(bar).to_have_js_property("value", n)
    expect_text(page, "#judged-n", "질의 3개 가운데 3개를 판정했습니다")
    # Two fusions: what is in use, and words alone left out.
    page.goto(f"{site.url}/compare#c=parts&q=진공 펌프&s=mine&b=own&wb=%7B%22lexical%22:0%7D")
    expect_text(page, "#measured", "nDCG@10: A")
    page.locator("#measure").click()
    expect_text(page, "#difference", "95% 구간 [")
    told = page.locator("#difference").inner_text()
    assert re.search(r"nDCG@10 차이 −0\.\d+, 95% 구간 \[−\d\.?\d*, −?[\d.]+\], 질의 3개", told), (
        told
    )
    # Three queries show nothing, whatever the interval says.
    assert "차이가 있다고 볼 수 없습니다" in told
    assert "판정한 질의가 3개뿐" in told
    assert fits(page)
    runs = site.db.execute(
        "SELECT label FROM eval.runs WHERE finished_at IS NOT NULL ORDER BY run_id"
    )
    assert [label for (label,) in runs] == ["비교 A", "비교 B"]
    # The same on the page of evaluations.
    page.locator("#difference").get_by_role("link", name="#1").click()
    expect_text(page, "#measures", "nDCG@10")
