"""Captions by a vision-language model on this machine, through transformers."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

from encoders.base import Picture
from encoders.captioning.base import Caption, CaptionFailed, Prompt, checked_limit
from encoders.hub import generator
from encoders.hub.generator import Generator
from encoders.hub.qwen_vl_input import TurnMaker
from encoders.hub.runtime import pil, processor
from encoders.hub.tokens import HubTokenizer
from encoders.runtime.batches import is_out_of_memory

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

    def __init__(self, generator: Generator, prepare: _Input) -> None:
        self.name = f"vlm:{generator.name}"
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
            text=prompt.cleaned(self._generator.text(answer), cut=len(answer) == limit),
            captioner=self.name,
            prompt=prompt.identity,
            tokens=len(answer),
            latency_ms=round((time.monotonic() - started) * 1000),
        )

    def close(self) -> None:
        """See `Captioner.close`; it has none."""


def load(source: str, models_path: Path, **options: Any) -> VlmCaptioner:
    """Load a pulled model, such as one of `MODELS`; see `encoders.hub.generator.load`."""
    loaded = generator.load(
        "AutoModelForImageTextToText", source, models_path, _LONGEST_INPUT, **options
    )
    if loaded.model.config.model_type in _QWEN:
        return VlmCaptioner(loaded, _qwen_input(loaded))
    whole = processor("AutoProcessor", loaded.folder, backend="pil")
    return VlmCaptioner(loaded._replace(tokenizer=whole.tokenizer), _chat_input(loaded, whole))


def _qwen_input(loaded: Generator) -> _Input:
    turns = TurnMaker.load(loaded.folder, _LONGEST_INPUT, _QWEN_PREPARATION)

    def prepare(images: Sequence[Picture], text: str) -> dict[str, Any]:
        chat = _QWEN_CHAT % (_QWEN_PICTURE * len(images), turns.tokens.plain(text))
        made = turns.turns([(chat, tuple(images))], behind=0)
        return turns.tensors(loaded.torch, made, str(loaded.model.device), loaded.model.dtype)

    return prepare


def _chat_input(loaded: Generator, whole: Any) -> _Input:
    """Input from the library's processor and chat template of the model."""
    tokens = HubTokenizer.load(loaded.folder, _LONGEST_INPUT)

    def prepare(images: Sequence[Picture], text: str) -> dict[str, Any]:
        words = {"type": "text", "text": tokens.plain(text)}
        content = [*({"type": "image"} for _ in images), words]
        turns = [{"role": "user", "content": content}]
        chat = whole.apply_chat_template(turns, add_generation_prompt=True, tokenize=False)
        features = whole(text=[chat], images=[pil(images)], return_tensors="pt")
        return dict(features.to(loaded.model.device, loaded.model.dtype))

    return prepare
