"""Captions by a vision-language model on this machine, through transformers."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Protocol

from encoders.captioning.base import Caption, CaptionFailed, one_line
from encoders.captioning.budget import checked_limit
from encoders.hub import load as hub
from encoders.hub import models
from encoders.hub.files import config
from encoders.hub.items import pil
from encoders.hub.qwen_vl_input import TurnMaker
from encoders.hub.runtime import Generator, pretrained, processor, torch_for
from encoders.hub.tokens import HubTokenizer
from encoders.runtime.batches import is_out_of_memory

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path
    from types import ModuleType

    from encoders.base import Picture
    from encoders.captioning.base import Prompt

# Largest first; each is a fallback of the one before. Names of the hub.
MODELS = (
    "Qwen/Qwen3-VL-4B-Instruct",
    "Qwen/Qwen3-VL-2B-Instruct",
    "HuggingFaceTB/SmolVLM-500M-Instruct",
    "HuggingFaceTB/SmolVLM-256M-Instruct",
)

# Their picture tokens are counted alike; the library's own processor for them wants torchvision.
_QWEN = ("qwen2_vl", "qwen2_5_vl", "qwen3_vl")
_QWEN_PICTURE = "<|vision_start|><|image_pad|><|vision_end|>"
_QWEN_CHAT = "<|im_start|>user\n%s%s<|im_end|>\n<|im_start|>assistant\n"
# Pixels of a picture as the model sees it: labels stay legible, half a thousand tokens at most.
_QWEN_PREPARATION = f"min_pixels={64 * 32 * 32} max_pixels={512 * 32 * 32}"
_LONGEST_INPUT = 8192


class _Input(Protocol):
    """Prepares the arguments of a model from pictures and a text."""

    def __call__(self, images: Sequence[Picture], text: str) -> dict[str, Any]: ...


class VlmCaptioner:
    """Captioner with a loaded model; see `load`. The same input gives the same caption."""

    def __init__(self, name: str, generator: Generator, prepare: _Input) -> None:
        self.name = name
        self._generator = generator
        self._prepare = prepare

    def caption(
        self, images: Sequence[Picture], prompt: Prompt, metadata: str = "", tokens: int = 0
    ) -> Caption:
        """See `Captioner.caption`."""
        limit = checked_limit(images, prompt, metadata, tokens)
        started = time.monotonic()
        try:
            features = self._prepare(images, prompt.rendered(metadata))
            answer = self._generator.generate(features, limit)
        except (MemoryError, RuntimeError) as exc:
            if not is_out_of_memory(exc):
                raise
            raise CaptionFailed(f"Memory ran out over {len(images)} pictures: {exc}") from exc
        except ValueError as exc:  # pictures that together are longer than the model's input
            raise CaptionFailed(str(exc)) from exc
        return Caption(
            text=one_line(self._generator.text(answer), cut=len(answer) == limit),
            captioner=self.name,
            prompt=prompt.identity,
            tokens=len(answer),
            latency_ms=round((time.monotonic() - started) * 1000),
        )

    def close(self) -> None:
        """See `Captioner.close`; it has none."""


def load(
    source: str,
    models_path: Path,
    *,
    threads: int | None = None,
    device: str | None = None,
    limit_s: float = 120.0,
    progress: Callable[[str], None] | None = None,
) -> VlmCaptioner:
    """Load a pulled model.

    Args:
        source: Hub id, such as one of `MODELS`, or a folder.
        models_path: The model cache.
        threads: Threads of the matrix operations; None to decide.
        device: `cpu` or `cuda:N`; None for the best there is.
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
    known = config(folder / "config.json")
    width = known.get("text_config", {}).get("hidden_size", 1024)
    choice = hub.choose(
        folder, source, width, _LONGEST_INPUT, threads=threads, on=device, progress=progress
    )
    with torch_for(choice) as torch:
        model = pretrained(torch, "AutoModelForImageTextToText", folder, choice)
        if known.get("model_type") in _QWEN:
            tokenizer = processor("AutoTokenizer", folder)
            prepare: _Input = _qwen_input(torch, model, folder)
        else:
            whole = processor("AutoProcessor", folder, backend="pil")
            tokenizer, prepare = whole.tokenizer, _chat_input(model, whole, folder)
    generator = Generator.greedy(torch, model, tokenizer, limit_s)
    return VlmCaptioner(f"vlm:{source}@{revision}", generator, prepare)


def _qwen_input(torch: ModuleType, model: Any, folder: Path) -> _Input:
    turns = TurnMaker.load(folder, _LONGEST_INPUT, _QWEN_PREPARATION)

    def prepare(images: Sequence[Picture], text: str) -> dict[str, Any]:
        chat = _QWEN_CHAT % (_QWEN_PICTURE * len(images), turns.tokens.plain(text))
        made = turns.turns([(chat, tuple(images))], behind=0)
        return turns.tensors(torch, made, str(model.device), model.dtype)

    return prepare


def _chat_input(model: Any, whole: Any, folder: Path) -> _Input:
    """Input from the library's processor and chat template of the model."""
    tokens = HubTokenizer.load(folder, _LONGEST_INPUT)

    def prepare(images: Sequence[Picture], text: str) -> dict[str, Any]:
        words = {"type": "text", "text": tokens.plain(text)}
        content = [*({"type": "image"} for _ in images), words]
        turns = [{"role": "user", "content": content}]
        chat = whole.apply_chat_template(turns, add_generation_prompt=True, tokenize=False)
        features = whole(text=[chat], images=[pil(images)], return_tensors="pt")
        return dict(features.to(model.device, model.dtype))

    return prepare
