"""Base class of hub encoders: the text side."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any, TypeVar

import numpy as np

from encoders.base import Vectors, Window
from encoders.hub.runtime import batch_tokens, in_batches
from encoders.hub.tokens import HubTokenizer
from encoders.runtime.device import Choice
from encoders.runtime.rows import unit_rows
from encoders.spec import EncoderSpec

Row = TypeVar("Row")


class HubTextEncoder:
    """Encodes texts in batches of similar length; a subclass runs the model.

    Use threads or spawned processes around it: torch's threads do not survive a fork.
    """

    def __init__(
        self, spec: EncoderSpec, tokens: HubTokenizer, choice: Choice, torch: ModuleType, model: Any
    ) -> None:
        self.spec = spec
        self._tokens = tokens
        self._limit = batch_tokens(choice, spec.max_tokens)
        self._torch = torch
        self._model = model

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """See `TextEncoder.encode_queries`; the end of a text that is too long is dropped."""
        return self._encode_texts(self.spec.query_template, texts)

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """See `TextEncoder.encode_passages`; the end of a text that is too long is dropped."""
        return self._encode_texts(self.spec.passage_template, texts)

    def token_count(self, texts: Sequence[str], template: str) -> int:
        """See `TextEncoder.token_count`."""
        return sum(map(len, self._tokens.ids(template, texts)))

    def windows(self, text: str) -> list[Window]:
        """See `TextEncoder.windows`."""
        template = self.spec.passage_template
        return self._tokens.windows(
            text, self.spec.window_overlap, lambda piece: self._tokens.count(template, piece)
        )

    def _encode_texts(self, template: str, texts: Sequence[str]) -> Vectors:
        """Encode texts in a template; float32 of shape (len(texts), spec.dim), unit rows."""
        ids = self._tokens.ids(template, texts)
        return unit_rows(self._collected(self._run, ids, [len(row) for row in ids]), self.spec.dim)

    def _collected(
        self,
        run: Callable[[Sequence[Row]], Vectors],
        rows: Sequence[Row],
        lengths: Sequence[int],
    ) -> Vectors:
        """Run the model over all rows, in batches; float32, a row for each in their order."""
        found: list[Vectors] = in_batches(run, rows, lengths, self._limit)
        return np.stack(found) if found else np.empty((0, self.spec.dim), dtype=np.float32)

    def _run(self, ids: Sequence[list[int]]) -> Vectors:
        """Run the model on one batch; float32 of shape (len(ids), at least spec.dim)."""
        raise NotImplementedError
