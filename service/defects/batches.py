"""Pictures of a batch: files of a form, files in its zip archives, or a list in JSON."""

import asyncio
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from typing import IO

from litestar.datastructures import UploadFile
from litestar.exceptions import HTTPException
from litestar.openapi.spec import OpenAPIMediaType, Operation, Reference, RequestBody, Schema
from litestar.openapi.spec.enums import OpenAPIFormat, OpenAPIType

from db.errors import BadRequest
from encoders.pictures.sources import PictureUnavailable, from_base64
from flows.inspection import AnalyzeIn
from service.auth.callers import AnyRequest
from service.defects.schemas import PictureListIn
from service.http.bodies import decode_body, decode_json
from service.items.archives import members
from service.items.uploads import DAMAGED, UNPACKED_TIMES, open_archive

FORM = "multipart/form-data"
JSON = "application/json"
Reads = Mapping[str, Callable[[], bytes | str]]
_Opens = Iterator[tuple[str, Callable[[], IO[bytes]]]]


@dataclass
class BatchOperation(Operation):
    """Documents the bodies: Litestar sees only that the handler reads the request itself."""

    def __post_init__(self) -> None:
        """Describe the bodies."""
        file = Schema(type=OpenAPIType.STRING, format=OpenAPIFormat.BINARY)
        text = Schema(type=OpenAPIType.STRING)
        one = Schema(
            type=OpenAPIType.OBJECT,
            required=["name", "base64"],
            properties={"name": text, "base64": text},
        )
        form = _object(pictures=_list(file), request=text)
        listed = _object(pictures=_list(one), request=Schema(type=OpenAPIType.OBJECT))
        self.request_body = RequestBody(
            required=True,
            content={
                FORM: OpenAPIMediaType(schema=form, example={"request": "{}"}),
                JSON: OpenAPIMediaType(
                    schema=listed,
                    example={"pictures": [{"name": "a.jpg", "base64": "…"}], "request": {}},
                ),
            },
        )


def _list(items: Schema) -> Schema:
    return Schema(type=OpenAPIType.ARRAY, items=items)


def _object(**properties: Reference | Schema) -> Schema:
    return Schema(type=OpenAPIType.OBJECT, required=["pictures"], properties=properties)


async def read_batch(request: AnyRequest, largest: int, most: int) -> tuple[AnalyzeIn, Reads]:
    """Read a batch: what is asked of all pictures, and readers of them by path.

    Args:
        request: a form or JSON; in an archive a path stands behind the archive's name.
        largest: bytes of the largest picture.
        most: bytes of all of an upload; unpacked, pictures may have twice as many.

    Raises:
        HTTPException: it is neither a form nor JSON.
        BadRequest: there are no pictures, or two have one path; or an archive is none.
    """
    kind = request.content_type[0]
    if kind == JSON:
        given = decode_body(await request.body(), PictureListIn)
        listed = ((one.name, partial(_decoded, one.base64)) for one in given.pictures)
        return given.request, await asyncio.to_thread(_readers, listed, largest, most)
    if kind != FORM:
        raise HTTPException(f"send the body as {FORM} or {JSON}", status_code=415)
    form = await request.form()
    asked = form.get("request", "{}")
    files = [one for one in form.getall("pictures", []) if isinstance(one, UploadFile)]
    opens = (one for upload in files for one in _files(upload))
    decoded = decode_json(asked if isinstance(asked, str) else "", AnalyzeIn)
    return decoded, await asyncio.to_thread(_readers, opens, largest, most)


def _readers(opens: _Opens, largest: int, most: int) -> Reads:
    left = [UNPACKED_TIMES * most]
    found: dict[str, Callable[[], bytes | str]] = {}
    for name, opener in opens:
        if name in found:
            raise BadRequest(f"two pictures are called {name}", "Give each a name of its own.")
        found[name] = partial(_read, opener, largest, left)
    if not found:
        raise BadRequest("there are no pictures", "`pictures` has files, archives, or a list.")
    return found


def _decoded(text: str) -> IO[bytes]:
    return BytesIO(from_base64(text))


def _files(upload: UploadFile) -> _Opens:
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
    except PictureUnavailable as exc:
        return str(exc)
    except DAMAGED as exc:
        return f"cannot be unpacked: {exc}"
    if len(data) > largest:
        return f"too-large: over {largest:,} bytes"
    left[0] -= len(data)
    return data if left[0] >= 0 else "the pictures of this upload are too large together"
