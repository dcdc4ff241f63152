"""Learning from labelled defects against plain computations of the same."""

from __future__ import annotations

import numpy as np
import pytest

from encoders.anomaly import joint
from encoders.anomaly.labels import LEAST, Held, LearnedHead, fit_head, head_values, learn
from tests.unit.encoders.anomaly.test_joint import PIECES, looks

DIM = 30


def held(seed: int, count: int, pieces: int, shift: float = 0.0) -> Held:
    """Pictures of levels that say nothing; `shift` of the first three measures says something."""
    chance = np.random.default_rng(seed)
    measures = chance.standard_normal((count, DIM)).astype(np.float32)
    measures[:, :3] += shift
    levels = chance.standard_normal((count, 4)).astype(np.float32)
    return Held(measures, levels, [f"{seed} {at % pieces}" for at in range(count)])


def test_a_head_is_a_weighted_ridge_regression() -> None:
    normal, labelled = held(0, 40, 8).measures, held(1, 12, 4, 1.0).measures
    head = fit_head(normal, labelled)
    points = np.concatenate([normal, labelled]).astype(np.float64)
    spread = normal.std(axis=0) + 1e-6 + normal.std() / 100
    scaled = (points - normal.mean(axis=0)) / spread
    truth = np.array([-1.0] * 40 + [1.0] * 12)
    weight = np.array([1 / 40] * 40 + [1 / 12] * 12) * 52 / 2
    inner = (scaled * weight[:, None]).T @ scaled + 10 * DIM * np.eye(DIM)
    expected = np.linalg.solve(inner, scaled.T @ (truth * weight)) / spread
    np.testing.assert_allclose(head.weights, expected, rtol=1e-3, atol=1e-5)
    assert head_values(head, labelled).mean() > head_values(head, normal).mean()


def test_what_tells_unseen_pieces_better_joins() -> None:
    learned = learn(held(0, 60, 20), held(1, 30, 6, 1.5), 0.05)
    assert learned.report.joined
    assert learned.head is not None
    without, with_it = learned.report.auroc or (1.0, 0.0)
    assert with_it > without + 0.2
    assert len(learned.normal) == 60
    assert len(learned.labelled) == 30
    assert np.quantile(learned.normal, 0.95) == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize(("count", "pieces"), [(LEAST - 1, 5), (LEAST, 2), (0, 1)])
def test_few_labels_teach_nothing(count: int, pieces: int) -> None:
    learned = learn(held(0, 60, 20), held(1, count, pieces, 9.0), 0.05)
    assert (learned.head, learned.report.joined) == (None, False)
    assert "10 labelled defects of 3 pieces" in learned.report.reason


def test_what_tells_known_pieces_alone_does_not_join() -> None:
    """Pictures of a piece are alike: each piece is found by a mark of its own, which no other has."""
    labelled = held(1, 30, 6)
    for at, piece in enumerate(labelled.pieces):
        labelled.measures[at, 10 + int(piece.split()[1])] += 9
    learned = learn(held(0, 60, 20), labelled, 0.05)
    assert not learned.report.joined
    assert learned.report.auroc is not None
    assert "samples of held-out pieces" in learned.report.reason


def test_a_head_is_stored_and_speaks() -> None:
    made, _ = joint.fit_joint(looks(0), PIECES, 1.0)
    asked = looks(1, 12)
    measures = np.stack([joint.measures(made, look) for look in asked])
    head = fit_head(np.stack([joint.measures(made, look) for look in looks(0)]), measures)
    learned = LearnedHead(learn(held(0, 9, 3), held(1, 0, 1), 0.05).report, head, (0.5, 2.0))
    kept = joint.unpacked(joint.packed(joint.join_head(made, learned)))
    assert kept.names == joint.NAMES
    told = joint.parts(kept, asked[0])
    assert told["labels"] == pytest.approx((head_values(head, measures[0]) - 0.5) / 2, rel=1e-4)
    assert {name: told[name] for name in made.names} == joint.parts(made, asked[0])
