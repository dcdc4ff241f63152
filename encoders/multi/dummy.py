"""Dummy encoder of tokens, deterministic and without a model: a vector per word."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from encoders.base import TokenVectors, Vectors
from encoders.multi import pooling, rows
from encoders.spec import EncoderSpec
from encoders.text.dummy import DummyEncoder
from encoders.text.rendering import render_all

_WORD = re.compile(r"\S+")


class DummyTokenEncoder(DummyEncoder):
    """Hashes the character n-grams of each word: words that look alike get similar vectors."""

    def __init__(self, spec: EncoderSpec) -> None:
        super().__init__(spec)

    def encode_queries(self, texts: Sequence[str]) -> list[Vectors]:  # type: ignore[override]
        """See `MultiVectorEncoder`."""
        return [rows.flat(one) for one in self.query_tokens(texts)]

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """See `MultiVectorEncoder`."""
        return rows.means(self.passage_tokens(texts), self.spec.dim)

    def query_tokens(self, texts: Sequence[str]) -> list[TokenVectors]:
        """See `MultiVectorEncoder.query_tokens`."""
        return [self._tokens(text) for text in render_all("{text}", texts)]

    def passage_tokens(self, texts: Sequence[str]) -> list[TokenVectors]:
        """See `MultiVectorEncoder.passage_tokens`."""
        factor = pooling.factor(self.spec)
        return [pooling.pooled(one, factor) for one in self.query_tokens(texts)]

    def _tokens(self, text: str) -> TokenVectors:
        words = [word.span() for word in _WORD.finditer(text)][: self.spec.max_tokens] or [(0, 0)]
        vectors = [self._vector(text[start:stop].casefold()) for start, stop in words]
        return TokenVectors(np.stack(vectors), rows.words_at(text, words))
