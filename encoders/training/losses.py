"""Loss functions of text encoders: those of sentence-transformers, told which passages answer as well."""

from __future__ import annotations

from collections.abc import Sequence
from types import ModuleType
from typing import Any

from encoders.runtime.optional import require
from encoders.training import network
from encoders.training.answers import KnownAnswers
from encoders.training.network import EXTRA
from encoders.training.settings import TrainSettings

# Cosine of what must not count: its share of the softmax is 0 at every temperature.
_NEVER = float("-inf")


def build(
    library: ModuleType, model: Any, base: Any, settings: TrainSettings, known: KnownAnswers
) -> Any:
    """Build the loss function that the settings name.

    Args:
        library: sentence-transformers.
        model: the network that is trained.
        base: folder of the model it began as, loaded again for `gist`.
        settings: of the run.
        known: which passages answer which pair's question; labels of batches are its rows.
    """
    losses = require("sentence_transformers.sentence_transformer.losses", EXTRA)
    loss = _plain(library, losses, model, base, settings, known)
    if settings.matryoshka:
        dims = sorted({*settings.matryoshka, int(model.get_embedding_dimension())})
        loss = losses.MatryoshkaLoss(model, loss, dims[::-1])
    return loss


def _plain(
    library: ModuleType,
    losses: Any,
    model: Any,
    base: Any,
    settings: TrainSettings,
    known: KnownAnswers,
) -> Any:
    if settings.loss == "triplet":
        metric = losses.TripletDistanceMetric.COSINE
        return losses.TripletLoss(model, metric, triplet_margin=settings.margin)
    if settings.loss == "margin_mse":
        util = require("sentence_transformers.util", EXTRA)
        return losses.MarginMSELoss(model, similarity_fct=util.pairwise_cos_sim)
    if settings.loss == "gist":
        return losses.CachedGISTEmbedLoss(
            model,
            network.load(library, base, settings.max_tokens, str(model.device)),
            temperature=settings.temperature,
            mini_batch_size=settings.mini_batch or settings.batch,
            margin_strategy="relative",
            margin=settings.filter_margin,
        )
    return _ranking(losses, model, settings, known)


def _ranking(losses: Any, model: Any, settings: TrainSettings, known: KnownAnswers) -> Any:
    """Multiple negatives ranking loss in which other answers to the same question are no negatives."""
    cosines = _Cosines(known)
    # The library's `scale` multiplies cosines: it is 1 / temperature, not the temperature.
    options: dict[str, Any] = {"scale": 1 / settings.temperature, "similarity_fct": cosines}
    if settings.hardness:
        options |= {"hardness_mode": "all_negatives", "hardness_strength": settings.hardness}

    class Ranking(losses.MultipleNegativesRankingLoss):  # type: ignore[misc]
        """The loss over a whole batch."""

        def compute_loss_from_embeddings(self, embeddings: list[Any], labels: Any) -> Any:
            cosines.begin(labels)
            return super().compute_loss_from_embeddings(embeddings, labels)

    class Cached(losses.CachedMultipleNegativesRankingLoss):  # type: ignore[misc]
        """The loss over a batch in parts."""

        def calculate_loss(self, reps: Any, labels: Any = None, **how: Any) -> Any:
            cosines.begin(labels)
            return super().calculate_loss(reps, labels, **how)

    if settings.mini_batch:
        return Cached(model, mini_batch_size=settings.mini_batch, **options)
    return Ranking(model, **options)


class _Cosines:
    """Cosines of questions with the passages of their batch, without those that are known to answer.

    The loss asks it for the questions of a batch in their order, all at once or part by part.
    """

    def __init__(self, known: KnownAnswers) -> None:
        self._known = known
        self._rows: Sequence[int] = ()
        self._at = 0
        self._similarity = require("sentence_transformers.util", EXTRA).cos_sim

    def begin(self, labels: Any) -> None:
        """Take the rows of a batch."""
        self._rows, self._at = labels.tolist(), 0

    def __call__(self, questions: Any, passages: Any) -> Any:
        cosines = self._similarity(questions, passages)
        columns = len(passages) // len(self._rows)
        hidden = self._known.hidden(self._rows, columns)[self._at : self._at + len(questions)]
        self._at += len(questions)
        mask = require("torch", EXTRA).from_numpy(hidden).to(cosines.device)
        return cosines.masked_fill(mask, _NEVER)
