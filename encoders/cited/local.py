"""Statements by a language model on this machine, through transformers."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

from encoders.cited.base import CitedSource, Tell, WritingFailed, WritingTask, WrittenStatements
from encoders.cited.checked import Checker, prompt
from encoders.hub import generator
from encoders.hub.generator import Generator
from encoders.runtime.batches import is_out_of_memory

_LONGEST_INPUT = 4096


class LocalWriter:
    """Writer with a loaded model; see `load`. The same input gives the same statements."""

    def __init__(self, generator: Generator) -> None:
        self.name = f"local:{generator.name}"
        self._generator = generator
        # One answer takes all cores, and the memory of its cache.
        self._turn = threading.Lock()

    def close(self) -> None:
        """See `Writer.close`; it has none."""

    def write(
        self, task: WritingTask, sources: list[CitedSource], tell: Tell | None = None
    ) -> WrittenStatements:
        """See `Writer.write`; what it writes comes at once."""
        turns = [{"role": "user", "content": prompt(task, sources)}]
        model = self._generator.model
        features = self._generator.tokenizer.apply_chat_template(
            turns, add_generation_prompt=True, return_tensors="pt", return_dict=True
        ).to(model.device)
        longest = min(_LONGEST_INPUT, model.config.max_position_embeddings - task.max_tokens)
        count = features["input_ids"].shape[1]
        if count > longest:
            raise WritingFailed(f"The sources have {count} tokens, {self.name} reads {longest}.")
        try:
            with self._turn:
                answer = self._generator.generate(features, task.max_tokens)
        except (MemoryError, RuntimeError) as exc:
            if not is_out_of_memory(exc):
                raise
            raise WritingFailed(f"Memory ran out: {exc}") from exc
        checker = Checker(task, sources, self.name, tell)
        checker.take(self._generator.text(answer))
        return checker.whole()


def load(source: str, models_path: Path, **options: Any) -> LocalWriter:
    """Load a pulled model that has a chat template; see `encoders.hub.generator.load`."""
    return LocalWriter(
        generator.load("AutoModelForCausalLM", source, models_path, _LONGEST_INPUT, **options)
    )
