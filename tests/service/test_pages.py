from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from service.pages import ASSETS, preferred_language

if TYPE_CHECKING:
    from tests.service.conftest import Client

EXTERNAL = re.compile(r"""(?:https?:)?//[a-z0-9-]+\.[a-z]""")
OURS = ("index.html", "docs.html", "docs.js", "page.js", "page.css", "card.js", "texts.js")


@pytest.mark.parametrize("path", ["/", "/docs"])
def test_pages_name_no_other_host(client: Client, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/html")
    assert not EXTERNAL.search(response.text)
    policy = response.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "http" not in policy
    assert "<script>" not in response.text
    links = re.findall(r'(?:src|href)="(/[^"]+)"', response.text)
    assert any("icon" in link for link in links)
    for link in links:
        assert client.get(link).status_code == 200, link


@pytest.mark.parametrize("name", OURS)
def test_assets_name_no_other_host_and_make_no_markup_of_data(name: str) -> None:
    text = (ASSETS / name).read_text(encoding="utf-8")
    assert not EXTERNAL.search(text)
    assert "innerHTML" not in text
    assert "insertAdjacentHTML" not in text


def test_assets_are_small_and_licensed() -> None:
    sizes = [path.stat().st_size for path in ASSETS.rglob("*") if path.is_file()]
    assert sum(sizes) < 2_000_000
    licence = (ASSETS / "swagger-ui" / "LICENSE").read_text(encoding="utf-8")
    assert "Apache License" in licence


def test_modules_of_the_page_are_scripts(client: Client) -> None:
    for name in ("page.js", "card.js", "texts.js"):
        kind = client.get(f"/assets/{name}").headers["content-type"]
        assert "javascript" in kind


def test_assets_do_not_lead_out_of_their_folder(client: Client) -> None:
    for path in ("/assets/../app.py", "/assets/%2e%2e/app.py", "/assets/..%2fapp.py"):
        assert "create_app" not in client.get(path).text


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("ko-KR,ko;q=0.9,en;q=0.8", "ko"),
        ("en-US,en;q=0.9,ko;q=0.8", "en"),
        ("en;q=0.5, ko;q=0.7", "ko"),
        ("fr, ko;q=0.2", "ko"),
        ("fr", "en"),
        ("", "en"),
        (";;q=,,ko;q=x", "ko"),
    ],
)
def test_the_language_the_browser_asks_for(client: Client, header: str, language: str) -> None:
    assert preferred_language(header) == language
    response = client.get("/", headers={"Accept-Language": header})
    assert f'<html lang="{language}">' in response.text
    assert response.headers["vary"] == "Accept-Language"


def test_both_languages_have_the_same_texts() -> None:
    source = (ASSETS / "texts.js").read_text(encoding="utf-8")
    korean, english = source.split("\n  en: {")
    keys = re.compile(r"^ +([a-zA-Z0-9]+):", re.MULTILINE)
    assert [k for k in keys.findall(korean) if k != "ko"] == keys.findall(english)


def references(schema: Any) -> list[str]:
    if isinstance(schema, dict):
        here = [schema["$ref"]] if isinstance(schema.get("$ref"), str) else []
        return here + [ref for value in schema.values() for ref in references(value)]
    if isinstance(schema, list):
        return [ref for value in schema for ref in references(value)]
    return []


def test_the_api_is_documented(client: Client) -> None:
    schema = client.get("/docs/openapi.json").json()
    assert schema["openapi"].startswith("3.1")
    names = {f"#/components/schemas/{name}" for name in schema["components"]["schemas"]}
    assert set(references(schema["paths"])) <= names
    assert set(references(schema["components"])) <= names
    operations = {
        operation["operationId"]: operation
        for path in schema["paths"].values()
        for operation in path.values()
    }
    assert set(operations) == {
        "bulkItems",
        "coverage",
        "createCollection",
        "deleteItem",
        "getCollection",
        "getItem",
        "getPicture",
        "getThumbnail",
        "health",
        "listCollections",
        "listItems",
        "listSpaces",
        "phrase",
        "ready",
        "search",
        "searchByPicture",
        "similarItems",
        "upsertItems",
    }
    for operation in operations.values():
        assert operation["summary"]
        assert operation["tags"]
    for name in ("search", "upsertItems"):
        body = operations[name]["requestBody"]["content"]["application/json"]["schema"]
        assert body["examples"]
        assert "application/problem+json" in operations[name]["responses"]["400"]["content"]


@pytest.mark.usefixtures("parts")
def test_documented_examples_are_accepted(client: Client, dummy_space: int) -> None:
    schema = client.get("/docs/openapi.json").json()
    for name, path in (("SearchIn", "search"), ("ItemsIn", "items")):
        for example in schema["components"]["schemas"][name]["examples"]:
            response = client.post(f"/collections/parts/{path}", json=example)
            assert response.status_code == 200, response.text
