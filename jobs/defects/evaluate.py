"""Evaluation of the live bank on registered defects and held-out normal pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from db.calls.query import fetch
from db.defects import products
from db.spaces import embedding
from encoders.pictures import decoding as pictures
from encoders.runtime.optional import require
from flows.banks import load_judge
from flows.local import Local
from jobs.types import Conn, OnStep, silent

if TYPE_CHECKING:
    from encoders.settings import EncoderSettings

NORMAL = "(normal)"


class DefectScore(msgspec.Struct, frozen=True, kw_only=True):
    """Figures of a defect: area under the ROC curve against normal pictures, share above the threshold.

    Of normal pictures, `found` is the share of false alarms, and there is no area.
    """

    defect: str
    pictures: int
    auroc: float | None
    found: float


def run(
    conn: Conn, settings: EncoderSettings, product: str, view: str, on_step: OnStep = silent
) -> list[DefectScore]:
    """Score the registered pictures outside the bank, by defect, normal pictures first.

    Raises:
        UnknownName: no such product.
        LegUnavailable: it has no bank for that view, or its backbone is unavailable.
        EncoderNotInstalled: scikit-learn is absent.
    """
    metrics = require("sklearn.metrics", "tune")
    loaded = Local(conn, settings).run(load_judge(product, view))
    judged = fetch(conn, products.judged(bank_id=loaded.bank_id))
    scores: dict[str, list[float]] = {NORMAL: []}
    for done, one in enumerate(judged, 1):
        if one.score is not None:
            scores.setdefault(one.defect or NORMAL, []).append(one.score)
        elif one.defect is not None and one.picture_id is not None:
            (row,) = fetch(conn, embedding.pictures(ids=[one.picture_id]))
            found = loaded.judge.scores(pictures.decode(row.bytes))
            scores.setdefault(one.defect, []).append(found.image)
        on_step("pictures", done, len(judged))
    normal = scores[NORMAL]
    return [
        DefectScore(
            defect=defect,
            pictures=len(given),
            auroc=None if defect == NORMAL or not normal else _auroc(metrics, normal, given),
            found=float(np.mean(np.array(given) > loaded.judge.threshold)) if given else 0.0,
        )
        for defect, given in scores.items()
    ]


def _auroc(metrics: Any, normal: list[float], defective: list[float]) -> float:
    truth = [0] * len(normal) + [1] * len(defective)
    return float(metrics.roc_auc_score(truth, normal + defective))
