"""Settings of a training run; a file and the command line fill them."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

Positive = Annotated[int, msgspec.Meta(ge=1)]
Count = Annotated[int, msgspec.Meta(ge=0)]
Fraction = Annotated[float, msgspec.Meta(ge=0, lt=1)]

E5 = "multilingual-e5-small"


class TrainSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Settings of one training run.

    Attributes:
        base: `multilingual-e5-small` from the wheel, or the folder of a sentence-transformers model.
        loss: `mnrl` ranks the positive above all other passages of the batch; `gist` does so without
            those that a frozen copy of the base takes for relevant; `triplet` keeps a margin to the
            first negative.
        temperature: cosines are divided by it before the softmax: small is sharp. At the start the
            loss is about ln(passages per batch), or less where the base knows the field already.
        margin: of `triplet`, in cosine distance.
        batch: pairs per step; the other pairs of the batch are negatives.
        mini_batch: pairs that are in memory at once, for batches that are larger than it (gradients
            are cached: twice the forward passes); 0: the whole batch.
        negatives: mined negatives of each pair that are used.
        epochs: passes over the pairs.
        max_steps: stop after so many; 0: as many as `epochs` needs.
        learning_rate: highest; it rises over `warmup`, then falls to 0 in a straight line.
        warmup: fraction of the steps.
        weight_decay: of AdamW.
        max_tokens: texts are cut there while training; the model keeps its own limit.
        lora_rank: train low-rank additions to the attention and feed-forward matrices; 0: the
            matrices themselves.
        lora_alpha: additions are multiplied by alpha / rank.
        lora_dropout: on their inputs.
        frozen_layers: so many of the lowest layers stay as they are.
        freeze_words: the table of token vectors stays as it is: most of the weights of a multilingual
            model, and rows of tokens that no pair has would drift apart from those that are trained.
        matryoshka: lengths to which vectors may be cut later, such as 256, 128.
        precision: number type of activations; auto: bfloat16 or float16 on an accelerator that has it,
            float32 on a CPU.
        gradient_checkpointing: compute activations again on the way back: less memory, a third slower.
        evaluate_every: steps between losses on the held-out pairs; 0: at the end of each epoch.
        save_every: steps between checkpoints to resume from, a multiple of `evaluate_every`; 0: the same.
        patience: stop after so many evaluations that are not better; 0: never. The best one is kept.
        seed: of the order of pairs, of dropout, and of what is initialised.
        threads: of the matrix operations on a CPU; 0: one per core.
        trackers: of `mlflow`, `wandb`; the JSON log is written always.
    """

    base: str = E5
    loss: Literal["mnrl", "gist", "triplet"] = "mnrl"
    temperature: Annotated[float, msgspec.Meta(gt=0)] = 0.05
    margin: Annotated[float, msgspec.Meta(gt=0)] = 0.2
    batch: Annotated[int, msgspec.Meta(ge=2)] = 32
    mini_batch: Count = 0
    negatives: Count = 1
    epochs: Annotated[float, msgspec.Meta(gt=0)] = 2.0
    max_steps: Count = 0
    learning_rate: Annotated[float, msgspec.Meta(gt=0)] = 1e-4
    warmup: Fraction = 0.1
    weight_decay: Annotated[float, msgspec.Meta(ge=0)] = 0.01
    max_tokens: Annotated[int, msgspec.Meta(ge=8)] = 128
    lora_rank: Count = 0
    lora_alpha: Positive = 32
    lora_dropout: Fraction = 0.05
    frozen_layers: Count = 0
    freeze_words: bool = True
    matryoshka: tuple[Positive, ...] = ()
    precision: Literal["auto", "float32", "bfloat16", "float16"] = "auto"
    gradient_checkpointing: bool = False
    evaluate_every: Count = 0
    save_every: Count = 0
    patience: Count = 0
    seed: int = 20
    threads: Count = 0
    trackers: tuple[Literal["mlflow", "wandb"], ...] = ()

    def __post_init__(self) -> None:
        if self.loss == "triplet" and self.negatives < 1:
            raise ValueError("triplet needs negatives: mine them, and set negatives to 1 or more")
        if self.loss == "triplet" and self.mini_batch:
            raise ValueError("triplet has no mini_batch: its pairs do not see each other")
        if self.save_every % (self.evaluate_every or 1) or (
            self.save_every and not self.evaluate_every
        ):
            raise ValueError(
                f"save_every {self.save_every} must be a multiple of evaluate_every"
                f" {self.evaluate_every}, so that the best of the saved ones can be told"
            )
