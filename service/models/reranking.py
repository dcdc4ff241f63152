"""The last word on an answer: the reranker that has proven its worth on the collection."""

from collections.abc import Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from db.evaluation import tuning
from db.evaluation.tuning import Reranker as Setting
from encoders.rerank import rerankers
from encoders.rerank.rerankers import Reranker
from encoders.settings import EncoderSettings
from service.data.database import Database
from service.data.ttl_cache import TtlCache
from service.models.pool import Crew

Floats = NDArray[np.float64]

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

    async def scores(self, used: Setting, words: str, texts: Sequence[str]) -> Floats:
        """Score texts for a query: float64 of shape (len(texts),).

        Raises:
            LegUnavailable: the model is unavailable, is another than was measured, failed, or took
                too long.
        """
        scores = await self._crew.run(
            f"{used.model} at {used.revision}",
            partial(_build, used, self._settings),
            lambda model: model.score(words, texts),
        )
        return scores.astype(np.float64)

    async def _setting(self, collection: str) -> Setting | None:
        found = await self._database.fetch(tuning.reranker(collection=collection))
        return found[0] if found else None


def _build(used: Setting, settings: EncoderSettings) -> Reranker:
    spec = rerankers.spec(used.model, settings.models_path)
    rerankers.check_measured(spec, used.model, used.revision)
    return rerankers.build(spec, settings.models_path, settings.threads)
