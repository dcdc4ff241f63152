"""Manuals of every kind that is read, written here, cut into sections with their pages."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from db.calls.query import fetch
from db.defects.manuals import manual
from db.defects.rows import DefectName
from db.errors import UnknownName
from flows.documents import document as documents
from flows.documents import sections
from flows.documents.lines import DocumentUnreadable, ManualLine
from tests.defects.conftest import EXAMPLES, import_manual

if TYPE_CHECKING:
    import psycopg

FONT = Path("/usr/share/fonts/truetype/nanum/NanumGothic.ttf")
DEFECTS = [
    DefectName(defect="scratch", name_ko="긁힘", name_en="scratch", pictures=0),
    DefectName(defect="metal", name_ko="금속 이물", name_en="metal", pictures=0),
    DefectName(defect="Open_Seam", name_ko="측면 뜯김", name_en=None, pictures=0),
]
PAGES = (
    ["1) Scratch Defect", "Causes", "- Chips under the roller", "- Plates rub", "Actions:",
     "- Wash the roller"],
    ["2) Metal Contamination", "Root cause", "- Worn parts", "Corrective actions", "- Replace them",
     "Summary", "Scratch surface rubbing", "Metal anywhere wear"],
)  # fmt: skip


def summary(found: list[sections.Section]) -> list[tuple[str, str, int, list[str]]]:
    return [(one.defect, one.kind, one.page, one.statements) for one in found]


EXPECTED = [
    ("scratch", "cause", 1, ["Chips under the roller", "Plates rub"]),
    ("scratch", "action", 1, ["Wash the roller"]),
    ("metal", "cause", 2, ["Worn parts"]),
    ("metal", "action", 2, ["Replace them"]),
]


def as_pdf(path: Path) -> None:
    fpdf = pytest.importorskip("fpdf")
    pdf = fpdf.FPDF()
    pdf.set_font("Helvetica", size=12)
    for page in PAGES:
        pdf.add_page()
        for line in page:
            pdf.multi_cell(0, 8, line, new_x="LMARGIN", new_y="NEXT")
    pdf.output(str(path))


def as_docx(path: Path) -> None:
    docx = pytest.importorskip("docx")
    document = docx.Document()
    for number, page in enumerate(PAGES):
        for at, line in enumerate(page):
            style = "List Bullet" if line.startswith("- ") else None
            paragraph = document.add_paragraph(style=style)
            if number and not at:
                mark = paragraph.add_run()._r
                mark.append(docx.oxml.OxmlElement("w:lastRenderedPageBreak"))
            paragraph.add_run(line.removeprefix("- "))
    document.save(str(path))


def as_text(path: Path) -> None:
    path.write_text("\f".join("\n".join(page) for page in PAGES), encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "write"), [("m.pdf", as_pdf), ("m.docx", as_docx), ("m.txt", as_text)]
)
def test_every_kind_of_document_gives_the_same_sections(
    tmp_path: Path, name: str, write: Any
) -> None:
    write(tmp_path / name)
    lines = documents.read(tmp_path / name).lines
    assert summary(sections.cut(lines, DEFECTS).sections) == EXPECTED


@pytest.mark.skipif(not FONT.exists(), reason="no Korean font to write a PDF with")
def test_a_korean_pdf_is_read(tmp_path: Path) -> None:
    fpdf = pytest.importorskip("fpdf")
    pdf = fpdf.FPDF()
    pdf.add_font("nanum", fname=str(FONT))
    pdf.set_font("nanum", size=12)
    pdf.add_page()
    for line in ("긁힘 불량 (Scratch)", "발생 원인", "• 칩이 끼임", "조치 가이드", "• 롤러 세척"):
        pdf.multi_cell(0, 8, line, new_x="LMARGIN", new_y="NEXT")
    pdf.output(str(tmp_path / "k.pdf"))
    lines = documents.read(tmp_path / "k.pdf").lines
    found = summary(sections.cut(lines, DEFECTS).sections)
    assert found == [
        ("scratch", "cause", 1, ["칩이 끼임"]),
        ("scratch", "action", 1, ["롤러 세척"]),
    ]


def cut(*texts: str) -> list[tuple[str, str, int, list[str]]]:
    lines = [ManualLine(text.removeprefix("• "), 1, text.startswith("• ")) for text in texts]
    return summary(sections.cut(lines, DEFECTS).sections)


def test_headings_are_known_by_either_name_and_whatever_they_are_numbered_with() -> None:
    assert cut("1️⃣ 금속 이물 오염 불량", "원인", "• 마모")[0][:2] == ("metal", "cause")
    assert cut("■ Open Seam (측면 뜯김)", "조치 방법:", "• 봉제")[0][:2] == ("Open_Seam", "action")
    assert cut("Nonmetal defect", "Causes", "• x") == []  # metal is not a word of its own here
    assert cut("Scratch, then", "something else", "Causes", "• x") == []


def test_a_broken_line_goes_on_and_a_title_ends_the_section() -> None:
    broken = "주조 과정 중 금속 용탕 내 공기나 가스가 완전히 배출되지 않고 응고 중에 남아"
    found = cut("긁힘", "원인", f"• {broken}", "생긴 공극", "• 둘째", "요약 표", "긁힘 표면 마찰")
    assert found == [("scratch", "cause", 1, [f"{broken} 생긴 공극", "둘째"])]


def test_running_text_is_taken_sentence_by_sentence_until_a_title() -> None:
    found = cut("긁힘", "원인", "칩이 끼어 긁는다.", "판재끼리 닿는다", "부록 표", "딴 문장이다.")
    assert found[0][3] == ["칩이 끼어 긁는다.", "판재끼리 닿는다"]


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("m.pdf", b"not a pdf", "m.pdf"),
        ("m.docx", b"not a zip", "m.docx: it is no DOCX"),
        ("m.docx", b"", "m.docx: the file is empty"),
        ("m.pdf", b"", "m.pdf: the file is empty"),
        ("m.txt", b"\xff\xfe\x00", "UTF-8|utf-8"),
        ("m.txt", b"  \n ", "no text"),
        ("m.hwp", b"x", "hwp is not read"),
        ("m", b"x", "no ending"),
    ],
)
def test_what_cannot_be_read_says_why(tmp_path: Path, name: str, data: bytes, reason: str) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(DocumentUnreadable, match=reason):
        documents.read(tmp_path / name)


def test_a_manual_is_brought_and_found_in_both_languages(
    product: psycopg.Connection[Any], tmp_path: Path
) -> None:

    path = Path(shutil.copy(EXAMPLES / "plate-manual.txt", tmp_path / "manual.txt"))
    done = import_manual(product, path, "plate")
    assert (done.sections, done.written, done.removed, done.without) == (5, 5, 0, [])
    again = import_manual(product, path, "plate")
    assert (again.written, again.removed) == (0, 0)
    for question, kind in (
        ("긁힘은 왜 생기나요?", "cause"),
        ("What causes it?", "cause"),
        ("어떻게 조치하나요?", "action"),
        ("How do I fix it?", "action"),
    ):
        hits = fetch(product, manual(product="plate", defect="scratch", query=question))
        assert hits[0].of_kind == kind, question
    path.write_text("긁힘\n원인\n• 하나\n", encoding="utf-8")
    less = import_manual(product, path, "plate")
    assert (less.sections, less.written, less.removed, less.without) == (1, 1, 4, ["stain"])


def test_a_manual_of_nothing_known_is_refused(
    product: psycopg.Connection[Any], tmp_path: Path
) -> None:
    (tmp_path / "m.txt").write_text("Dent\nCauses\n• x\n", encoding="utf-8")
    with pytest.raises(DocumentUnreadable, match="there are: scratch, stain"):
        import_manual(product, tmp_path / "m.txt", "plate")
    with pytest.raises(UnknownName, match="unknown product: nope"):
        import_manual(product, tmp_path / "m.txt", "nope")
