"""Registration of many pictures: a zip archive with a list, or of pictures that all show the same."""

import asyncio
from collections.abc import Callable, Iterator
from functools import partial
from typing import Annotated

from litestar import Controller, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.openapi.spec import Example
from msgspec import to_builtins

from db.defects.registration import Specimen
from db.errors import BadRequest
from flows.items.registering import RegisterReport, register_list
from inputs.errors import Bad
from inputs.lines import Record, of_lines
from service.auth.callers import needs
from service.data.database import Db
from service.defects.schemas import ArchiveForm
from service.flows.performer import Performer
from service.http.bodies import decode_json
from service.http.parameters import form_body
from service.http.responses import WITH_BODY
from service.items.archives import members
from service.items.pictures import Pictures
from service.items.uploads import DAMAGED, UNPACKED_TIMES, files_of_zip, open_archive, open_zip
from service.settings import ServiceSettings

ARCHIVE = {
    "archive": "(a zip archive)",
    "request": '{"product": "plate", "label": "defect", "defect": "scratch"}',
}
ArchiveBody = Annotated[ArchiveForm, form_body(Example(value=ARCHIVE))]
# Bytes of a list: some hundred thousand lines.
LARGEST_LIST = 64 * 1024 * 1024
Reads = Callable[[str], bytes]


class SpecimenArchiveController(Controller):
    """Registration of many pictures."""

    path = "/defects/specimens"
    tags = ("defects",)
    opt = needs("writer", whole=True, cost=10)

    @post(
        "/archive", summary="Register an archive of pictures", status_code=200, responses=WITH_BODY
    )
    async def register_archive(
        self,
        data: ArchiveBody,
        database: Db,
        performer: NamedDependency[Performer],
        pictures: NamedDependency[Pictures],
        settings: NamedDependency[ServiceSettings],
    ) -> RegisterReport:
        """Each picture by itself: a bad one is in `refused`, the rest goes on; again changes nothing.

        With `request`, which is as in `registerPicture`, it is said of every file. Without it the archive
        has one `.jsonl` file: a line is such a request with `path`, the picture's path from there.
        """
        most = settings.max_upload_mb * 1024 * 1024
        limits = (pictures.limits.bytes, most)
        if data.request is None:
            records, read_file = await asyncio.to_thread(_listed, data.archive, *limits)
        else:
            about = to_builtins(decode_json(data.request, Specimen))
            records, read_file = await asyncio.to_thread(_alike, data.archive, about, *limits)
        return await performer.run(database, register_list(records, read_file))


def _listed(upload: UploadFile, largest: int, most: int) -> tuple[Iterator[Record | Bad], Reads]:
    """The lines of the list of an archive, and what reads its files."""
    archive, manifest = open_zip(upload.file)
    files = files_of_zip(archive, manifest)
    left = [UNPACKED_TIMES * most]

    def read_file(path: str) -> bytes:
        return _within(files.find(path), largest, left)

    with archive.open(manifest) as opened:
        text = opened.read(LARGEST_LIST + 1)
    if len(text) > LARGEST_LIST:
        raise BadRequest(f"the list has more than {LARGEST_LIST:,} bytes", "Send several archives.")
    return of_lines(enumerate(text.splitlines(), 1)), read_file


def _alike(
    upload: UploadFile, about: dict[str, object], largest: int, most: int
) -> tuple[Iterator[Record | Bad], Reads]:
    """A record per file of an archive, and what reads the files."""
    archive = open_archive(upload.file)
    inside = {one.path: one.info for one in members(archive)}
    left = [UNPACKED_TIMES * most]

    def read_member(path: str, size: int) -> bytes:
        with archive.open(inside[path]) as file:
            return file.read(size)

    def read_file(path: str) -> bytes:
        return _within(partial(read_member, path), largest, left)

    records = (Record(at, {**about, "path": path}, b"") for at, path in enumerate(inside, 1))
    return records, read_file


def _within(read: Callable[[int], bytes], largest: int, left: list[int]) -> bytes:
    """The bytes of a file; an archive's word on sizes is not believed."""
    try:
        found = read(largest + 1)
    except DAMAGED as exc:
        raise ValueError(f"cannot be unpacked: {exc}") from exc
    if len(found) > largest:
        raise ValueError(f"too-large: over {largest:,} bytes")
    left[0] -= len(found)
    if left[0] < 0:
        raise ValueError("the pictures of this upload are too large together")
    return found
