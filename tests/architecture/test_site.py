"""The documentation's site: every page is in its menu, and no link leads out of what it has."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.architecture.source import ROOT
from tools import site

DOCS = ROOT / "docs"
SHOTS = ROOT / "tools" / "screenshots.py"
PAGES = sorted(DOCS.rglob("*.md"))


def test_every_page_is_in_the_menu() -> None:
    menu = set(
        re.findall(r": ([\w-]+\.md)$", (ROOT / "mkdocs.yml").read_text("utf-8"), re.MULTILINE)
    )
    assert menu == {path.name for path in DOCS.glob("*.md")} | {"decisions.md"}


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_a_page_of_the_site_links_to_what_it_has(path: Path) -> None:
    page = site.inside(path.read_text("utf-8"), path.relative_to(ROOT))
    for _, target in site.LINK.findall(page):
        if not site.FOREIGN.match(target) and target != "decisions.md":
            there = (path.parent / target.partition("#")[0]).resolve()
            assert there.is_file(), target
            assert there.is_relative_to(DOCS), target


def test_every_picture_is_taken_shown_and_small() -> None:
    pages = [ROOT / "README.md", *PAGES]
    shown = {
        name
        for page in pages
        for name in re.findall(r"\]\((?:docs/)?images/([\w-]+)\.png\)", page.read_text("utf-8"))
    }
    taken = re.findall(r'^    "([\w-]+)": Shot\(', SHOTS.read_text("utf-8"), re.MULTILINE)
    there = {path.stem: path.stat().st_size for path in (DOCS / "images").iterdir()}
    assert shown == set(there) == set(taken)
    assert max(there.values()) < 150_000


def test_what_the_site_lacks_is_named_and_decisions_are_listed() -> None:
    told = site.inside(
        "[rules](../deploy/x.yml), [why](adr), [a](b.md)", Path("docs/operations.md")
    )
    assert told == "rules (`deploy/x.yml`), [why](decisions.md), [a](b.md)"
    assert "](adr/0019-live-tests-by-interleaving.md)" in site.decisions(DOCS / "adr")


def test_the_site_asks_no_other_host() -> None:
    settings = (ROOT / "mkdocs.yml").read_text("utf-8")
    assert "font: false" in settings
    assert not re.search(r"https?://|^ *- (offline|privacy|social)", settings, re.MULTILINE)
