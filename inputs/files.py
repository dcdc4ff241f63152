"""Opening of input files, and diagnosis of those in another format than expected."""

from __future__ import annotations

import io
import re
from typing import IO, TYPE_CHECKING, Any, Literal, NamedTuple

from inputs.errors import InputUnusable, NotJson
from inputs.values import decode, looks_like_cp949, not_utf8

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Kind = Literal["json lines", "table", "text lines", "text"]

BOM = b"\xef\xbb\xbf"
HEAD = 64 * 1024
# A longer line is named and passed over; a picture in base64 may well be in one.
LONGEST = 128 * 1024 * 1024
# So many lines in another encoding are the file's, fewer are theirs.
_FOREIGN_LINES = 10

_MAGIC = (
    (b"\x1f\x8b", "gzip", "unpack it first: gunzip"),
    (b"BZh", "bzip2", "unpack it first: bunzip2"),
    (b"\xfd7zXZ", "xz", "unpack it first: unxz"),
    (b"\x28\xb5\x2f\xfd", "zstd", "unpack it first: unzstd"),
    (b"\xd0\xcf\x11\xe0", "an old Excel or Word file", "save it as CSV UTF-8"),
    (b"PAR1", "Parquet", "convert it to JSON lines first"),
    (b"%PDF", "a PDF", "give the data it was made from"),
    (b"SQLite format 3", "an SQLite database", "export its table as CSV first"),
)
_UTF_16 = "in Excel choose `CSV UTF-8`, or: iconv -f UTF-16 -t UTF-8 FILE > NEW"


class Seeming(NamedTuple):
    """The format that a file seems to have, and a hint."""

    what: str
    hint: str


def opened(path: Path, kind: Kind) -> IO[bytes]:
    """Open a file, unless it plainly has another format than expected.

    Raises:
        InputUnusable: it is not there, is no file, may not be read, or is something else.
    """
    try:
        # Not sought back to its start: it may be a pipe.
        file = io.BufferedReader(io.FileIO(path), HEAD)
        head = file.peek(HEAD)[:HEAD]
    except OSError as exc:
        raise InputUnusable(
            f"{path}: {exc.strerror or exc}", "give a file that can be read"
        ) from exc
    if seeming := diagnosed(head, kind):
        file.close()
        raise InputUnusable(f"{path} seems to be {seeming.what}, not {_WANTED[kind]}", seeming.hint)
    return file


def text(path: Path) -> str:
    """Read a whole text file, without its byte order mark.

    Raises:
        InputUnusable: the file cannot be read, or is no UTF-8.
    """
    return _whole(path).decode("utf-8")


def document(path: Path) -> dict[str, Any]:
    """Read a file that is one JSON object.

    Raises:
        InputUnusable: the file cannot be read, or is none.
    """
    try:
        value = decode(_whole(path))
    except NotJson as exc:
        raise InputUnusable(f"{path}: {exc}", "the file is one JSON object, in UTF-8") from exc
    if not isinstance(value, dict):
        raise InputUnusable(f"{path}: not a JSON object", "the file is one JSON object, in UTF-8")
    return value


def _whole(path: Path) -> bytes:
    with opened(path, "text") as file:
        data = file.read().removeprefix(BOM)
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as exc:
        raise InputUnusable(f"{path}: {not_utf8(data)}", "save it as UTF-8") from exc
    return data


def numbered(file: IO[bytes]) -> Iterator[tuple[int, bytes | None]]:
    """Number lines from 1, without byte order mark and line ends; None: too long."""
    number = 0
    while line := file.readline(LONGEST + 1):
        number += 1
        if len(line) > LONGEST:
            while line and not line.endswith(b"\n"):
                line = file.readline(LONGEST + 1)
            yield number, None
            continue
        if number == 1:
            line = line.removeprefix(BOM)
        yield number, line.removesuffix(b"\n").removesuffix(b"\r")


def diagnosed(head: bytes, kind: Kind) -> Seeming | None:
    """Diagnose another format from the first bytes of an input; None where it may be the expected one."""
    for magic, what, hint in _MAGIC:
        if head.startswith(magic):
            return Seeming(what, hint)
    if head.startswith(b"PK\x03\x04"):
        if b"xl/" in head or b"[Content_Types].xml" in head:
            return Seeming("an Excel workbook", "save it as CSV UTF-8")
        return Seeming("a zip archive", "unpack it first")
    if head.startswith((b"\xff\xfe", b"\xfe\xff")) or head.count(b"\0") > max(3, len(head) // 8):
        return Seeming("UTF-16", _UTF_16)
    return _text(head.removeprefix(BOM), kind)


_WANTED: dict[Kind, str] = {
    "json lines": "JSON lines",
    "table": "CSV",
    "text lines": "lines of text",
    "text": "text",
}


def _text(head: bytes, kind: Kind) -> Seeming | None:
    if b"\n" not in head and b"\r" in head.strip(b"\r"):
        return Seeming(
            "a text whose lines end in CR alone", "convert it: tr '\\r' '\\n' < FILE > NEW"
        )
    lines = head.split(b"\n")
    whole = lines if len(head) < HEAD else lines[:-1]
    if foreign := _foreign(whole):
        return foreign
    filled = [line.strip() for line in lines if line.strip()]
    if not filled:
        return None
    if re.match(rb"(?i)<\?xml|<!doctype|<html", filled[0]):
        return Seeming("XML or HTML", "give the data itself, as JSON lines or CSV")
    if kind == "json lines":
        return _no_lines(filled)
    if kind in ("table", "text lines") and filled[0].startswith((b"{", b"[")) and _json(filled[0]):
        return Seeming("JSON", "name it .jsonl, one object a line")
    return None


def _foreign(lines: list[bytes]) -> Seeming | None:
    wrong = []
    for line in lines:
        if not line.isascii():
            try:
                line.decode("utf-8")
            except UnicodeDecodeError:
                wrong.append(line)
            else:
                return None
    if len(wrong) < _FOREIGN_LINES:
        return None
    if looks_like_cp949(b"\n".join(wrong)):
        return Seeming(
            "CP949, as Korean Excel saves CSV",
            "save it as UTF-8 (in Excel: CSV UTF-8), or: iconv -f CP949 -t UTF-8 FILE > NEW",
        )
    return Seeming("a text in another encoding than UTF-8", "convert it: iconv -t UTF-8")


def _no_lines(filled: list[bytes]) -> Seeming | None:
    """Diagnose JSON that is not one object a line, or not JSON at all."""
    first, rest = filled[0], filled[1:]
    if _json(first):
        if first.startswith(b"[") and not rest and first != b"[]" and b"{" in first:
            return Seeming("one JSON array", "write one object a line: jq -c '.[]' FILE > NEW")
        return None
    if any(_json(line) and line.startswith(b"{") and line != b"{}" for line in rest[:1]):
        return None
    if first.startswith(b"["):
        return Seeming("one JSON array", "write one object a line: jq -c '.[]' FILE > NEW")
    if first == b"{" and rest and rest[0].startswith(b'"'):
        return Seeming("JSON over several lines", "write one object a line: jq -c . FILE > NEW")
    separated = all(re.search(rb"[,;\t]", line) and line[:1] not in b"{[" for line in filled[:3])
    if rest and separated:
        return Seeming("CSV", "name it .csv; its first line names the columns")
    return None


def _json(line: bytes) -> bool:
    try:
        decode(line)
    except NotJson:
        return False
    return True
