"""Pooling of like tokens of a passage: a half or a third of the vectors with most of the quality.

Clavie, Chaffin, Adams: Reducing the Footprint of Multi-Vector Retrieval with Minimal Performance Impact via
Token Pooling, 2024: Ward's hierarchical clustering over cosine distances, each cluster its mean.
"""

from __future__ import annotations

import numpy as np

from encoders.base import TokenVectors
from encoders.multi.rows import merged
from encoders.runtime.optional import require
from encoders.runtime.rows import unit_rows
from encoders.spec import EncoderSpec

POOLING = "tokens"


def named(factor: int) -> str:
    """Pooling of a spec whose passages keep one token in `factor`."""
    return POOLING if factor == 1 else f"{POOLING}+pool{factor}"


def factor(spec: EncoderSpec) -> int:
    """Number of tokens of a passage that become one."""
    return int(spec.pooling.rpartition("+pool")[2] or 1) if "+pool" in spec.pooling else 1


def pooled(tokens: TokenVectors, factor: int) -> TokenVectors:
    """Pool the tokens of a passage to one in `factor`; the first, the mark of the whole, stays by itself.

    Returns:
        Rows in the order of the first token of each, unit length, with the places of all its words.
    """
    n = len(tokens.vectors)
    wanted = max((n - 1) // factor, 1)
    if factor <= 1 or n - 1 <= wanted:
        return tokens
    hierarchy = require("scipy.cluster.hierarchy")
    rest = tokens.vectors[1:].astype(np.float64)
    above = np.triu_indices(n - 1, k=1)
    distances = np.clip(1 - rest @ rest.T, 0, 2)[above]
    labels = hierarchy.fcluster(hierarchy.ward(distances), t=wanted, criterion="maxclust")
    groups: dict[int, list[int]] = {0: [0]}
    for row, label in enumerate(labels, start=1):
        groups.setdefault(int(label), []).append(row)
    sums = [tokens.vectors[rows].sum(axis=0) for rows in groups.values()]
    spans = [merged([tokens.spans[row] for row in rows]) for rows in groups.values()]
    return TokenVectors(unit_rows(np.stack(sums)), spans)
