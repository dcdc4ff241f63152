"""Products, registered pictures, banks, manuals, counts."""

from functools import partial
from typing import Annotated, Any

from litestar import Controller, get, post, put
from litestar.di import NamedDependency
from litestar.enums import RequestEncodingType
from litestar.openapi.spec import Example
from litestar.params import (
    BodyKwarg,
    FromPath,
    FromQuery,
    JSONBody,
    PathParameter,
    QueryParameter,
)

from db.defects import products as defects
from db.defects.registration import Registered, Specimen, register
from db.defects.rows import Bank, Product, ToLabel
from service.auth.callers import needs
from service.data.database import CallersDatabase
from service.defects.inspector import Inspector, product_of
from service.defects.schemas import (
    ManualOut,
    NamesIn,
    PictureForm,
    StatisticsOut,
)
from service.http.bodies import said
from service.http.responses import (
    ADMISSION,
    ONE,
    READING,
    WITH_BODY,
    form_only,
    json_only,
)
from service.items.pictures import Pictures

Id = Annotated[int, PathParameter(ge=1, le=2**63 - 1)]
Limit = Annotated[int, QueryParameter(ge=1, le=1000)]


def form(request: str) -> Any:
    """How a body with a picture is declared; `request` is an example of what is said of it."""
    example = Example(value={"picture": "(the file)", "request": request})
    return BodyKwarg(media_type=RequestEncodingType.MULTI_PART, examples=[example])


SpecimenForm = Annotated[
    PictureForm, form('{"product": "plate", "label": "defect", "defect": "scratch"}')
]
# Products belong to no collection that a key could be limited to: these are for keys that see all.
WHOLE = {"whole": True}


class DefectController(Controller):
    """What is known of products, and what they look like."""

    path = "/defects"
    tags = ("defects",)
    opt: dict[str, Any] = {**needs("reader"), **WHOLE}  # noqa: RUF012 - litestar declares it so

    @get("/products", operation_id="listProducts", summary="Products", responses=ADMISSION)
    async def products(self, database: NamedDependency[CallersDatabase]) -> list[Product]:
        """With their defect types, how many pictures are registered, and the live banks by view."""
        return await database.fetch(defects.products())

    @put(
        "/products/{product:str}",
        operation_id="putProduct",
        summary="Make or rename a product",
        opt={**needs("admin"), **WHOLE},
        guards=[json_only],
        responses=WITH_BODY,
    )
    async def put_product(
        self,
        product: FromPath[str],
        data: JSONBody[NamesIn],
        database: NamedDependency[CallersDatabase],
    ) -> Product:
        """Its pictures are items of the collection `defects`, which must be there."""
        add = defects.add_product(name=product, name_ko=data.name_ko, name_en=data.name_en)
        await database.fetch(add)
        return await product_of(database, product)

    @put(
        "/products/{product:str}/types/{defect:str}",
        operation_id="putDefectType",
        summary="Make or rename a defect type",
        opt={**needs("writer"), **WHOLE},
        guards=[json_only],
        responses=WITH_BODY,
    )
    async def put_type(
        self,
        product: FromPath[str],
        defect: FromPath[str],
        data: JSONBody[NamesIn],
        database: NamedDependency[CallersDatabase],
    ) -> Product:
        """Manuals and guides know it by these names."""
        names = {"name_ko": data.name_ko, "name_en": data.name_en}
        await database.fetch(defects.add_defect_type(product=product, name=defect, **names))
        return await product_of(database, product)

    @get("/banks", operation_id="listBanks", summary="Memory banks", responses=READING)
    async def banks(
        self, database: NamedDependency[CallersDatabase], product: FromQuery[str | None] = None
    ) -> list[Bank]:
        """Live and not: thresholds, what they were made of, scores of the pictures held out."""
        return await database.fetch(defects.banks(product=product))

    @post(
        "/specimens",
        operation_id="registerPicture",
        summary="Register a picture",
        status_code=200,
        opt={**needs("writer"), **WHOLE},
        guards=[form_only],
        responses=WITH_BODY,
    )
    async def register(
        self,
        data: SpecimenForm,
        database: NamedDependency[CallersDatabase],
        pictures: NamedDependency[Pictures],
    ) -> Registered:
        """What it shows is said in `request`, never read from the file's name.

        It is found as soon as a worker has encoded it; a bank knows it from its next build on. The
        same picture again is an update.
        """
        specimen = said(data.request, Specimen)
        picture = await pictures.to_store(await data.picture.read())
        return await database.run(partial(register, specimen, picture))

    @get("/manual", operation_id="manual", summary="What manuals say", responses=ONE)
    async def manual(
        self,
        product: FromQuery[str],
        database: NamedDependency[CallersDatabase],
        inspector: NamedDependency[Inspector],
        defect: FromQuery[str | None] = None,
        words: Annotated[str | None, QueryParameter(name="query", max_length=2000)] = None,
        kind: FromQuery[str | None] = None,
        k: Annotated[int, QueryParameter(ge=1, le=100)] = 5,
    ) -> ManualOut:
        """Sections on a product and a defect, by hybrid search; those that no leg finds follow."""
        return await inspector.manual(database, product, defect, words, k, kind)

    @get("/to-label", operation_id="toLabel", summary="What to label next", responses=READING)
    async def to_label(
        self,
        database: NamedDependency[CallersDatabase],
        product: FromQuery[str | None] = None,
        limit: Limit = 20,
    ) -> list[ToLabel]:
        """Analyses that were contradicted, disagree with what looks alike, or are uncertain."""
        return await database.fetch(defects.to_label(product=product, limit=limit))

    @get("/statistics", operation_id="defectStatistics", summary="Counts", responses=READING)
    async def statistics(
        self,
        database: NamedDependency[CallersDatabase],
        product: FromQuery[str | None] = None,
        days: Annotated[int, QueryParameter(ge=1, le=3660)] = 30,
    ) -> StatisticsOut:
        """Inspected pictures by day, product and finding."""
        counts = await database.fetch(defects.defect_counts(product=product, days=days))
        return StatisticsOut(counts=counts)
