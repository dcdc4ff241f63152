"""Tables: a row is taken whole or named, whatever is wrong with it or with its neighbours."""

from __future__ import annotations

import csv
import io
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inputs import tables
from inputs.errors import Bad, InputUnusable

HEAD = "external_id,title,path\n"


def read(
    content: str | bytes, needs: tuple[str, ...] = ("external_id",)
) -> list[tables.TableRow | Bad]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "t.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return list(tables.rows(path, needs))


def split(found: list[tables.TableRow | Bad]) -> tuple[dict[int, list[str]], list[int]]:
    taken = {
        one.line: list(one.cells.values()) for one in found if isinstance(one, tables.TableRow)
    }
    return taken, [one.line for one in found if isinstance(one, Bad)]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_rows_as_spreadsheets_write_them(end: str, mark: str) -> None:
    rows = [
        ["A", "plain", "a.png"],
        ["B", 'comma, and "quotes"', ""],
        ["C", "first line, of three,\nsecond line\nthird, last", "c.png"],
        ["D", "빈 줄\n\n뒤", ""],
        ["E", '"', '""'],
        ["F", " blanks ", "x"],
    ]
    made = io.StringIO()
    csv.writer(made, lineterminator=end).writerows([["external_id", "title", "path"], *rows])
    taken, named = split(read(mark + made.getvalue() + end * 2))
    assert list(taken.values()) == rows
    assert named == []
    assert list(taken) == [2, 3, 4, 7, 10, 11]


def test_inch_marks_are_letters() -> None:
    content = HEAD + 'A,12" pump,a\nB,pump 24",b\nC,3/4" x 1/2" tube,c\nD,"3/4"" NPT",d\n'
    taken, named = split(read(content))
    titles = ['12" pump', 'pump 24"', '3/4" x 1/2" tube', '3/4" NPT']
    assert [cells[1] for cells in taken.values()] == titles
    assert named == []


def rest(n: int = 6) -> str:
    return "".join(f"S{at},seal {at},s.png\n" for at in range(n))


@pytest.mark.parametrize(
    "row",
    [
        'R,"12 inch pump,',
        'R,"12 inch pump,x',
        'R,"3/4"" NPT,x',
        'R,"12" pump,x',
        'R,"12" pump",x',
        'R,"pump" ,x',
        'R, "pump, wet",x',
        "R,pump,x,y",
        'R,"pump,x"',
        '"R,pump,x',
        'R,pump,"x',
        '"R","pump","x',
        'R,""pump"",x',
    ],
)
def test_a_row_with_a_stray_quote_is_named_and_the_rest_taken(row: str) -> None:
    taken, named = split(read(HEAD + "A,first,a\n" + row + "\n" + rest()))
    assert named == [3]
    assert list(taken) == [2, 4, 5, 6, 7, 8, 9]
    assert taken[9] == ["S5", "seal 5", "s.png"]


def test_two_stray_quotes_swallow_nothing_between_them() -> None:
    content = (
        HEAD + 'R,"12 inch pump,\n' + rest(4) + 'T,pump 24",t\n' + 'U,"ok, fine",u\nV,5" seal,v\n'
    )
    taken, named = split(read(content))
    assert named == [2, 7]
    assert [cells[0] for cells in taken.values()] == ["S0", "S1", "S2", "S3", "U", "V"]
    # Next to each other nobody can tell whose line is whose.
    assert split(read(HEAD + 'R,"12 inch pump,\nT,pump 24",t\n' + rest(1))) == (
        {4: ["S0", "seal 0", "s.png"]},
        [2, 3],
    )


def test_cells_of_many_lines_with_commas_are_whole() -> None:
    text = "Dear sir,\nplease replace the pump, the seal, and the rotor,\nby Monday, noon"
    made = io.StringIO()
    csv.writer(made).writerows(
        [["external_id", "title", "path"], ["A", text, "x"], ["B", text, ""]]
    )
    taken, named = split(read(made.getvalue()))
    assert [cells[1] for cells in taken.values()] == [text, text]
    assert named == []


def test_a_text_with_commas_is_no_row_where_keys_are_alike() -> None:
    rows = [["external_id", "about"], *([f"P-{at:02d}", f"part {at}"] for at in range(4))]
    text = "전압\n24V, 2 A\nred, blue\n5kg"
    made = io.StringIO()
    csv.writer(made).writerows([*rows, ["P-04", text], ["P-05", "last"]])
    taken, named = split(read(made.getvalue()))
    assert taken[6] == ["P-04", text]
    assert named == []


def test_undecodable_bytes_name_their_row() -> None:
    korean = "펌프 소음".encode("cp949")
    found = read(HEAD.encode() + b"A,ok,a\nB," + korean + b",b\nC,caf\xe9,c\nD,\xed\x95\x9c,d\n")
    taken, named = split(found)
    assert (list(taken), named) == ([2, 5], [3, 4])
    reasons = [one.reason for one in found if isinstance(one, Bad)]
    assert "CP949" in reasons[0]
    assert "not UTF-8 at byte 6" in reasons[1]
    with pytest.raises(InputUnusable, match="CP949"):
        read("식별자,제목\n".encode("cp949"))


def test_cells_of_a_million_letters() -> None:
    for text in ("가" * 1_100_000, "line\n" * 220_000):
        made = io.StringIO()
        csv.writer(made).writerows([["external_id", "title"], ["A", text], ["B", "x"]])
        taken, named = split(read(made.getvalue()))
        assert [len(cells[1]) for cells in taken.values()] == [1_100_000, 1]
        assert named == []


@pytest.mark.parametrize("delimiter", list(",;\t|"))
def test_the_header_tells_the_delimiter(delimiter: str) -> None:
    rows = [["external_id", "title"], ["A", "a, b; c"], ["B", ""]]
    made = io.StringIO()
    csv.writer(made, delimiter=delimiter).writerows(rows)
    for content in (made.getvalue(), f"sep={delimiter}\r\n" + made.getvalue()):
        taken, named = split(read(content))
        assert (list(taken.values()), named) == ([["A", "a, b; c"], ["B", ""]], [])


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "is empty"),
        ("\ufeff\n\n", "is empty"),
        ("External_ID,Title\nB,x\n", "the header lacks external_id; it has External_ID, Title"),
        ("external id,Title\nB,x\n", "the header lacks external_id; it has external id, Title"),
        ("title\nx\n", "the header lacks external_id; it has title"),
        ("external_id,title,title\nA,b,c\n", "the header has title twice"),
        ("external_id,external_id\nA,b\n", "the header has external_id twice"),
        ('"external_id,title\nA,b\n', "the header lacks external_id"),
        ('{"external_id": "A"}\n', "seems to be JSON, not CSV"),
        ("external_id,title\r" * 3, "CR alone"),
    ],
)
def test_headers_that_do_not_do(content: str, reason: str) -> None:
    with pytest.raises(InputUnusable) as caught:
        read(content)
    assert reason in str(caught.value)
    assert caught.value.hint


def test_near_names_are_told() -> None:
    for name in ("External_ID", "external id", "EXTERNAL_ID"):
        with pytest.raises(InputUnusable) as caught:
            read(f"{name},title\nA,b\n")
        assert caught.value.hint == f"write external_id, not {name}"


def test_columns_without_a_name_and_rows_of_nothing() -> None:
    taken, named = split(read("external_id, title ,\nA,b,\nB,c,lost\n,,\nC\n,d,\n"))
    assert taken == {2: ["A", "b"], 5: ["C", ""], 6: ["", "d"]}
    assert named == [3]


def test_nul_is_kept_for_whoever_checks_it() -> None:
    taken, _ = split(read("external_id,title\nA,a\0b\n"))
    assert taken == {2: ["A", "a\0b"]}


# Words of a row begin with its number, so that a cell tells whose it is.
WORDS = ["pump", 'seal 5"', "a, b", "two\nlines", "두 줄\n, 쉼표", 'say "hi"', ""]
DAMAGE = st.sampled_from(["quote", "cut", "bytes", "comma", "inch", "open", "nothing", "nothing"])


@settings(max_examples=400, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(WORDS), st.sampled_from(WORDS), DAMAGE, st.integers(0, 40)),
        min_size=1,
        max_size=8,
    )
)
def test_no_row_is_lost_and_none_swallows_another(rows: list[tuple[str, str, str, int]]) -> None:
    content, of_line, whole = HEAD.encode(), [0], {}
    for at, (first, second, damage, where) in enumerate(rows):
        key = f"K{at}x"
        cells = [key, first and f"{key} {first}", second and f"{key} {second}"]
        made = io.StringIO()
        csv.writer(made, lineterminator="\n").writerow(cells)
        line = made.getvalue()[:-1]
        place = where % (len(line) + 1)
        match damage:
            case "quote" | "comma":
                line = line[:place] + ('"' if damage == "quote" else ",") + line[place:]
            case "cut":
                line = line[:place]
            case "inch":
                line = f'{key},pump 24",{key}'
            case "open":
                line = f'{key},"12 inch {key},'
            case "nothing":
                whole[len(of_line) + 1] = cells
        data = line.encode() if damage != "bytes" else line.encode() + b"\xff"
        of_line += [at + 1] * (data.count(b"\n") + 1)
        content += data + b"\n"
    found = read(content)
    told: set[int] = set()
    for one in found:
        owner = of_line[one.line - 1]
        told.add(owner)
        if isinstance(one, tables.TableRow):
            text = " ".join(one.cells.values())
            others = {f"K{at}x" for at in range(len(rows)) if at != owner - 1}
            assert not any(other in text for other in others), content.decode("utf-8", "replace")
            if one.line in whole:
                assert list(one.cells.values()) == whole[one.line]
    blank = {at for at in of_line[1:] if not content.split(b"\n")[of_line.index(at)].strip()}
    assert set(of_line[1:]) == told | blank
