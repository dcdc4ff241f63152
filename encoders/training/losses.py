"""Loss functions of text encoders: those of sentence-transformers, told which passages answer as well."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from encoders.runtime.optional import require
from encoders.training import network
from encoders.training.answers import KnownAnswers
from encoders.training.heads import losses as heads
from encoders.training.network import EXTRA
from encoders.training.settings import TrainSettings


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
    if settings.kind == "multi":
        return heads.of_tokens(model, settings, known)
    if settings.kind == "sparse":
        return heads.of_weights(model, settings, known)
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
    hidden = heads.Hidden(known)
    cosine = require("sentence_transformers.util", EXTRA).cos_sim

    def cosines(questions: Any, passages: Any) -> Any:
        return hidden.listed(cosine(questions, passages))

    # The library's `scale` multiplies cosines: it is 1 / temperature, not the temperature.
    options: dict[str, Any] = {"scale": 1 / settings.temperature, "similarity_fct": cosines}
    if settings.hardness:
        options |= {"hardness_mode": "all_negatives", "hardness_strength": settings.hardness}

    class Ranking(losses.MultipleNegativesRankingLoss):  # type: ignore[misc]
        """The loss over a whole batch."""

        def compute_loss_from_embeddings(self, embeddings: list[Any], labels: Any) -> Any:
            hidden.begin(labels)
            return super().compute_loss_from_embeddings(embeddings, labels)

    class Cached(losses.CachedMultipleNegativesRankingLoss):  # type: ignore[misc]
        """The loss over a batch in parts."""

        def calculate_loss(self, reps: Any, labels: Any = None, **how: Any) -> Any:
            hidden.begin(labels)
            return super().calculate_loss(reps, labels, **how)

    if settings.mini_batch:
        return Cached(model, mini_batch_size=settings.mini_batch, **options)
    return Ranking(model, **options)
