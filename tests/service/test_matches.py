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
    """A service with two items in a space of tokens and in one of weights, and a collection without one."""
    encoders = {"tokens": registry.spec("dummy-multi"), "weights": registry.spec("dummy-sparse")}
    with (
        fresh_database(server_url, template) as db_url,
        psycopg.connect(db_url, autocommit=True) as conn,
    ):
        register_vector(conn)
        for name, spec in encoders.items():
            about = {"encoder": spec.name, "identity": spec.identity, "kind": spec.kind}
            fetch(conn, embedding.create_space(name=name, dim=spec.dim, **about))
        with serving(db_url, models) as at:
            made: list[dict[str, Any]] = [
                {"name": name, "vector_sources": {space: {"item": ["title"]}}}
                for name, space in (("parts", "tokens"), ("weighed", "weights"))
            ]
            for collection in (*made, {"name": "zz"}):
                httpx.post(f"{at}/collections", json=collection).raise_for_status()
            items = [{"external_id": key, "fields": {"title": t}} for key, t in TITLES.items()]
            for name in ("parts", "weighed"):
                given = {"items": items}
                httpx.post(f"{at}/collections/{name}/items", json=given).raise_for_status()
            for space in fetch(conn, embedding.live_spaces()):
                embed.run(conn, space, registry.build(encoders[space.space], models))
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


WHY = {"en": "Why is it here?", "ko": "왜 나왔나요?"}


@pytest.mark.parametrize(("language", "button"), WHY.items())
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


def test_tokens_that_met_and_their_products(url: str) -> None:
    hits = httpx.post(f"{url}/collections/weighed/search", json={"query": "소리"}).json()["hits"]
    assert [hit["external_id"] for hit in hits] == ["b"]
    answer = httpx.get(
        f"{url}/collections/weighed/matches",
        params={"query": "소리", "item_id": hits[0]["item_id"]},
    ).json()
    assert (answer["kind"], answer["matches"]) == ("sparse", [])
    (met,) = answer["tokens"]
    assert (met["token"], met["in_words"]) == ("소리", False)
    assert met["contribution"] == pytest.approx(hits[0]["legs"]["weights"]["score"], rel=1e-3)


@pytest.mark.parametrize(
    ("language", "button", "added"),
    [("en", WHY["en"], "by meaning"), ("ko", WHY["ko"], "뜻으로")],
)
def test_the_page_shows_the_tokens_that_met(
    url: str, browser: Browser, language: str, button: str, added: str
) -> None:
    page = browser.new_page(locale=language)
    page.goto(f"{url}/#c=weighed&q=펌프 소리")
    page.get_by_role("button", name=button).first.click()
    tokens = page.locator(".matches li")
    tokens.nth(1).wait_for()
    assert "펌프" in tokens.first.inner_text()
    assert added in tokens.nth(1).inner_text()
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/products-{language}.png")
    page.close()
