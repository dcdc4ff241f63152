"""Zip archives as Windows, macOS and others make them: which files are in them, and what they are called."""

import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import NamedTuple

from inputs.values import looks_like_cp949

# The field in which Info-ZIP and WinZip keep a name in UTF-8 beside the old one.
_UNICODE_PATH = 0x7075
_UTF8_FLAG = 0x800
# What operating systems put in of their own accord.
_OF_SYSTEMS = ("__MACOSX", ".DS_Store", "Thumbs.db", "desktop.ini")


class Member(NamedTuple):
    """A file of an archive: its path with slashes, and where it is."""

    path: str
    info: zipfile.ZipInfo


def members(archive: zipfile.ZipFile) -> Iterator[Member]:
    """The files that somebody put into an archive, in its order."""
    for info in archive.infolist():
        path = _name(info).replace("\\", "/").removeprefix("./")
        parts = path.split("/")
        hidden = any(part in _OF_SYSTEMS for part in parts) or parts[-1].startswith("._")
        if not path.endswith("/") and not hidden:
            yield Member(path, info)


def _name(info: zipfile.ZipInfo) -> str:
    """The name of a file, which without a flag is in the encoding of whoever made the archive."""
    if info.flag_bits & _UTF8_FLAG:
        return info.filename
    try:
        raw = info.orig_filename.encode("cp437")
    except UnicodeEncodeError:
        return info.filename
    if (recorded := _unicode_path(info.extra, raw)) is not None:
        return recorded
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("cp949") if looks_like_cp949(raw) else info.filename


def _unicode_path(extra: bytes, raw: bytes) -> str | None:
    while len(extra) >= 4:
        kind, size = struct.unpack_from("<HH", extra)
        data, extra = extra[4 : 4 + size], extra[4 + size :]
        # It counts only for the name that it was made for.
        if (
            kind == _UNICODE_PATH
            and len(data) > 5
            and data[1:5] == struct.pack("<I", zlib.crc32(raw))
        ):
            return data[5:].decode("utf-8", "replace")
    return None
