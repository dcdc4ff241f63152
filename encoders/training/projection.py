"""Training of a projection on frozen vectors: ridge regression, then contrastive steps; no torch.

The map of pictures starts as the ridge regression of each picture's vector on the mean of its texts'
vectors (closed form, so a few hundred pairs suffice), the map of texts as the identity. Steps of the
symmetric contrastive loss follow, as long as they help on the held-out pairs. The map of texts changes
by a decayed addition to the identity, so that words no pair has stay near their neighbours.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Annotated, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from encoders.base import Vectors
from encoders.projection.maps import Map
from encoders.training import contrastive
from encoders.training.contrastive import Rows
from encoders.training.settings import Count, Fraction

# Strengths of the ridge that are tried, as shares of the mean variance of the pictures' numbers.
RIDGES = (0.03, 0.1, 0.3, 1.0, 3.0, 10.0)
_FLAT = 1e-6


class ProjectionSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Settings of a projection.

    Attributes:
        text_encoder: frozen encoder of texts; the projected vectors are as long as its own.
        image_encoder: frozen encoder of pictures.
        hidden: width of a hidden layer beside the linear map of pictures; 0: linear alone.
        temperature: cosines are divided by it before the softmax.
        batch: pictures per step, each with one of its texts.
        epochs: passes over the pictures; 0: the ridge regression alone.
        learning_rate: highest; it falls to 0 in a straight line.
        weight_decay: of AdamW, on the additions to the maps.
        learn_texts: whether the map of texts is learned too, or stays the identity.
        patience: stop after so many passes that are not better on the held-out pairs; the best is kept.
        valid: fraction of the groups held out to choose by, of those that are learned from.
        seed: of the split, of the order of pictures and of what is initialised.
    """

    text_encoder: str = "multilingual-e5-small"
    image_encoder: str = "efficientnet-lite0"
    hidden: Count = 0
    temperature: Annotated[float, msgspec.Meta(gt=0)] = 0.07
    batch: Annotated[int, msgspec.Meta(ge=2)] = 64
    epochs: Count = 30
    learning_rate: Annotated[float, msgspec.Meta(gt=0)] = 1e-4
    weight_decay: Annotated[float, msgspec.Meta(ge=0)] = 0.1
    learn_texts: bool = True
    patience: Count = 5
    valid: Fraction = 0.15
    seed: int = 20


class Linked(NamedTuple):
    """Frozen vectors, and which text belongs to which picture.

    Attributes:
        pictures: float32 of shape (n, in), each picture once.
        texts: float32 of shape (m, width), each text once.
        positive: bool of shape (n, m).
    """

    pictures: Vectors
    texts: Vectors
    positive: NDArray[np.bool_]


class FittedMaps(NamedTuple):
    """A trained projection.

    Attributes:
        text: the map of texts.
        picture: the map of pictures.
        ridge: strength of the regression it began with.
        start: mean average precision of text-to-picture on the held-out pairs after the regression.
        best: the same at the end.
        epochs: passes that are in it; 0: the regression was best.
    """

    text: Map
    picture: Map
    ridge: float
    start: float
    best: float
    epochs: int


def precision(text: Map, picture: Map, given: Linked) -> NDArray[np.float64]:
    """Average precision of each text over all pictures, both mapped; see `average_precision`."""
    mapped = given._replace(texts=text.apply(given.texts), pictures=picture.apply(given.pictures))
    return average_precision(mapped)


def average_precision(given: Linked) -> NDArray[np.float64]:
    """Average precision of each text that has a picture, over all pictures by cosine.

    Where a text has one picture, it is the reciprocal rank.

    Args:
        given: unit rows; at least one picture.

    Returns:
        Shape (texts with a picture,), in the order of the texts.
    """
    similar = given.texts @ given.pictures.T
    rows = given.positive.any(axis=0)
    pairs = zip(similar[rows], given.positive.T[rows], strict=True)
    return np.array([_average_precision(ranked, relevant) for ranked, relevant in pairs])


def fit(
    settings: ProjectionSettings,
    learned: Linked,
    valid: Linked,
    on_epoch: Callable[[int, float, float | None], None] = lambda _epoch, _loss, _valid: None,
) -> FittedMaps:
    """Learn the maps.

    Args:
        settings: how.
        learned: to learn from; every picture has a text, and every text a picture.
        valid: to choose by, of other items; without a picture the last pass is kept.
        on_epoch: told each pass, its mean loss, and the mean average precision on `valid`.
    """
    run = _Learning(settings, learned, valid)
    strength, start = run.regress()
    best, kept = (start, 0), run.maps()
    for epoch in range(1, settings.epochs + 1):
        lost = run.pass_over(epoch)
        reached = run.measure()
        on_epoch(epoch, lost, reached if len(valid.pictures) else None)
        if reached > best[0] or not len(valid.pictures):
            best, kept = (reached, epoch), run.maps()
        elif settings.patience and epoch - best[1] >= settings.patience:
            break
    return FittedMaps(kept[0], kept[1], strength, start, best[0], best[1])


class _Learning:
    """The weights while they are learned."""

    def __init__(self, settings: ProjectionSettings, learned: Linked, valid: Linked) -> None:
        self._settings, self._learned, self._valid = settings, learned, valid
        self._rng = np.random.default_rng(settings.seed)
        width, dim = learned.pictures.shape[1], learned.texts.shape[1]
        spread = learned.pictures.std(axis=0)
        scale = np.where(spread > _FLAT, 1 / np.maximum(spread, _FLAT), 0) / np.sqrt(width)
        self._picture = _flat(learned.pictures.mean(axis=0), scale, dim)
        self._text = _flat(learned.texts.mean(axis=0), np.ones(dim), dim)
        identity = np.eye(dim, dtype=np.float32)
        self._text = self._text._replace(linear=identity)
        down = self._rng.normal(size=(width, settings.hidden)) * np.sqrt(2)
        self._weights: dict[str, Rows] = {
            "linear": np.zeros((width, dim), dtype=np.float32),
            "down": down.astype(np.float32),
            "up": np.zeros((settings.hidden, dim), dtype=np.float32),
            "text": np.zeros((dim, dim), dtype=np.float32),
        }
        self._regressed = self._picture.linear
        self._adam = contrastive.Adam(self._weights, settings.weight_decay)

    def maps(self) -> tuple[Map, Map]:
        """Copies of the maps as they are now, of texts and of pictures."""
        now = {name: array.copy() for name, array in self._weights.items()}
        text = self._text._replace(linear=self._text.linear + now["text"])
        linear = self._regressed + now["linear"]
        return text, self._picture._replace(linear=linear, down=now["down"], up=now["up"])

    def measure(self) -> float:
        """Mean average precision on the held-out pairs; 0 without any."""
        if not len(self._valid.pictures):
            return 0.0
        return float(precision(*self.maps(), self._valid).mean())

    def regress(self) -> tuple[float, float]:
        """Set the ridge regression that is best on the held-out pairs; its strength, and how good."""
        rows = self._picture.prepared(self._learned.pictures).astype(np.float64)
        share = self._learned.positive / self._learned.positive.sum(axis=1, keepdims=True)
        wanted = share @ self._text.apply(self._learned.texts)
        # Over the pictures where these are fewer than their numbers: the same answer, from a smaller matrix.
        few = len(rows) < rows.shape[1]
        values, vectors = np.linalg.eigh(rows @ rows.T if few else rows.T @ rows)
        seen = vectors.T @ (wanted if few else rows.T @ wanted)
        back = rows.T @ vectors if few else vectors
        found = []
        for strength in RIDGES:
            held = values.sum() / rows.shape[1] * strength
            self._regressed = (back @ (seen / (values + held)[:, np.newaxis])).astype(np.float32)
            found.append((self.measure(), strength, self._regressed))
        # Of equally good ones the strongest, which learned least by heart.
        start, strength, self._regressed = max(found, key=lambda one: one[:2])
        return strength, start

    def pass_over(self, epoch: int) -> float:
        """Take one step per batch of pictures; the mean loss."""
        total = max(1, self._settings.epochs)
        rate = self._settings.learning_rate * (1 - (epoch - 1) / total)
        losses = [self._step(batch, rate) for batch in self._batches()]
        return float(np.mean(losses))

    def _batches(self) -> Iterator[NDArray[np.int64]]:
        order = self._rng.permutation(len(self._learned.pictures))
        # At least two pictures: one alone has no negative.
        for start in range(0, max(1, len(order) - 1), self._settings.batch):
            yield order[start : start + self._settings.batch]

    def _step(self, batch: NDArray[np.int64], rate: float) -> float:
        # Each picture counts once, whichever of its texts is drawn.
        drawn = [self._rng.choice(np.flatnonzero(self._learned.positive[row])) for row in batch]
        texts = np.unique(drawn)
        positive = self._learned.positive[np.ix_(batch, texts)]
        text, picture = self._maps_now()
        shown = picture.prepared(self._learned.pictures[batch])
        said = text.prepared(self._learned.texts[texts])
        raw_shown, raw_said = picture.raw(shown), text.raw(said)
        unit_shown, unit_said = _unit(raw_shown), _unit(raw_said)
        value, by_shown, by_said = contrastive.loss(
            unit_shown, unit_said, positive, self._settings.temperature
        )
        by_shown = contrastive.through_length(by_shown, unit_shown, raw_shown)
        by_said = contrastive.through_length(by_said, unit_said, raw_said)
        hidden = np.maximum(shown @ self._weights["down"], 0)
        gradients = {
            "linear": shown.T @ by_shown,
            "down": shown.T @ ((by_shown @ self._weights["up"].T) * (hidden > 0)),
            "up": hidden.T @ by_shown,
        }
        if self._settings.learn_texts:
            gradients["text"] = said.T @ by_said
        self._adam.step(gradients, rate)
        return value

    def _maps_now(self) -> tuple[Map, Map]:
        """The maps over the weights themselves; not to be kept."""
        picture = self._picture._replace(
            linear=self._regressed + self._weights["linear"],
            down=self._weights["down"],
            up=self._weights["up"],
        )
        return self._text._replace(linear=self._text.linear + self._weights["text"]), picture


def _flat(centre: Rows, scale: NDArray[np.float64], dim: int) -> Map:
    """A map to zero with that preparation and no hidden layer."""
    width = centre.size
    return Map(
        centre=centre.astype(np.float32),
        scale=scale.astype(np.float32),
        linear=np.zeros((width, dim), dtype=np.float32),
        down=np.zeros((width, 0), dtype=np.float32),
        up=np.zeros((0, dim), dtype=np.float32),
    )


def _unit(rows: Rows) -> Rows:
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    unit: Rows = rows / np.maximum(lengths, _FLAT)
    return unit


def _average_precision(similar: Rows, relevant: NDArray[np.bool_]) -> float:
    found = relevant[np.argsort(-similar, kind="stable")]
    shares = np.cumsum(found) / np.arange(1, len(found) + 1)
    return float(shares[found].mean())
