"""Hooks of the documentation's site (mkdocs.yml): links out of docs/, and the list of decisions.

Pages link to files of the repository, which the site has not: these become their names. The page
`decisions.md` is
made of the first lines of docs/adr, which stays the only list of them.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files
    from mkdocs.structure.pages import Page

ROOT = Path(__file__).parents[1]
LINK = re.compile(r"\[([^\]]*)\]\(([^)\s]+)\)")
FOREIGN = re.compile(r"[a-z]+:|#|//")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the list of decisions, and put each of them into the navigation's tree as it is read."""
    from mkdocs.structure.files import File, InclusionLevel

    for file in files:
        if file.src_uri.startswith("adr/"):
            file.inclusion = InclusionLevel.NOT_IN_NAV
    files.append(File.generated(config, "decisions.md", content=decisions(ROOT / "docs" / "adr")))
    return files


def on_page_markdown(markdown: str, page: Page, **_: Any) -> str:
    """Take links out of docs/ off a page."""
    return inside(markdown, Path("docs") / page.file.src_uri)


def decisions(folder: Path) -> str:
    """The list of the decisions in a folder, in Markdown."""
    titles = [
        (path.name, path.read_text(encoding="utf-8").partition("\n")[0].removeprefix("# "))
        for path in sorted(folder.glob("*.md"))
    ]
    lines = [f"- [{title}](adr/{name})" for name, title in titles]
    return "\n".join(["# Decisions", "", "Why things are as they are.", "", *lines, ""])


def inside(markdown: str, path: Path) -> str:
    """Text of the page at a path of the repository, whose links to what the site lacks are plain names.

    The folder of decisions is linked by their list.
    """

    def kept(found: re.Match[str]) -> str:
        text, target = found.groups()
        if FOREIGN.match(target):
            return found[0]
        there = (ROOT / path.parent / target.partition("#")[0]).resolve()
        docs = ROOT / "docs"
        if there == docs / "adr":
            return f"[{text}](decisions.md)"
        if there.is_relative_to(docs) and (there.suffix != ".json"):
            return found[0]
        return f"{text} (`{there.relative_to(ROOT).as_posix()}`)"

    return LINK.sub(kept, markdown)
