"""The search page of law: a day as of which articles are found, and parts that results point to."""

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
