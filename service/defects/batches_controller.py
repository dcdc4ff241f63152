"""Batches of pictures, inspected by workers."""

import asyncio
from functools import partial
from typing import Annotated

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.openapi.spec import Example
from litestar.params import FromPath
from msgspec import to_builtins

from db.defects.batches import batch_pictures, queue_batch
from db.defects.rows import BatchPicture
from flows.batches import batch_table
from flows.inspection import AnalyzeIn
from flows.manuals import find_product
from service.auth.callers import needs
from service.data.database import Db
from service.defects.batches import pictures_of
from service.defects.schemas import BatchForm, BatchQueued
from service.flows.performer import Performer
from service.http.bodies import decode_json
from service.http.parameters import form_body
from service.http.responses import ONE, WITH_BODY, answer
from service.http.tables import CSV, table_response
from service.items.pictures import Pictures
from service.runs.watching import find_run
from service.settings import ServiceSettings

BATCH = {"pictures": ["(files, or zip archives)"], "request": '{"product": "plate"}'}
BatchBody = Annotated[BatchForm, form_body(Example(value=BATCH))]
TABLE = answer(str, "The table", CSV)


class DefectBatchController(Controller):
    """Batches of pictures."""

    path = "/defects/batch"
    tags = ("defects",)
    opt = needs("reader", whole=True)

    @post(
        summary="Inspect many pictures",
        status_code=202,
        opt=needs("writer", whole=True, cost=10),
        responses=WITH_BODY,
    )
    async def queue_batch(
        self,
        data: BatchBody,
        database: Db,
        performer: NamedDependency[Performer],
        pictures: NamedDependency[Pictures],
        settings: NamedDependency[ServiceSettings],
    ) -> BatchQueued:
        """Queues all pictures, or none; a worker (`seogo worker`) inspects them.

        `GET /runs/{run_id}/events` follows it, `GET /runs/{run_id}/errors` has what was refused.
        """
        request = decode_json(data.request, AnalyzeIn)
        await performer.run(database, find_product(request.product))
        most = settings.max_upload_mb * 1024 * 1024
        given = (data.pictures, pictures.limits.bytes, most)
        found = await asyncio.to_thread(pictures_of, *given)
        args = to_builtins(request) | {"total": len(found)}
        run_id = await database.run(partial(queue_batch, args, found))
        return BatchQueued(run_id=run_id, pictures=len(found))

    @get("/{run_id:int}", summary="List the pictures of a batch", responses=ONE)
    async def list_batch(self, run_id: FromPath[int], database: Db) -> list[BatchPicture]:
        """The most abnormal first; those that wait or were refused last."""
        await find_run(database, run_id)
        return await database.fetch(batch_pictures(run_id=run_id))

    @get("/{run_id:int}/table", summary="Export a batch (CSV)", responses={200: TABLE, **ONE})
    async def export_batch(
        self, run_id: FromPath[int], database: Db, performer: NamedDependency[Performer]
    ) -> Response[str]:
        """As `listBatch`, with the reasons of refusals."""
        await find_run(database, run_id)
        return table_response(await performer.run(database, batch_table(run_id)))
