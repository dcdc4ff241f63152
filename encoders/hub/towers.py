"""Dual-tower encoders, CLIP and SigLIP: texts and pictures in one space.

The towers never see each other's input: the vector of an item with text and pictures is put
together from theirs. With the pooling `towers-mean` it is the direction halfway between the text's
and the pictures' (of several pictures, their mean); with `towers-sum` the towers' outputs are added
as they are, so that the longer one counts for more, as BGE-VL was trained.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from encoders.base import Content, Picture, Vectors
from encoders.hub.runtime import (
    check_items,
    padded,
    pil,
    pretrained,
    processor,
    to_numpy,
    torch_for,
)
from encoders.hub.specs import SUM_OF_TOWERS
from encoders.hub.text_encoder import HubTextEncoder
from encoders.hub.tokens import HubTokenizer
from encoders.pictures.decoding import check
from encoders.runtime.device import Choice
from encoders.runtime.rows import unit_rows
from encoders.spec import EncoderSpec

_SIGLIP = "siglip"


class DualTowerEncoder(HubTextEncoder):
    """Multimodal encoder with a loaded model; see `load`."""

    def __init__(self, *base: Any, pictures: Any) -> None:
        super().__init__(*base)
        self._pictures = pictures

    @property
    def model(self) -> Any:
        """The model of the library, for those who train it."""
        return self._model

    def encode_images(self, images: Sequence[Picture]) -> Vectors:
        """See `ImageEncoder.encode_images`."""
        check(images)
        return unit_rows(self._picture_rows(images), self.spec.dim)

    def encode_items(self, items: Sequence[Content]) -> Vectors:
        """See `MultimodalEncoder.encode_items`, and above for how text and pictures are joined."""
        check_items(items)
        texts = iter(self._text_rows([item.text for item in items if item.text.strip()]))
        pictures = iter(self._picture_rows([image for item in items for image in item.images]))
        joined = [
            self._joined(
                [next(texts)] if item.text.strip() else [], [next(pictures) for _ in item.images]
            )
            for item in items
        ]
        none = np.empty((0, self.spec.dim), dtype=np.float32)
        return unit_rows(np.stack(joined) if joined else none, self.spec.dim)

    def text_tensor(self, texts: Sequence[str]) -> Any:
        """Outputs of the tower of texts for one batch, as a tensor of any length that carries gradients."""
        return self._text_tensor(self._tokens.ids(self.spec.passage_template, texts))

    def picture_tensor(self, images: Sequence[Picture]) -> Any:
        """The same of the tower of pictures."""
        model = self._model
        prepared = self._pictures(images=pil(images), return_tensors="pt")
        pixels = prepared["pixel_values"].to(model.device, model.dtype)
        return model.get_image_features(pixel_values=pixels).pooler_output

    def _text_rows(self, texts: Sequence[str]) -> Vectors:
        ids = self._tokens.ids(self.spec.passage_template, texts)
        return self._collected(self._run, ids, [len(row) for row in ids])

    def _picture_rows(self, images: Sequence[Picture]) -> Vectors:
        vision = self._model.config.vision_config
        tokens = (vision.image_size // vision.patch_size) ** 2
        return self._collected(self._run_pictures, images, [tokens] * len(images))

    def _run(self, ids: Sequence[list[int]]) -> Vectors:
        with self._torch.inference_mode():
            return to_numpy(self._text_tensor(ids))

    def _text_tensor(self, ids: Sequence[list[int]]) -> Any:
        model = self._model
        # SigLIP learned with every text filled up to the full length, and attends to the filling.
        fill = model.config.model_type == _SIGLIP
        length = model.config.text_config.max_position_embeddings if fill else None
        features = padded(self._torch, ids, self._tokens.pad_id, str(model.device), length)
        if fill:
            del features["attention_mask"]
        return model.get_text_features(**features).pooler_output

    def _run_pictures(self, images: Sequence[Picture]) -> Vectors:
        with self._torch.inference_mode():
            return to_numpy(self.picture_tensor(images))

    def _joined(self, texts: list[Vectors], pictures: list[Vectors]) -> Vectors:
        """Join the outputs for one item; shape (width,)."""
        parts = [np.stack(rows) for rows in (texts, pictures) if rows]
        if self.spec.pooling != SUM_OF_TOWERS:
            parts = [unit_rows(unit_rows(rows).mean(axis=0, keepdims=True)) for rows in parts]
        joined: Vectors = np.sum([rows.mean(axis=0) for rows in parts], axis=0)
        return joined


def load(spec: EncoderSpec, folder: Path, choice: Choice) -> DualTowerEncoder:
    """Load the model from its folder; errors as `registry.build`."""
    with torch_for(choice) as torch:
        model = pretrained(torch, "AutoModel", folder, choice)
        lowercase = model.config.model_type == _SIGLIP
        tokens = HubTokenizer.load(folder, spec.max_tokens, lowercase=lowercase)
        pictures = processor("AutoImageProcessor", folder, backend="pil")
    return DualTowerEncoder(spec, tokens, choice, torch, model, pictures=pictures)
