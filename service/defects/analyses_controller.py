"""Inspecting pictures, and what people say of it."""

from functools import partial
from typing import Annotated, Any

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import (
    FromPath,
    FromQuery,
    JSONBody,
    PathParameter,
    QueryParameter,
)

from db.defects import products
from db.defects.registration import Registered, Specimen, register
from db.defects.rows import Analysis, ImageKind
from service.auth.callers import needs
from service.data.database import CallersDatabase
from service.defects.controller import WHOLE, form
from service.defects.inspector import Inspector
from service.defects.schemas import (
    AnalysisOut,
    AnalyzeIn,
    FeedbackIn,
    FeedbackOut,
    LearnIn,
    PictureForm,
)
from service.errors import NoSuchAnalysis
from service.http.bodies import said
from service.http.responses import (
    ONE,
    READING,
    WITH_BODY,
    form_only,
    json_only,
)
from service.items.pictures import Pictures

Id = Annotated[int, PathParameter(ge=1, le=2**63 - 1)]


AnalyzeForm = Annotated[PictureForm, form('{"product": "plate", "question": "왜 생기나요?"}')]
PNG = ResponseSpec(bytes, description="The image", media_type="image/png", generate_examples=False)


class AnalysisController(Controller):
    """Pictures that are inspected."""

    path = "/defects"
    tags = ("defects",)
    opt: dict[str, Any] = {**needs("reader"), **WHOLE}  # noqa: RUF012 - litestar declares it so

    @post(
        "/analyze",
        operation_id="analyze",
        summary="Inspect a picture",
        status_code=200,
        opt={**needs("writer"), **WHOLE, "cost": 5},
        guards=[form_only],
        responses=WITH_BODY,
    )
    async def analyze(
        self,
        data: AnalyzeForm,
        database: NamedDependency[CallersDatabase],
        inspector: NamedDependency[Inspector],
    ) -> AnalysisOut:
        """Nearest known defects, where it is abnormal, what the manual says, a guide that cites it.

        It is kept, with its images. A stage that cannot be had is named in `degraded`; an unknown
        product is 404 with those there are.
        """
        asked = said(data.request, AnalyzeIn)
        return await inspector.inspect(database, asked, await data.picture.read())

    @get("/analyses", operation_id="listAnalyses", summary="Analyses", responses=READING)
    async def analyses(
        self,
        database: NamedDependency[CallersDatabase],
        product: FromQuery[str | None] = None,
        before: Annotated[int | None, QueryParameter(ge=1)] = None,
        limit: Annotated[int, QueryParameter(ge=1, le=200)] = 20,
    ) -> list[Analysis]:
        """The latest first; page by `before`."""
        return await database.fetch(products.analyses(product=product, before=before, limit=limit))

    @get(
        "/analyses/{analysis_id:int}",
        operation_id="getAnalysis",
        summary="An analysis",
        responses=ONE,
    )
    async def analysis(
        self, analysis_id: Id, database: NamedDependency[CallersDatabase]
    ) -> Analysis:
        """With the scores of its patches, rows by columns, and the latest word of people."""
        return await _existing(database, analysis_id)

    @get(
        "/analyses/{analysis_id:int}/images/{kind:str}",
        operation_id="getAnalysisImage",
        summary="picture, heatmap, mask, overlay or compared, PNG",
        responses={200: PNG, **ONE},
    )
    async def image(
        self,
        analysis_id: Id,
        kind: FromPath[ImageKind],
        database: NamedDependency[CallersDatabase],
    ) -> Response[bytes]:
        """`compared`: the picture, where it is abnormal, and the nearest normal picture."""
        found = await database.fetch(products.image(analysis_id=analysis_id, kind=kind))
        if not found:
            raise NoSuchAnalysis(f"analysis {analysis_id} has no image {kind}")
        headers = {"Cache-Control": "private, max-age=86400, immutable"}
        return Response(found[0].data, media_type="image/png", headers=headers)

    @post(
        "/analyses/{analysis_id:int}/feedback",
        operation_id="giveFeedback",
        summary="Say what it shows",
        opt={**needs("writer"), **WHOLE},
        guards=[json_only],
        responses=WITH_BODY,
    )
    async def feedback(
        self,
        analysis_id: Id,
        data: JSONBody[FeedbackIn],
        database: NamedDependency[CallersDatabase],
    ) -> FeedbackOut:
        """The latest word counts. What contradicts the analysis is put before those who label."""
        (kept,) = await database.fetch(
            products.give_feedback(
                analysis_id=analysis_id,
                defect=data.defect,
                note=data.note,
                given_by=data.given_by,
            )
        )
        return FeedbackOut(feedback_id=kept.id)

    @post(
        "/analyses/{analysis_id:int}/register",
        operation_id="learnFromAnalysis",
        summary="Register its picture",
        status_code=200,
        opt={**needs("writer"), **WHOLE},
        guards=[json_only],
        responses=WITH_BODY,
    )
    async def learn(
        self,
        analysis_id: Id,
        data: JSONBody[LearnIn],
        database: NamedDependency[CallersDatabase],
        pictures: NamedDependency[Pictures],
    ) -> Registered:
        """The picture becomes a registered one, as `registerPicture` makes them, and is off the list."""
        told = await _existing(database, analysis_id)
        (image,) = await database.fetch(products.image(analysis_id=analysis_id, kind="picture"))
        specimen = Specimen(
            product=told.product,
            view=told.view,
            label=data.label,
            defect=data.defect,
            piece=data.piece,
            note=data.note,
        )
        picture = await pictures.to_store(image.data)
        return await database.run(partial(register, specimen, picture, analysis_id))


async def _existing(database: CallersDatabase, analysis_id: int) -> Analysis:
    found = await database.fetch(products.analyses(analysis_id=analysis_id))
    if not found:
        raise NoSuchAnalysis(f"unknown analysis: {analysis_id}")
    return found[0]
