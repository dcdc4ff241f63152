"""Fitting of a memory bank to normal pictures, calibrated on held-out ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from encoders.anomaly.backbones import Backbone
from encoders.anomaly.calibration import Thresholds, thresholds
from encoders.anomaly.copies import Signature, first_copies, merge_pieces, signature
from encoders.anomaly.coreset import k_centre_greedy
from encoders.anomaly.errors import PicturesAlike, TooFewPictures
from encoders.anomaly.patchcore import MemoryBank, Scorer, anomaly_map, standardised
from encoders.base import Picture

_BATCH = 8
# Least spread of a channel, against the mean of all and absolutely: no division by almost zero.
_LEAST_SPREAD = 0.01
_NOTHING = 1e-6
# Half floats keep distances to a thousandth; those of normal pictures, near 1, differ by tenths.
_LEAST_THRESHOLD = 0.02


class FitOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Options of fitting.

    Attributes:
        size: Patches of the bank at most.
        candidates: Patches they are chosen from at most, as many of each picture.
        side: Width and height that pictures are scaled to, in pixels.
        rim: Patches from each edge that do not count for the image score.
        seed: Of all random choices.
        held_out: Share of the pieces kept out of the bank for calibration.
        false_alarms: Share of normal pictures that may be called anomalous.
    """

    size: int = 10_000
    candidates: int = 60_000
    side: int = 256
    rim: int = 0
    seed: int = 0
    held_out: float = 0.2
    false_alarms: float = 0.05


class Sample(NamedTuple):
    """A normal picture: pictures of one piece share `piece`; `load` is called twice at most."""

    piece: str
    load: Callable[[], Picture]


class Fitted(NamedTuple):
    """Result of fitting: a bank, the origin of its patches, and its calibration.

    Attributes:
        bank: The bank.
        places: Number of the sample, row and column of each patch; int64 of shape (n, 3).
        thresholds: Above which a picture or a pixel is abnormal.
        held_out: Numbers of the samples that the bank is calibrated on.
        held_out_scores: Their image scores.
        candidates: Number of patches from which those of the bank were chosen.
        copies: Numbers of the samples left out as copies of others.
    """

    bank: MemoryBank
    places: NDArray[np.int64]
    thresholds: Thresholds
    held_out: list[int]
    held_out_scores: list[float]
    candidates: int
    copies: list[int]


def fit(
    backbone: Backbone,
    samples: Sequence[Sample],
    options: FitOptions,
    on_step: Callable[[str, int, int], None] = lambda _what, _done, _all: None,
) -> Fitted:
    """Build a bank; copies of a picture count once.

    Args:
        backbone: Extracts the features.
        samples: Normal pictures only.
        options: How.
        on_step: Called with the name of the step, the work done and the work in all.

    Raises:
        TooFewPictures: If different ones are of fewer than two pieces.
        PicturesAlike: If those held out are as near to the bank as its own.
    """
    first = first_copies(_signatures(samples, on_step))
    pieces = merge_pieces([sample.piece for sample in samples], first)
    different = [at for at, of in enumerate(first) if at == of]
    copies = [at for at, of in enumerate(first) if at != of]
    kept, held_out = split(pieces, different, options.held_out, options.seed)
    patches, places = _candidates(backbone, samples, kept, options, on_step)
    raw = MemoryBank(patches, patches.mean(axis=0), _spread(patches))
    points = standardised(patches, raw)
    goal = min(options.size, len(points))
    chosen = k_centre_greedy(
        points, options.size, options.seed, lambda n: on_step("coreset", n, goal)
    )
    # As the database stores it.
    stored = points[chosen].astype(np.float16).astype(np.float32)
    bank = raw._replace(patches=stored)
    scores, maps = _held_out_scores(backbone, samples, held_out, bank, options, on_step)
    limits = thresholds(scores, maps, options.false_alarms)
    if limits.image < _LEAST_THRESHOLD:
        raise PicturesAlike(
            f"The threshold would be {limits.image:.3f}: the pictures held out are like those of the bank"
            " to the last patch, and every other normal picture would be a defect. Register pictures of"
            " other pieces."
        )
    return Fitted(bank, places[chosen], limits, held_out, scores, len(points), copies)


def split(
    pieces: Sequence[str], different: Sequence[int], share: float, seed: int
) -> tuple[list[int], list[int]]:
    """Split pictures into those for the bank and those held out, by piece.

    Args:
        pieces: Of which piece each picture is.
        different: Numbers of the pictures that count.
        share: Of the pieces, to hold out.
        seed: Of which.

    Raises:
        TooFewPictures: If they are of fewer than two pieces.
    """
    known = sorted({pieces[at] for at in different})
    if len(known) < 2:
        copies = len(pieces) - len(different)
        left_out = f", {copies} of them copies of others," if copies else ""
        raise TooFewPictures(
            f"There are {len(pieces)} pictures{left_out} of {len(known)} pieces: one piece makes the bank,"
            " another one its threshold. Register more normal pictures."
        )
    order = np.random.Generator(np.random.PCG64(seed)).permutation(len(known))
    count = min(len(known) - 1, max(1, round(share * len(known))))
    out = {known[at] for at in order[:count]}
    kept = [at for at in different if pieces[at] not in out]
    return kept, [at for at in different if pieces[at] in out]


def _signatures(
    samples: Sequence[Sample], on_step: Callable[[str, int, int], None]
) -> Iterator[Signature]:
    for done, sample in enumerate(samples, 1):
        yield signature(sample.load())
        on_step("copies", done, len(samples))


def _spread(patches: NDArray[np.float32]) -> NDArray[np.float32]:
    """Standard deviation of each channel times the root of their number.

    Distances are then near 1 whatever the backbone, which the softmax of image scores needs.
    """
    own = patches.std(axis=0)
    least = max(_LEAST_SPREAD * float(np.sqrt(np.mean(own**2))), _NOTHING)
    spread: NDArray[np.float32] = np.maximum(own, least) * np.float32(np.sqrt(patches.shape[1]))
    return spread


def _candidates(
    backbone: Backbone,
    samples: Sequence[Sample],
    kept: Sequence[int],
    options: FitOptions,
    on_step: Callable[[str, int, int], None],
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Patches of the kept pictures and their places, equally many per picture."""
    chance = np.random.Generator(np.random.PCG64(options.seed))
    share = max(1, options.candidates // len(kept))
    patches, places = [], []
    for done, (at, features) in enumerate(_features(backbone, samples, kept, options.side), 1):
        rows, columns, dim = features.shape
        count = min(share, rows * columns)
        taken = np.sort(chance.choice(rows * columns, count, replace=False))
        patches.append(features.reshape(-1, dim)[taken])
        places.append(np.stack([np.full(count, at), *np.divmod(taken, columns)], axis=1))
        on_step("features", done, len(kept))
    return np.concatenate(patches), np.concatenate(places).astype(np.int64)


def _held_out_scores(
    backbone: Backbone,
    samples: Sequence[Sample],
    held_out: Sequence[int],
    bank: MemoryBank,
    options: FitOptions,
    on_step: Callable[[str, int, int], None],
) -> tuple[list[float], list[NDArray[np.float32]]]:
    """Image scores and anomaly maps of the held-out pictures."""
    scorer, scores, maps = Scorer(bank, options.rim), [], []
    for done, (_, features) in enumerate(_features(backbone, samples, held_out, options.side), 1):
        found = scorer.scores(features)
        scores.append(found.image)
        maps.append(anomaly_map(found.patches, options.side))
        on_step("calibration", done, len(held_out))
    return scores, maps


def _features(
    backbone: Backbone, samples: Sequence[Sample], numbers: Sequence[int], side: int
) -> Iterator[tuple[int, NDArray[np.float32]]]:
    for start in range(0, len(numbers), _BATCH):
        batch = numbers[start : start + _BATCH]
        yield from zip(
            batch, backbone.features([samples[at].load() for at in batch], side), strict=True
        )
