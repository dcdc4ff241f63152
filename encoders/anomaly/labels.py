"""Learning from labelled defects: a linear head on what the detectors measure, heard once it has won.

The head is fitted again without each fifth of the pieces and judged on that fifth. It joins the detectors
where pictures of labelled pieces that it has not seen are told from normal ones better with it than without,
and no fewer of them are found.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec
import numpy as np

from encoders.anomaly.calibration import image_threshold, soft_maximum

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

# Fewer labelled defects, or of fewer pieces, teach nothing that could be held out.
LEAST: Final = 10
PIECES: Final = 3
_FOLDS: Final = 5
# Weight of the penalty, per dimension: 1 to 100 were tried on magnetic tiles, by pieces.
_PENALTY: Final = 10.0
_NOTHING: Final = 1e-6
# Samples of whole pieces, and the share of them in which it must be better.
_SAMPLES: Final = 200
_SURE: Final = 0.9


class Head(NamedTuple):
    """A linear head.

    Attributes:
        centre: Mean of each measure over normal pictures, float32 of shape (dim,).
        weights: Of the measures less their mean, (dim,).
    """

    centre: NDArray[np.float32]
    weights: NDArray[np.float32]


class Held(NamedTuple):
    """Pictures that no detector was fitted to.

    Attributes:
        measures: What the head sees, float32 of shape (n, dim).
        levels: Calibrated levels of the detectors, (n, detectors).
        pieces: Of which piece each is.
    """

    measures: NDArray[np.float32]
    levels: NDArray[np.float32]
    pieces: Sequence[str]


class LabelReport(msgspec.Struct, frozen=True, kw_only=True):
    """Report of learning from labels.

    Attributes:
        pictures: Labelled defects.
        pieces: Of so many pieces.
        joined: Whether the head takes part.
        reason: Of that, in words.
        auroc: On pieces held out, without and with the head.
        found: Share of labelled defects above the threshold, likewise.
    """

    pictures: int
    pieces: int
    joined: bool = False
    reason: str
    auroc: tuple[float, float] | None = None
    found: tuple[float, float] | None = None


class LearnedHead(NamedTuple):
    """Result of learning.

    Attributes:
        report: How it went.
        head: None where it does not take part.
        scale: Median of its values of normal pictures, and from there to the 95 % quantile.
        normal: Levels of the normal pictures, each by a head that has not seen its piece, (n,).
        labelled: Those of the labelled ones, likewise.
    """

    report: LabelReport
    head: Head | None = None
    scale: tuple[float, float] = (0.0, 1.0)
    normal: NDArray[np.float32] = np.empty(0, np.float32)
    labelled: NDArray[np.float32] = np.empty(0, np.float32)


def head_values(head: Head, measures: NDArray[np.float32]) -> NDArray[np.float32]:
    """Values of pictures, the higher the more like labelled defects; measures (…, dim), values (…,)."""
    return np.asarray((measures - head.centre) @ head.weights, dtype=np.float32)


def learn(normal: Held, labelled: Held, false_alarms: float) -> LearnedHead:
    """Fit a head, and decide on pieces held out whether it takes part."""
    count, pieces = len(labelled.pieces), len(set(labelled.pieces))
    if count < LEAST or pieces < PIECES:
        reason = f"{LEAST} labelled defects of {PIECES} pieces are needed"
        return LearnedHead(LabelReport(pictures=count, pieces=pieces, reason=reason))
    values, other = _held_out(normal, labelled)
    middle = float(np.median(values))
    width = max(float(np.quantile(values, 0.95)) - middle, _NOTHING)
    own = LearnedHead(
        LabelReport(pictures=count, pieces=pieces, reason=""),
        fit_head(normal.measures, labelled.measures),
        (middle, width),
        (values - middle) / width,
        (other - middle) / width,
    )
    report = _compared(normal, labelled, own, false_alarms)
    return own._replace(report=report) if report.joined else LearnedHead(report)


def _compared(normal: Held, labelled: Held, own: LearnedHead, false_alarms: float) -> LabelReport:
    """Compare pictures of pieces held out, without the head and with it."""
    before = soft_maximum(normal.levels), soft_maximum(labelled.levels)
    after = _joined(normal.levels, own.normal), _joined(labelled.levels, own.labelled)
    sure = _share_won(before, after, normal.pieces, labelled.pieces)
    without, with_it = (
        round(float((bad > image_threshold(good.tolist(), false_alarms)).mean()), 4)
        for good, bad in (before, after)
    )
    fewer = with_it < without
    return LabelReport(
        pictures=own.report.pictures,
        pieces=own.report.pieces,
        joined=sure >= _SURE and not fewer,
        reason=f"better in {sure:.0%} of samples of held-out pieces ({_SURE:.0%} are needed)"
        + (", but fewer were found" if fewer else ""),
        auroc=(round(_auroc(*before), 4), round(_auroc(*after), 4)),
        found=(without, with_it),
    )


def fit_head(normal: NDArray[np.float32], labelled: NDArray[np.float32]) -> Head:
    """Fit a linear head by ridge regression, both kinds of pictures weighing the same.

    A. E. Hoerl, R. W. Kennard: Ridge Regression, Technometrics, 1970. Solved in as many unknowns as there
    are pictures.
    """
    centre = normal.mean(axis=0)
    spread = normal.std(axis=0) + np.float32(_NOTHING) + normal.std() / 100
    points = np.concatenate([normal, labelled]).astype(np.float64) - centre
    points /= spread
    truth = np.repeat((-1.0, 1.0), (len(normal), len(labelled)))
    weight = np.repeat((1 / len(normal), 1 / len(labelled)), (len(normal), len(labelled)))
    root = np.sqrt(weight * len(points) / 2)[:, np.newaxis]
    scaled = points * root
    inner = scaled @ scaled.T + _PENALTY * points.shape[1] * np.eye(len(points))
    weights = scaled.T @ np.linalg.solve(inner, truth * root[:, 0])
    return Head(centre, (weights / spread).astype(np.float32))


def _held_out(normal: Held, labelled: Held) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Values of all pictures by heads that have not seen their pieces."""
    values = np.empty(len(normal.pieces), np.float32), np.empty(len(labelled.pieces), np.float32)
    for own, other in _folds(normal.pieces, labelled.pieces):
        head = fit_head(normal.measures[~own], labelled.measures[~other])
        values[0][own] = head_values(head, normal.measures[own])
        values[1][other] = head_values(head, labelled.measures[other])
    return values


def _folds(
    normal: Sequence[str], labelled: Sequence[str]
) -> Iterator[tuple[NDArray[np.bool_], NDArray[np.bool_]]]:
    """Pictures of each fold; pieces are never parted, labelled ones are spread evenly."""
    known = sorted(set(labelled))
    names = [*known, *sorted(set(normal) - set(known))]
    folds = min(_FOLDS, len(known))
    fold_of = {name: number % folds for number, name in enumerate(names)}
    own, other = (np.array([fold_of[one] for one in given]) for given in (normal, labelled))
    for fold in range(folds):
        yield own == fold, other == fold


def _joined(levels: NDArray[np.float32], more: NDArray[np.float32]) -> NDArray[np.float32]:
    return soft_maximum(np.concatenate([levels, more[:, np.newaxis]], axis=1))


def _share_won(
    before: tuple[NDArray[np.float32], NDArray[np.float32]],
    after: tuple[NDArray[np.float32], NDArray[np.float32]],
    pieces: Sequence[str],
    labelled: Sequence[str],
) -> float:
    """Share of samples of whole pieces in which labelled defects are told better after than before.

    Of the area under the curve, so that no threshold decides.
    """
    chance = np.random.Generator(np.random.PCG64(0))
    # Of each pair of a labelled and a normal picture: told right, halves for equals.
    gain = _pairs(*after) - _pairs(*before)
    of, other = (np.unique(given, return_inverse=True)[1] for given in (pieces, labelled))
    counts = [
        chance.multinomial(n, np.full(n, 1 / n), _SAMPLES)
        for n in (int(of.max()) + 1, int(other.max()) + 1)
    ]
    won = np.einsum("sb,bn,sn->s", counts[1][:, other], gain, counts[0][:, of])
    return float((won > 0).mean())


def _pairs(normal: NDArray[np.float32], labelled: NDArray[np.float32]) -> NDArray[np.float64]:
    """Whether each labelled picture (rows) is above each normal one, .5 where equal."""
    found: NDArray[np.float64] = (np.sign(labelled[:, np.newaxis] - normal) + 1) / 2
    return found


def _auroc(normal: NDArray[np.float32], labelled: NDArray[np.float32]) -> float:
    return float(_pairs(normal, labelled).mean())
