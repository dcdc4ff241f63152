"""Scores of the reranker that a collection has measured and chosen."""

from collections.abc import Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from db.evaluation import tuning
from db.evaluation.tuning import Reranker as Setting
from encoders.rerank import rerankers
from encoders.rerank.base import RerankerModel
from encoders.settings import EncoderSettings
from service.data.database import Database
from service.data.ttl_cache import TtlCache
from service.models.pool import Model, ModelPool

# One answer takes all the threads that a model may use.
AT_ONCE = 1


class Rerankers:
    """Rerankers of collections. Belongs to one event loop."""

    def __init__(
        self, database: Database, settings: EncoderSettings, *, ttl_s: float, wait_s: float
    ) -> None:
        self._database = database
        self._settings = settings
        self._used: TtlCache[tuple[str, bool], Setting | None] = TtlCache(self._setting, ttl_s)
        self._pool = ModelPool("reranking", threads=AT_ONCE, wait_s=wait_s)

    def close(self) -> None:
        """Stop the thread."""
        self._pool.close()

    async def used_by(self, collection: str, *, by_item: bool = False) -> Setting | None:
        """Reranker that a collection uses for searches by words or by an item; None without one.

        Raises:
            UnknownName: no such collection.
        """
        return await self._used.get((collection, by_item))

    async def scores(self, used: Setting, words: str, texts: Sequence[str]) -> NDArray[np.float64]:
        """Score texts for a query: float64 of shape (len(texts),).

        Raises:
            LegUnavailable: the model does not load, differs from the measured one, failed, or took
                too long.
        """
        name = f"{used.model} at {used.revision}"
        model = Model(name, name, partial(_build, used, self._settings))
        return await self._pool.run(
            model, lambda loaded: loaded.score(words, texts).astype(np.float64)
        )

    async def _setting(self, key: tuple[str, bool]) -> Setting | None:
        collection, by_item = key
        ask = tuning.reranker(collection=collection, by_item=by_item)
        found = await self._database.fetch(ask)
        return found[0] if found else None


def _build(used: Setting, settings: EncoderSettings) -> RerankerModel:
    spec = rerankers.spec(used.model, settings.models_path)
    rerankers.check_measured(spec, used.model, used.revision)
    return rerankers.build(spec, settings.models_path, settings.threads)
