"""Rerankers on torch: cross-encoders of texts, Qwen3-VL-Reranker for texts and pictures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np

from encoders.base import Content, Vectors
from encoders.hub.qwen_vl_input import Turn, TurnMaker
from encoders.hub.runtime import (
    batch_tokens,
    check_pictures,
    in_batches,
    padded,
    pretrained,
    sentence_model,
    to_numpy,
    torch_for,
)
from encoders.hub.tokens import HubTokenizer
from encoders.rerank.base import PASSAGE_SLOT, QUERY_SLOT, Part, RerankerSpec
from encoders.runtime.device import Choice


class _Pair(NamedTuple):
    """A query and a passage as one input: ids, and which of the two each token is from."""

    ids: list[int]
    segments: list[int]


class _HubReranker:
    """Base class: scores inputs in batches; a subclass runs the model."""

    def __init__(self, spec: RerankerSpec, choice: Choice, torch: ModuleType, model: Any) -> None:
        self.spec = spec
        self._limit = batch_tokens(choice, spec.max_tokens)
        self._torch = torch
        self._model = model

    def _scored(self, run: Callable[[Sequence[Any]], Vectors], inputs: Sequence[Any]) -> Vectors:
        """Score inputs with ids; float32 of shape (len(inputs),), in their order."""
        scores = in_batches(run, inputs, [len(one.ids) for one in inputs], self._limit)
        return np.array(scores, dtype=np.float32)


class CrossEncoderReranker(_HubReranker):
    """Scores texts with a classifier over query and passage; see `load_cross_encoder`.

    A score is what the model's own activation gives, for most models between 0 and 1.
    """

    def __init__(self, tokens: HubTokenizer, *base: Any) -> None:
        super().__init__(*base)
        self._tokens = tokens
        self._segments = "token_type_ids" in self._model.tokenizer.model_input_names

    def score(self, query: Part, passages: Sequence[Part]) -> Vectors:
        """See `RerankerModel.score`."""
        question, *found = [self._text(item) for item in _items(query, passages)]
        pairs = [_Pair(*pair) for pair in self._tokens.pairs(question, found)]
        return self._scored(self._run, pairs)

    def _text(self, item: Content) -> str:
        if item.images:
            raise ValueError(f"{self.spec.name} takes no pictures")
        return item.text

    def _run(self, pairs: Sequence[_Pair]) -> Vectors:
        device = str(self._model.device)
        features = padded(self._torch, [pair.ids for pair in pairs], self._tokens.pad_id, device)
        if self._segments:
            segments = padded(self._torch, [pair.segments for pair in pairs], 0, device)
            features["token_type_ids"] = segments["input_ids"]
        with self._torch.inference_mode():
            scores = self._model(features)["scores"].float()
            return to_numpy(self._model.activation_fn(scores).squeeze(-1))


class QwenVlReranker(_HubReranker):
    """Scores texts and pictures with a prompted model; see `load_qwen_vl`.

    A score is the probability of "yes" against "no" as the answer's first word.
    """

    def __init__(self, turns: TurnMaker, direction: Any, *base: Any) -> None:
        super().__init__(*base)
        self._turns = turns
        self._direction = direction

    def score(self, query: Part, passages: Sequence[Part]) -> Vectors:
        """See `RerankerModel.score`.

        Raises:
            TypeError: If `passages` is one string, or a part is neither a text nor an item.
            ValueError: If a picture is not one, or pictures alone are longer than the input.
        """
        question, *found = _items(query, passages)
        before, _, rest = self.spec.template.partition(QUERY_SLOT)
        between, _, after = rest.partition(PASSAGE_SLOT)
        start = before + self._turns.content(question) + between
        prompts = [
            (start + self._turns.content(item) + after, (*question.images, *item.images))
            for item in found
        ]
        turns = self._turns.turns(prompts, self._turns.tokens.behind(after))
        return self._scored(self._run, turns)

    def _run(self, turns: Sequence[Turn]) -> Vectors:
        body = self._model
        features = self._turns.tensors(self._torch, turns, str(body.device), body.dtype)
        last = [len(turn.ids) - 1 for turn in turns]
        with self._torch.inference_mode():
            hidden = body(**features, use_cache=False).last_hidden_state
            answers = hidden[list(range(len(turns))), last].float()
            return to_numpy(self._torch.sigmoid(answers @ self._direction))


def load_cross_encoder(spec: RerankerSpec, folder: Path, choice: Choice) -> CrossEncoderReranker:
    """Load the model from its folder; errors as `registry.build`."""
    with torch_for(choice) as torch:
        model = sentence_model("CrossEncoder", folder, torch, choice)
        tokens = HubTokenizer(model.tokenizer, spec.max_tokens)
    return CrossEncoderReranker(tokens, spec, choice, torch, model)


def load_qwen_vl(spec: RerankerSpec, folder: Path, choice: Choice) -> QwenVlReranker:
    """Load the model from its folder; errors as `registry.build`.

    Raises:
        ValueError: If its vocabulary has no "yes" or no "no".
    """
    with torch_for(choice) as torch:
        turns = TurnMaker.load(folder, spec.max_tokens, spec.preparation)
        model = pretrained(torch, "AutoModelForImageTextToText", folder, choice)
    rows = model.get_output_embeddings().weight.detach().float()
    # sigmoid(yes - no) needs two rows of the head, not its 150,000.
    direction = rows[turns.tokens.number("yes")] - rows[turns.tokens.number("no")]
    return QwenVlReranker(turns, direction, spec, choice, torch, model.model)


def _items(query: Part, passages: Sequence[Part]) -> list[Content]:
    """The query and the passages as items, checked."""
    if isinstance(passages, str | Content):
        raise TypeError(f"passages must be a sequence, not one {type(passages).__name__}")
    places = ["query", *(f"passages[{row}]" for row in range(len(passages)))]
    return [_item(part, where) for part, where in zip((query, *passages), places, strict=True)]


def _item(part: Part, where: str) -> Content:
    item = Content(part) if isinstance(part, str) else part
    if not isinstance(item, Content):
        raise TypeError(f"{where} must be a text or an item, not {type(part).__name__}")
    check_pictures(item, where)
    return item
