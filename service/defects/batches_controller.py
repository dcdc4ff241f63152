"""Batches of pictures, inspected by workers."""

from functools import partial

from litestar import Controller, MediaType, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import to_builtins

from db.defects.batches import batch_pictures, queue_batch
from db.defects.rows import BatchPicture
from flows.batches import batch_table
from flows.manuals import find_product
from flows.reports.batch import batch_report
from service.auth.callers import AnyRequest, needs
from service.data.database import Db
from service.defects.batches import BatchOperation, read_batch
from service.defects.schemas import BatchQueued
from service.flows.performer import Performer
from service.http.responses import ONE, WITH_BODY, answer
from service.http.tables import CSV, table_response
from service.items.pictures import Pictures
from service.runs.watching import find_run
from service.settings import ServiceSettings

TABLE = answer(str, "The table", CSV)
PAGE = answer(str, "The page", MediaType.HTML)
# Its style, its one script and its pictures are in the page; nothing else is loaded or sent.
PAGE_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; img-src data:; style-src 'unsafe-inline';"
    " script-src 'unsafe-inline'; sandbox allow-scripts"
}


class DefectBatchController(Controller):
    """Batches of pictures."""

    path = "/defects/batch"
    tags = ("defects",)
    opt = needs("reader", whole=True)

    @post(
        summary="Inspect many pictures",
        status_code=202,
        opt=needs("writer", whole=True, cost=10, body="large"),
        operation_class=BatchOperation,
        responses=WITH_BODY,
    )
    async def queue_batch(
        self,
        request: AnyRequest,
        database: Db,
        performer: NamedDependency[Performer],
        pictures: NamedDependency[Pictures],
        settings: NamedDependency[ServiceSettings],
    ) -> BatchQueued:
        """Queues all pictures, or none; a worker (`seogo worker`) inspects them.

        A form with files, or zip archives of them, or JSON with a list of pictures in base64. With a header
        `Idempotency-Key` it can be sent again when the answer was lost: the first run is found.
        `GET /runs/{run_id}/events` follows it, `GET /runs/{run_id}/errors` has what was refused.
        """
        most = settings.max_upload_mb * 1024 * 1024
        asked, found = await read_batch(request, pictures.limits.bytes, most)
        if asked.product is not None:
            await performer.run(database, find_product(asked.product))
        args = to_builtins(asked) | {"total": len(found)}
        key = request.headers.get("idempotency-key", "").strip() or None
        run = await database.run(partial(queue_batch, args, found, key))
        return BatchQueued(run_id=run.run_id, pictures=run.total, fresh=run.fresh)

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

    @get("/{run_id:int}/report", summary="Report of a batch (HTML)", responses={200: PAGE, **ONE})
    async def report_batch(
        self, run_id: FromPath[int], database: Db, performer: NamedDependency[Performer]
    ) -> Response[str]:
        """A page in Korean and English that needs nothing else, with the most abnormal pictures."""
        page = await performer.run(database, batch_report(run_id))
        return Response(page, media_type=MediaType.HTML, headers=PAGE_HEADERS)
