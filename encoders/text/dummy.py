"""Dummy encoder, deterministic and without a model, for tests of everything but relevance."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence

import numpy as np

from encoders.base import Vectors, Window
from encoders.spec import EncoderSpec
from encoders.text.rendering import render, render_all
from encoders.text.windows import split

_WORD = re.compile(r"\S+")
_LONGEST_GRAM = 3


class DummyEncoder:
    """Hashes character n-grams: strings that share many of them get similar vectors.

    A token is a run of non-space characters.
    """

    def __init__(self, spec: EncoderSpec) -> None:
        self.spec = spec

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """See `TextEncoder.encode_queries`."""
        return self._encode(render_all(self.spec.query_template, texts))

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """See `TextEncoder.encode_passages`."""
        return self._encode(render_all(self.spec.passage_template, texts))

    def token_count(self, texts: Sequence[str], template: str) -> int:
        """See `TextEncoder.token_count`; a token is a word."""
        counts = (len(text.split()) for text in render_all(template, texts))
        return sum(min(n, self.spec.max_tokens) for n in counts)

    def windows(self, text: str) -> list[Window]:
        """See `TextEncoder.windows`."""
        template = self.spec.passage_template
        return split(
            text,
            [word.start() for word in _WORD.finditer(text)],
            limit=self.spec.max_tokens,
            reserved=len(render(template, "").split()),
            overlap=self.spec.window_overlap,
            count=lambda piece: len(render(template, piece).split()),
        )

    def _encode(self, rendered: list[str]) -> Vectors:
        vectors = np.zeros((len(rendered), self.spec.dim), dtype=np.float32)
        for row, text in enumerate(rendered):
            words = text.casefold().split()[: self.spec.max_tokens]
            vectors[row] = self._vector(" ".join(words))
        return vectors

    def _vector(self, text: str) -> Vectors:
        """Add +1 or -1 at a hashed place per n-gram; shape (dim,), unit length."""
        vector = np.zeros(self.spec.dim, dtype=np.float32)
        for gram in _grams(text):
            digest = hashlib.blake2b(gram.encode(), digest_size=8).digest()
            place = int.from_bytes(digest[1:], "big") % self.spec.dim
            vector[place] += 1.0 if digest[0] & 1 else -1.0
        norm = np.linalg.norm(vector)
        if norm == 0.0:  # no n-grams, or they cancel out: any fixed direction will do
            vector[0] = norm = np.float32(1.0)
        return vector / np.float32(norm)


def _grams(text: str) -> Iterator[str]:
    if not text:
        return
    padded = f" {text} "
    for length in range(1, _LONGEST_GRAM + 1):
        for start in range(len(padded) - length + 1):
            yield padded[start : start + length]
