"""What a person is to judge next: items that some profile found, in an order that tells nothing."""

import hashlib
from collections.abc import Sequence

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


class Judge:
    """Pools the first hits of several profiles."""

    def __init__(self, searcher: Searcher) -> None:
        self._searcher = searcher

    async def next(
        self,
        database: CallersDatabase,
        query_set: str,
        collection: str,
        *,
        source: str,
        profiles: Sequence[str],
        depth: int,
        after: int,
    ) -> ToJudge | None:
        """The next query of a set with what is to be judged; None when nothing is left.

        Args:
            database: as the caller sees it.
            query_set: whose queries.
            collection: where they are asked.
            source: whose judgments count.
            profiles: fusion profiles whose first hits are pooled; the usual fusion always is.
            depth: how many hits of each; a query with so many judgments is done.
            after: the query before.

        Raises:
            UnknownName: no such set, collection or profile.
        """
        asked = None
        for _ in range(PASSED_OVER):
            query = judging.next_query(query_set=query_set, source=source, depth=depth, after=after)
            rows = await database.fetch(query)
            if not rows:
                break
            asked = await self._to_judge(database, rows[0], collection, source, profiles, depth)
            if asked.items:
                return asked
            after = asked.query_id
        else:
            return asked
        await check_set(database, query_set)
        return None

    async def _to_judge(
        self,
        database: CallersDatabase,
        query: NextQuery,
        collection: str,
        source: str,
        profiles: Sequence[str],
        depth: int,
    ) -> ToJudge:
        done = {
            row.external_id
            for row in await database.fetch(judging.judged(query_id=query.query_id, source=source))
        }
        found: dict[str, Found] = {}
        for profile in (None, *profiles):
            for hit in await self._hits(database, query, collection, profile, depth):
                found.setdefault(hit.external_id, hit)
        wanted = [hit for key, hit in found.items() if key not in done]
        wanted.sort(key=lambda hit: _shuffled(query.query_id, hit.external_id))
        return ToJudge(
            query_id=query.query_id,
            query=query.external_id,
            text=query.text,
            picture_id=query.picture_id,
            like=query.item,
            open=query.open,
            pool=f"{', '.join(['default', *profiles])}: first {depth}",
            items=[_candidate(hit) for hit in wanted],
        )

    async def _hits(
        self,
        database: CallersDatabase,
        query: NextQuery,
        collection: str,
        profile: str | None,
        depth: int,
    ) -> list[Found]:
        like: list[int] = []
        if query.item is not None:
            rows = await database.fetch(
                listing.listed(collection=collection, limit=1, external_id=query.item)
            )
            if not rows:
                raise UnknownName(
                    f"query {query.external_id} is an item that {collection} has not: {query.item}"
                )
            like = [rows[0].item_id]
        picture = None if query.picture_id is None else PictureIn(id=query.picture_id)
        asked = SearchIn(
            query=query.text, like=like, picture=picture, k=depth, profile=profile, rerank=False
        )
        answer = await self._searcher.search(database, collection, asked)
        return [hit for hit in answer.hits if hit.external_id != query.item]


async def check_set(database: CallersDatabase, query_set: str) -> None:
    """Make sure that there is such a set.

    Raises:
        UnknownName: there is none.
    """
    names = sorted({row.query_set for row in await database.fetch(evals.sources())})
    if query_set not in names:
        there = ", ".join(names) or "none yet: `seogo eval import` brings some"
        raise UnknownName(f"unknown query set: {query_set}", f"There are: {there}.")


def _shuffled(query_id: int, external_id: str) -> bytes:
    """A place that is the same every time and has nothing to do with ranks."""
    return hashlib.sha256(f"{query_id}/{external_id}".encode()).digest()


def _candidate(hit: Found) -> Candidate:
    return Candidate(
        item_id=hit.item_id,
        external_id=hit.external_id,
        fields=hit.fields,
        metadata=hit.metadata,
        pictures=hit.pictures,
    )
