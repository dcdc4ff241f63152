"""Lines of files: what cannot be read is named with its line, and a file that is something else says so."""

from __future__ import annotations

import gzip
import json
import os
import zipfile
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inputs import files, lines
from inputs.errors import Bad, InputUnusable

KOREAN = "펌프 소음"


def read(path: Path, content: bytes) -> list[lines.Record | Bad]:
    path.write_bytes(content)
    return list(lines.records(path))


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
@pytest.mark.parametrize("last", [b"", b"\n", b"\r\n\r\n"])
def test_marks_line_ends_and_blank_lines_do_not_matter(
    tmp_path: Path, mark: bytes, end: bytes, last: bytes
) -> None:
    content = mark + end.join([b'{"a": 1}', b"", b"  \t", b'{"a": 2}']) + last
    found = read(tmp_path / "a.jsonl", content)
    assert found == [
        lines.Record(1, {"a": 1}, b'{"a": 1}'),
        lines.Record(4, {"a": 2}, b'{"a": 2}'),
    ]
    path = tmp_path / "a.txt"
    path.write_bytes(mark + end.join([b"q1\tx", b"", b" ", b"q2\ty"]) + last)
    assert list(lines.texts(path)) == [lines.Text(1, "q1\tx"), lines.Text(4, "q2\ty")]


def test_bad_lines_are_named_and_the_rest_goes_on(tmp_path: Path) -> None:
    bad = {
        b"{": "not JSON: ",
        b'{"a": "' + KOREAN.encode("cp949") + b'"}': "looks like CP949",
        b'{"a": "caf\xe9"}': "not UTF-8 at byte 11",
        b'{"a": 1, "a": 2}': "the key 'a' stands there twice",
        b"[1]": "a JSON array, not an object",
        b"null": "a JSON null, not an object",
        b"\0": "not JSON: ",
        b'{"a": "\0"}': "not JSON: ",
    }
    content = b'{"n": 0}\n' + b"".join(line + b'\n{"n": 1}\n' for line in bad)
    found = read(tmp_path / "a.jsonl", content)
    assert [one.line for one in found] == list(range(1, 2 * len(bad) + 2))
    for one, (line, reason) in zip(found[1::2], bad.items(), strict=True):
        assert isinstance(one, Bad)
        assert reason in one.reason
        assert one.raw == line
    path = tmp_path / "qrels"
    path.write_bytes(b"q 0 a 1\nq 0 " + KOREAN.encode("cp949") + b" 1\nq 0 \xed\x95\x9c 1\n")
    first, second, third = lines.texts(path)
    assert (first.line, third.line) == (1, 3)
    assert isinstance(second, Bad)
    assert "CP949" in second.reason


def test_a_line_that_is_too_long_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "LONGEST", 100)
    content = b'{"a": "' + b"x" * 1_000_000 + b'"}\n{"a": 1}\n{"a": "' + b"x" * 999
    found = read(tmp_path / "a.jsonl", content)
    assert [type(one).__name__ for one in found] == ["Bad", "Record", "Bad"]
    assert [one.line for one in found] == [1, 2, 3]


def test_a_value_of_megabytes_is_read(tmp_path: Path) -> None:
    (found,) = read(tmp_path / "a.jsonl", json.dumps({"a": "가" * 2_000_000}).encode())
    assert isinstance(found, lines.Record)
    assert found.value == {"a": "가" * 2_000_000}


@pytest.mark.parametrize("content", [b"", b"\n", b"\xef\xbb\xbf", b"\r\n \r\n"])
def test_nothing_is_no_line(tmp_path: Path, content: bytes) -> None:
    assert read(tmp_path / "a.jsonl", content) == []


LINES = b"".join(
    json.dumps({"external_id": f"A{n}", "t": KOREAN}).encode() + b"\n" for n in range(40)
)
KOREAN_LINES = LINES.decode("unicode_escape")
SEEMS = {
    "UTF-16": KOREAN_LINES.encode("utf-16"),
    "UTF-16 ": KOREAN_LINES.encode("utf-16-le"),
    "CP949": KOREAN_LINES.encode("cp949"),
    "another encoding": LINES.replace(b"A", b"\xe9\xff"),
    "CR alone": LINES.replace(b"\n", b"\r"),
    "gzip": gzip.compress(LINES),
    "one JSON array": json.dumps([{"a": 1}, {"a": 2}], indent=1).encode(),
    "one JSON array ": b'[{"a": 1}, {"a": 2}]',
    "one JSON array  ": b'[{"a": 1},\n{"a": 2}]\n',
    "JSON over several lines": json.dumps({"a": 1, "b": [1]}, indent=2).encode(),
    "CSV": b"external_id,title\nA,b\nC,d\n",
    "XML or HTML": b"<!DOCTYPE html>\n<html>",
    "a PDF": b"%PDF-1.7\n",
}


@pytest.mark.parametrize("what", SEEMS)
def test_a_file_that_is_something_else_is_told_in_one_sentence(tmp_path: Path, what: str) -> None:
    with pytest.raises(InputUnusable) as caught:
        read(tmp_path / "a.jsonl", SEEMS[what])
    assert "seems to be " in str(caught.value)
    assert what.strip() in str(caught.value)
    assert "not JSON lines" in str(caught.value)
    assert caught.value.hint


def test_an_archive_is_told_from_a_workbook(tmp_path: Path) -> None:
    for name, what in (("xl/workbook.xml", "an Excel workbook"), ("a.txt", "a zip archive")):
        with zipfile.ZipFile(tmp_path / "a.jsonl", "w") as archive:
            archive.writestr(name, "x")
        with pytest.raises(InputUnusable, match=what):
            list(lines.records(tmp_path / "a.jsonl"))


@pytest.mark.parametrize(
    "content", [b'{"a": 1\n{"a": 2}\n', b"not json\n", b'[1, 2]\n{"a": 1}\n', b"[]", b'{"a"']
)
def test_one_bad_line_is_no_other_kind_of_file(tmp_path: Path, content: bytes) -> None:
    assert any(isinstance(one, Bad) for one in read(tmp_path / "a.jsonl", content))


def test_files_that_cannot_be_opened(tmp_path: Path) -> None:
    (tmp_path / "locked").write_bytes(b"{}")
    (tmp_path / "locked").chmod(0)
    names = ["none", "."] + (["locked"] if os.geteuid() else [])
    for name in names:
        for reader in (lines.records, lines.texts):
            with pytest.raises(InputUnusable) as caught:
                list(reader(tmp_path / name))
            assert caught.value.hint


def test_json_is_no_text_of_lines(tmp_path: Path) -> None:
    (tmp_path / "q.txt").write_bytes(LINES)
    with pytest.raises(InputUnusable, match="seems to be JSON, not lines of text"):
        list(lines.texts(tmp_path / "q.txt"))


def test_whole_files(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b'\xef\xbb\xbf{"a": [1.50]}')
    assert files.document(path) == {"a": [Decimal("1.50")]}
    assert files.text(path) == '{"a": [1.50]}'
    for content in (b"[1]", b"{", b'{"a": 1, "a": 2}', KOREAN.encode("cp949"), b"\xff\xfea\0"):
        path.write_bytes(content)
        with pytest.raises(InputUnusable) as caught:
            files.document(path)
        assert str(path) in str(caught.value)
        assert caught.value.hint


def test_a_pipe_is_read(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.write(writing, b"\xef\xbb\xbf" + LINES)
    os.close(writing)
    found = list(lines.records(Path(f"/dev/fd/{reading}")))
    os.close(reading)
    assert [one.line for one in found] == list(range(1, 41))


@given(st.lists(st.binary(max_size=12) | st.sampled_from([b'{"a": 1}', b"", b"{"])))
def test_each_line_is_a_record_a_reason_or_blank(given_: list[bytes]) -> None:
    numbered = list(enumerate(given_, 1))
    found = [one.line for one in lines.of_lines(numbered)]
    blank = [
        n
        for n, line in numbered
        if not line.removeprefix(b"\xef\xbb\xbf" if n == 1 else b"").strip()
    ]
    assert sorted(found + blank) == [n for n, _ in numbered]
