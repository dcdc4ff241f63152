"""Pictures of a batch: files of a form, and files in its zip archives."""

import zipfile
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import IO

from litestar.datastructures import UploadFile

from db.errors import BadRequest
from service.items.archives import members
from service.items.uploads import DAMAGED, UNPACKED_TIMES, open_archive

Reads = dict[str, Callable[[], bytes | str]]


def pictures_of(uploads: Sequence[UploadFile], largest: int, most: int) -> Reads:
    """Readers of all pictures by path; in an archive it stands behind the archive's name.

    Args:
        uploads: pictures and zip archives.
        largest: bytes of the largest picture.
        most: bytes of all of an upload; unpacked, pictures may have twice as many.

    Raises:
        BadRequest: there are none, or two have one path; or an archive is none.
    """
    left = [UNPACKED_TIMES * most]
    found: Reads = {}
    for name, opener in (one for upload in uploads for one in _files(upload)):
        if name in found:
            raise BadRequest(f"two pictures are called {name}", "Give each a name of its own.")
        found[name] = partial(_read, opener, largest, left)
    if not found:
        raise BadRequest("there are no pictures", "`pictures` has files or zip archives.")
    return found


def _files(upload: UploadFile) -> Iterator[tuple[str, Callable[[], IO[bytes]]]]:
    name = upload.filename.replace("\x00", "")
    if not zipfile.is_zipfile(upload.file):
        yield name or "picture", partial(_rewound, upload)
        return
    upload.file.seek(0)
    archive = open_archive(upload.file)
    for one in members(archive):
        yield f"{name}/{one.path}".replace("\x00", ""), partial(archive.open, one.info)


def _rewound(upload: UploadFile) -> IO[bytes]:
    upload.file.seek(0)
    return upload.file


def _read(opener: Callable[[], IO[bytes]], largest: int, left: list[int]) -> bytes | str:
    """The bytes of a picture, or why it is refused; an archive's word on sizes is not believed."""
    try:
        data = opener().read(largest + 1)
    except DAMAGED as exc:
        return f"cannot be unpacked: {exc}"
    if len(data) > largest:
        return f"too-large: over {largest:,} bytes"
    left[0] -= len(data)
    return data if left[0] >= 0 else "the pictures of this upload are too large together"
