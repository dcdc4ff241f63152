"""Rendering of reports: Jinja templates into HTML files that need no other file."""

from __future__ import annotations

from collections.abc import Mapping

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

Texts = Mapping[str, tuple[str, str]]
_TEMPLATES = Environment(
    loader=PackageLoader("flows", "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_TEMPLATES.filters |= {
    "thousands": "{:,}".format,
    "rounded": "{:,.0f}".format,
    "exact": "{:.4f}".format,
    "percent": "{:.1%}".format,
}


def render(template: str, title: str, texts: Texts, **context: object) -> str:
    """Render a report.

    Args:
        template: file of `flows/templates`.
        title: key of the title among the texts.
        texts: English and Korean texts by key; templates write them by `text(key)`.
        context: what else the template needs, with `name`, which follows the title.
    """

    def text(key: str, **values: object) -> Markup:
        return both(*(said.format(**values) for said in texts[key]))

    return _TEMPLATES.get_template(template).render(title=title, texts=texts, text=text, **context)


def both(english: str, korean: str, tag: str = "span") -> Markup:
    """Write a text in both languages, as two elements of which the page shows one."""
    pattern = Markup('<{0} lang="en">{1}</{0}><{0} lang="ko">{2}</{0}>')
    return pattern.format(Markup(tag), english, korean)
