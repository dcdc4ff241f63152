"""Words that met by meaning: over HTTP, and below the results of the search page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import psycopg
import pytest
from pgvector.psycopg import register_vector

from db.calls.query import fetch
from db.spaces import embedding
from encoders import registry
from jobs import embed
from tests.conftest import fresh_database
from tests.service.browser import SHOTS, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser

TITLES = {"a": "oil pump noise", "b": "진공 펌프 소음"}


@pytest.fixture(scope="module")
def url(server_url: str, template: str, models: Path) -> Iterator[str]:
    """A service with two items in a space of tokens, and a collection without one."""
    spec = registry.spec("dummy-multi")
    with (
        fresh_database(server_url, template) as db_url,
        psycopg.connect(db_url, autocommit=True) as conn,
    ):
        register_vector(conn)
        conn.execute(
            "SELECT ops.create_space('tokens', %s, %s, %s, kind => 'multi')",
            (spec.name, spec.identity, spec.dim),
        )
        with serving(db_url, models) as at:
            made: dict[str, Any] = {
                "name": "parts",
                "vector_sources": {"tokens": {"item": ["title"]}},
            }
            for collection in (made, {"name": "zz"}):
                httpx.post(f"{at}/collections", json=collection).raise_for_status()
            items = [{"external_id": key, "fields": {"title": t}} for key, t in TITLES.items()]
            httpx.post(f"{at}/collections/parts/items", json={"items": items}).raise_for_status()
            space = fetch(conn, embedding.live_spaces())[0]
            embed.run(conn, space, registry.build(spec, models))
            yield at


def ids(url: str) -> dict[str, int]:
    found = httpx.post(f"{url}/collections/parts/search", json={"query": "pump 펌프"}).json()
    return {hit["external_id"]: hit["item_id"] for hit in found["hits"]}


def test_matches_and_their_errors(url: str) -> None:
    item = ids(url)["b"]
    answer = httpx.get(
        f"{url}/collections/parts/matches", params={"query": "펌프는 소음", "item_id": item}
    )
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert [(m["words"], m["matched"]) for m in body["matches"]] == [
        ("펌프는", "펌프"),
        ("소음", "소음"),
    ]
    assert (body["space"], body["stale"], body["part_no"]) == ("tokens", False, 0)
    for collection, params, status in (
        ("zz", {"query": "a", "item_id": item}, 404),
        ("parts", {"query": " ", "item_id": item}, 400),
        ("parts", {"query": "a", "item_id": item, "space": "text"}, 400),
        ("parts", {"query": "a", "item_id": 0}, 404),
        ("nowhere", {"query": "a", "item_id": item}, 404),
    ):
        answer = httpx.get(f"{url}/collections/{collection}/matches", params=params)
        assert answer.status_code == status, (collection, params, answer.text)
    embedded = httpx.post(
        f"{url}/embed", json={"space": "tokens", "texts": ["a b", "c"], "kind": "query"}
    ).json()
    assert [len(vector) for vector in embedded["vectors"]] == [2 * embedded["dim"], embedded["dim"]]


@pytest.mark.parametrize(
    ("language", "button"), [("en", "Which words met"), ("ko", "만난 낱말 보기")]
)
def test_the_page_shows_the_words_that_met(
    url: str, browser: Browser, language: str, button: str
) -> None:
    page = browser.new_page(locale=language)
    page.goto(f"{url}/#c=parts&q=펌프는 소음")
    page.get_by_role("button", name=button).first.click()
    words = page.locator(".matches li").first
    words.wait_for()
    assert "펌프는 → 펌프" in words.inner_text()
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/matches-{language}.png")
    page.close()
