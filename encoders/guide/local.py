"""Guides by a language model on this machine, through transformers."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

from encoders.guide.base import Case, Guide, GuideFailed, GuideSource
from encoders.guide.checked import MAX_TOKENS, guide, prompt
from encoders.hub import generator
from encoders.hub.generator import Generator
from encoders.runtime.batches import is_out_of_memory

_LONGEST_INPUT = 4096


class LocalWriter:
    """Writer with a loaded model; see `load`. The same input gives the same guide."""

    def __init__(self, generator: Generator) -> None:
        self.name = f"local:{generator.name}"
        self._generator = generator
        # One answer takes all cores, and the memory of its cache.
        self._turn = threading.Lock()

    def close(self) -> None:
        """See `Writer.close`; it has none."""

    def write(self, case: Case, sources: list[GuideSource]) -> Guide:
        """See `Writer.write`."""
        turns = [{"role": "user", "content": prompt(case, sources)}]
        model = self._generator.model
        features = self._generator.tokenizer.apply_chat_template(
            turns, add_generation_prompt=True, return_tensors="pt", return_dict=True
        ).to(model.device)
        longest = min(_LONGEST_INPUT, model.config.max_position_embeddings - MAX_TOKENS)
        count = features["input_ids"].shape[1]
        if count > longest:
            raise GuideFailed(f"The sections have {count} tokens, {self.name} reads {longest}.")
        try:
            with self._turn:
                answer = self._generator.generate(features, MAX_TOKENS)
        except (MemoryError, RuntimeError) as exc:
            if not is_out_of_memory(exc):
                raise
            raise GuideFailed(f"Memory ran out: {exc}") from exc
        return guide(self._generator.text(answer), sources, self.name)


def load(source: str, models_path: Path, **options: Any) -> LocalWriter:
    """Load a pulled model that has a chat template; see `encoders.hub.generator.load`."""
    return LocalWriter(
        generator.load("AutoModelForCausalLM", source, models_path, _LONGEST_INPUT, **options)
    )
