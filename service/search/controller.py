"""Searching."""

from typing import Annotated

from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.enums import RequestEncodingType
from litestar.openapi.spec import Example
from litestar.params import BodyKwarg, FromPath, FromQuery, QueryParameter

from db.search import functions as sql
from db.search.rows import Correction, PhraseHit
from flows.search.filters import filter_text
from flows.search.request import MAX_K, MAX_QUERY, SearchIn
from service.auth.callers import needs
from service.data.database import CallersDatabase
from service.http import examples
from service.http.bodies import decode_json
from service.http.parameters import json_body
from service.http.responses import (
    ONE,
    WITH_BODY,
)
from service.search.schemas import (
    ClickIn,
    ClickOut,
    DwellIn,
    DwellOut,
    SearchForm,
    SearchOut,
)
from service.search.searcher import Searcher

SearchBody = Annotated[
    SearchIn, BodyKwarg(media_type=RequestEncodingType.JSON, examples=examples.SEARCHES)
]
FormBody = Annotated[
    SearchForm, BodyKwarg(media_type=RequestEncodingType.MULTI_PART, examples=[examples.FORM])
]


CLICK = Example(value={"query": "진공 펌프", "external_id": "P0002", "rank": 3})
DWELL = Example(value={"visit": "5f0c2f1e-9a", "dwell_ms": 42000})


class SearchController(Controller):
    """Searching a collection."""

    path = "/collections/{collection:str}"
    tags = ("search",)
    opt = needs("reader")

    @post(
        "/search",
        operation_id="search",
        summary="Search by words, a picture, items to be like",
        status_code=200,
        opt=needs("reader", body="picture"),
        responses=WITH_BODY,
    )
    async def search(
        self,
        collection: FromPath[str],
        data: SearchBody,
        database: NamedDependency[CallersDatabase],
        searcher: NamedDependency[Searcher],
    ) -> SearchOut:
        """Rank items by words, identifiers, meaning, looks and likeness, fused in one SQL statement.

        A leg that is unavailable now is left out and named in `degraded`.
        """
        return await searcher.search(database, collection, data)

    @post(
        "/search/picture",
        operation_id="searchByPicture",
        summary="Search by a picture that is uploaded",
        status_code=200,
        responses=WITH_BODY,
    )
    async def by_picture(
        self,
        collection: FromPath[str],
        data: FormBody,
        database: NamedDependency[CallersDatabase],
        searcher: NamedDependency[Searcher],
    ) -> SearchOut:
        """As `search`, which takes pictures as base64; here as a form with the file `picture`.

        `request` may hold everything else that a search takes, as JSON.
        """
        asked = decode_json(data.request, SearchIn)
        return await searcher.search(database, collection, asked, await data.picture.read())

    @post(
        "/clicks",
        operation_id="click",
        summary="Say that a result was opened",
        status_code=200,
        responses=WITH_BODY,
    )
    async def click(
        self,
        collection: FromPath[str],
        data: Annotated[ClickIn, json_body(CLICK)],
        database: NamedDependency[CallersDatabase],
        searcher: NamedDependency[Searcher],
    ) -> ClickOut:
        """Kept beside the query log for as long; fusions that nobody judged are learned from it.

        With `live`, as the answer said, it decides an answer of a live test, kept or not.
        """
        return await searcher.click(database, collection, data)

    @post(
        "/dwells",
        summary="Say how long a result was looked at",
        status_code=200,
        responses=WITH_BODY,
    )
    async def dwell(
        self,
        collection: FromPath[str],
        data: Annotated[DwellIn, json_body(DWELL)],
        database: NamedDependency[CallersDatabase],
        searcher: NamedDependency[Searcher],
    ) -> DwellOut:
        """Of a click that named its `visit`; small enough for a browser's `sendBeacon` as a page is left."""
        return await searcher.dwell(database, collection, data)

    @get(
        "/phrase",
        operation_id="phrase",
        summary="Items that hold exactly these words",
        responses=ONE,
    )
    async def phrase(
        self,
        collection: FromPath[str],
        words: Annotated[
            str,
            QueryParameter(
                name="query",
                max_length=MAX_QUERY,
                min_length=1,
                description='Every word, `"a phrase"`, `OR`, `-not`, `prefix*`.',
                examples=[Example(value='"dry pump" -booster')],
            ),
        ],
        database: NamedDependency[CallersDatabase],
        k: Annotated[int, QueryParameter(ge=1, le=MAX_K)] = 10,
        filter: FromQuery[str | None] = None,
    ) -> list[PhraseHit]:
        """For a query that must hold exactly; ranked by how near the matches stand together."""
        return await database.fetch(
            sql.phrase(collection=collection, query=words, k=k, filter=filter_text(filter))
        )

    @get(
        "/correct",
        operation_id="correct",
        summary="A mistyped query, corrected",
        responses=ONE,
    )
    async def correct(
        self,
        collection: FromPath[str],
        words: Annotated[
            str,
            QueryParameter(
                name="query",
                max_length=MAX_QUERY,
                min_length=1,
                description="A query as it was typed.",
                examples=[Example(value="vacum wlsrhd")],
            ),
        ],
        database: NamedDependency[CallersDatabase],
        searcher: NamedDependency[Searcher],
    ) -> Correction:
        """Correct a query by the words of the collection; `corrected` is null where nothing is wrong.

        Part numbers, citations and quantities stay. `uncounted`: by how many items the words counted
        and the collection differ; the scheduler counts every ten minutes.
        """
        return await searcher.correct(database, collection, words)
