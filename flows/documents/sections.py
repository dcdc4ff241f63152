"""Splitting manuals into sections by defect and kind."""

from __future__ import annotations

import re
import unicodedata
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from db.items.rows import ItemIn
from flows.documents import headings, tables
from flows.documents.headings import kinds

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from db.defects.rows import DefectName
    from flows.documents.lines import ManualLine, TableCell

# How a section of a kind is titled in both languages, so that a question in either finds it by its words.
TITLES: Mapping[str, str] = {
    "cause": "발생 원인 causes 왜 why",
    "action": "조치 대책 actions repair 어떻게 해결 how to fix",
    "prevention": "예방 재발 방지 prevention how to prevent",
    "inspection": "검사 점검 inspection how to check",
}
# Columns from which on a line may have been broken by the layout.
_BROKEN = 48
_NUMBERED = re.compile(r"(\d{1,2}|[가-하a-z])[.)]\s|[①-⑳]")


class Section(msgspec.Struct, kw_only=True):
    """A section of a manual: the statements of one kind about one defect.

    `heading` names the defect as the manual does; `listed` and `numbered` say how its statements are drawn,
    `cell` and `full` are of the last line.
    """

    defect: str
    kind: str
    heading: str
    page: int
    listed: bool = False
    numbered: bool = False
    cell: TableCell | None = None
    full: bool | None = None
    statements: list[str] = msgspec.field(default_factory=list)


class ManualSections(NamedTuple):
    """The sections of a manual, and the lines outside them."""

    sections: list[Section]
    outside: list[ManualLine]


class _At(NamedTuple):
    defect: str
    heading: str


def cut(lines: Sequence[ManualLine], defects: Sequence[DefectName]) -> ManualSections:
    """Split a manual at its headings.

    A heading of a defect is a short line that names one of the product's defects and is followed by a
    heading of a kind (`발생 원인`, `조치`, `Causes`, `Actions` …); what stands behind another short line
    in between, such as the title of a table, belongs to no section. A heading of two kinds (`원인 및 대책`)
    begins a section of each. Cells of a table are read row by row, unless its first row names kinds: then
    each column is of its kind.
    """
    cutter = _Cutter(defects)
    for _, group in groupby(lines, key=lambda line: line.cell and line.cell.table):
        cutter.take(list(group))
    return ManualSections([one for one in cutter.found if one.statements], cutter.outside)


class _Cutter:
    """A line-by-line parser that keeps the open sections."""

    def __init__(self, defects: Sequence[DefectName]) -> None:
        self.found: list[Section] = []
        self.outside: list[ManualLine] = []
        self._defects = defects
        self._at: _At | None = None
        self._open: list[Section] = []

    def take(self, lines: Sequence[ManualLine]) -> None:
        """Parse the lines of one table, or between two tables."""
        table = tables.by_kind(lines)
        if table is not None:
            self._take_table(table)
            return
        texts = [line.text for line in lines]
        if self._is_summary(lines, texts):
            self._at, self._open = None, []
        for number, line in enumerate(lines):
            if not line.bullet and (named := headings.of_defect(texts, number, self._defects)):
                self._at, self._open = _At(named, headings.plain(line.text)), []
            elif not line.bullet and self._at is not None and (found := kinds(line.text)):
                self._open = [self._section(kind, line) for kind in found]
            elif not self._open:
                self.outside.append(line)
            elif not all([_take(section, line) for section in self._open]):
                self._at, self._open = None, []
                self.outside.append(line)

    def _is_summary(self, lines: Sequence[ManualLine], texts: Sequence[str]) -> bool:
        """Whether these are cells of a table about other defects than the section before it."""
        defect = self._at and self._at.defect
        found = {
            headings.named(text, self._defects)
            for at, text in enumerate(texts)
            if lines[at].cell and not headings.of_defect(texts, at, self._defects)
        }
        return bool(found - {None, defect})

    def _take_table(self, table: tables.Table) -> None:
        self._open = []
        self.outside += table.before
        for row in table.rows:
            named = [(headings.named(line.text, self._defects), line) for line in row.others]
            for defect, line in named:
                if defect is None:
                    self.outside.append(line)
                else:
                    self._at = _At(defect, headings.plain(line.text))
            for kind, line in row.said:
                if self._at is None:
                    self.outside.append(line)
                else:
                    section = self._section(kind, line)
                    section.statements.append(line.text)

    def _section(self, kind: str, line: ManualLine) -> Section:
        assert self._at is not None
        made = Section(defect=self._at.defect, kind=kind, heading=self._at.heading, page=line.page)
        self.found.append(made)
        return made


def items(document: str, product: str, sections: Sequence[Section]) -> list[ItemIn]:
    """Convert sections to items, numbered per document, defect and kind."""
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


def _take(section: Section, line: ManualLine) -> bool:
    """Add a line to a section; False where it does not belong to it.

    Sections are drawn in one way throughout. Behind items of a list, a line without a mark goes on with the
    last one where that may have been broken, or else it is a title; in running text a sentence of its own
    belongs to the section, too. Cells of a row are one statement.
    """
    last, section.cell = section.cell, line.cell
    full, section.full = section.full, line.full
    numbered = _NUMBERED.match(line.text) is not None
    if line.cell is not None:
        if section.statements and last and last[:2] == line.cell[:2] and last != line.cell:
            section.statements[-1] += f" | {line.text}"
            return True
    elif not section.statements:
        section.listed, section.numbered = line.bullet, numbered
    elif line.bullet or (section.numbered and numbered):
        pass
    elif last is None and _unfinished(section, line, full):
        section.statements[-1] += f" {line.text}"
        return True
    elif section.listed or not _ends(line.text):
        return False
    section.statements.append(line.text)
    return True


def _unfinished(section: Section, line: ManualLine, full: bool | None) -> bool:
    """Whether a line continues the last statement."""
    if full is False:
        return False
    last = section.statements[-1]
    if line.text[:1].islower() and line.text.isascii():
        return True
    return not _ends(last) and (full or _width(last) >= _BROKEN or _ends(line.text))


def _ends(text: str) -> bool:
    """Whether a sentence ends here."""
    return text.endswith((".", "다", "요", ":", "!", "?"))


def _width(text: str) -> int:
    """Width of a text in columns; Hangul takes two."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)
