"""Encoder of a vector per token for multi-vector models of sentence-transformers (ColBERT and its kin).

Masks, query marks, expansion of queries and older formats (PyLate, Stanford) are the library's; prompts are
the spec's, so that they are part of the identity.
"""

from __future__ import annotations

import copy
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from encoders.base import TokenVectors, Vectors
from encoders.hub.runtime import in_batches, sentence_model, to_numpy, torch_for
from encoders.hub.text_encoder import HubTextEncoder
from encoders.hub.tokens import HubTokenizer
from encoders.multi import pooling, rows
from encoders.runtime.device import Choice
from encoders.runtime.rows import unit_rows
from encoders.spec import TEXT_SLOT, EncoderSpec
from encoders.text.rendering import raw_positions, render_all

Task = Literal["query", "document"]


class HubMultiVectorEncoder(HubTextEncoder):
    """Token vectors of a sentence-transformers folder; see `load`."""

    def __init__(self, *base: Any) -> None:
        super().__init__(*base)
        # The library's tokenizer keeps truncation and padding as state.
        self._tokenizing = threading.Lock()

    def encode_queries(self, texts: Sequence[str]) -> list[Vectors]:  # type: ignore[override]
        """See `MultiVectorEncoder`."""
        return [rows.flat(one) for one in self.query_tokens(texts)]

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """See `MultiVectorEncoder`."""
        return rows.means(self.passage_tokens(texts), self.spec.dim)

    def query_tokens(self, texts: Sequence[str]) -> list[TokenVectors]:
        """See `MultiVectorEncoder.query_tokens`."""
        return self._token_vectors(texts, self.spec.query_template, "query")

    def passage_tokens(self, texts: Sequence[str]) -> list[TokenVectors]:
        """See `MultiVectorEncoder.passage_tokens`."""
        factor = pooling.factor(self.spec)
        found = self._token_vectors(texts, self.spec.passage_template, "document")
        return [pooling.pooled(one, factor) for one in found]

    def _token_vectors(self, texts: Sequence[str], template: str, task: Task) -> list[TokenVectors]:
        render_all(TEXT_SLOT, texts)
        prompt = template.removesuffix(TEXT_SLOT)

        def run(batch: Sequence[str]) -> list[TokenVectors]:
            return self._run_tokens(batch, prompt, task)

        lengths = [self._tokens.count(template, text) for text in texts]
        lengths = [min(length, self.spec.max_tokens) for length in lengths]
        return in_batches(run, list(texts), lengths, self._limit)

    def _run_tokens(self, texts: Sequence[str], prompt: str, task: Task) -> list[TokenVectors]:
        plain = [self._tokens.plain(text) for text in texts]
        with self._tokenizing:
            features = self._model.preprocess(plain, prompt=prompt or None, task=task)
        real = features["attention_mask"].sum(dim=1).tolist()
        device = str(self._model.device)
        inputs = {k: v.to(device) if hasattr(v, "to") else v for k, v in features.items()}
        with self._torch.inference_mode():
            out = self._model(inputs, task=task)
            masks = out["attention_mask"].bool().cpu().numpy()
            vectors = to_numpy(out["token_embeddings"])
        found = []
        for row, text in enumerate(texts):
            offsets = self._tokens.offsets(prompt, plain[row])[: real[row]]
            offsets += [(0, 0)] * (masks.shape[1] - len(offsets))
            starts = raw_positions(text, list(range(len(plain[row]) + 1)))
            spans = rows.words_at(text, _raw(offsets, starts, plain[row], text))
            kept = [at for at in range(masks.shape[1]) if masks[row, at]] or [0]
            found.append(
                TokenVectors(
                    unit_rows(vectors[row, kept], self.spec.dim), [spans[at] for at in kept]
                )
            )
        return found


def load(spec: EncoderSpec, folder: Path, choice: Choice) -> HubMultiVectorEncoder:
    """Load the model from its folder; errors as `registry.build`."""
    with torch_for(choice) as torch:
        model = sentence_model("MultiVectorEncoder", folder, torch, choice)
        tokens = HubTokenizer(copy.deepcopy(model.tokenizer), spec.max_tokens)
    return HubMultiVectorEncoder(spec, tokens, choice, torch, model)


def _raw(
    offsets: Sequence[tuple[int, int]], starts: Sequence[int], plain: str, text: str
) -> list[tuple[int, int]]:
    """Offsets in the text as given; none where a control token was broken up, which shifts them."""
    if len(plain) != len(text) - text.count("\0"):
        return [(0, 0)] * len(offsets)
    return [(starts[a], starts[b - 1] + 1) if b > a else (0, 0) for a, b in offsets]
