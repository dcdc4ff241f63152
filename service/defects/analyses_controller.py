"""Analyses of pictures, and feedback on them."""

from functools import partial
from typing import Annotated

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.openapi.spec import Example
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from msgspec.structs import asdict

from db.defects import products
from db.defects.registration import Registered, Specimen, register
from db.defects.rows import Analysis, ImageKind
from db.items.stored_pictures import Data
from flows.inspection import AnalyzeIn
from service.auth.callers import needs
from service.data.database import CallersDatabase, Db
from service.defects.inspector import Inspector
from service.defects.schemas import (
    AnalysisOut,
    FeedbackIn,
    FeedbackOut,
    LearnIn,
    PictureForm,
)
from service.errors import NoSuchAnalysis
from service.http.bodies import decode_json
from service.http.parameters import RowId, form_body
from service.http.responses import ONE, READING, WITH_BODY, answer
from service.items.pictures import Pictures

QUESTION = {"picture": "(the file)", "request": '{"product": "plate", "question": "왜 생기나요?"}'}
AnalyzeForm = Annotated[PictureForm, form_body(Example(value=QUESTION))]
PNG = answer(bytes, "The image", "image/png")
WEBP = answer(bytes, "The thumbnail", "image/webp")
# What was drawn for an analysis never changes; whoever may not see it has no key to a cache.
CACHE = {"Cache-Control": "private, max-age=86400, immutable"}


class AnalysisController(Controller):
    """Analyses of pictures."""

    path = "/defects"
    tags = ("defects",)
    opt = needs("reader", whole=True)

    @post(
        "/analyze",
        summary="Inspect a picture",
        status_code=200,
        opt=needs("writer", whole=True, cost=5),
        responses=WITH_BODY,
    )
    async def analyze(
        self, data: AnalyzeForm, database: Db, inspector: NamedDependency[Inspector]
    ) -> AnalysisOut:
        """Nearest known defects, abnormal areas, sections of the manual, and a guide that cites them.

        The analysis is kept, with its images. A stage that is unavailable is named in `degraded`; for
        an unknown product the answer is 404 with the known ones.
        """
        request = decode_json(data.request, AnalyzeIn)
        return await inspector.inspect(database, request, await data.picture.read())

    @get("/analyses", summary="List analyses", responses=READING)
    async def list_analyses(
        self,
        database: Db,
        product: FromQuery[str | None] = None,
        before: Annotated[int | None, QueryParameter(ge=1)] = None,
        limit: Annotated[int, QueryParameter(ge=1, le=200)] = 20,
    ) -> list[Analysis]:
        """Latest first; page by `before`."""
        return await database.fetch(products.analyses(product=product, before=before, limit=limit))

    @get("/analyses/{analysis_id:int}", summary="Get an analysis", responses=ONE)
    async def get_analysis(self, analysis_id: RowId, database: Db) -> Analysis:
        """An analysis with the scores of its patches, rows by columns, and the latest feedback."""
        return await _find_analysis(database, analysis_id)

    @get(
        "/analyses/{analysis_id:int}/images/{kind:str}",
        summary="Get an image of an analysis (PNG)",
        responses={200: PNG, **ONE},
    )
    async def get_analysis_image(
        self, analysis_id: RowId, kind: FromPath[ImageKind], database: Db
    ) -> Response[bytes]:
        """`compared` shows the picture, its abnormal areas and the nearest normal picture."""
        found = await _find_image(database, analysis_id, kind)
        return Response(found.data, media_type="image/png", headers=CACHE)

    @get(
        "/analyses/{analysis_id:int}/thumbnail",
        summary="Get a thumbnail of an analysis (WebP)",
        responses={200: WEBP, **ONE},
    )
    async def get_analysis_thumbnail(
        self, analysis_id: RowId, database: Db, pictures: NamedDependency[Pictures]
    ) -> Response[bytes]:
        """The picture, at most 320 pixels wide and high."""
        found = await _find_image(database, analysis_id, "picture")
        made = await pictures.to_store(found.data)
        return Response(made.thumbnail, media_type="image/webp", headers=CACHE)

    @post(
        "/analyses/{analysis_id:int}/feedback",
        summary="Give feedback on an analysis",
        opt=needs("writer", whole=True),
        responses=WITH_BODY,
    )
    async def give_feedback(
        self, analysis_id: RowId, data: JSONBody[FeedbackIn], database: Db
    ) -> FeedbackOut:
        """The latest feedback counts. What contradicts the analysis is listed for labelling."""
        (kept,) = await database.fetch(
            products.give_feedback(
                analysis_id=analysis_id, defect=data.defect, note=data.note, given_by=data.given_by
            )
        )
        return FeedbackOut(feedback_id=kept.id)

    @post(
        "/analyses/{analysis_id:int}/register",
        summary="Register the picture of an analysis",
        status_code=200,
        opt=needs("writer", whole=True),
        responses=WITH_BODY,
    )
    async def learn_from_analysis(
        self,
        analysis_id: RowId,
        data: JSONBody[LearnIn],
        database: Db,
        pictures: NamedDependency[Pictures],
    ) -> Registered:
        """As `registerPicture` does; the analysis is no longer listed for labelling."""
        about = await _find_analysis(database, analysis_id)
        image = await _find_image(database, analysis_id, "picture")
        specimen = Specimen(product=about.product, view=about.view, **asdict(data))
        picture = await pictures.to_store(image.data)
        return await database.run(partial(register, specimen, picture, analysis_id))


async def _find_image(database: CallersDatabase, analysis_id: int, kind: ImageKind) -> Data:
    missing = NoSuchAnalysis(f"analysis {analysis_id} has no image {kind}")
    return await database.one(products.image(analysis_id=analysis_id, kind=kind), missing)


async def _find_analysis(database: CallersDatabase, analysis_id: int) -> Analysis:
    missing = NoSuchAnalysis(f"unknown analysis: {analysis_id}")
    return await database.one(products.analyses(analysis_id=analysis_id), missing)
