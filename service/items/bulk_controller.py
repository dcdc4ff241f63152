"""Bulk uploads of items."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from typing import IO, NamedTuple

from litestar import Controller, Response, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.exceptions import HTTPException
from litestar.openapi.spec import OpenAPIMediaType, Operation, RequestBody, Schema
from litestar.openapi.spec.enums import OpenAPIFormat, OpenAPIType
from litestar.params import FromPath

from db.errors import BadRequest
from encoders.pictures.sources import FileNames
from service.auth.admission import Admission
from service.auth.callers import AnyRequest, needs
from service.data.database import CallersDatabase, Db
from service.http.presence import current_visit
from service.http.responses import WITH_BODY, answer
from service.items import uploads
from service.items.bulk import Admitted, Bulk
from service.items.ingest import ItemWriter, PictureFiles
from service.items.picture_files import Urls
from service.items.pictures import Pictures
from service.items.schemas import BulkOut
from service.settings import ServiceSettings

JSON_LINES = ("application/x-ndjson", "application/jsonl", "application/jsonlines")
ZIP = ("application/zip", "application/x-zip-compressed")
FORM = "multipart/form-data"
# Texts and small files of a form are kept in memory; what is larger comes as an archive.
LARGEST_FORM = 256 * 1024 * 1024
EXAMPLE = '{"external_id": "A-1", "fields": {"title": "Dry pump"}}\n'


@dataclass
class BulkOperation(Operation):
    """Documents the bodies: Litestar sees only that the handler reads the request itself."""

    def __post_init__(self) -> None:
        """Describe the bodies."""
        file = Schema(
            type=OpenAPIType.STRING,
            format=OpenAPIFormat.BINARY,
            content_media_type="application/octet-stream",
        )
        form = Schema(
            type=OpenAPIType.OBJECT,
            required=["items"],
            properties={"items": file, "pictures": Schema(type=OpenAPIType.ARRAY, items=file)},
        )
        self.request_body = RequestBody(
            required=True,
            content={
                JSON_LINES[0]: OpenAPIMediaType(
                    schema=Schema(type=OpenAPIType.STRING), example=EXAMPLE
                ),
                ZIP[0]: OpenAPIMediaType(schema=file),
                FORM: OpenAPIMediaType(schema=form),
            },
        )


class BulkController(Controller):
    """Uploads of any length."""

    tags = ("items",)
    opt = needs("writer", body="stream", cost=10)

    @post(
        "/collections/{collection:str}/bulk",
        summary="Write items in bulk, with pictures",
        status_code=200,
        operation_class=BulkOperation,
        responses={207: answer(BulkOut, "Some were refused"), **WITH_BODY},
    )
    async def bulk_items(
        self,
        collection: FromPath[str],
        request: AnyRequest,
        database: Db,
        pictures: NamedDependency[Pictures],
        urls: NamedDependency[Urls],
        admission: NamedDependency[Admission],
        settings: NamedDependency[ServiceSettings],
    ) -> Response[BulkOut]:
        """JSON lines, written while they arrive; or a zip archive, or a form, with pictures.

        A line is an item as in `upsertItems`. In an archive `manifest.jsonl` has the lines, and
        `{"path": "a.png"}` in `media` names a file of the archive; in a form `items` has them, and
        files in `pictures` are named as they were sent. What is written stays, whatever comes
        later; sending an upload again is safe. 207 when something was refused.
        """
        kind = request.content_type[0]
        admitted = partial(admission.check_again, request)
        upload = _Upload(database, collection, pictures, urls, settings, admitted)
        if kind in JSON_LINES:
            result = await upload.from_lines(request)
        elif kind in ZIP:
            result = await upload.from_archive(request)
        elif kind == FORM:
            result = await upload.from_form(request)
        else:
            known = ", ".join((JSON_LINES[0], ZIP[0], FORM))
            raise HTTPException(f"send the body as one of {known}", status_code=415)
        refused = result.refused or result.refused_pictures
        return Response(result, status_code=207 if refused else 200)


class _Upload(NamedTuple):
    """An upload as JSON lines, archive or form."""

    database: CallersDatabase
    collection: str
    pictures: Pictures
    urls: Urls
    settings: ServiceSettings
    admitted: Admitted

    @property
    def longest_line(self) -> int:
        return self.settings.max_body_mb * 1024 * 1024

    @property
    def largest(self) -> int:
        return self.settings.max_upload_mb * 1024 * 1024

    async def from_lines(self, request: AnyRequest) -> BulkOut:
        return await self._write(uploads.lines_of(request.stream(), self.longest_line), self.urls)

    async def from_archive(self, request: AnyRequest) -> BulkOut:
        with closing(await uploads.spool(request.stream())) as file:
            archive, manifest = await asyncio.to_thread(uploads.open_zip, file)
            # Beside the pictures that are read meanwhile, the archive reads the list by itself.
            with archive.open(manifest) as inside:
                return await self._write_file(inside, uploads.files_of_zip(archive, manifest))

    async def from_form(self, request: AnyRequest) -> BulkOut:
        if (visit := current_visit()) is not None:
            visit.on_piece = self.pictures.budget.counter(LARGEST_FORM, copies=1)
        form = await request.form()
        items = form.get("items")
        sent = [file for file in form.getall("pictures", []) if isinstance(file, UploadFile)]
        files = uploads.files_of_form(sent)
        try:
            if isinstance(items, UploadFile):
                return await self._write_file(items.file, files)
            if isinstance(items, str):
                return await self._write_file(BytesIO(items.encode()), files)
            raise BadRequest("the form has no items", "`items` has an item per line, as JSON.")
        finally:
            for upload in (*sent, items):
                if isinstance(upload, UploadFile):
                    await upload.close()

    async def _write_file(self, items: IO[bytes], files: FileNames[uploads.Read]) -> BulkOut:
        largest = self.pictures.limits.bytes
        pictures = uploads.UploadedFiles(files, self.urls, largest, self.largest)
        return await self._write(uploads.lines_in(items, self.longest_line, self.largest), pictures)

    async def _write(self, lines: AsyncIterator[uploads.Numbered], files: PictureFiles) -> BulkOut:
        writer = ItemWriter(self.database, self.collection, self.pictures, files)
        return await Bulk(writer, self.collection, self.admitted, self.pictures.budget).write(lines)
