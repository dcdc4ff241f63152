"""Pinned and buried items, the shape of a collection's results, calibrated nearness."""

from typing import Annotated

from litestar import Controller, Response, delete, get, post, put
from litestar.di import NamedDependency
from litestar.enums import RequestEncodingType
from litestar.openapi.spec import Example
from litestar.params import BodyKwarg, FromPath, FromQuery, QueryParameter

from db.errors import UnknownName
from db.search import shaping
from db.search.shaping import Calibration, Pin, PinsWritten
from flows.search import pins as flow
from flows.search.pins import PinIn
from flows.search.shape import ShapeIn
from service.auth.callers import needs
from service.data.database import Db
from service.flows.performer import Performer
from service.http.parameters import json_body
from service.http.responses import ONE, WITH_BODY
from service.http.tables import CSV, TableForm, table_file, table_response

PIN = Example(
    summary="First for a query until the end of a campaign; place 0 buries",
    value={"query": "진공 펌프", "external_id": "P0002", "place": 1, "until": "2027-01-01"},
)
SHAPE = Example(
    summary="What is in stock first, one result per maker",
    value={
        "boosts": [{"filter": {"in_stock": True}, "factor": 1.2}],
        "collapse": {"field": "maker"},
    },
)


class ShapingController(Controller):
    """Shaping of the results of a collection."""

    path = "/collections/{collection:str}"
    tags = ("search",)
    opt = needs("reader")

    @get("/pins", summary="List pinned and buried items", responses=ONE)
    async def list_pins(
        self,
        collection: FromPath[str],
        database: Db,
        asked: Annotated[str | None, QueryParameter(name="query", max_length=1000)] = None,
    ) -> list[Pin]:
        """All of the collection, or those of one query, matched as a search matches it."""
        return await database.fetch(shaping.pins(collection=collection, query=asked))

    @put("/pins", summary="Pin or bury an item", opt=needs("admin"), responses=WITH_BODY)
    async def write_pin(
        self,
        collection: FromPath[str],
        data: Annotated[PinIn, json_body(PIN)],
        database: Db,
        performer: NamedDependency[Performer],
    ) -> list[Pin]:
        """In place of what there was for the item and the query; answers with all pins of the query."""
        return await performer.run(database, flow.write_pin(collection, data))

    @delete("/pins", summary="Remove a pin", opt=needs("admin"), responses=ONE)
    async def delete_pin(
        self,
        collection: FromPath[str],
        asked: Annotated[str, QueryParameter(name="query", max_length=1000)],
        external_id: FromQuery[str],
        database: Db,
    ) -> None:
        """Of an item for a query; 404 where there is none."""
        call = shaping.unpin_item(collection=collection, query=asked, external_id=external_id)
        if not (await database.fetch(call))[0].done:
            raise UnknownName(
                f"{external_id} is not pinned for this query", "GET …/pins lists pins"
            )

    @post(
        "/pins/import",
        summary="Write pins from a CSV table",
        status_code=200,
        opt=needs("admin"),
        responses=WITH_BODY,
    )
    async def import_pins(
        self,
        collection: FromPath[str],
        data: Annotated[TableForm, BodyKwarg(media_type=RequestEncodingType.MULTI_PART)],
        database: Db,
        performer: NamedDependency[Performer],
    ) -> PinsWritten:
        """With the columns query, external_id, place, from, until, note; all of it or nothing."""
        async with table_file(data) as file:
            steps = flow.import_table(collection, file, replace=data.replace)
            return await performer.run(database, steps)

    @get("/pins/export", summary="Pins as a CSV table", media_type=CSV, responses=ONE)
    async def export_pins(
        self,
        collection: FromPath[str],
        database: Db,
        performer: NamedDependency[Performer],
    ) -> Response[str]:
        """As `import` takes it."""
        return table_response(await performer.run(database, flow.export_table(collection)))

    @put("/shape", summary="Shape all results", opt=needs("admin"), responses=WITH_BODY)
    async def set_shape(
        self,
        collection: FromPath[str],
        data: Annotated[ShapeIn, json_body(SHAPE)],
        database: Db,
    ) -> None:
        """Of every search of the collection that says nothing else; `{}` removes it."""
        await database.fetch(shaping.set_shape(collection=collection, shape=data))

    @get("/calibrations", summary="How near chance brings an item", responses=ONE)
    async def list_calibrations(self, collection: FromPath[str], database: Db) -> list[Calibration]:
        """Per live space; `threshold` is null where it is not calibrated, see `seogo calibrate`."""
        return await database.fetch(shaping.calibrations(collection=collection))
