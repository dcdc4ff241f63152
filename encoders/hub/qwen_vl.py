"""Qwen3-VL-Embedding encoder: texts, pictures, and both together in one space."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from encoders.base import Content, Picture, Vectors
from encoders.hub.qwen_vl_input import Turn, TurnMaker
from encoders.hub.runtime import check_items, pretrained, to_numpy, torch_for
from encoders.hub.text_encoder import HubTextEncoder
from encoders.pictures.decoding import check
from encoders.runtime.device import Choice
from encoders.runtime.rows import unit_rows
from encoders.spec import TEXT_SLOT, EncoderSpec
from encoders.text.rendering import render_all


class QwenVlEncoder(HubTextEncoder):
    """Multimodal encoder with a loaded model; see `load`.

    The instruction is the spec's: queries get that of `query_template`, all else that of
    `passage_template`. A vector is the last token's, or the mean of all tokens of the turn where the
    spec pools by `mean`, cut to the spec's dimension.
    """

    def __init__(self, *base: Any, turns: TurnMaker) -> None:
        super().__init__(*base)
        self._turns = turns

    def encode_images(self, images: Sequence[Picture]) -> Vectors:
        """See `ImageEncoder.encode_images`."""
        check(images)
        return self.encode_items([Content(images=(image,)) for image in images])

    def encode_items(self, items: Sequence[Content]) -> Vectors:
        """See `MultimodalEncoder.encode_items`; pictures come before the text.

        Raises:
            ValueError: If an item has neither text nor picture, a picture is not one, or pictures
                alone are longer than the model's input.
        """
        check_items(items)
        return self._encode_items(self.spec.passage_template, items)

    def _encode_texts(self, template: str, texts: Sequence[str]) -> Vectors:
        return self._encode_items(
            template, [Content(text) for text in render_all(TEXT_SLOT, texts)]
        )

    def _encode_items(self, template: str, items: Sequence[Content]) -> Vectors:
        prompts = [
            (template.replace(TEXT_SLOT, self._turns.content(item)), item.images) for item in items
        ]
        turns = self._turns.turns(prompts, self._tokens.behind(template.rpartition(TEXT_SLOT)[2]))
        lengths = [len(turn.ids) for turn in turns]
        return unit_rows(self._collected(self._run_turns, turns, lengths), self.spec.dim)

    def _run_turns(self, turns: Sequence[Turn]) -> Vectors:
        model = self._model
        features = self._turns.tensors(self._torch, turns, str(model.device), model.dtype)
        last = [len(turn.ids) - 1 for turn in turns]
        with self._torch.inference_mode():
            hidden = model(**features, use_cache=False).last_hidden_state
            if self.spec.pooling == "mean":
                said = features["attention_mask"].unsqueeze(-1).to(hidden.device)
                return to_numpy((hidden.float() * said).sum(dim=1) / said.sum(dim=1))
            return to_numpy(hidden[list(range(len(turns))), last])


def load(spec: EncoderSpec, folder: Path, choice: Choice) -> QwenVlEncoder:
    """Load the model from its folder; errors as `registry.build`."""
    with torch_for(choice) as torch:
        turns = TurnMaker.load(folder, spec.max_tokens, spec.preparation)
        model = pretrained(torch, "AutoModel", folder, choice)
    return QwenVlEncoder(spec, turns.tokens, choice, torch, model, turns=turns)
