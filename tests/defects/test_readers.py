"""All the text that documents show, and nothing else: DOCX, PDF, Markdown."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

from db.defects.rows import DefectName
from flows.documents import document as documents
from flows.documents import headings, sections
from flows.documents.lines import DocumentUnreadable

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

DEFECTS = [
    DefectName(defect=name, name_ko=korean, name_en=name, pictures=0)
    for name, korean in (("scratch", "긁힘"), ("dent", "찍힘"))
]
SPACES = (
    " ".join(
        f'xmlns:{short}="http://schemas.{name}"'
        for short, name in {
            "w": "openxmlformats.org/wordprocessingml/2006/main",
            "m": "openxmlformats.org/officeDocument/2006/math",
            "mc": "openxmlformats.org/markup-compatibility/2006",
            "wps": "microsoft.com/office/word/2010/wordprocessingShape",
        }.items()
    )
    + ' xmlns:v="urn:schemas-microsoft-com:vml"'
)


def run(text: str, properties: str = "") -> str:
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def deleted(text: str) -> str:
    return f'<w:del w:id="1" w:author="a"><w:r><w:delText>{text}</w:delText></w:r></w:del>'


def par(*parts: str) -> str:
    return f"<w:p>{''.join(parts)}</w:p>"


def table(*rows: Iterable[str]) -> str:
    drawn = ("".join(f"<w:tc>{par(run(cell))}</w:tc>" for cell in row) for row in rows)
    return f"<w:tbl>{''.join(f'<w:tr>{row}</w:tr>' for row in drawn)}</w:tbl>"


def box(text: str) -> str:
    return f"<w:txbxContent>{par(run(text))}</w:txbxContent>"


def docx(path: Path, *blocks: str) -> Path:
    library = pytest.importorskip("docx")
    document = library.Document()
    body = document.element.body
    whole = library.oxml.parse_xml(f"<w:body {SPACES}>{''.join(blocks)}</w:body>")
    for block in list(whole):
        body.insert(len(body) - 1, block)
    document.save(str(path))
    return path


def texts(path: Path) -> list[str]:
    return [line.text for line in documents.read(path).lines]


def cut(path: Path) -> list[tuple[str, str, list[str]]]:
    found = sections.cut(read(path).lines, DEFECTS).sections
    return [(one.defect, one.kind, one.statements) for one in found]


def read(path: Path) -> documents.ManualDocument:
    return documents.read(path, partial(headings.is_heading, DEFECTS))


@pytest.mark.parametrize(
    ("block", "shown"),
    [
        (par(run("plain")), ["plain"]),
        (
            par(run("Pads are "), f'<w:ins w:id="1" w:author="a">{run("worn.")}</w:ins>'),
            ["Pads are worn."],
        ),
        (par(run("kept"), deleted("gone")), ["kept"]),
        (par(f'<w:ins w:id="1" w:author="a">{run("kept")}{deleted("gone")}</w:ins>'), ["kept"]),
        (
            par(
                f'<w:moveFrom w:id="1" w:author="a">{run("from")}</w:moveFrom>',
                f'<w:moveTo w:id="2" w:author="a">{run("to")}</w:moveTo>',
            ),
            ["to"],
        ),
        (
            '<w:p><w:pPr><w:rPr><w:del w:id="1" w:author="a"/></w:rPr></w:pPr>'
            + run("one line ")
            + "</w:p>"
            + par(run("of two")),
            ["one line of two"],
        ),
        (f"<w:sdt><w:sdtContent>{par(run('control'))}</w:sdtContent></w:sdt>", ["control"]),
        (
            par(run("in "), f"<w:sdt><w:sdtContent>{run('line')}</w:sdtContent></w:sdt>"),
            ["in line"],
        ),
        (f'<w:customXml w:uri="u" w:element="e">{par(run("custom"))}</w:customXml>', ["custom"]),
        (par(f'<w:hyperlink w:anchor="x">{run("link")}</w:hyperlink>'), ["link"]),
        (par(f'<w:smartTag w:uri="u" w:element="e">{run("smart")}</w:smartTag>'), ["smart"]),
        (par(f'<w:fldSimple w:instr="PAGE">{run("7")}</w:fldSimple>', run(" kg")), ["7 kg"]),
        (par("<w:r><w:instrText>REF x</w:instrText></w:r>", run("result")), ["result"]),
        (par(run("seen "), run("hidden", "<w:vanish/>")), ["seen"]),
        (par(run("seen", '<w:vanish w:val="0"/>')), ["seen"]),
        (par("<w:r><w:t>a</w:t><w:tab/><w:t>b</w:t><w:br/><w:t>c</w:t></w:r>"), ["a b", "c"]),
        (par("<w:r><w:t>C</w:t><w:noBreakHyphen/><w:t>3</w:t></w:r>"), ["C-3"]),
        (par("<m:oMath><m:r><m:t>x=1</m:t></m:r></m:oMath>"), ["x=1"]),
        (
            par(
                "<w:r><mc:AlternateContent><mc:Choice Requires='wps'><wps:txbx>"
                + box("once")
                + "</wps:txbx></mc:Choice><mc:Fallback><w:pict><v:textbox>"
                + box("once")
                + "</v:textbox></w:pict></mc:Fallback></mc:AlternateContent></w:r>",
                run("beside"),
            ),
            ["beside", "once"],
        ),
        (par(f"<w:r><w:pict><v:textbox>{box('old box')}</v:textbox></w:pict></w:r>"), ["old box"]),
        (table(["a", "b"], ["c"]), ["a", "b", "c"]),
        (f"<w:tbl><w:tr><w:tc>{table(['inner'])}{par()}</w:tc></w:tr></w:tbl>", ["inner"]),
        (
            f"<w:tbl><w:sdt><w:sdtContent><w:tr><w:tc>{par(run('row'))}</w:tc></w:tr>"
            "</w:sdtContent></w:sdt></w:tbl>",
            ["row"],
        ),
        (
            '<w:tbl><w:tr><w:trPr><w:del w:id="1" w:author="a"/></w:trPr>'
            f"<w:tc>{par(run('gone'))}</w:tc></w:tr><w:tr><w:tc>{par(run('kept'))}</w:tc></w:tr></w:tbl>",
            ["kept"],
        ),
    ],
)
def test_what_word_shows_is_read(tmp_path: Path, block: str, shown: list[str]) -> None:
    path = docx(tmp_path / "m.docx", par(run("before")), block, par(run("after")))
    assert texts(path) == ["before", *shown, "after"]


def test_a_hidden_style_hides_and_notes_are_read_where_they_belong(tmp_path: Path) -> None:
    library = pytest.importorskip("docx")
    document = library.Document()
    style = document.styles.add_style("Secret", 2)
    style.font.hidden = True
    document.add_paragraph("seen").add_run(" hidden", style="Secret")
    paragraph = document.add_paragraph("Torque 7 Nm")
    mark = library.oxml.parse_xml(
        f'<w:r {SPACES}><w:footnoteReference w:id="2"/></w:r>',
    )
    paragraph._p.append(mark)
    notes = f'<w:footnotes {SPACES}><w:footnote w:id="2">{par(run("when cold"))}</w:footnote></w:footnotes>'
    part = library.opc.part.Part(
        library.opc.packuri.PackURI("/word/footnotes.xml"),
        "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml",
        notes.encode(),
        document.part.package,
    )
    document.part.relate_to(
        part, "http://schemas.openxmlformats.org/officeDocument/2006/relationships/footnotes"
    )
    document.save(str(tmp_path / "m.docx"))
    assert texts(tmp_path / "m.docx") == ["seen", "Torque 7 Nm (when cold)"]


def test_a_table_in_a_section_is_part_of_it(tmp_path: Path) -> None:
    plain = [par(run(text)) for text in ("scratch", "Causes", "Grit.", "Actions")]
    path = docx(
        tmp_path / "m.docx",
        *plain,
        table(["Step", "What"], ["1", "Replace the pads."]),
        par(run("Prevention")),
        par(run("Wipe the pads.")),
    )
    assert cut(path) == [
        ("scratch", "cause", ["Grit."]),
        ("scratch", "action", ["Step | What", "1 | Replace the pads."]),
        ("scratch", "prevention", ["Wipe the pads."]),
    ]


def test_a_manual_may_be_one_table(tmp_path: Path) -> None:
    rows = [["scratch"], ["Causes"], ["Grit."], ["Actions", "Replace the pads."]]
    expected = [("scratch", "cause", ["Grit."]), ("scratch", "action", ["Replace the pads."])]
    assert cut(docx(tmp_path / "m.docx", table(*rows))) == expected


def test_columns_of_a_table_are_of_the_kind_they_say(tmp_path: Path) -> None:
    rows = [
        ["번호", "불량", "원인", "조치"],
        ["1", "긁힘", "패드 오염", "패드 교체"],
        ["2", "찍힘", "낙하", "가드 설치"],
    ]
    path = docx(tmp_path / "m.docx", table(*rows))
    expected = [
        ("scratch", "cause", ["패드 오염"]),
        ("scratch", "action", ["패드 교체"]),
        ("dent", "cause", ["낙하"]),
        ("dent", "action", ["가드 설치"]),
    ]
    assert cut(path) == expected
    drawn = "\n".join(f"| {' | '.join(row)} |" for row in [rows[0], ["---"] * 4, *rows[1:]])
    (tmp_path / "m.md").write_text(drawn, encoding="utf-8")
    assert cut(tmp_path / "m.md") == expected


def test_a_summary_of_other_defects_is_no_part_of_the_last_section(tmp_path: Path) -> None:
    head = [par(run(text)) for text in ("scratch", "Causes", "Grit.")]
    path = docx(tmp_path / "m.docx", *head, table(["Class", "Where"], ["Dent", "edges"]))
    made = sections.cut(read(path).lines, DEFECTS)
    assert [one.statements for one in made.sections] == [["Grit."]]
    assert [line.text for line in made.outside] == ["Class", "Where", "Dent", "edges"]


@pytest.mark.parametrize(
    ("heading", "kinds"),
    [
        ("**Prevention**", ["prevention"]),
        ("## 3. Prevention ##", ["prevention"]),
        ("__Causes:__", ["cause"]),
        ("원인 및 대책", ["cause", "action"]),
        ("원인과 조치", ["cause", "action"]),
        ("Causes & corrective actions", ["cause", "action"]),
        ("**원인/대책**", ["cause", "action"]),
    ],
)
def test_headings_of_markdown(tmp_path: Path, heading: str, kinds: list[str]) -> None:
    (tmp_path / "m.md").write_text(f"# 긁힘\n\n{heading}\n\n- **wipe** it\n", encoding="utf-8")
    assert cut(tmp_path / "m.md") == [("scratch", kind, ["wipe it"]) for kind in kinds]


# --- PDF -------------------------------------------------------------------------------------------------


def pdf(path: Path, *pages: list[tuple[float, float, str]], **encryption: Any) -> Path:
    """Pages of texts at places in mm from the left and the top, drawn in that order."""
    library = pytest.importorskip("fpdf")
    made = library.FPDF()
    made.set_font("Helvetica", size=11)
    if encryption:
        method = getattr(library.enums.EncryptionMethod, encryption.pop("method"))
        made.set_encryption(owner_password="o", encryption_method=method, **encryption)
    for page in pages:
        made.add_page()
        for x, y, text in page:
            made.text(x, y, text)
    made.output(str(path))
    return path


def down(*lines: str, x: float = 20, y: float = 20) -> list[tuple[float, float, str]]:
    return [(x, y + 7 * at, line) for at, line in enumerate(lines)]


LEFT = (
    "scratch",
    "Causes",
    "- Dirty gripper pads drag grit over",
    "the whole face.",
    "Actions",
    "- Wipe.",
)
RIGHT = ("dent", "Causes", "- Dropped.", "Actions", "- Raise the guard.")
IN_COLUMNS = [
    ("scratch", "cause", ["Dirty gripper pads drag grit over the whole face."]),
    ("scratch", "action", ["Wipe."]),
    ("dent", "cause", ["Dropped."]),
    ("dent", "action", ["Raise the guard."]),
]


@pytest.mark.parametrize("gutter", [86.0, 90.0, 120.0])
@pytest.mark.parametrize("apart", [0.0, 3.5])
@pytest.mark.parametrize(
    "title", [[], [(20.0, 12.0, "Bracket manual, a title that reaches over both of them")]]
)
def test_columns_are_read_one_after_the_other(
    tmp_path: Path, gutter: float, apart: float, title: list[tuple[float, float, str]]
) -> None:
    """Drawn row by row, the rows of both columns level or not."""
    both = [*down(*LEFT), *down(*RIGHT, x=gutter, y=20 + apart)]
    by_row = sorted(both, key=lambda piece: piece[1])
    assert cut(pdf(tmp_path / "m.pdf", [*title, *by_row])) == IN_COLUMNS


def test_three_columns_and_what_stands_below(tmp_path: Path) -> None:
    third = down("scratch", "Prevention", "- Clean.", "- Dry.", x=140)
    rows = [
        *down("scratch", "Causes", "- Grit.", "- Dust."),
        *down("dent", "Causes", "- Falls.", x=80),
        *third,
    ]
    wide = down("A line below them that reaches over the whole of the page, up to the end.", y=60)
    page = sorted(rows, key=lambda piece: piece[1]) + wide
    found = read(pdf(tmp_path / "m.pdf", page)).lines
    assert [line.text for line in found] == [
        *("scratch", "Causes", "Grit.", "Dust."),
        *("dent", "Causes", "Falls."),
        *("scratch", "Prevention", "Clean.", "Dry."),
        "A line below them that reaches over the whole of the page, up to the end.",
    ]


def test_marks_and_numbers_of_lists_are_no_column(tmp_path: Path) -> None:
    items = ("Dirty pads.", "Worn belts.", "Loose rollers.", "Grit.")
    marks = down(*("-" for _ in items), y=34)
    page = [*down("scratch", "Causes"), *marks, *down(*items, x=45, y=34)]
    assert cut(pdf(tmp_path / "m.pdf", page)) == [("scratch", "cause", list(items))]


def test_a_table_with_rules_is_read_row_by_row(tmp_path: Path) -> None:
    library = pytest.importorskip("fpdf")
    made = library.FPDF()
    made.set_font("Helvetica", size=11)
    made.add_page()
    with made.table() as drawn:
        for row in (("Place", "Causes"), ("edge", "grit"), ("scratch", "falls"), ("face", "dust")):
            drawn.row(row)
    made.output(str(tmp_path / "m.pdf"))
    assert texts(tmp_path / "m.pdf") == ["Place Causes", "edge grit", "scratch falls", "face dust"]


def test_running_heads_and_page_numbers_are_no_part_of_the_text(tmp_path: Path) -> None:
    first = down("Bracket manual rev 3", "scratch", "Causes", "- Dirty gripper pads and")
    second = down("Bracket manual rev 3", "worn belts.", "Actions", "- Replace the pads.")
    pages = [[*page, (90, 280, f"Page {at} of 2")] for at, page in enumerate((first, second), 1)]
    path = pdf(tmp_path / "m.pdf", *pages)
    assert cut(path) == [
        ("scratch", "cause", ["Dirty gripper pads and worn belts."]),
        ("scratch", "action", ["Replace the pads."]),
    ]
    assert read(path).furniture == [
        *("Bracket manual rev 3", "Page 1 of 2"),
        *("Bracket manual rev 3", "Page 2 of 2"),
    ]


def test_odd_and_even_pages_have_heads_of_their_own(tmp_path: Path) -> None:
    heads = ["Seogo GmbH", "Bracket manual", "Seogo GmbH", "Bracket manual"]
    bodies = [["scratch", "Causes"], ["- Grit."], ["Actions"], ["- Wipe."]]
    text = "\f".join(
        "\n".join([head, *body, f"- {at} -"])
        for at, (head, body) in enumerate(zip(heads, bodies, strict=True), 7)
    )
    (tmp_path / "m.txt").write_text(text)
    assert cut(tmp_path / "m.txt") == [
        ("scratch", "cause", ["Grit."]),
        ("scratch", "action", ["Wipe."]),
    ]
    assert len(read(tmp_path / "m.txt").furniture) == 8


def test_what_pages_repeat_of_the_text_itself_stays(tmp_path: Path) -> None:
    """Headings, items of lists, and lines that only look alike from the inside of a page."""
    pages = [
        [name, "Causes", "- Grit.", "- Wipe the rollers."]
        for name in ("scratch", "dent", "scratch")
    ]
    (tmp_path / "m.txt").write_text("\f".join("\n".join(page) for page in pages))
    assert read(tmp_path / "m.txt").furniture == []
    assert cut(tmp_path / "m.txt") == [
        (name, "cause", ["Grit.", "Wipe the rollers."]) for name in ("scratch", "dent", "scratch")
    ]


@pytest.mark.parametrize("method", ["RC4", "AES_128", "AES_256"])
def test_what_is_encrypted_without_a_password_is_read(tmp_path: Path, method: str) -> None:
    page = down("scratch", "Causes", "- Grit.")
    path = pdf(tmp_path / "open.pdf", page, method=method)
    assert cut(path) == [("scratch", "cause", ["Grit."])]
    locked = pdf(tmp_path / "locked.pdf", page, method=method, user_password="u")
    with pytest.raises(DocumentUnreadable, match=r"locked\.pdf: it is locked by a password"):
        read(locked)


def test_a_document_that_cannot_be_read_is_named_and_the_rest_goes_on(
    tmp_path: Path, db_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from jobs.cli import app

    monkeypatch.setenv("SEOGO_DATABASE_URL", db_url)
    page = down("scratch", "Causes", "- Grit.", "An end")
    files = [
        pdf(tmp_path / "locked.pdf", page, method="AES_256", user_password="u"),
        tmp_path / "empty.docx",
        tmp_path / "old.docx",
        tmp_path / "cut.pdf",
        pdf(tmp_path / "good.pdf", page),
    ]
    files[1].write_bytes(b"")
    files[2].write_bytes(b"\xd0\xcf\x11\xe0 an OLE file")
    files[3].write_bytes(files[4].read_bytes()[:700])
    runner = CliRunner()
    for words in (["product", "plate"], ["type", "plate", "scratch"]):
        assert runner.invoke(app, ["defects", *words]).exit_code == 0
    given = ["defects", "manuals", "import", *map(str, files), "-p", "plate", "--no-encode"]
    done = runner.invoke(app, given)
    assert done.exit_code == 1
    said = " ".join(done.output.split())
    assert "locked.pdf: it is locked by a password" in said
    assert "empty.docx: the file is empty" in said
    assert "old.docx: it is no DOCX" in said
    assert "locked by a password or of an old Word" in said
    assert "cut.pdf:" in said
    assert "good.pdf: 1 sections, 1 written" in said
    assert "1 lines are in no section: An end" in said
