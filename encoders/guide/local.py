"""Guides by a language model on this machine, through transformers."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from encoders.guide.base import GuideFailed
from encoders.guide.checked import MAX_TOKENS, guide, prompt
from encoders.hub import load as hub
from encoders.hub import models
from encoders.hub.files import config
from encoders.hub.runtime import Generator, pretrained, processor, torch_for
from encoders.runtime.batches import is_out_of_memory

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from encoders.guide.base import Case, Guide, GuideSource

_LONGEST_INPUT = 4096


class LocalWriter:
    """Writer with a loaded model; see `load`. The same input gives the same guide."""

    def __init__(self, name: str, generator: Generator) -> None:
        self.name = name
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


def load(
    source: str,
    models_path: Path,
    *,
    threads: int | None = None,
    limit_s: float = 120.0,
    progress: Callable[[str], None] | None = None,
) -> LocalWriter:
    """Load a pulled model that has a chat template.

    Args:
        source: Hub id, or a folder.
        models_path: The model cache.
        threads: Threads of the matrix operations; None to decide.
        limit_s: Longest time of one answer, in seconds; what is said by then is taken.
        progress: Called with a line of text before slow work.

    Raises:
        EncoderNotInstalled: If a package of the `models` extra is absent.
        EncoderNotPulled: If the model is not here.
        ModelDamaged: If a file of it is missing, changed, or too many.
        ModelTooLarge: If it does not fit into this machine's memory.
        WeightsInvalid: If its weights are pickled, or its files are not such a model's.
    """
    revision = models.revision(source, models_path)
    folder = hub.checked_folder(source, revision, models_path)
    width = config(folder / "config.json").get("hidden_size", 1024)
    choice = hub.choose(folder, source, width, _LONGEST_INPUT, threads=threads, progress=progress)
    with torch_for(choice) as torch:
        model = pretrained(torch, "AutoModelForCausalLM", folder, choice)
        tokenizer = processor("AutoTokenizer", folder)
    generator = Generator.greedy(torch, model, tokenizer, limit_s)
    return LocalWriter(f"local:{source}@{revision}", generator)
