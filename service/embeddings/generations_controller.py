"""Generations of the embedding spaces: how far they are, started, switched, dropped, and the way back."""

from typing import Annotated

from litestar import Controller, delete, get, post
from litestar.di import NamedDependency
from litestar.openapi.spec import Example
from litestar.params import FromPath, PathParameter

from db.errors import BadRequest
from db.spaces import generations
from db.spaces.generations import Generation
from encoders import inventory, registry
from encoders.errors import EncoderError
from encoders.settings import EncoderSettings
from service.auth.callers import needs
from service.data.database import Db
from service.embeddings.schemas import EncoderOut, GenerationIn, SwitchIn
from service.http.parameters import json_body
from service.http.responses import BUSY, ONE, READING, WITH_BODY
from service.runs.schemas import JobQueued, MachineSettings
from service.runs.tasks import Tasks

ADMIN = needs("admin", whole=True)
STARTED = Example(value={"encoder": "bge-m3", "max_rate": 20})
Number = Annotated[int, PathParameter(ge=1, le=2**15 - 1)]


class GenerationsController(Controller):
    """Generations belong to spaces, which several collections share: for keys that see everything.

    What takes long is queued for a scheduler, which does what `seogo reembed` does.
    """

    tags = ("embeddings",)
    opt = needs("reader", whole=True)

    @get("/generations", summary="List generations of embedding spaces", responses=READING)
    async def list_generations(self, database: Db) -> list[Generation]:
        """By space, the newest first: live, being built (with progress and rate), or retired."""
        return await database.fetch(generations.overview())

    @get("/encoders", summary="List encoders that generations are built by", responses=READING)
    async def list_encoders(self, machine: NamedDependency[MachineSettings]) -> list[EncoderOut]:
        """Name, what it encodes, and whether it is ready on the service's machine, or what it lacks."""
        return [_described(entry) for entry in _entries(machine.encoders)]

    @post(
        "/spaces/{space:str}/generations",
        summary="Build a generation by another encoder",
        status_code=202,
        opt=ADMIN,
        responses={**WITH_BODY, 409: BUSY},
    )
    async def start_generation(
        self,
        space: FromPath[str],
        data: Annotated[GenerationIn, json_body(STARTED)],
        tasks: NamedDependency[Tasks],
        machine: NamedDependency[MachineSettings],
    ) -> JobQueued:
        """A scheduler begins it and workers fill it beside the live one; `GET /generations` tells how far."""
        try:
            registry.spec(data.encoder, machine.encoders.models_path)
        except EncoderError as exc:
            raise BadRequest(str(exc), "GET /encoders lists them.") from exc
        given = {"space": space, "encoder": data.encoder, "max_rate": data.max_rate}
        return JobQueued(job_id=await tasks.queue("start_generation", **given))

    @post(
        "/spaces/{space:str}/switch",
        summary="Switch to the generation that was built",
        status_code=202,
        opt=ADMIN,
        responses={**WITH_BODY, 409: BUSY},
    )
    async def switch_generation(
        self,
        space: FromPath[str],
        data: Annotated[SwitchIn, json_body(Example(value={"force": False}))],
        tasks: NamedDependency[Tasks],
    ) -> JobQueued:
        """A scheduler completes it, compares both on all judged queries, and switches if it is not worse."""
        job_id = await tasks.queue("switch_generation", space=space, force=data.force)
        return JobQueued(job_id=job_id)

    @delete(
        "/spaces/{space:str}/generations/{generation:int}",
        summary="Drop a generation that is not in use",
        status_code=202,
        opt=ADMIN,
        responses={**ONE, 409: BUSY},
    )
    async def drop_generation(
        self,
        space: FromPath[str],
        generation: FromPath[Number],
        tasks: NamedDependency[Tasks],
    ) -> JobQueued:
        """A scheduler drops it with its vectors. There is no way back."""
        job_id = await tasks.queue("drop_generation", space=space, generation=generation)
        return JobQueued(job_id=job_id)

    @post(
        "/spaces/{space:str}/rollback",
        summary="Go back to the generation before",
        status_code=200,
        opt=ADMIN,
        responses={**ONE, 409: BUSY},
    )
    async def roll_back(self, space: FromPath[str], database: Db) -> list[Generation]:
        """At once; again, forward. Items that changed since are queued by the task `embed_stale`."""
        await database.fetch(generations.rollback(space=space))
        return await database.fetch(generations.overview(space=space))


def _entries(settings: EncoderSettings) -> list[inventory.InventoryEntry]:
    specs = sorted(registry.SPECS.values(), key=lambda spec: (spec.modality, spec.name))
    return [inventory.entry(spec, settings.models_path) for spec in specs]


def _described(entry: inventory.InventoryEntry) -> EncoderOut:
    spec = entry.spec
    return EncoderOut(
        name=spec.name,
        modality=spec.modality,
        kind=spec.kind,
        dim=spec.dim,
        state=entry.state,
        detail=entry.detail,
    )
