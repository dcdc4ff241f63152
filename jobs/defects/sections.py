"""Manuals cut into sections: what they say of one defect, and of what kind that is."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from db.rows import ItemIn

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from db.defectrows import DefectName
    from jobs.defects.documents import Line

# What headings of a kind are called, and how a section of it is titled in both languages, so that a
# question in either finds it by its words.
_HEADINGS: Mapping[str, str] = {
    "cause": r"(발생\s*)?원인(\s*분석)?|(root\s+|possible\s+)?causes?|why",
    "action": r"조치(\s*(가이드|방법|사항))?|대책|(corrective\s+)?actions?|remed(y|ies)|repair|fix(es)?",
    "prevention": r"예방(\s*(방법|대책))?|재발\s*방지(\s*대책)?|prevention|preventive\s+measures",
    "inspection": r"검사(\s*방법)?|점검(\s*방법)?|inspection|how\s+to\s+(inspect|check)",
}
TITLES: Mapping[str, str] = {
    "cause": "발생 원인 causes 왜 why",
    "action": "조치 대책 actions repair 어떻게 해결 how to fix",
    "prevention": "예방 재발 방지 prevention how to prevent",
    "inspection": "검사 점검 inspection how to check",
}
_KIND = {kind: re.compile(rf"(?:{words})\s*:?", re.IGNORECASE) for kind, words in _HEADINGS.items()}
_LONGEST_HEADING = 80
# Columns from which on a line may have been broken by the layout.
_BROKEN = 48


class Section(msgspec.Struct, kw_only=True):
    """What a manual says of one kind about one defect; `listed`: as the items of a list."""

    defect: str
    kind: str
    heading: str
    page: int
    listed: bool = False
    statements: list[str] = msgspec.field(default_factory=list)


class _At(NamedTuple):
    defect: str
    heading: str


def cut(lines: Sequence[Line], defects: Sequence[DefectName]) -> list[Section]:
    """Cut a manual at its headings.

    A heading of a defect is a short line that names one of the product's defects and is followed by a
    heading of a kind (`발생 원인`, `조치`, `Causes`, `Actions` …); what stands behind another short line
    in between, such as the title of a table, belongs to no section.

    Args:
        lines: as `documents.lines` reads them.
        defects: defect types of the product, by whose names headings are known.
    """
    found: list[Section] = []
    at: _At | None = None
    section: Section | None = None
    for number, line in enumerate(lines):
        if not line.bullet and (named := _defect(lines, number, defects)) is not None:
            at, section = _At(named, _plain(line.text)), None
        elif not line.bullet and at is not None and (kind := _kind(line.text)) is not None:
            section = Section(defect=at.defect, kind=kind, heading=at.heading, page=line.page)
            found.append(section)
        elif section is not None and not _take(section, line):
            at, section = None, None
    return [one for one in found if one.statements]


def items(document: str, product: str, sections: Sequence[Section]) -> list[ItemIn]:
    """Sections as items; those of one document, defect and kind are counted."""
    made: list[ItemIn] = []
    counts: dict[tuple[str, str], int] = {}
    for section in sections:
        key = (section.defect, section.kind)
        counts[key] = counts.get(key, 0) + 1
        about = {"document": document, "product": product, "defect": section.defect}
        made.append(
            ItemIn(
                external_id=f"{document}#{product}/{section.defect}/{section.kind}/{counts[key]}",
                fields={
                    "title": section.heading,
                    "kind": TITLES[section.kind],
                    "text": "\n".join(section.statements),
                },
                metadata=about | {"kind": section.kind, "page": section.page},
            )
        )
    return made


def _take(section: Section, line: Line) -> bool:
    """Add a line to a section; False where it is none of it.

    Sections are drawn in one way throughout. Behind items of a list, a line without a mark goes on with the
    last one where that may have been broken, or else it is a title; in running text a sentence of its own
    belongs to the section, too.
    """
    if not section.statements:
        section.listed = line.bullet
    elif not line.bullet and _unfinished(section, line):
        section.statements[-1] += f" {line.text}"
        return True
    elif not line.bullet and (section.listed or not _ends(line.text)):
        return False
    section.statements.append(line.text)
    return True


def _unfinished(section: Section, line: Line) -> bool:
    """Whether the last statement was broken over lines: layouts break late, titles are short."""
    last = section.statements[-1]
    return (_width(last) >= _BROKEN and not _ends(last)) or (
        line.text[:1].islower() and line.text.isascii()
    )


def _ends(text: str) -> bool:
    """Whether a sentence ends here."""
    return text.endswith((".", "다", "요", ":", "!", "?"))


def _width(text: str) -> int:
    """Columns: Hangul takes two."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def _kind(text: str) -> str | None:
    """The kind that a heading announces."""
    plain = _plain(text)
    return next((kind for kind, words in _KIND.items() if words.fullmatch(plain)), None)


def _defect(lines: Sequence[Line], number: int, defects: Sequence[DefectName]) -> str | None:
    """The defect that a heading names, where a heading of a kind follows."""
    text = _plain(lines[number].text)
    following = lines[number + 1 : number + 2]
    if len(text) > _LONGEST_HEADING or not following or _kind(following[0].text) is None:
        return None
    named = [(len(name), one.defect) for one in defects for name in _names(one) if _in(name, text)]
    return max(named)[1] if named else None


def _names(defect: DefectName) -> set[str]:
    whole = {defect.defect, defect.name_ko, defect.name_en}
    return {name.replace("_", " ") for name in whole if name}


def _in(name: str, text: str) -> bool:
    """Whether a text has a name as words of its own."""
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text, re.IGNORECASE) is not None


def _plain(text: str) -> str:
    """A heading without its number, whatever it is drawn with."""
    return re.sub(r"^[\W\d_]+", "", unicodedata.normalize("NFKC", text)).strip()
