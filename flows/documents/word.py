"""Lines of DOCX files: all text that Word shows, in its order.

python-docx opens the file; its paragraphs are only those at the top level, and their text only direct runs.
So the body is walked here, with what is in tables, content controls, text boxes, and tracked insertions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from encoders.runtime.optional import require
from flows.documents.lines import DocumentUnreadable, ManualLine, TableCell, line

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

EXTRA = "manuals"
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}t"
# Properties, and what was deleted or moved elsewhere: none of it is shown.
_SKIPPED = {
    f"{_W}{name}"
    for name in ("pPr", "rPr", "tblPr", "tcPr", "trPr", "sdtPr", "sectPr", "del", "moveFrom")
}
_DRAWN = {
    f"{_W}tab": "\t",
    f"{_W}ptab": "\t",
    f"{_W}br": "\n",
    f"{_W}cr": "\n",
    f"{_W}noBreakHyphen": "-",
    f"{_W}lastRenderedPageBreak": "\f",
}
_NOTES = {f"{_W}footnoteReference": "footnotes", f"{_W}endnoteReference": "endnotes"}
_OFF = ("0", "false", "off")
_OLE = b"\xd0\xcf\x11\xe0"


def lines(path: Path) -> Iterator[ManualLine]:
    """Read the lines of a DOCX, notes where they are referred to.

    Left out is what Word does not show or repeats: deleted and hidden text, headers, footers.

    Raises:
        DocumentUnreadable: it is no DOCX, is damaged, or locked by a password.
        EncoderNotInstalled: the parser is not installed.
    """
    docx = require("docx", EXTRA)
    try:
        yield from _Reader(docx.Document(str(path)), docx).lines()
    except OSError:
        raise
    except Exception as exc:  # zip, XML and the library's own, without a common class
        if path.read_bytes()[:4] == _OLE:
            hint = "locked by a password or of an old Word: save it as DOCX without a password"
        else:
            hint = "save it as DOCX once more"
        raise DocumentUnreadable(f"{path.name}: it is no DOCX, or damaged ({exc})", hint) from exc


class _Reader:
    """A walk through one document that keeps the page number."""

    def __init__(self, document: Any, docx: Any) -> None:
        self._document = document
        self._docx = docx
        self._hidden = {style.style_id for style in document.styles if _is_hidden(style)}
        self._notes = {name: self._noted(name) for name in _NOTES.values()}
        self._page = 1
        self._tables = 0
        # Of paragraphs whose mark was deleted: they go on with the next.
        self._begun = ""

    def lines(self) -> Iterator[ManualLine]:
        yield from self._blocks(self._document.element.body, None)
        yield from self._drawn(self._begun, False, None)

    def _noted(self, name: str) -> dict[str, Any]:
        for rel in self._document.part.rels.values():
            if rel.reltype.endswith(f"/{name}") and not rel.is_external:
                root = self._docx.oxml.parse_xml(rel.target_part.blob)
                return {note.get(f"{_W}id"): note for note in root}
        return {}

    def _blocks(self, parent: Any, cell: TableCell | None) -> Iterator[ManualLine]:
        for child in _visible(parent):
            if child.tag == f"{_W}p":
                yield from self._paragraph(child, cell)
            elif child.tag == f"{_W}tbl":
                yield from self._table(child)
            else:
                yield from self._blocks(child, cell)

    def _table(self, table: Any) -> Iterator[ManualLine]:
        number, self._tables = self._tables, self._tables + 1
        for at, row in enumerate(_inside(table, f"{_W}tr")):
            column = 0
            for one in _inside(row, f"{_W}tc"):
                yield from self._blocks(one, TableCell(number, at, column))
                column += one.grid_span

    def _paragraph(self, paragraph: Any, cell: TableCell | None) -> Iterator[ManualLine]:
        parts: list[str] = []
        boxes: list[Any] = []
        style = self._docx.text.paragraph.Paragraph(paragraph, self._document).style
        if style.style_id not in self._hidden:
            self._collect(paragraph, parts, boxes)
        properties = paragraph.pPr
        numbered = properties is not None and properties.numPr is not None
        text = self._begun + "".join(parts)
        if paragraph.find(f"{_W}pPr/{_W}rPr/{_W}del") is not None:
            self._begun = text
        else:
            self._begun = ""
            yield from self._drawn(text, numbered or style.name.startswith("List"), cell)
        for box in boxes:
            yield from self._blocks(box, cell)

    def _drawn(self, text: str, listed: bool, cell: TableCell | None) -> Iterator[ManualLine]:
        """Split a paragraph into lines; a page begins at each form feed."""
        for raw in text.split("\n"):
            inner = raw.lstrip("\f \t")
            self._page += raw[: len(raw) - len(inner)].count("\f")
            if inner.strip():
                made = line(inner.replace("\f", ""), self._page, cell)
                yield made._replace(bullet=made.bullet or listed, full=False)
            self._page += inner.count("\f")

    def _collect(self, parent: Any, parts: list[str], boxes: list[Any]) -> None:
        """Collect the text below an element; text boxes follow their paragraph."""
        for child in _visible(parent):
            tag = child.tag
            if tag in (f"{_W}t", _MATH):
                parts.append(child.text or "")
            elif tag in _DRAWN:
                parts.append(_DRAWN[tag])
            elif tag in _NOTES:
                parts.append(self._note(_NOTES[tag], child.get(f"{_W}id")))
            elif tag == f"{_W}txbxContent":
                boxes.append(child)
            elif tag == f"{_W}ruby":
                self._ruby(child, parts, boxes)
            elif tag != f"{_W}r" or not self._is_hidden(child):
                self._collect(child, parts, boxes)

    def _note(self, kind: str, number: str) -> str:
        parts: list[str] = []
        for paragraph in self._notes[kind].get(number, ()):
            self._collect(paragraph, parts, [])
            parts.append(" ")
        text = " ".join("".join(parts).split())
        return f" ({text}) " if text else ""

    def _ruby(self, ruby: Any, parts: list[str], boxes: list[Any]) -> None:
        """Add a ruby text, with its reading in brackets."""
        above: list[str] = []
        for child in ruby:
            self._collect(child, above if child.tag == f"{_W}rt" else parts, boxes)
        parts.append(f"({''.join(above)})")

    def _is_hidden(self, run: Any) -> bool:
        mark = run.find(f"{_W}rPr/{_W}vanish")
        if mark is not None:
            return mark.get(f"{_W}val") not in _OFF
        style = run.find(f"{_W}rPr/{_W}rStyle")
        return style is not None and style.get(f"{_W}val") in self._hidden


def _visible(parent: Any) -> Iterator[Any]:
    """Visible children; of alternative contents the first."""
    for child in parent:
        if child.tag == f"{_MC}AlternateContent":
            yield from child[:1]
        elif child.tag not in _SKIPPED and isinstance(child.tag, str):
            yield child


def _inside(parent: Any, tag: str) -> Iterator[Any]:
    """Rows of a table or cells of a row, through content controls, without inner tables."""
    for child in _visible(parent):
        if child.tag == tag:
            if child.find(f"{_W}trPr/{_W}del") is None:
                yield child
        else:
            yield from _inside(child, tag)


def _is_hidden(style: Any) -> bool:
    while style is not None:
        hidden = getattr(getattr(style, "font", None), "hidden", None)
        if hidden is not None:
            return bool(hidden)
        style = getattr(style, "base_style", None)
    return False
