"""The sample that comes with the program, loaded for who has no data yet."""

import asyncio
from functools import partial
from typing import Any

from litestar import Controller, post
from litestar.di import NamedDependency
from litestar.response import ServerSentEvent
from msgspec import Struct

from db.errors import BadRequest
from db.items import items
from db.items.rows import MediaIn
from encoders.pictures.sources import PictureUnavailable
from flows import samples
from inputs import lines
from inputs.lines import Record
from service.auth.callers import AnyRequest, needs
from service.data.database import CallersDatabase, Db
from service.errors import Conflict
from service.http.responses import ADMISSION, BUSY, answer
from service.http.telling import Tell, streamed
from service.items.ingest import ItemWriter
from service.items.pictures import Pictures

AT_ONCE = 10


class SampleProgress(Struct, frozen=True, kw_only=True):
    """Progress of the sample: items written, of all; then the event `end` has all counts."""

    done: int
    all: int


class SampleOut(Struct, kw_only=True):
    """The collection of the sample, and what became of its items."""

    collection: str
    inserted: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: int = 0
    pictures: int = 0


class SampleController(Controller):
    """A first collection without files and commands."""

    path = "/sample"
    tags = ("collections",)

    @post(
        operation_id="loadSample",
        summary="Load the sample collection",
        status_code=200,
        opt=needs("admin", whole=True, cost=10),
        responses={
            **ADMISSION,
            200: answer(SampleProgress, "Such events, one after the other", "text/event-stream"),
            409: BUSY,
        },
    )
    async def load_sample(
        self, request: AnyRequest, database: Db, pictures: NamedDependency[Pictures]
    ) -> ServerSentEvent:
        """The collection `parts`: industrial parts, Korean and English, some with pictures.

        Server-sent events: `progress` while it is written, `end` with the counts. Again, nothing
        changes.
        """
        await _create(database)
        return await streamed(request, partial(_load, database, pictures))


class _SampleFiles:
    """Pictures beside the sample's file."""

    async def read(self, media: MediaIn) -> bytes:
        folder = samples.folder()
        path = folder / (media.path or "")
        if media.path is None or not path.is_file():
            raise PictureUnavailable("not in the sample")
        return await asyncio.to_thread(path.read_bytes)


async def _create(database: CallersDatabase) -> None:
    try:
        await database.fetch(
            items.create_collection(name=samples.COLLECTION, settings=samples.PARTS)
        )
    except BadRequest as exc:
        raise Conflict(str(exc), exc.hint) from exc


async def _load(database: CallersDatabase, pictures: Pictures, tell: Tell) -> SampleOut:
    records = await asyncio.to_thread(_records)
    writer = ItemWriter(database, samples.COLLECTION, pictures, _SampleFiles())
    out = SampleOut(collection=samples.COLLECTION)
    tell("progress", SampleProgress(done=0, all=len(records)))
    for at in range(0, len(records), AT_ONCE):
        rows = records[at : at + AT_ONCE]
        found = await writer.write(rows, place="line")
        for _, written in found.written:
            setattr(out, written.action, getattr(out, written.action) + 1)
        out.refused += len(found.refused)
        out.pictures += found.pictures
        tell("progress", SampleProgress(done=at + len(rows), all=len(records)))
    return out


def _records() -> list[tuple[int, Any]]:
    return [
        (one.line, one.value) for one in lines.records(samples.parts()) if isinstance(one, Record)
    ]
