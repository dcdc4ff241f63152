"""Settings of training the towers of a CLIP or SigLIP model; no library of models is imported."""

from __future__ import annotations

from typing import Annotated

import msgspec

from encoders.training.settings import Count, Fraction, Positive


class TowerSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Settings of one training run of both towers by low-rank additions (LoRA).

    Attributes:
        base: name of a pulled CLIP or SigLIP model (`siglip2-base`), `hf:org/name` or `file:/folder`.
        lora_rank: of the additions to the matrices of attention and of the feed-forward layers.
        lora_alpha: additions are multiplied by alpha / rank.
        lora_dropout: on their inputs.
        temperature: cosines are divided by it before the softmax.
        batch: pictures per step, each with one of its texts.
        epochs: passes over the pictures.
        learning_rate: highest; it falls to 0 in a straight line.
        weight_decay: of AdamW.
        patience: stop after so many passes that are not better on the held-out pairs; 0: never. The best
            is kept, the untrained model among them.
        valid: fraction of the groups held out to choose by, of those that are learned from.
        seed: of the split, of the order of pictures, and of what is initialised.
    """

    base: str = "siglip2-base"
    lora_rank: Positive = 8
    lora_alpha: Positive = 16
    lora_dropout: Fraction = 0.05
    temperature: Annotated[float, msgspec.Meta(gt=0)] = 0.07
    batch: Annotated[int, msgspec.Meta(ge=2)] = 32
    epochs: Positive = 3
    learning_rate: Annotated[float, msgspec.Meta(gt=0)] = 1e-4
    weight_decay: Annotated[float, msgspec.Meta(ge=0)] = 0.01
    patience: Count = 0
    valid: Fraction = 0.15
    seed: int = 20
