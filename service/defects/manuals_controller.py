"""Manuals: uploaded, listed by version, shown section by section."""

import asyncio
import tempfile
from pathlib import Path
from typing import Annotated

from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.openapi.spec import Example
from litestar.params import FromQuery, PathParameter
from msgspec.structs import asdict

from db.defects import versions as sql
from db.defects.manual_rows import Manual
from db.errors import UnknownName
from flows.documents.imports import ensure_collection, import_manual
from service.auth.callers import needs
from service.data.database import CallersDatabase, Db
from service.defects.schemas import ManualForm, ManualIn, ManualParts, ManualUploaded
from service.flows.performer import Performer
from service.http.bodies import decode_json
from service.http.parameters import form_body
from service.http.responses import ONE, WITH_BODY

MANUAL = {"document": "(the file: PDF, DOCX, TXT or MD)", "request": '{"product": "plate"}'}
ManualBody = Annotated[ManualForm, form_body(Example(value=MANUAL))]
ManualId = Annotated[int, PathParameter(ge=1, le=2**31 - 1)]
# A scanned page takes OCR a second or two of all cores.
MOST_SCANS = 20


class ManualController(Controller):
    """Manuals by version."""

    path = "/defects/manuals"
    tags = ("defects",)
    opt = needs("reader", whole=True)

    @get(summary="List manuals", responses=ONE)
    async def list_manuals(
        self, database: Db, product: FromQuery[str | None] = None
    ) -> list[Manual]:
        """All versions, the live one of each document first, with the defects that they answer."""
        return await database.fetch(sql.manuals(product=product))

    @get("/{manual_id:int}", summary="Get a manual", responses=ONE)
    async def get_manual(self, manual_id: ManualId, database: Db) -> ManualParts:
        """A version with its sections, and the lines that are in none."""
        return await _parts(database, manual_id)

    @post(summary="Upload a manual", opt=needs("admin", whole=True, cost=10), responses=WITH_BODY)
    async def upload_manual(
        self, data: ManualBody, database: Db, performer: NamedDependency[Performer]
    ) -> ManualUploaded:
        """Reads it into sections; pages that are pictures by OCR, at most 20.

        The same document again is a new version, and the one before stays. The defect types of the product
        must be there: headings are known by their names. Searches by meaning find it once a worker has
        encoded it.
        """
        request = decode_json(data.request, ManualIn)
        name = Path(data.document.filename.replace("\\", "/")).name
        await performer.run(database, ensure_collection(request.collection))
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / f"manual{Path(name).suffix.lower()}"
            await asyncio.to_thread(file.write_bytes, await data.document.read())
            flow = import_manual(file, request.product, request.collection, name, MOST_SCANS)
            done = await performer.run(database, flow)
        parts = await _parts(database, done.manual_id)
        return ManualUploaded(**asdict(parts), furniture=done.furniture)

    @post(
        "/{manual_id:int}/restore",
        summary="Put a version of a manual back",
        opt=needs("admin", whole=True),
        responses=ONE,
    )
    async def restore_manual(self, manual_id: ManualId, database: Db) -> ManualParts:
        """As a new version."""
        (made,) = await database.fetch(sql.restore_manual(manual_id=manual_id))
        return await _parts(database, made.id)


async def _parts(database: CallersDatabase, manual_id: int) -> ManualParts:
    missing = UnknownName(f"unknown manual: {manual_id}", "`GET /defects/manuals` lists them.")
    about = await database.one(sql.manuals(manual_id=manual_id), missing)
    (outside,) = await database.fetch(sql.manual_outside(manual_id=manual_id))
    parts = await database.fetch(sql.manual_sections(manual_id=manual_id))
    return ManualParts(**asdict(about), parts=parts, left_out=outside.lines)
