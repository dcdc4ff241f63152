"""BGE-M3 encoder: a dense vector, lexical weights and token vectors from one pass."""

from __future__ import annotations

import pickle
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from encoders.base import TokenWeights, Vectors
from encoders.errors import WeightsInvalid
from encoders.hub.runtime import in_batches, padded, pretrained, to_numpy, torch_for
from encoders.hub.text_encoder import HubTextEncoder
from encoders.hub.tokens import HubTokenizer
from encoders.runtime.device import Choice
from encoders.runtime.rows import unit_rows
from encoders.sparse.rows import LEAST, packed
from encoders.spec import EncoderSpec

Bge = TypeVar("Bge", bound="BgeM3Encoder")

SPARSE_FILE = "sparse_linear.pt"
TOKENS_FILE = "colbert_linear.pt"
# Errors of reading a layer out of an object that is no layer.
_NO_LAYER = (AttributeError, KeyError, TypeError, ValueError)


class LexicalWeights(NamedTuple):
    """Weight of each token of a text; two texts are scored over the tokens they share.

    Attributes:
        tokens: int64 of shape (n,), ascending ids of the model's vocabulary, each once.
        weights: float32 of shape (n,), positive.
    """

    tokens: NDArray[np.int64]
    weights: NDArray[np.float32]


class Representation(NamedTuple):
    """All outputs of BGE-M3 for one text.

    Attributes:
        dense: float32 of shape (dim,), unit length.
        lexical: Weights of its tokens.
        tokens: float32 of shape (tokens - 1, width), unit rows: one for every token but the first,
            which is the dense vector's.
    """

    dense: Vectors
    lexical: LexicalWeights
    tokens: Vectors


class BgeM3Encoder(HubTextEncoder):
    """Text encoder with a loaded model; see `load`."""

    def __init__(self, *base: Any, sparse: Any, spread: Any) -> None:
        super().__init__(*base)
        self._sparse = sparse
        self._spread = spread
        control = self._tokens.special() | {self._tokens.pad_id}
        self._control = np.array(sorted(control), dtype=np.int64)

    def represent(self, texts: Sequence[str]) -> list[Representation]:
        """Encode texts to all outputs of the model, queries and passages alike.

        The vectors per token take about 4 kB a token.

        Returns:
            One per text, in order; its `dense` is what `encode_passages` gives.

        Raises:
            TypeError: If `texts` is one string or holds something that is not a string.
        """
        ids = self._tokens.ids(self.spec.passage_template, texts)
        return in_batches(self._run_whole, ids, [len(row) for row in ids], self._limit)

    def _run(self, ids: Sequence[list[int]]) -> Vectors:
        with self._torch.inference_mode():
            return to_numpy(self._hidden(ids)[:, 0])

    def _run_whole(self, ids: Sequence[list[int]]) -> list[Representation]:
        with self._torch.inference_mode():
            hidden = self._hidden(ids)
            dense = unit_rows(to_numpy(hidden[:, 0]), self.spec.dim)
            weights = to_numpy(self._sparse(hidden).squeeze(-1))
            spread = to_numpy(self._spread(hidden))
        return [
            Representation(
                dense=dense[row],
                lexical=self._lexical(row_ids, weights[row, : len(row_ids)]),
                tokens=unit_rows(spread[row, 1 : len(row_ids)]),
            )
            for row, row_ids in enumerate(ids)
        ]

    def _hidden(self, ids: Sequence[list[int]]) -> Any:
        features = padded(self._torch, ids, self._tokens.pad_id, str(self._model.device))
        return self._model(**features).last_hidden_state

    def _lexical(self, ids: list[int], weights: NDArray[np.float32]) -> LexicalWeights:
        """Keep the largest weight of every token that is a word's and whose weight is positive."""
        tokens, places = np.unique(np.asarray(ids, dtype=np.int64), return_inverse=True)
        largest = np.zeros(len(tokens), dtype=np.float32)
        np.maximum.at(largest, places, weights)
        kept = (largest > 0) & ~np.isin(tokens, self._control)
        return LexicalWeights(tokens[kept], largest[kept])


class BgeM3SparseEncoder(BgeM3Encoder):
    """The lexical weights of the model alone, of queries and passages alike; see `SparseEncoder`."""

    idf = None
    tokenizer = None

    @property
    def vocabulary(self) -> Sequence[str]:
        """See `SparseEncoder`."""
        return self._tokens.vocabulary(self.spec.dim)

    @property
    def most_tokens(self) -> int:
        """See `SparseEncoder`."""
        return self.spec.max_tokens

    def query_weights(self, texts: Sequence[str]) -> list[TokenWeights]:
        """See `SparseEncoder.query_weights`."""
        ids = self._tokens.ids(self.spec.passage_template, texts)
        found = in_batches(self._run_whole, ids, [len(row) for row in ids], self._limit)
        return [_heavy(one.lexical) for one in found]

    def passage_weights(self, texts: Sequence[str]) -> list[TokenWeights]:
        """See `SparseEncoder.passage_weights`."""
        return self.query_weights(texts)

    def encode_queries(self, texts: Sequence[str]) -> list[Vectors]:  # type: ignore[override]
        """See `SparseEncoder`."""
        return [packed(one) for one in self.query_weights(texts)]

    encode_passages = encode_queries  # type: ignore[assignment]


def _heavy(lexical: LexicalWeights) -> TokenWeights:
    kept = lexical.weights >= LEAST
    return TokenWeights(lexical.tokens[kept].astype(np.int32), lexical.weights[kept])


def load_sparse(spec: EncoderSpec, folder: Path, choice: Choice) -> BgeM3SparseEncoder:
    """Load the model for its lexical weights; otherwise as `load`."""
    return _load(BgeM3SparseEncoder, spec, folder, choice)


def load(spec: EncoderSpec, folder: Path, choice: Choice) -> BgeM3Encoder:
    """Load the model and its two heads from its folder; errors as `registry.build`."""
    return _load(BgeM3Encoder, spec, folder, choice)


def _load(kind: type[Bge], spec: EncoderSpec, folder: Path, choice: Choice) -> Bge:
    with torch_for(choice) as torch:
        body = pretrained(torch, "AutoModel", folder, choice)
        sparse, spread = (_head(torch, folder / name, body) for name in (SPARSE_FILE, TOKENS_FILE))
        tokens = HubTokenizer.load(folder, spec.max_tokens)
    return kind(spec, tokens, choice, torch, body, sparse=sparse, spread=spread)


def _head(torch: ModuleType, path: Path, body: Any) -> Any:
    """Load a linear layer over the model's hidden states, onto its device and number type."""
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
        rows, columns = state["weight"].shape
        layer = torch.nn.Linear(columns, rows, bias="bias" in state)
        layer.load_state_dict(state)
    except (OSError, pickle.UnpicklingError, RuntimeError, *_NO_LAYER) as exc:
        raise WeightsInvalid(path, f"it is not a linear layer: {exc}") from exc
    if columns != body.config.hidden_size:
        raise WeightsInvalid(path, f"it takes {columns} numbers, not {body.config.hidden_size}")
    return layer.eval().to(body.device, body.dtype)
