"""Reranking of the first hits with the model that the collection has measured and chosen."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeVar

from db.evaluation import tuning
from db.evaluation.tuning import Reranker as Setting
from db.search.results import Found
from encoders.base import Vectors
from encoders.rerank import rerankers
from encoders.rerank.base import RerankerModel
from encoders.rerank.blend import Blend, reread
from encoders.settings import EncoderSettings
from service.data.database import CallersDatabase, Database
from service.data.ttl_cache import Remembered
from service.models.pool import Model, ModelPool

R = TypeVar("R")

# One answer takes all the threads that a model may use.
AT_ONCE = 1


class Rerankers:
    """Rerankers of collections. Belongs to one event loop."""

    def __init__(
        self, database: Database, settings: EncoderSettings, *, ttl_s: float, wait_s: float
    ) -> None:
        self._database = database
        self._settings = settings
        self._used: Remembered[str, Setting | None] = Remembered(self._setting, ttl_s)
        self._pool = ModelPool("reranking", threads=AT_ONCE, wait_s=wait_s)

    async def aclose(self) -> None:
        """Stop the thread."""
        await self._pool.aclose()

    async def used_by(self, collection: str) -> Setting | None:
        """Which reranker a collection uses, if any.

        Raises:
            UnknownName: no such collection.
        """
        return await self._used.get(collection)

    async def scores(self, used: Setting, words: str, texts: Sequence[str]) -> Vectors:
        """Scores of texts for a query: float32 of shape (len(texts),), in their order.

        Raises:
            LegUnavailable: the model does not load, differs from the measured one, failed, or took
                too long.
        """
        return await self._run(used, lambda model: model.score(words, texts))

    async def reordered(
        self,
        database: CallersDatabase,
        collection: str,
        used: Setting,
        words: str,
        hits: Sequence[Found],
    ) -> list[Found]:
        """The hits in their new order: the first `top_n` by the reranker, the rest as they were.

        Args:
            database: as the caller sees it.
            collection: where they were found.
            used: the collection's reranker.
            words: of the query.
            hits: from the first on, the best first.

        Raises:
            LegUnavailable: as `scores`.
        """
        first = hits[: used.top_n]
        if not first:
            return list(hits)
        ids = [hit.external_id for hit in first]
        rows = await database.fetch(tuning.item_texts(collection=collection, external_ids=ids))
        texts, scores = tuning.in_order(rows, ids), [hit.score for hit in first]
        blend = Blend(used.blend, used.threshold)
        places = await self._run(used, lambda model: reread(model, words, texts, scores, blend))
        return tuning.moved(hits, places)

    async def _run(self, used: Setting, work: Callable[[RerankerModel], R]) -> R:
        name = f"{used.model} at {used.revision}"
        return await self._pool.run(Model(name, name, partial(_build, used, self._settings)), work)

    async def _setting(self, collection: str) -> Setting | None:
        found = await self._database.fetch(tuning.reranker(collection=collection))
        return found[0] if found else None


def _build(used: Setting, settings: EncoderSettings) -> RerankerModel:
    spec = rerankers.spec(used.model, settings.models_path)
    rerankers.check_measured(spec, used.model, used.revision)
    return rerankers.build(spec, settings.models_path, settings.threads)
