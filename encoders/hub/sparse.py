"""Encoder of token weights for sparse encoders of sentence-transformers (SPLADE and its kin).

Formal, Piwowarski, Clinchant: SPLADE, 2021; Geng, Wang, Ru, Yang: Towards Competitive Search Relevance for
Inference-Free Learned Sparse Retrievers, 2024. Networks, pooling and static weights are the library's;
prompts are the spec's, so that they are part of the identity.
"""

from __future__ import annotations

import copy
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from encoders.base import TokenWeights, Vectors
from encoders.hub.runtime import in_batches, sentence_model, to_numpy, torch_for
from encoders.hub.text_encoder import HubTextEncoder
from encoders.hub.tokens import HubTokenizer
from encoders.runtime.device import Choice
from encoders.sparse import rows
from encoders.sparse.files import STATIC, word_piece
from encoders.sparse.pieces import WordPiece
from encoders.spec import TEXT_SLOT, EncoderSpec
from encoders.text.rendering import render_all

Task = Literal["query", "document"]


class HubSparseEncoder(HubTextEncoder):
    """Token weights of a sentence-transformers folder; see `load`."""

    def __init__(self, *base: Any, static: Any) -> None:
        super().__init__(*base)
        self._static = static
        # The library's tokenizer keeps truncation and padding as state.
        self._tokenizing = threading.Lock()

    @property
    def vocabulary(self) -> Sequence[str]:
        """See `SparseEncoder`."""
        return self._tokens.vocabulary(self.spec.dim)

    @property
    def idf(self) -> Vectors | None:
        """See `SparseEncoder`."""
        return None if self._static is None else to_numpy(self._static.weight.detach())

    @property
    def tokenizer(self) -> WordPiece | None:
        """See `SparseEncoder`; a query's prompt is no part of what SQL follows."""
        if self._static is None or self.spec.query_template != TEXT_SLOT:
            return None
        return word_piece(self._static.tokenizer.backend_tokenizer.to_str())

    @property
    def most_tokens(self) -> int:
        """See `SparseEncoder`."""
        longest = self.spec.max_tokens
        return longest if self._static is None else min(longest, self._static.max_seq_length)

    def encode_queries(self, texts: Sequence[str]) -> list[Vectors]:  # type: ignore[override]
        """See `SparseEncoder`."""
        return [rows.packed(one) for one in self.query_weights(texts)]

    def encode_passages(self, texts: Sequence[str]) -> list[Vectors]:  # type: ignore[override]
        """See `SparseEncoder`."""
        return [rows.packed(one) for one in self.passage_weights(texts)]

    def query_weights(self, texts: Sequence[str]) -> list[TokenWeights]:
        """See `SparseEncoder.query_weights`."""
        return self._weights(texts, self.spec.query_template, "query")

    def passage_weights(self, texts: Sequence[str]) -> list[TokenWeights]:
        """See `SparseEncoder.passage_weights`."""
        return self._weights(texts, self.spec.passage_template, "document")

    def _weights(self, texts: Sequence[str], template: str, task: Task) -> list[TokenWeights]:
        render_all(TEXT_SLOT, texts)
        prompt = template.removesuffix(TEXT_SLOT)
        lengths = [self._tokens.count(template, text) for text in texts]
        lengths = [min(length, self.spec.max_tokens) for length in lengths]

        def run(batch: Sequence[str]) -> list[TokenWeights]:
            return self._run_weights(batch, prompt, task)

        return in_batches(run, list(texts), lengths, self._limit)

    def _run_weights(self, texts: Sequence[str], prompt: str, task: Task) -> list[TokenWeights]:
        plain = [self._tokens.plain(text) for text in texts]
        with self._tokenizing:
            features = self._model.preprocess(plain, prompt=prompt or None, task=task)
        if not features["input_ids"].shape[
            1
        ]:  # texts without a token, and no special ones around them
            return [rows.weighed(self._nothing()) for _ in texts]
        device = str(self._model.device)
        inputs = {k: v.to(device) if hasattr(v, "to") else v for k, v in features.items()}
        with self._torch.inference_mode():
            found = to_numpy(self._model(inputs, task=task)["sentence_embedding"])
        return [rows.weighed(row) for row in found]

    def _nothing(self) -> Vectors:
        return to_numpy(self._torch.zeros(self.spec.dim))


def load(spec: EncoderSpec, folder: Path, choice: Choice) -> HubSparseEncoder:
    """Load the model from its folder; errors as `registry.build`."""
    with torch_for(choice) as torch:
        model = sentence_model("SparseEncoder", folder, torch, choice)
        tokens = HubTokenizer(copy.deepcopy(model.tokenizer), spec.max_tokens)
    static = next((m for m in model.modules() if type(m).__name__ == STATIC), None)
    return HubSparseEncoder(spec, tokens, choice, torch, model, static=static)
