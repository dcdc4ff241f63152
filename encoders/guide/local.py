"""Guides by a language model on this machine, through transformers."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from encoders.guide.base import GuideFailed
from encoders.guide.checked import MAX_TOKENS, guide, prompt
from encoders.hub import load as hub
from encoders.hub import models
from encoders.hub.files import config
from encoders.hub.runtime import pretrained, processor, torch_for
from encoders.runtime.device import is_out_of_memory

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from types import ModuleType

    from encoders.guide.base import Case, Guide, GuideSource

_LONGEST_INPUT = 4096


class LocalWriter:
    """Generates with a loaded model; `load` makes one. The same input gives the same guide."""

    def __init__(
        self, name: str, torch: ModuleType, model: Any, tokenizer: Any, limit_s: float
    ) -> None:
        self._name = name
        self._torch = torch
        self._model = model
        self._tokenizer = tokenizer
        self._limit_s = limit_s
        # One answer takes all cores, and the memory of its cache.
        self._turn = threading.Lock()

    @property
    def name(self) -> str:
        """See `Writer.name`."""
        return self._name

    def close(self) -> None:
        """See `Writer.close`; it has none."""

    def write(self, case: Case, sources: list[GuideSource]) -> Guide:
        """See `Writer.write`."""
        turns = [{"role": "user", "content": prompt(case, sources)}]
        ids = self._tokenizer.apply_chat_template(
            turns, add_generation_prompt=True, return_tensors="pt", return_dict=True
        )
        longest = min(_LONGEST_INPUT, self._model.config.max_position_embeddings - MAX_TOKENS)
        count = ids["input_ids"].shape[1]
        if count > longest:
            raise GuideFailed(f"The sections have {count} tokens, {self._name} reads {longest}.")
        try:
            with self._turn, self._torch.inference_mode():
                produced = self._model.generate(
                    **ids.to(self._model.device),
                    max_new_tokens=MAX_TOKENS,
                    max_time=self._limit_s,
                    do_sample=False,
                )
        except (MemoryError, RuntimeError) as exc:
            if not is_out_of_memory(exc):
                raise
            raise GuideFailed(f"Memory ran out: {exc}") from exc
        said = self._tokenizer.decode(produced[0, count:], skip_special_tokens=True)
        return guide(said, sources, self._name)


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
    choice = hub.choose(folder, width=width, max_tokens=_LONGEST_INPUT, threads=threads, on=None)
    if progress is not None:
        progress(f"loading {source}: {'; '.join(choice.reasons)}")
    with torch_for(choice) as torch:
        model = pretrained(torch, "AutoModelForCausalLM", folder, choice)
        # What only sampling uses; the library would complain of it at each call.
        for name in ("temperature", "top_p", "top_k"):
            setattr(model.generation_config, name, None)
        tokenizer = processor("AutoTokenizer", folder)
    return LocalWriter(f"local:{source}@{revision}", torch, model, tokenizer, limit_s)
