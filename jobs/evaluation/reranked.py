"""Reranking of the answers of a run, as a search does it: by the reranker in use, the first hits."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import msgspec

from db.calls.query import fetch
from db.evaluation import proof, tuning
from db.search.rows import HybridHit
from flows.local import Local
from flows.search.rerank import rerank
from jobs.errors import JobError

if TYPE_CHECKING:
    from db.evaluation.rows import QueryRow
    from encoders.settings import EncoderSettings
    from jobs.types import Conn


class NoReranker(JobError):
    """The collection has no reranker in use."""


class AnswerReranker:
    """Gives the first items of answers the order of the collection's reranker."""

    def __init__(self, conn: Conn, encoders: EncoderSettings, collection: str, run_id: int) -> None:
        """Note in the run by what it is reranked.

        Raises:
            NoReranker: none is in use.
        """
        used = fetch(conn, tuning.reranker(collection=collection))
        if not used:
            raise NoReranker(
                f"{collection} has no reranker in use", "measure one first: seogo rerank evaluate"
            )
        self._conn, self._collection, self._run_id, self._used = conn, collection, run_id, used[0]
        self._local = Local(conn, encoders)
        fetch(conn, proof.use_reranker(run_id=run_id, reranker=msgspec.to_builtins(self._used)))

    def reorder(self, query: QueryRow) -> None:
        """Rerank the answer to a query in words; others keep their order, as in a search.

        Raises:
            LegUnavailable: the model cannot be loaded, or failed.
        """
        about = {"run_id": self._run_id, "query_id": query.query_id}
        head = fetch(self._conn, proof.answer_head(**about, top_n=self._used.top_n))
        if query.text is None or query.item is not None or not head or not head[0].external_ids:
            return
        hits = [
            # The rank stands for the item: only ids and scores are looked at.
            HybridHit(
                item_id=rank,
                rank=rank,
                score=score,
                legs={},
                external_id=key,
                fields={},
                metadata={},
            )
            for rank, (key, score) in enumerate(
                zip(head[0].external_ids, head[0].scores, strict=True), start=1
            )
        ]
        started = time.perf_counter()
        moved, _ = self._local.run(rerank(self._collection, self._used, query.text, hits))
        took = 1000 * (time.perf_counter() - started)
        places = [hit.item_id for hit in moved]
        fetch(self._conn, proof.store_reranked(**about, places=places, rerank_ms=took))
