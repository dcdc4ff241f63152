"""Dummy encoder of token weights, deterministic and without a model, over a small WordPiece vocabulary."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from encoders.base import TokenWeights, Vectors
from encoders.sparse import rows
from encoders.sparse.pieces import BERT, WordPiece
from encoders.spec import EncoderSpec
from encoders.text.dummy import DummyEncoder
from encoders.text.rendering import render_all

_MARKS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
_JAMO = "".join(map(chr, [*range(0x1100, 0x1113), *range(0x1161, 0x1176), *range(0x11A8, 0x11C3)]))
_SIGNS = "abcdefghijklmnopqrstuvwxyz0123456789" + _JAMO
# Words, and the one that each brings along: as a model's expansion does.
_KIN = {
    "vacuum": "suction", "pump": "compressor", "noise": "sound", "seal": "gasket", "valve": "tap",
    "진공": "흡입", "펌프": "압축기", "소음": "소리", "밸브": "꼭지",
}  # fmt: skip
_KIN_WEIGHT = 0.4


@cache
def vocabulary() -> tuple[str, ...]:
    """The pieces, by their numbers; Hangul in its letters, as BERT has it without accents."""
    words = [unicodedata.normalize("NFD", word) for pair in _KIN.items() for word in pair]
    return (*_MARKS, *_SIGNS, *(f"##{sign}" for sign in _SIGNS), *words)


class DummySparseEncoder(DummyEncoder):
    """Weighs pieces of passages by how often they occur, adds kindred words; queries by idf alone."""

    def __init__(self, spec: EncoderSpec) -> None:
        super().__init__(spec)
        self._numbers = {piece: at for at, piece in enumerate(vocabulary())}

    @property
    def vocabulary(self) -> Sequence[str]:
        """See `SparseEncoder`."""
        return vocabulary()

    @property
    def idf(self) -> NDArray[np.float32]:
        """See `SparseEncoder`: whole words weigh most, marks nothing."""
        lengths = np.array([len(piece.removeprefix("##")) for piece in vocabulary()], np.float32)
        lengths[: len(_MARKS)] = 0
        return np.log1p(lengths)

    @property
    def tokenizer(self) -> WordPiece:
        """See `SparseEncoder`."""
        return BERT

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
        found = [BERT.tokens(text, self._numbers) for text in render_all("{text}", texts)]
        return [rows.counted(tokens[: self.most_tokens], self.idf) for tokens in found]

    def passage_weights(self, texts: Sequence[str]) -> list[TokenWeights]:
        """See `SparseEncoder.passage_weights`."""
        return [self._weights(text) for text in render_all("{text}", texts)]

    def _weights(self, text: str) -> TokenWeights:
        row = np.zeros(self.spec.dim, np.float32)
        words = " ".join(text.split()[: self.spec.max_tokens])
        np.add.at(row, BERT.tokens(words, self._numbers), 1)
        kin = {self._number(word): self._number(other) for word, other in _KIN.items()}
        row = np.log1p(row)
        for token in np.flatnonzero(row).tolist():
            if token in kin:
                row[kin[token]] += _KIN_WEIGHT * row[token]
        row[: len(_MARKS)] = 0
        return rows.weighed(row)

    def _number(self, word: str) -> int:
        return self._numbers[unicodedata.normalize("NFD", word)]
