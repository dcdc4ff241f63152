"""Pictures and their thumbnails, as files."""

from litestar import Controller, Response, get
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath

from db.items import stored_pictures
from db.items.stored_pictures import PictureInfo
from flows.errors import NoSuchPicture
from service.auth.callers import AnyRequest, needs
from service.data.database import CallersDatabase, Db
from service.http import ranges
from service.http.responses import ONE, answer, problem

# Pictures are addressed by id and never change; whoever may not see them has no key to a cache.
CACHE = "private, max-age=86400, immutable"
FILE = answer(bytes, "The file", "image/*")
UNCHANGED = ResponseSpec(None, description="The client has it already (`If-None-Match`)")
ANSWERS = {200: FILE, 304: UNCHANGED, **ONE}


class PictureController(Controller):
    """Pictures, for callers who see an item that has them."""

    path = "/pictures/{picture_id:int}"
    tags = ("pictures",)
    opt = needs("reader")

    @get(
        summary="Get a picture",
        responses={
            206: answer(bytes, "The piece asked for (`Range`)", "image/*"),
            416: problem("The file ends before the range begins"),
            **ANSWERS,
        },
    )
    async def get_picture(
        self, picture_id: FromPath[int], request: AnyRequest, database: Db
    ) -> Response[bytes]:
        """The ETag is the SHA-256 of the file. One range of bytes can be asked for."""
        info = await _find_picture(database, picture_id)
        headers = _headers(info, info.sha256) | {"Accept-Ranges": "bytes"}
        if ranges.matches(request.headers.get("if-none-match", ""), headers["ETag"]):
            return Response(b"", status_code=304, headers=headers)
        fresh = request.headers.get("if-range", headers["ETag"]) == headers["ETag"]
        header = request.headers.get("range", "") if fresh else ""
        span = ranges.parse_range(header, info.size) or ranges.Span(0, info.size)
        query = stored_pictures.piece(picture_id=picture_id, start=span.start, size=span.size)
        (file,) = await database.fetch(query)
        if header and span.size < info.size:
            headers["Content-Range"] = f"bytes {span.start}-{span.stop - 1}/{info.size}"
        return Response(
            file.data,
            status_code=206 if "Content-Range" in headers else 200,
            media_type=info.media_type,
            headers=headers,
        )

    @get("/thumbnail", summary="Get a thumbnail (WebP)", responses=ANSWERS)
    async def get_thumbnail(
        self, picture_id: FromPath[int], request: AnyRequest, database: Db
    ) -> Response[bytes]:
        """At most 320 pixels wide and high."""
        info = await _find_picture(database, picture_id)
        headers = _headers(info, f"{info.sha256}-thumbnail")
        if ranges.matches(request.headers.get("if-none-match", ""), headers["ETag"]):
            return Response(b"", status_code=304, headers=headers)
        missing = NoSuchPicture(f"picture {picture_id} has no thumbnail")
        file = await database.one(stored_pictures.thumbnail(picture_id=picture_id), missing)
        return Response(file.data, media_type="image/webp", headers=headers)


async def _find_picture(database: CallersDatabase, picture_id: int) -> PictureInfo:
    missing = NoSuchPicture(f"unknown picture: {picture_id}", "Ids are in items and hits.")
    return await database.one(stored_pictures.picture(picture_id=picture_id), missing)


def _headers(info: PictureInfo, version: str) -> dict[str, str]:
    return {
        "ETag": f'"{version}"',
        "Cache-Control": CACHE,
        "Vary": "Authorization, Cookie",
        # Whatever somebody stored, a browser shows it as a picture or not at all.
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Content-Disposition": "inline",
    }
