"""The last word on an answer: the reranker that has proven its worth on the collection."""

from collections.abc import Sequence
from functools import partial

from db.evaluation import tuning
from db.evaluation.tuning import Reranker as Setting
from db.search.results import Found
from encoders.rerank import rerankers
from encoders.rerank.blend import Blend, reread
from encoders.rerank.rerankers import Reranker
from encoders.settings import EncoderSettings
from service.data.database import CallersDatabase, Database
from service.data.ttl_cache import TtlCache
from service.models.pool import Crew

# One answer takes all the threads that a model may use.
AT_ONCE = 1


class Rerankers:
    """Rerankers of collections. Belongs to one event loop."""

    def __init__(
        self, database: Database, settings: EncoderSettings, *, ttl_s: float, wait_s: float
    ) -> None:
        self._database = database
        self._settings = settings
        self._used: TtlCache[str, Setting | None] = TtlCache(self._setting, ttl_s)
        self._crew: Crew[Reranker] = Crew("reranking", threads=AT_ONCE, wait_s=wait_s)

    def close(self) -> None:
        """Stop the thread."""
        self._crew.close()

    async def used_by(self, collection: str) -> Setting | None:
        """Which reranker a collection uses, if any.

        Raises:
            UnknownName: no such collection.
        """
        return await self._used.get(collection)

    async def reordered(
        self,
        database: CallersDatabase,
        collection: str,
        used: Setting,
        words: str,
        hits: Sequence[Found],
    ) -> list[Found]:
        """The hits in their new order: the first `top_n` as measured, the rest as they were.

        Args:
            database: as the caller sees it.
            collection: where they were found.
            used: the collection's reranker.
            words: what was asked.
            hits: from the first on, the best first.

        Raises:
            LegUnavailable: the model cannot be had, is another than was measured, failed, or took
                too long.
        """
        first = hits[: used.top_n]
        if not first:
            return list(hits)
        ids = [hit.external_id for hit in first]
        rows = await database.fetch(tuning.item_texts(collection=collection, external_ids=ids))
        texts, scores = tuning.in_order(rows, ids), [hit.score for hit in first]
        blend = Blend(used.blend, used.threshold)
        places = await self._crew.run(
            f"{used.model} at {used.revision}",
            partial(_build, used, self._settings),
            lambda model: reread(model, words, texts, scores, blend),
        )
        return tuning.moved(hits, places)

    async def _setting(self, collection: str) -> Setting | None:
        found = await self._database.fetch(tuning.reranker(collection=collection))
        return found[0] if found else None


def _build(used: Setting, settings: EncoderSettings) -> Reranker:
    spec = rerankers.spec(used.model, settings.models_path)
    rerankers.check_measured(spec, used.model, used.revision)
    return rerankers.build(spec, settings.models_path, settings.threads)
