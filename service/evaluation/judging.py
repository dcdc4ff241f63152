"""Pools of items to be judged by people: what profiles found first, in an order that tells nothing."""

import hashlib
from typing import NamedTuple

from msgspec import convert

from db.errors import UnknownName
from db.evaluation import evals, judging
from db.evaluation.judging import NextQuery
from db.items import listing
from db.search.results import Found
from flows.search.request import PictureIn, SearchIn
from service.data.database import CallersDatabase
from service.evaluation.schemas import Candidate, ToJudge
from service.search.searcher import Searcher

# Queries whose pool is judged already are passed over, so many at a time.
PASSED_OVER = 5


class Pooling(NamedTuple):
    """Settings of a pool.

    Attributes:
        collection: where queries are asked.
        source: whose judgments count.
        profiles: fusion profiles whose first hits are pooled; the usual fusion always is.
        depth: how many hits of each; a query with so many judgments is done.
        judge: who gives a second opinion on what others have judged; None: what nobody has.
    """

    collection: str
    source: str
    profiles: list[str]
    depth: int
    judge: str | None = None


class JudgmentPools:
    """Pools the first hits of several profiles, query by query."""

    def __init__(self, searcher: Searcher) -> None:
        self._searcher = searcher

    async def next(
        self, database: CallersDatabase, query_set: str, pooling: Pooling, after: int
    ) -> ToJudge | None:
        """The next query of a set with what is to be judged; None when nothing is left.

        Args:
            database: as the caller sees it.
            query_set: whose queries.
            pooling: how.
            after: the query before.

        Raises:
            UnknownName: no such set, collection or profile.
        """
        if pooling.judge is not None:
            return await self._again(database, query_set, pooling, after)
        pool = None
        for _ in range(PASSED_OVER):
            query = judging.next_query(
                query_set=query_set, source=pooling.source, depth=pooling.depth, after=after
            )
            rows = await database.fetch(query)
            if not rows:
                await check_set(database, query_set)
                return None
            pool = await self._pool(database, rows[0], pooling)
            if pool.items:
                break
            after = pool.query_id
        return pool

    async def _again(
        self, database: CallersDatabase, query_set: str, pooling: Pooling, after: int
    ) -> ToJudge | None:
        of = {"source": pooling.source, "judge": pooling.judge, "collection": pooling.collection}
        rows = await database.fetch(judging.next_again(query_set=query_set, after=after, **of))
        if not rows:
            await check_set(database, query_set)
            return None
        again = judging.again(query_id=rows[0].query_id, limit=pooling.depth, **of)
        left = convert(await database.fetch(again), list[Candidate], from_attributes=True)
        return _task(rows[0], left, "judged by others")

    async def _pool(self, database: CallersDatabase, query: NextQuery, pooling: Pooling) -> ToJudge:
        judged = judging.judged(query_id=query.query_id, source=pooling.source)
        done = {row.external_id for row in await database.fetch(judged)}
        found: dict[str, Found] = {}
        for profile in (None, *pooling.profiles):
            for hit in await self._hits(database, query, pooling, profile):
                found.setdefault(hit.external_id, hit)
        left = [hit for key, hit in found.items() if key not in done]
        pool = f"{', '.join(['default', *pooling.profiles])}: first {pooling.depth}"
        return _task(query, convert(left, list[Candidate], from_attributes=True), pool)

    async def _hits(
        self, database: CallersDatabase, query: NextQuery, pooling: Pooling, profile: str | None
    ) -> list[Found]:
        like: list[int] = []
        if query.item is not None:
            missing = UnknownName(
                f"query {query.external_id} is an item that {pooling.collection} does not have:"
                f" {query.item}"
            )
            item = listing.listed(collection=pooling.collection, limit=1, external_id=query.item)
            like = [(await database.one(item, missing)).item_id]
        picture = None if query.picture_id is None else PictureIn(id=query.picture_id)
        request = SearchIn(
            query=query.text,
            like=like,
            picture=picture,
            k=pooling.depth,
            profile=profile,
            rerank=False,
        )
        answer = await self._searcher.search(database, pooling.collection, request)
        return [hit for hit in answer.hits if hit.external_id != query.item]


async def check_set(database: CallersDatabase, query_set: str) -> None:
    """Check that there is such a set.

    Raises:
        UnknownName: there is none.
    """
    names = sorted({row.query_set for row in await database.fetch(evals.sources())})
    if query_set not in names:
        there = ", ".join(names) or "none yet: `seogo eval import` brings some"
        raise UnknownName(f"unknown query set: {query_set}", f"There are: {there}.")


def _task(query: NextQuery, items: list[Candidate], pool: str) -> ToJudge:
    items.sort(key=lambda one: _shuffled(query.query_id, one.external_id))
    return ToJudge(
        query_id=query.query_id,
        query=query.external_id,
        text=query.text,
        picture_id=query.picture_id,
        like=query.item,
        open=query.open,
        pool=pool,
        items=items,
    )


def _shuffled(query_id: int, external_id: str) -> bytes:
    """A place that is the same every time and has nothing to do with ranks."""
    return hashlib.sha256(f"{query_id}/{external_id}".encode()).digest()
