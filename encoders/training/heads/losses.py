"""Loss functions of vectors and of weights of tokens, told which passages answer as well."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from encoders.runtime.optional import require
from encoders.training.answers import KnownAnswers
from encoders.training.network import EXTRA
from encoders.training.settings import TrainSettings

_NEVER = float("-inf")
# A dot product of weights of tokens is some eighty times a cosine: one temperature serves both.
_DOT = 80.0


def of_tokens(model: Any, settings: TrainSettings, known: KnownAnswers) -> Any:
    """Loss of a multi-vector model: the mean of the best similarity per query token (MeanMaxSim).

    Khattab and Zaharia, 2020, "ColBERT"; the mean, which is in [-1, 1], so that a temperature means what it
    does for cosines.
    """
    losses = require("sentence_transformers.multi_vector_encoder.losses", EXTRA)
    scoring = require("sentence_transformers.multi_vector_encoder.scoring", EXTRA)
    if settings.loss == "margin_mse":
        pairwise = scoring.mean_colbert_scores_pairwise
        return losses.MultiVectorMarginMSELoss(model, similarity_fct=pairwise)
    hidden = Hidden(known)

    def scores(queries: Any, documents: Any, **masks: Any) -> Any:
        found = scoring.mean_colbert_scores(queries, documents, **masks)
        return hidden.grouped(found, columns=documents.shape[1])

    options: dict[str, Any] = {"scale": 1 / settings.temperature, "similarity_fct": scores}

    plain: Any = losses.MultiVectorMultipleNegativesRankingLoss
    if settings.mini_batch:
        plain = losses.CachedMultiVectorMultipleNegativesRankingLoss
        options["mini_batch_size"] = settings.mini_batch

    class Ranking(plain):  # type: ignore[misc]
        """The loss over a batch, whole or in parts."""

        def forward(self, sentence_features: Any, labels: Any = None) -> Any:
            hidden.begin(labels)
            return super().forward(sentence_features, labels)

    return Ranking(model, **options)


def of_weights(model: Any, settings: TrainSettings, known: KnownAnswers) -> Any:
    """Loss of a sparse model: dot products ranked, and FLOPS penalties that keep weights few.

    Formal et al., 2021, "SPLADE v2"; Paria et al., 2020, "Minimizing FLOPs to Learn Efficient Sparse
    Representations". Penalties rise over the first third of the steps.
    """
    losses = require("sentence_transformers.sparse_encoder.losses", EXTRA)
    options: dict[str, Any] = {
        "document_regularizer_weight": settings.flops_passages,
        "query_regularizer_weight": settings.flops_queries,
    }
    ranks = _ranking(losses, model, settings, known)
    if settings.mini_batch:
        return losses.CachedSpladeLoss(model, ranks, mini_batch_size=settings.mini_batch, **options)
    return losses.SpladeLoss(model, ranks, **options)


def _ranking(losses: Any, model: Any, settings: TrainSettings, known: KnownAnswers) -> Any:
    if settings.loss == "margin_mse":
        return losses.SparseMarginMSELoss(model)
    hidden = Hidden(known)
    dot = require("sentence_transformers.util", EXTRA).dot_score

    def scores(queries: Any, documents: Any) -> Any:
        return hidden.listed(dot(queries, documents))

    class Ranking(losses.SparseMultipleNegativesRankingLoss):  # type: ignore[misc]
        """The loss over a whole batch."""

        def compute_loss_from_embeddings(self, embeddings: list[Any], labels: Any) -> Any:
            hidden.begin(labels)
            return super().compute_loss_from_embeddings(embeddings, labels)

    return Ranking(model, scale=1 / (_DOT * settings.temperature), similarity_fct=scores)


class Hidden:
    """Scores of questions with the passages of their batch, without those that are known to answer.

    A loss asks for the questions of a batch in their order, all at once or part by part.
    """

    def __init__(self, known: KnownAnswers) -> None:
        self._known = known
        self._rows: Sequence[int] = ()
        self._at = 0

    def begin(self, labels: Any) -> None:
        """Take the rows of a batch."""
        self._rows, self._at = labels.tolist(), 0

    def listed(self, scores: Any) -> Any:
        """Hide in scores whose columns are the answers of all pairs, then their first negatives, …."""
        return self._masked(scores, scores.shape[1] // len(self._rows), grouped=False)

    def grouped(self, scores: Any, columns: int) -> Any:
        """Hide in scores whose columns are the passages of the first pair, of the second, …."""
        return self._masked(scores, columns, grouped=True)

    def _masked(self, scores: Any, columns: int, *, grouped: bool) -> Any:
        n = len(self._rows)
        found = self._known.hidden(self._rows, columns)
        if grouped:
            found = found.reshape(n, columns, n).transpose(0, 2, 1).reshape(n, n * columns)
        part = found[self._at : self._at + len(scores)].copy()
        self._at += len(scores)
        mask = require("torch", EXTRA).from_numpy(part).to(scores.device)
        return scores.masked_fill(mask, _NEVER)
