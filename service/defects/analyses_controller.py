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
        missing = NoSuchAnalysis(f"analysis {analysis_id} has no image {kind}")
        found = await database.one(products.image(analysis_id=analysis_id, kind=kind), missing)
        headers = {"Cache-Control": "private, max-age=86400, immutable"}
        return Response(found.data, media_type="image/png", headers=headers)

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
        (image,) = await database.fetch(products.image(analysis_id=analysis_id, kind="picture"))
        specimen = Specimen(product=about.product, view=about.view, **asdict(data))
        picture = await pictures.to_store(image.data)
        return await database.run(partial(register, specimen, picture, analysis_id))


async def _find_analysis(database: CallersDatabase, analysis_id: int) -> Analysis:
    missing = NoSuchAnalysis(f"unknown analysis: {analysis_id}")
    return await database.one(products.analyses(analysis_id=analysis_id), missing)
