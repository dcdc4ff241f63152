"""Several searches in one request."""

from typing import Annotated, Any

from litestar import Controller, post
from litestar.di import NamedDependency
from litestar.openapi.spec import Example
from litestar.params import FromPath
from msgspec import UNSET, Meta, Struct, UnsetType

from flows.search.batch import MAX_SEARCHES, CollectionSearchIn
from flows.search.request import SearchIn
from service.auth.admission import Admission
from service.auth.callers import AnyRequest, needs
from service.data.database import CallersDatabase
from service.http.parameters import json_body
from service.http.problems import problem_of
from service.http.responses import WITH_BODY
from service.monitoring.schemas import Problem
from service.search.schemas import SearchOut
from service.search.searcher import Searcher


class BatchIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Searches of one collection."""

    searches: Annotated[list[SearchIn], Meta(min_length=1, max_length=MAX_SEARCHES)]


class CollectionsBatchIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Searches of several collections."""

    searches: Annotated[list[CollectionSearchIn], Meta(min_length=1, max_length=MAX_SEARCHES)]


class BatchAnswer(Struct, frozen=True, kw_only=True):
    """The answer to a search of a batch, or the problem that it had."""

    answer: SearchOut | UnsetType = UNSET
    problem: Problem | UnsetType = UNSET


class BatchOut(Struct, frozen=True, kw_only=True):
    """Answers to the searches of a batch, in their order; `failed` of them are problems."""

    answers: list[BatchAnswer]
    failed: int


_ONE = Example(
    summary="Two searches",
    value={"searches": [{"query": "진공 펌프"}, {"sort": ["-year"], "filter": "year:2015.."}]},
)
_SEVERAL = Example(
    summary="The same words in two collections",
    value={
        "searches": [
            {"collection": "parts", "query": "진공 펌프", "k": 5},
            {"collection": "manuals", "query": "진공 펌프", "k": 5},
        ]
    },
)


class BatchController(Controller):
    """Several searches in one request."""

    tags = ("search",)
    opt = needs("reader")

    @post(
        "/collections/{collection:str}/search/batch",
        operation_id="searchBatch",
        summary="Several searches of a collection",
        status_code=200,
        responses=WITH_BODY,
    )
    async def of_one(
        self,
        collection: FromPath[str],
        data: Annotated[BatchIn, json_body(_ONE)],
        request: AnyRequest,
        database: NamedDependency[CallersDatabase],
        searcher: NamedDependency[Searcher],
        admission: NamedDependency[Admission],
    ) -> BatchOut:
        """Answer up to 50 searches in their order, each with its own error; each counts as a request."""
        searches = [(collection, one) for one in data.searches]
        return await _answered(request, database, searcher, admission, searches)

    @post(
        "/search/batch",
        operation_id="searchCollections",
        summary="Several searches of several collections",
        status_code=200,
        responses=WITH_BODY,
    )
    async def of_several(
        self,
        data: Annotated[CollectionsBatchIn, json_body(_SEVERAL)],
        request: AnyRequest,
        database: NamedDependency[CallersDatabase],
        searcher: NamedDependency[Searcher],
        admission: NamedDependency[Admission],
    ) -> BatchOut:
        """As `searchBatch`; every search names its `collection`."""
        searches = [(one.collection, one) for one in data.searches]
        return await _answered(request, database, searcher, admission, searches)


async def _answered(
    request: AnyRequest,
    database: CallersDatabase,
    searcher: Searcher,
    admission: Admission,
    searches: list[tuple[str, Any]],
) -> BatchOut:
    await admission.count_more(database.caller, len(searches) - 1)
    came = await searcher.batch(database, searches)
    answers = [
        BatchAnswer(problem=problem_of(request, one))
        if isinstance(one, Exception)
        else BatchAnswer(answer=one)
        for one in came
    ]
    return BatchOut(answers=answers, failed=sum(isinstance(one, Exception) for one in came))
