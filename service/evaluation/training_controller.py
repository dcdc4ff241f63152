"""Steps of training to read: pairs, runs with their curves, gates."""

from typing import Annotated

from litestar import Controller, get
from litestar.params import FromPath, FromQuery, QueryParameter

from db.operations import training
from db.operations.training import CurvePoint, Kind, TrainingStep
from service.auth.callers import needs
from service.data.database import Db
from service.http.parameters import Limit, RowId
from service.http.responses import ONE, READING

Before = Annotated[
    int | None, QueryParameter(ge=1, le=2**63 - 1, description="Go on behind this `step_id`.")
]
After = Annotated[
    int, QueryParameter(ge=-1, le=2**31 - 1, description="The last `at` read; -1: from the start.")
]


class TrainingController(Controller):
    """Steps name files and sources of all collections: they are for keys that see everything."""

    path = "/training/steps"
    tags = ("evaluation",)
    opt = needs("reader", whole=True)

    @get(summary="List steps of training", responses=READING)
    async def list_training_steps(
        self,
        database: Db,
        kind: FromQuery[Kind | None] = None,
        before: Before = None,
        limit: Limit = 100,
    ) -> list[TrainingStep]:
        """The latest first: what each made, left out and why, how runs stand, what gates decided."""
        return await database.fetch(training.steps(limit=limit, kind=kind, before=before))

    @get("/{step_id:int}", summary="Get the loop of a step of training", responses=ONE)
    async def get_training_loop(self, step_id: FromPath[RowId], database: Db) -> list[TrainingStep]:
        """Lists what the step was made from, back to the first pairs, the step, and what came of it."""
        return await database.fetch(training.training_loop(step_id=step_id))

    @get("/{step_id:int}/curve", summary="Get the curve of a training run", responses=ONE)
    async def get_training_curve(
        self, step_id: FromPath[RowId], database: Db, after: After = -1
    ) -> list[CurvePoint]:
        """Losses and measures by optimiser step; ask again with the last `at` while it runs."""
        return await database.fetch(training.training_curve(step_id=step_id, after=after))
