"""Fitting of a memory bank to normal pictures, calibrated on each by those of other pieces."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from encoders.anomaly.backbones import Backbone
from encoders.anomaly.calibrate import Load, calibrated
from encoders.anomaly.calibration import Thresholds
from encoders.anomaly.contrast import as_picture, local_contrast
from encoders.anomaly.copies import Signature, first_copies, merge_pieces, signature
from encoders.anomaly.coreset import k_centre_greedy
from encoders.anomaly.errors import TooFewPictures
from encoders.anomaly.joint import Detectors
from encoders.anomaly.labels import LabelReport
from encoders.anomaly.patchcore import MemoryBank, Scorer, standardised
from encoders.base import Picture

# Least spread of a channel, against the mean of all and absolutely: no division by almost zero.
_LEAST_SPREAD = 0.01
_NOTHING = 1e-6
_FOLDS = 5


class FitOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Options of fitting.

    Attributes:
        size: Patches of the bank at most.
        candidates: Patches they are chosen from at most, as many of each picture.
        side: Width and height that pictures are scaled to, in pixels.
        seed: Of all random choices.
        false_alarms: Share of normal pictures that may be called anomalous.
    """

    size: int = 10_000
    candidates: int = 60_000
    side: int = 256
    seed: int = 0
    false_alarms: float = 0.05


class Sample(NamedTuple):
    """A picture: pictures of one piece share `piece`; `load` is called four times at most."""

    piece: str
    load: Callable[[], Picture]


class Fitted(NamedTuple):
    """Result of fitting: a bank, the origin of its patches, and its calibration.

    Attributes:
        bank: The bank.
        places: Number of the sample, row and column of each patch; int64 of shape (n, 3).
        detectors: What joins the bank.
        thresholds: Above which a picture or a pixel is abnormal.
        judged: Numbers of the samples that it is calibrated on, each by the pieces other than its own.
        scores: Their image scores.
        learned: What came of the labelled defects.
        labelled: Their image scores by their numbers, each by a head that has not seen its piece; copies
            are left out.
        candidates: Number of patches from which those of the bank were chosen.
        copies: Numbers of the samples left out as copies of others.
    """

    bank: MemoryBank
    places: NDArray[np.int64]
    detectors: Detectors
    thresholds: Thresholds
    judged: list[int]
    scores: list[float]
    learned: LabelReport
    labelled: dict[int, float]
    candidates: int
    copies: list[int]


def fit(
    backbone: Backbone,
    samples: Sequence[Sample],
    options: FitOptions,
    on_step: Callable[[str, int, int], None] = lambda _what, _done, _all: None,
    labelled: Sequence[Sample] = (),
) -> Fitted:
    """Build a bank; copies of a picture count once.

    Args:
        backbone: Extracts the features.
        samples: Normal pictures only.
        options: How.
        on_step: Called with the name of the step, the work done and the work in all.
        labelled: Defective pictures to learn from.

    Raises:
        TooFewPictures: If different ones are of fewer than two pieces.
        PicturesAlike: If pieces are as near to those of others as to themselves.
    """
    first = first_copies(_signatures(samples, on_step))
    pieces = merge_pieces([sample.piece for sample in samples], first)
    different = [at for at, of in enumerate(first) if at == of]
    copies = [at for at, of in enumerate(first) if at != of]
    if len({pieces[at] for at in different}) < 2:
        raise _too_few(pieces, different)
    patches, places = _candidates(backbone, samples, different, options, on_step)
    raw = MemoryBank(patches, patches.mean(axis=0), _spread(patches))
    points = standardised(patches, raw)
    goal = min(options.size, len(points))
    chosen = k_centre_greedy(
        points, options.size, options.seed, lambda n: on_step("coreset", n, goal)
    )
    others = _others(raw, points, np.array(pieces)[places[:, 0]], options)
    given = [(samples[at].load, pieces[at]) for at in different]
    taken = _labelled(labelled, dict(zip((one.piece for one in samples), pieces, strict=True)))
    made = calibrated(backbone, others, given, list(taken.values()), options, on_step)
    return Fitted(
        raw._replace(patches=_stored(points[chosen])),
        places[chosen],
        made.detectors,
        made.thresholds,
        different,
        made.scores,
        made.learned,
        dict(zip(taken, made.labelled, strict=True)),
        len(points),
        copies,
    )


def _stored(points: NDArray[np.float32]) -> NDArray[np.float32]:
    """Patches as the database stores them."""
    return points.astype(np.float16).astype(np.float32)


def _others(
    raw: MemoryBank, points: NDArray[np.float32], of: NDArray[np.str_], options: FitOptions
) -> Callable[[str], tuple[Scorer, NDArray[np.bool_] | None]]:
    """Bank without a piece: a scorer, and the patches that do not count.

    A bank that holds all patches is searched without those of the piece. Of a coreset nothing can be left
    out, since a patch stands for those of other pieces near it: coresets of four fifths of the pieces.
    """
    if len(points) <= options.size:
        whole = Scorer(raw._replace(patches=_stored(points)))
        return lambda piece: (whole, of == piece)
    known = sorted(set(of.tolist()))
    fold_of = {piece: number % _FOLDS for number, piece in enumerate(known)}
    folds = np.array([fold_of[piece] for piece in of.tolist()])
    scorers = {}
    for fold in set(fold_of.values()):
        away = points[folds != fold]
        size = max(1, round(options.size * len(away) / len(points)))
        kept = k_centre_greedy(away, size, options.seed)
        scorers[fold] = Scorer(raw._replace(patches=_stored(away[kept])))
    return lambda piece: (scorers[fold_of.get(piece, 0)], None)


def _labelled(labelled: Sequence[Sample], merged: Mapping[str, str]) -> dict[int, tuple[Load, str]]:
    """Different ones of the labelled defects by their numbers, with their pieces as of normal pictures."""
    first = first_copies(signature(one.load()) for one in labelled)
    own = merge_pieces([merged.get(one.piece, one.piece) for one in labelled], first)
    return {at: (labelled[at].load, own[at]) for at, of in enumerate(first) if at == of}


def _too_few(pieces: Sequence[str], different: Sequence[int]) -> TooFewPictures:
    copies = len(pieces) - len(different)
    left_out = f", {copies} of them copies of others," if copies else ""
    known = len({pieces[at] for at in different})
    return TooFewPictures(
        f"There are {len(pieces)} pictures{left_out} of {known} pieces: each piece is judged by the"
        " others, which sets the threshold. Register more normal pictures."
    )


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
    """Patches of the pictures and their places, equally many per picture."""
    chance = np.random.Generator(np.random.PCG64(options.seed))
    share = max(1, options.candidates // len(kept))
    patches, places = [], []
    for done, at in enumerate(kept, 1):
        shown = as_picture(local_contrast(samples[at].load()))
        features = backbone.features([shown], options.side)[0]
        rows, columns, dim = features.shape
        count = min(share, rows * columns)
        taken = np.sort(chance.choice(rows * columns, count, replace=False))
        patches.append(features.reshape(-1, dim)[taken])
        places.append(np.stack([np.full(count, at), *np.divmod(taken, columns)], axis=1))
        on_step("features", done, len(kept))
    return np.concatenate(patches), np.concatenate(places).astype(np.int64)
