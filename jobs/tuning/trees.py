"""LambdaMART over ranks and scores of legs, as trees that `impl.tree_scores` runs.

LightGBM learns them; what is measured is the compiled form, which tests hold to LightGBM and to SQL.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from db.evaluation.tuning import Fusion, Trees
from encoders.runtime.optional import require
from jobs.tuning.fusion import features

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from jobs.tuning.lists import Lists
    from jobs.tuning.measures import Measure
    from jobs.types import Rows


EXTRA = "tune"
# 200 items take some 10 ms in SQL with these; twice the trees take twice as long.
TREES = 30
LEAVES = 8
LEAST_ITEMS = 20
RATE = 0.1
SEED = 20


class LambdaMart:
    """Trees that order items by their expected gain in nDCG.

    Burges: From RankNet to LambdaRank to LambdaMART: an overview, 2010.
    """

    def __init__(self, lists: Lists, measure: Measure) -> None:
        self._lists = lists
        self._features = features(lists)
        self._depth = measure.k

    def __call__(self, rows: Rows) -> Fusion:
        """See `jobs.tuning.learners.Learner`."""
        lightgbm = require("lightgbm", EXTRA)
        lists = self._lists.rows(rows)
        there = lists.listed & (lists.grades > 0).any(axis=1, keepdims=True)
        if not there.any():
            return trained(Trees(**_nodes([]), legs=lists.legs, width=4 * len(lists.legs)))
        grades = lists.grades[there].astype(np.int64)
        sizes = there.sum(axis=1)
        data = lightgbm.Dataset(
            self._features[rows][there], label=grades, group=sizes[sizes > 0], free_raw_data=True
        )
        settings = {
            "objective": "lambdarank",
            "label_gain": list(range(int(grades.max()) + 1)),
            "lambdarank_truncation_level": max(30, self._depth + 3),
            "num_leaves": LEAVES,
            "learning_rate": RATE,
            "min_data_in_leaf": LEAST_ITEMS,
            "deterministic": True,
            "seed": SEED,
            "num_threads": 1,
            "verbosity": -1,
        }
        booster = lightgbm.train(settings, data, num_boost_round=TREES)
        return trained(compiled(booster.dump_model(), lists.legs))


def trained(trees: Trees) -> Fusion:
    """Build a fusion by trees."""
    return Fusion(
        name="", method="lambdamart", normalization="minmax", k_rrf=60, weights={}, model=trees
    )


def compiled(dump: Mapping[str, Any], legs: Sequence[str]) -> Trees:
    """Compile LightGBM's `dump_model()` to trees.

    Raises:
        ValueError: a split is of a kind that SQL does not run; numeric features have none.
    """
    roots = [tree["tree_structure"] for tree in dump["tree_info"]]
    return Trees(**_nodes(roots), legs=list(legs), width=4 * len(legs))


def _nodes(structures: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    columns: dict[str, list[Any]] = {
        name: [] for name in ("feature", "threshold", "left", "right", "missing", "value")
    }

    def add(node: Mapping[str, Any]) -> int:
        for column in columns.values():
            column.append(0)
        at = len(columns["feature"])
        row: dict[str, Any]
        if "split_feature" in node:
            row = _split(node, add(node["left_child"]), add(node["right_child"]))
        else:
            row = {"value": float(node["leaf_value"])}
        for name, value in row.items():
            columns[name][at - 1] = value
        return at

    return {"roots": [add(structure) for structure in structures], **columns}


def _split(node: Mapping[str, Any], left: int, right: int) -> dict[str, Any]:
    if node["decision_type"] != "<=" or node["missing_type"] not in ("NaN", "None"):
        raise ValueError(f"split {node['decision_type']}, missing {node['missing_type']}")
    threshold = float(node["threshold"])
    # Where learning saw no missing value, LightGBM takes one for zero.
    to_left = node["default_left"] if node["missing_type"] == "NaN" else threshold >= 0
    return {
        "feature": int(node["split_feature"]) + 1,
        "threshold": threshold,
        "left": left,
        "right": right,
        "missing": left if to_left else right,
    }
