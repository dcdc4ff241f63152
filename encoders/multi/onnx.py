"""Encoder of a vector per token on ONNX Runtime, of an exported multi-vector model."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from encoders.base import TokenVectors, Vectors
from encoders.multi import pooling, rows
from encoders.runtime.batches import by_length
from encoders.spec import TEXT_SLOT
from encoders.text.e5.encoder import BATCH_TOKENS, E5Encoder
from encoders.text.portable.graphs import TOKENS
from encoders.text.rendering import raw_positions, render_all


class OnnxTokenEncoder(E5Encoder):
    """Token vectors by an exported graph; see `load` of `encoders.text.e5.encoder`."""

    def encode_queries(self, texts: Sequence[str]) -> list[Vectors]:  # type: ignore[override]
        """See `MultiVectorEncoder`."""
        return [rows.flat(one) for one in self.query_tokens(texts)]

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """See `MultiVectorEncoder`."""
        return rows.means(self.passage_tokens(texts), self.spec.dim)

    def query_tokens(self, texts: Sequence[str]) -> list[TokenVectors]:
        """See `MultiVectorEncoder.query_tokens`."""
        return self._token_vectors(texts, self.spec.query_template)

    def passage_tokens(self, texts: Sequence[str]) -> list[TokenVectors]:
        """See `MultiVectorEncoder.passage_tokens`."""
        factor = pooling.factor(self.spec)
        found = self._token_vectors(texts, self.spec.passage_template)
        return [pooling.pooled(one, factor) for one in found]

    def _token_vectors(self, texts: Sequence[str], template: str) -> list[TokenVectors]:
        rendered = render_all(template, texts)
        read = self._tokenizer.read(rendered) if rendered else []
        prefix = len(template.partition(TEXT_SLOT)[0])
        found: dict[int, TokenVectors] = {}
        for batch in by_length([len(one.ids) for one in read], BATCH_TOKENS):
            vectors = self._output([read[at].ids for at in batch], TOKENS)
            for row, at in enumerate(batch):
                offsets = _in_text(texts[at], read[at].offsets, prefix)
                own = np.ascontiguousarray(vectors[row, : len(offsets)])
                found[at] = TokenVectors(own, rows.words_at(texts[at], offsets))
        return [found[at] for at in range(len(texts))]


def _in_text(text: str, offsets: Sequence[tuple[int, int]], prefix: int) -> list[tuple[int, int]]:
    """Offsets in the text as given of offsets behind a prefix; (0, 0) for what is not of the text."""
    starts = raw_positions(text, list(range(len(text) - text.count("\0"))))
    moved = [(start - prefix, stop - prefix) for start, stop in offsets]
    whole = len(starts)
    return [
        (starts[max(a, 0)], starts[min(b, whole) - 1] + 1) if min(b, whole) > max(a, 0) else (0, 0)
        for a, b in moved
    ]
