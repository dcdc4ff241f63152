"""Classification by neighbours, over HTTP."""

from typing import Annotated

from litestar import Controller, post
from litestar.di import NamedDependency
from litestar.enums import RequestEncodingType
from litestar.params import BodyKwarg, FromPath

from flows.classify import Classified, ClassifyIn, classify
from service.auth.callers import needs
from service.data.database import CallersDatabase
from service.flows.performer import Performer
from service.http import examples
from service.http.responses import WITH_BODY

ClassifyBody = Annotated[
    ClassifyIn, BodyKwarg(media_type=RequestEncodingType.JSON, examples=examples.CLASSIFY)
]


class ClassifyController(Controller):
    """Classifying items, words and pictures."""

    path = "/collections/{collection:str}"
    tags = ("search",)
    opt = needs("reader")

    @post(
        "/classify",
        operation_id="classify",
        summary="Unit, difficulty, maker, … by the votes of the nearest items",
        status_code=200,
        opt=needs("reader", body="picture"),
        responses=WITH_BODY,
    )
    async def classify(
        self,
        collection: FromPath[str],
        data: ClassifyBody,
        database: NamedDependency[CallersDatabase],
        performer: NamedDependency[Performer],
    ) -> Classified:
        """Values of a metadata key with the votes of the `k` nearest items that have one.

        An item does not vote for itself. `share` says how sure the answer is.
        """
        return await performer.run(database, classify(collection, data))
