"""Products, registered pictures, memory banks and manuals."""

from functools import partial
from typing import Annotated

from litestar import Controller, get, post, put
from litestar.di import NamedDependency
from litestar.openapi.spec import Example
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from db.defects import products as defects
from db.defects.registration import PICTURES, PICTURES_NAME, Registered, Specimen, register
from db.defects.rows import Bank, Product
from db.defects.statistic_rows import NextLabel, ToLabel
from db.items.items import create_collection
from flows.manuals import find_product
from service.auth.callers import needs
from service.data.database import Db
from service.defects.inspector import Inspector
from service.defects.schemas import ManualOut, NamesIn, PictureForm
from service.flows.performer import Performer
from service.http.bodies import decode_json
from service.http.parameters import Limit, form_body
from service.http.responses import ADMISSION, ONE, READING, WITH_BODY
from service.items.pictures import Pictures

SPECIMEN = {
    "picture": "(the file)",
    "request": '{"product": "plate", "label": "defect", "defect": "scratch"}',
}
SpecimenForm = Annotated[PictureForm, form_body(Example(value=SPECIMEN))]


class DefectController(Controller):
    """Products belong to no collection that a key could be limited to: for keys that see all."""

    path = "/defects"
    tags = ("defects",)
    opt = needs("reader", whole=True)

    @get("/products", summary="List products", responses=ADMISSION)
    async def list_products(self, database: Db) -> list[Product]:
        """Products with their defect types, numbers of registered pictures, and live banks by view."""
        return await database.fetch(defects.products())

    @put(
        "/products/{product:str}",
        summary="Create or rename a product",
        opt=needs("admin", whole=True),
        responses=WITH_BODY,
    )
    async def put_product(
        self,
        product: FromPath[str],
        data: JSONBody[NamesIn],
        database: Db,
        performer: NamedDependency[Performer],
    ) -> Product:
        """The pictures of products are items of the collection `defects`, which is made with the first."""
        await database.fetch(create_collection(name=PICTURES_NAME, settings=PICTURES))
        add = defects.add_product(name=product, name_ko=data.name_ko, name_en=data.name_en)
        await database.fetch(add)
        return await performer.run(database, find_product(product))

    @put(
        "/products/{product:str}/types/{defect:str}",
        summary="Create or rename a defect type",
        opt=needs("writer", whole=True),
        responses=WITH_BODY,
    )
    async def put_defect_type(
        self,
        product: FromPath[str],
        defect: FromPath[str],
        data: JSONBody[NamesIn],
        database: Db,
        performer: NamedDependency[Performer],
    ) -> Product:
        """Manuals and guides use these names."""
        names = {"name_ko": data.name_ko, "name_en": data.name_en}
        await database.fetch(defects.add_defect_type(product=product, name=defect, **names))
        return await performer.run(database, find_product(product))

    @get("/banks", summary="List memory banks", responses=READING)
    async def list_banks(self, database: Db, product: FromQuery[str | None] = None) -> list[Bank]:
        """Live and other banks: thresholds, registered pictures, scores of the pictures held out."""
        return await database.fetch(defects.banks(product=product))

    @post(
        "/specimens",
        summary="Register a picture",
        status_code=200,
        opt=needs("writer", whole=True),
        responses=WITH_BODY,
    )
    async def register_picture(
        self, data: SpecimenForm, database: Db, pictures: NamedDependency[Pictures]
    ) -> Registered:
        """`request` says what the picture shows; the name of the file says nothing.

        Searches find it once a worker has encoded it; a bank has it from its next build on. The same
        picture again is an update.
        """
        specimen = decode_json(data.request, Specimen)
        picture = await pictures.to_store(await data.picture.read())
        return await database.run(partial(register, specimen, picture))

    @get("/manual", summary="Search manuals", responses=ONE)
    async def manual(
        self,
        product: FromQuery[str],
        database: Db,
        inspector: NamedDependency[Inspector],
        defect: FromQuery[str | None] = None,
        words: Annotated[str | None, QueryParameter(name="query", max_length=2000)] = None,
        kind: FromQuery[str | None] = None,
        k: Annotated[int, QueryParameter(ge=1, le=100)] = 5,
    ) -> ManualOut:
        """Sections on a product and a defect, by hybrid search; those that no leg finds follow."""
        found = {"defect": defect, "query": words, "k": k, "kind": kind}
        return await inspector.manual(database, product, **found)

    @get("/to-label", summary="Analyses to label next", responses=READING)
    async def to_label(
        self, database: Db, product: FromQuery[str | None] = None, limit: Limit = 20
    ) -> list[ToLabel]:
        """Analyses that people contradicted, that disagree with similar pictures, or that are uncertain."""
        return await database.fetch(defects.to_label(product=product, limit=limit))

    @get("/next-labels", summary="Labels that would change most", responses=ONE)
    async def next_labels(
        self,
        product: FromQuery[str],
        database: Db,
        k: Annotated[int, QueryParameter(ge=1, le=300)] = 20,
    ) -> list[NextLabel]:
        """Inspected pictures that are uncertain and unlike each other, with what a label speaks for."""
        return await database.fetch(defects.next_labels(product=product, k=k))
