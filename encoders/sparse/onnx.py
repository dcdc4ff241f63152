"""Encoder of weights of tokens on ONNX Runtime, of an exported sparse model."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np

from encoders.base import TokenWeights, Vectors
from encoders.runtime.batches import by_length
from encoders.sparse import rows
from encoders.sparse.pieces import WordPiece
from encoders.text.e5.encoder import BATCH_TOKENS, E5Encoder
from encoders.text.portable.graphs import WEIGHTS
from encoders.text.rendering import render_all


class OnnxSparseEncoder(E5Encoder):
    """Weights of tokens by an exported graph; queries go through it, too."""

    @cached_property
    def vocabulary(self) -> Sequence[str]:
        """See `SparseEncoder`."""
        return self._tokenizer.vocabulary()

    @property
    def idf(self) -> Vectors | None:
        """See `SparseEncoder`: None, for queries go through the network."""
        return None

    @property
    def tokenizer(self) -> WordPiece | None:
        """See `SparseEncoder`: None, for without a model a query has no weights."""
        return None

    @property
    def most_tokens(self) -> int:
        """See `SparseEncoder`."""
        return self.spec.max_tokens

    def encode_queries(self, texts: Sequence[str]) -> list[Vectors]:  # type: ignore[override]
        """See `SparseEncoder`."""
        return [rows.packed(one) for one in self.query_weights(texts)]

    def encode_passages(self, texts: Sequence[str]) -> list[Vectors]:  # type: ignore[override]
        """See `SparseEncoder`."""
        return [rows.packed(one) for one in self.passage_weights(texts)]

    def query_weights(self, texts: Sequence[str]) -> list[TokenWeights]:
        """See `SparseEncoder.query_weights`."""
        return self._weights(render_all(self.spec.query_template, texts))

    def passage_weights(self, texts: Sequence[str]) -> list[TokenWeights]:
        """See `SparseEncoder.passage_weights`."""
        return self._weights(render_all(self.spec.passage_template, texts))

    def _weights(self, rendered: list[str]) -> list[TokenWeights]:
        ids = self._tokenizer.ids(rendered) if rendered else []
        found: dict[int, TokenWeights] = {}
        for batch in by_length([len(row) for row in ids], BATCH_TOKENS):
            weights = self._output([ids[at] for at in batch], WEIGHTS)
            found.update((at, rows.weighed(row)) for at, row in zip(batch, weights, strict=True))
        return [found[at] for at in range(len(ids))]


def dense(weights: Sequence[TokenWeights], dim: int) -> Vectors:
    """Weights as rows of the whole vocabulary, float32 of shape (len(weights), dim)."""
    found: Vectors = np.zeros((len(weights), dim), dtype=np.float32)
    for row, one in zip(found, weights, strict=True):
        row[one.ids] = one.weights
    return found
