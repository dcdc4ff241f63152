"""Input of Qwen3-VL models: chat turns with pictures to tensors.

The library's own processor for this model wants torchvision; a tokenizer and a picture processor
put together here give the same tensors without it.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np

from encoders.base import Content, Picture
from encoders.hub.runtime import padded, pil, processor
from encoders.hub.tokens import HubTokenizer

_PICTURE = "<|vision_start|><|image_pad|><|vision_end|>"
_PICTURE_TOKEN = "<|image_pad|>"
# What the model's authors encode in place of nothing.
_NOTHING = "NULL"


class Turn(NamedTuple):
    """One input of the model: token ids, its pictures still to be prepared."""

    ids: list[int]
    images: tuple[Picture, ...]


class TurnMaker:
    """Prepares inputs of the model from templates and items. Safe to call from several threads."""

    def __init__(self, tokens: HubTokenizer, pictures: Any, max_tokens: int) -> None:
        self.tokens = tokens
        self._pictures = pictures
        self._max_tokens = max_tokens
        self._picture_token = tokens.number(_PICTURE_TOKEN)

    @classmethod
    def load(cls, folder: Path, max_tokens: int, preparation: str) -> TurnMaker:
        """Load the tokenizer and the picture processor of a model folder.

        Args:
            folder: The model's.
            max_tokens: Longest input, pictures included.
            preparation: `min_pixels=N max_pixels=N`: a picture outside is scaled into it.
        """
        limits = dict(limit.split("=") for limit in preparation.split())
        size = {
            "shortest_edge": int(limits["min_pixels"]),
            "longest_edge": int(limits["max_pixels"]),
        }
        pictures = processor("AutoImageProcessor", folder, backend="pil", size=size)
        return cls(HubTokenizer.load(folder, max_tokens), pictures, max_tokens)

    def content(self, item: Content) -> str:
        """A part of a turn as the model's authors write it: pictures, then text."""
        text = self.tokens.plain(item.text) if item.text.strip() else ""
        return _PICTURE * len(item.images) + text or _NOTHING

    def turns(self, prompts: Sequence[tuple[str, tuple[Picture, ...]]], behind: int) -> list[Turn]:
        """Tokenize prompts and make room for their pictures.

        Args:
            prompts: Rendered text with a mark per picture, and the pictures in that order.
            behind: Last tokens that stay when the end of a text is cut off.

        Raises:
            ValueError: If pictures alone are longer than the model's input, or one is more than
                200 times as long as wide.
        """
        encoded = self.tokens.encoded([prompt for prompt, _ in prompts])
        return [
            self._turn(row, ids, images, behind)
            for row, (ids, (_, images)) in enumerate(zip(encoded, prompts, strict=True))
        ]

    def tensors(
        self, torch: ModuleType, turns: Sequence[Turn], device: str, dtype: Any
    ) -> dict[str, Any]:
        """Arguments of the model for one batch, padded on the right."""
        features = padded(torch, [turn.ids for turn in turns], self.tokens.pad_id, device)
        images = [image for turn in turns for image in turn.images]
        if images:
            prepared = self._pictures(images=pil(images), return_tensors="pt")
            features["pixel_values"] = prepared["pixel_values"].to(device, dtype)
            features["image_grid_thw"] = prepared["image_grid_thw"].to(device)
            features["mm_token_type_ids"] = (features["input_ids"] == self._picture_token).int()
        return features

    def _turn(self, row: int, ids: list[int], images: tuple[Picture, ...], behind: int) -> Turn:
        if not images:
            return Turn(self.tokens.fitted(ids, behind), images)
        try:
            sizes = iter([self._room(image) for image in images])
        except ValueError as exc:
            raise ValueError(f"picture of input {row}: {exc}") from exc
        spread = np.repeat(ids, [next(sizes) if i == self._picture_token else 1 for i in ids])
        whole = spread.tolist()
        fitted = self.tokens.fitted(whole, behind)
        if fitted.count(self._picture_token) != whole.count(self._picture_token):
            raise ValueError(
                f"the pictures of input {row} take {whole.count(self._picture_token)} tokens and the"
                f" model reads {self._max_tokens}: give fewer or smaller ones"
            )
        return Turn(fitted, images)

    def _room(self, image: Picture) -> int:
        """Tokens of a picture once it is prepared."""
        height, width, _ = image.shape
        patches: int = self._pictures.get_number_of_image_patches(height, width)
        return patches // int(self._pictures.merge_size) ** 2
