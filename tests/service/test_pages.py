from __future__ import annotations

import json
import re
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from db.calls.query import fetch
from db.evaluation import query_sets
from jobs.schedule.tasks import TASKS
from service.http import problems
from service.http.pages import ASSETS, PAGES, preferred_language

if TYPE_CHECKING:
    import psycopg

    from tests.service.conftest import Client

EXTERNAL = re.compile(r"""(?:https?:)?//[a-z0-9-]+\.[a-z]""")
# The name of a language, which nothing is fetched from.
SVG = "http://www.w3.org/2000/svg"
VENDORED = ASSETS / "vendor"
OURS = sorted(
    path.relative_to(ASSETS).as_posix()
    for path in ASSETS.rglob("*")
    if path.suffix in (".js", ".css") and not path.is_relative_to(VENDORED)
)
# Texts of their own, which the templates of those pages name, too.
OWN_TEXTS = (
    "admin", "compare", "dashboard", "data", "defects", "finding", "item", "label", "webhooks",
)  # fmt: skip
OWN = re.compile("defects/|batches/|manuals/|products/|statistics/|webhooks/")
KEYS = re.compile(r"""(?:texts\(\)\.|data-(?:text|label|hint)=")([a-zA-Z0-9]+)""")


def test_pages_name_no_other_host(asked: Client) -> None:
    for path in (*PAGES, "/docs"):
        names_no_other_host(asked, path)


def names_no_other_host(client: Client, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 200, path
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
    text = (ASSETS / name).read_text(encoding="utf-8").replace(SVG, "")
    assert not EXTERNAL.search(text)
    assert "innerHTML" not in text
    assert "insertAdjacentHTML" not in text


def test_assets_are_small_and_licensed() -> None:
    sizes = [path.stat().st_size for path in ASSETS.rglob("*") if path.is_file()]
    assert sum(sizes) < 3_500_000
    for folder, licence in (
        ("swagger-ui", "Apache License"),
        ("katex", "The MIT License"),
        ("uplot", "The MIT License"),
        ("papaparse", "The MIT License"),
        ("openseadragon", "Redistribution and use in source and binary forms"),
    ):
        assert licence in (VENDORED / folder / "LICENSE").read_text(encoding="utf-8")
        notice = (VENDORED / folder / "NOTICE").read_text(encoding="utf-8")
        ((told, name),) = re.findall(r"^SHA-256 (\w{64}) (\S+)$", notice, re.MULTILINE)
        assert sha256((VENDORED / folder / name).read_bytes()).hexdigest() == told


def test_the_fonts_of_formulas_are_all_here(asked: Client) -> None:
    style = (VENDORED / "katex" / "katex.min.css").read_text(encoding="utf-8")
    assert not EXTERNAL.search(style)
    fonts = re.findall(r"url\(([^)]+)\)", style)
    assert len(fonts) == 20
    for font in fonts:
        assert asked.get(f"/assets/vendor/katex/{font}").headers["content-type"] == "font/woff2"
    assert "font-src 'self'" in asked.get("/").headers["content-security-policy"]


# Texts are a table, which grows with the pages.
@pytest.mark.parametrize(
    "name", [name for name in OURS if name.endswith(".js") and not name.startswith("texts/")]
)
def test_modules_are_short(name: str) -> None:
    assert len((ASSETS / name).read_text(encoding="utf-8").splitlines()) < 300


def test_modules_of_the_page_are_scripts(asked: Client) -> None:
    for name in OURS:
        if not name.endswith(".js"):
            continue
        kind = asked.get(f"/assets/{name}").headers["content-type"]
        assert "javascript" in kind


def test_assets_do_not_lead_out_of_their_folder(asked: Client) -> None:
    for path in ("/assets/../app.py", "/assets/%2e%2e/app.py", "/assets/..%2fapp.py"):
        assert "create_app" not in asked.get(path).text


ASKED_FOR = [
    ("ko-KR,ko;q=0.9,en;q=0.8", "ko"),
    ("en-US,en;q=0.9,ko;q=0.8", "en"),
    ("en;q=0.5, ko;q=0.7", "ko"),
    ("fr, ko;q=0.2", "ko"),
    ("fr", "en"),
    ("", "en"),
    (";;q=,,ko;q=x", "ko"),
]


def test_the_language_the_browser_asks_for(asked: Client) -> None:
    for header, language in ASKED_FOR:
        assert preferred_language(header) == language, header
        response = asked.get("/", headers={"Accept-Language": header})
        assert f'<html lang="{language}">' in response.text, header
        assert response.headers["vary"] == "Accept, Accept-Language, Accept-Encoding"


def texts_of(language: str) -> str:
    return (ASSETS / "texts" / f"{language}.js").read_text(encoding="utf-8")


def own_texts(name: str) -> tuple[str, str]:
    """The Korean and the English part of a page's own texts."""
    _, korean, english = re.split(r"^const (?:ko|en) = ", texts_of(name), flags=re.MULTILINE)
    return korean, english


def test_both_languages_have_the_same_texts() -> None:
    keys = re.compile(r'^ +"?([a-zA-Z0-9_-]+)"?:', re.MULTILINE)
    assert keys.findall(texts_of("ko")) == keys.findall(texts_of("en"))
    for name in OWN_TEXTS:
        korean, english = (keys.findall(part) for part in own_texts(name))
        assert korean == english, name


def test_every_label_has_both_languages() -> None:
    labels = (ASSETS / "texts" / "labels.js").read_text(encoding="utf-8")
    pairs = re.findall(r'(\w+): \["([^"]*)", "([^"]*)"\]', labels)
    assert len(pairs) == labels.count(": [") - 1  # one stands in the comment
    assert {task.name for task in TASKS} <= {name for name, *_ in pairs}
    for name, korean, english in pairs:
        assert re.search("[가-힣]", korean), name
        assert english.isascii(), name


def test_pages_use_the_texts_there_are(asked: Client) -> None:
    """A missing text would be shown as nothing, or stop the page."""
    names = re.compile(r"^  ([a-zA-Z0-9]+):", re.MULTILINE)
    there = set(names.findall(texts_of("en")))
    own = {key for name in OWN_TEXTS for key in names.findall(own_texts(name)[1])}
    scripts = [(ASSETS / name).read_text(encoding="utf-8") for name in OURS if "texts/" not in name]
    pages = [asked.get(path).text for path in PAGES]
    used = {key for text in [*scripts, *pages] for key in KEYS.findall(text)}
    by_name = {"search", "dashboard", "activity", "label", "item", "like", "unlike"} | {
        *("improve", "operate"),
    }
    with_own = [(ASSETS / name).read_text(encoding="utf-8") for name in OURS if OWN.match(name)]
    used |= {key for text in with_own for key in re.findall(r"\btold\(\)\.(\w+)", text)}
    assert used <= there | own
    assert there - used <= by_name


def test_an_unknown_address(asked: Client) -> None:
    """Browsers get a page, programs a problem."""
    for path in ("/nothing", "/itme", "/defects/none", "/assets/none.js"):
        is_unknown(asked, path)


def is_unknown(client: Client, path: str) -> None:
    browser = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8", "Accept-Language": "ko"}
    page = client.get(path, headers=browser)
    assert page.status_code == 404, path
    assert page.headers["content-type"].startswith("text/html")
    assert '<html lang="ko">' in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]
    for accept in ("application/json", "*/*"):
        problem = client.get(path, headers={"Accept": accept})
        assert problem.status_code == 404
        assert problem.headers["content-type"] == "application/problem+json"


def references(schema: Any) -> list[str]:
    if isinstance(schema, dict):
        here = [schema["$ref"]] if isinstance(schema.get("$ref"), str) else []
        return here + [ref for value in schema.values() for ref in references(value)]
    if isinstance(schema, list):
        return [ref for value in schema for ref in references(value)]
    return []


def test_the_api_is_documented(asked: Client) -> None:
    schema = asked.get("/docs/openapi.json").json()
    assert schema["openapi"].startswith("3.1")
    names = {f"#/components/schemas/{name}" for name in schema["components"]["schemas"]}
    assert set(references(schema["paths"])) <= names
    assert set(references(schema["components"])) <= names
    operations = {
        operation["operationId"]: operation
        for path in schema["paths"].values()
        for operation in path.values()
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


def test_the_guide_names_every_operation_and_every_problem(asked: Client) -> None:
    guide = (Path(__file__).parents[2] / "docs" / "http-api.md").read_text(encoding="utf-8")
    paths = set(asked.get("/docs/openapi.json").json()["paths"])
    told = {path for path in paths if re.search(rf"{re.escape(path)}(?![\w/])", guide)}
    # The file beside it is named by its last part.
    assert paths - told <= {"/pictures/{picture_id}/thumbnail", "/v1/embeddings", "/v1/models"}
    slugs = set(re.findall(r"`([a-z-]+)`", guide.partition("## Errors")[2]))
    assert {kind.slug for kind in problems._KINDS} <= slugs


@pytest.mark.usefixtures("parts", "dummy_space")
def test_the_guides_requests_are_accepted(client: Client, db: psycopg.Connection[Any]) -> None:
    """Those with a body: what stands there can be sent."""
    fetch(db, query_sets.put_set(name="asked"))
    guide = (Path(__file__).parents[2] / "docs" / "http-api.md").read_text(encoding="utf-8")
    found = re.findall(r"127\.0\.0\.1:8000(/\S+)[^`]*?-d '(\{.*?\})'", guide, re.DOTALL)
    assert len(found) >= 4
    for path, body in found:
        method = "PUT" if "judgments" in path else "POST"
        answer = client.request(method, path, json=json.loads(body))
        assert answer.status_code in (200, 202), (path, answer.text)


def test_no_dependency_is_called_like_a_key_of_a_body(asked: Client) -> None:
    """A value that does not fit would be answered as a mistake of ours."""
    schemas = asked.get("/docs/openapi.json").json()["components"]["schemas"]
    keys = {key for name, s in schemas.items() if name.endswith("In") for key in s["properties"]}
    assert keys
    assert not keys & set(asked.app.dependencies)
