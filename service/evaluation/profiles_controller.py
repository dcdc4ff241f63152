"""Fusion profiles of a collection, and answers compared where they are judged."""

from typing import Annotated, Any

from litestar import Controller, delete, get, post, put
from litestar.di import NamedDependency
from litestar.openapi.spec import Example
from litestar.params import FromPath

from db.errors import UnknownName
from db.evaluation import profiles
from db.evaluation.profiles import FusionProfile, JudgedAnswers
from service.auth.callers import needs
from service.data.database import Db
from service.errors import Conflict
from service.evaluation.schemas import AnswersIn, ProfileIn, TrialIn
from service.http.parameters import json_body
from service.http.responses import BUSY, ONE, WITH_BODY
from service.runs.schemas import JobQueued
from service.runs.tasks import Tasks

TRIAL = "try_profiles"
PROFILE = Example(
    summary="Words count twice", value={"weights": {"lexical": 2}, "note": "part names are exact"}
)
ASKED = Example(value={"query_set": "asked", "source": "people"})
ANSWERS = Example(value={"query": "진공 펌프", "rankings": {"a": ["P0002"], "b": ["P0001"]}})


class ProfilesController(Controller):
    """Profiles: saved by people, used where a search names one, put to use by a trial."""

    path = "/collections/{collection:str}/profiles"
    tags = ("evaluation",)
    opt = needs("reader")

    @get(summary="List fusion profiles", responses=ONE)
    async def list_profiles(self, collection: FromPath[str], database: Db) -> list[FusionProfile]:
        """Those in use first, each with its trial and the last decision about it."""
        return await database.fetch(profiles.profiles(collection=collection))

    @put(
        "/{profile:str}",
        summary="Save a fusion profile",
        opt=needs("admin"),
        responses=WITH_BODY,
    )
    async def save_profile(
        self,
        collection: FromPath[str],
        profile: FromPath[str],
        data: Annotated[ProfileIn, json_body(PROFILE)],
        database: Db,
    ) -> FusionProfile:
        """Searches may name it; nothing else changes. One in use, or learned as trees, is not replaced."""
        given: dict[str, Any] = {name: getattr(data, name) for name in data.__struct_fields__}
        await database.fetch(profiles.save_profile(collection=collection, profile=profile, **given))
        return await _one(database, collection, profile)

    @delete("/{profile:str}", summary="Delete a fusion profile", opt=needs("admin"), responses=ONE)
    async def delete_profile(
        self, collection: FromPath[str], profile: FromPath[str], database: Db
    ) -> None:
        """Not the one in use."""
        call = profiles.drop_profile(collection=collection, profile=profile)
        if not (await database.fetch(call))[0].done:
            raise _unknown(collection, profile)

    @post(
        "/{profile:str}/trial",
        summary="Try a fusion profile on judged queries",
        status_code=202,
        opt=needs("admin", whole=True),
        responses={**WITH_BODY, 409: BUSY},
    )
    async def try_profile(
        self,
        collection: FromPath[str],
        profile: FromPath[str],
        data: Annotated[TrialIn, json_body(ASKED)],
        database: Db,
        tasks: NamedDependency[Tasks],
    ) -> JobQueued | None:
        """A scheduler asks the set and compares, query by query; what is better goes live.

        The answer is the job, or nothing where it is queued already; the outcome is in the list of profiles.
        """
        asked = {"query_set": data.query_set, "source": data.source, "measure": data.measure}
        await database.fetch(
            profiles.request_trial(collection=collection, profile=profile, **asked)
        )
        try:
            return JobQueued(job_id=await tasks.queue(TRIAL))
        except Conflict:  # the job that waits holds this trial too
            return None


class ComparisonController(Controller):
    """Judging where one compares: query sets belong to no collection, so for keys that see all."""

    path = "/evaluation/sets/{query_set:str}"
    tags = ("evaluation",)
    opt = needs("reader", whole=True)

    @post("/answers", summary="Measure answers", status_code=200, responses=WITH_BODY)
    async def measure_answers(
        self,
        query_set: FromPath[str],
        data: Annotated[AnswersIn, json_body(ANSWERS)],
        database: Db,
    ) -> JudgedAnswers:
        """Grades that `source` gave for the words, and the measures of each ranking by them."""
        call = profiles.judged_answers(
            query_set=query_set,
            query=data.query,
            source=data.source,
            rankings=data.rankings,
            measures=list(data.measures),
        )
        return (await database.fetch(call))[0]


async def _one(database: Db, collection: str, profile: str) -> FusionProfile:
    found = await database.fetch(profiles.profiles(collection=collection, profile=profile))
    if not found:  # somebody deleted it meanwhile
        raise _unknown(collection, profile)
    return found[0]


def _unknown(collection: str, profile: str) -> UnknownName:
    return UnknownName(
        f"collection {collection} has no profile {profile}",
        "GET /collections/{collection}/profiles lists them.",
    )
