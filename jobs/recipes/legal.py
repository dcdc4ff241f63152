"""Korean law: articles of statutes and administrative rules, points of court decisions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from db.items.rows import ItemIn, NewCollection
from jobs.errors import BadRecord
from jobs.recipes.base import Recipe, required

if TYPE_CHECKING:
    from collections.abc import Mapping


class Passage(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A passage of law; `jobs.legal` produces them, and files of them can be ingested.

    Attributes:
        id: of the passage.
        kind: `law`, `admin_rule` or `precedent`.
        doc: name of the law; court and case number of a decision.
        text: what it says, its own heading (제750조(불법행위의 내용)) at the front or not.
        abbr: what else the law is called.
        type: 법률, 대통령령, 고시 …, 판결.
        article: 제750조, 제2조의2.
        paragraph: number of the paragraph where a passage is one.
        title: of the article; name of a case.
        chapter: 제3편 채권 제5장 불법행위.
        effective: day from which it is law, YYYYMMDD; of a decision, its day.
        until: day from which it is law no more, YYYYMMDD; empty: it is today's.
        version_of: id that all versions of an article share, today's own id.
        cites: passages cited by it, as text: 민법 제750조, 제760조.
        decisions: what decisions that cite it were about; searched as words, at half weight.
    """

    id: str
    kind: str
    doc: str
    text: str
    abbr: str = ""
    type: str = ""
    article: str = ""
    paragraph: int = 0
    title: str = ""
    chapter: str = ""
    effective: str = ""
    until: str = ""
    version_of: str = ""
    cites: str = ""
    decisions: str = ""


def to_item(record: Mapping[str, Any]) -> ItemIn:
    """Map a passage; needs `id`, `doc` and `text`."""
    passage = msgspec.convert({"kind": "law", **record}, Passage)
    for key in ("id", "doc", "text"):
        required(record, key)
    for key in ("effective", "until"):
        if (day := getattr(passage, key)) and not (day.isdigit() and len(day) == 8):
            raise BadRecord(f"{key}: {day} is no day, write it as 20250131")
    return ItemIn(external_id=passage.id, fields=fields(passage), metadata=_metadata(passage))


def fields(passage: Passage) -> dict[str, str]:
    """The searchable fields: name of the law, heading of the article, text."""
    heading = passage.article + (f"({passage.title})" if passage.title else "")
    text = passage.text.strip()
    if heading and text.startswith(heading):
        text = text[len(heading) :].strip() or text
    # A deputy's number apart from the heading, so that a text begins with it as it is cited.
    if passage.paragraph:
        heading = f"{heading} 제{passage.paragraph}항"
    found = {
        "law": passage.doc,
        "abbr": passage.abbr,
        "chapter": passage.chapter,
        "heading": heading if passage.article else passage.title,
        "text": text,
        "decisions": passage.decisions,
    }
    return {name: value for name, value in found.items() if value}


def iso(day: str) -> str:
    """Write YYYYMMDD as YYYY-MM-DD."""
    return f"{day[:4]}-{day[4:6]}-{day[6:]}"


def _metadata(passage: Passage) -> dict[str, Any]:
    values = msgspec.to_builtins(passage)
    kept = {k: values[k] for k in ("kind", "doc", "type", "article", "paragraph") if values.get(k)}
    # Days as ISO 8601 writes them: ranges, histograms and as_of read them, and people.
    if passage.effective:
        kept["decided" if passage.kind == "precedent" else "valid_from"] = iso(passage.effective)
    if passage.until:
        kept["valid_until"] = iso(passage.until)
    if passage.version_of:
        kept["version_of"] = passage.version_of
    if passage.cites:
        kept["cites"] = passage.cites
    if passage.article:
        paragraph = f" 제{passage.paragraph}항" if passage.paragraph else ""
        names = [name for name in (passage.doc, passage.abbr) if name]
        kept["citation"] = "\n".join(f"{name} {passage.article}{paragraph}" for name in names)
    return kept


RECIPE = Recipe(
    name="legal",
    about="Korean law: passages id, kind, doc, abbr, article, title, text, effective; see docs/legal.md",
    collection=NewCollection(
        field_weights={
            "law": 1.0,
            "abbr": 0.5,
            "heading": 2.0,
            "chapter": 0.5,
            "text": 1.0,
            "decisions": 0.5,
        },
        identifier_fields=["citation"],
        vector_sources={"text": {"article": ["law", "heading", "text"]}},
    ),
    to_item=to_item,
    takes=frozenset(Passage.__struct_fields__),
)
