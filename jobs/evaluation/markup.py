"""HTML building blocks of reports."""

from __future__ import annotations

from html import escape
from importlib.resources import files
from string import Template
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

# How a run is marked in tables and plots.
MARKS = ("first", "second")


def run_head(at: int, run_id: int) -> str:
    """Mark a run by its place in the report and its number."""
    return f'<span class="{MARKS[at]}">#{run_id}</span>'


def page(title: str, heading: str, *parts: str) -> str:
    """A self-contained page: plain title, heading and parts as HTML; empty parts are left out."""
    template = Template((files("jobs.evaluation") / "report.html").read_text(encoding="utf-8"))
    body = "\n".join(part for part in parts if part)
    return template.substitute(title=escape(title), heading=heading, body=body)


def bilingual(texts: Mapping[str, tuple[str, str]], key: str, **values: object) -> str:
    """A text in both languages as HTML; the page shows one."""
    english, korean = (escape(t.format(**values)) for t in texts[key])
    return f'<span lang="en">{english}</span><span lang="ko">{korean}</span>'


def section(heading: str, *parts: str) -> str:
    """A section of the page under its heading, if any."""
    title = f"<h2>{heading}</h2>" if heading else ""
    return f"<section>{title}{''.join(parts)}</section>"


def table(heads: Sequence[str], rows: Iterable[Sequence[str]], numbers: int | None = None) -> str:
    """A table of HTML cells; columns from `numbers` on are aligned as numbers."""

    def cells(tag: str, values: Sequence[str]) -> str:
        return "".join(
            f'<{tag} class="number">{value}</{tag}>'
            if numbers is not None and at >= numbers
            else f"<{tag}>{value}</{tag}>"
            for at, value in enumerate(values)
        )

    body = "".join(f"<tr>{cells('td', row)}</tr>" for row in rows)
    return f"<table><thead><tr>{cells('th', heads)}</tr></thead><tbody>{body}</tbody></table>"
