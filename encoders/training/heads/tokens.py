"""Start of a multi-vector model: a layer from the base's token vectors to short ones.

Its rows are the principal directions of token vectors of some passages, without what all tokens have in
common: vectors of one encoder lie in a narrow cone, where every token is near to every other (Ethayarajh,
2019, "How Contextual are Contextualized Word Representations?"). So the untrained model already tells words
apart, and training has less to do.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from encoders.runtime.optional import require
from encoders.training import network
from encoders.training.network import EXTRA
from encoders.training.settings import TrainSettings

# Passages by which the layer is set, and how many go through the network at a time.
_PASSAGES = 256
_BATCH = 16


def write(base: Path, folder: Path, settings: TrainSettings, passages: Sequence[str]) -> None:
    """Write the model into `folder`, replacing what is there."""
    library = require("sentence_transformers", EXTRA)
    torch = require("torch", EXTRA)
    plain = network.load(library, base, None, "cpu")
    longest, plain.max_seq_length = plain.max_seq_length, settings.max_tokens
    rows = np.concatenate([found for found, _ in states(plain, passages[:_PASSAGES])])
    weight = torch.from_numpy(directions(rows, settings.token_dim))
    modules = require("sentence_transformers.base.modules", EXTRA)
    masks = require("sentence_transformers.multi_vector_encoder.modules", EXTRA)
    plain.max_seq_length = longest
    dense = require("sentence_transformers.base.modules.dense", EXTRA).Dense(
        weight.shape[1],
        weight.shape[0],
        bias=False,
        activation_function=torch.nn.Identity(),
        init_weight=weight,
        module_input_name="token_embeddings",
    )
    last = modules.Normalize(module_input_name="token_embeddings")
    shutil.rmtree(folder, ignore_errors=True)
    library.MultiVectorEncoder(
        modules=[plain[0], dense, masks.MultiVectorMask(), last],
        device="cpu",
        prompts=prompts(plain),
    ).save(str(folder))


def states(model: Any, passages: Sequence[str]) -> Iterator[tuple[NDArray[np.float32], list[int]]]:
    """Hidden states of the real tokens of passages, and the ids of those tokens, a batch at a time.

    Args:
        model: a sentence-transformers model; its first module is run.
        passages: texts, without the prompt, which is put before them.
    """
    torch = require("torch", EXTRA)
    model.eval()
    prompt = prompts(model)["document"]
    for start in range(0, len(passages), _BATCH):
        given = model.preprocess([prompt + text for text in passages[start : start + _BATCH]])
        with torch.inference_mode():
            hidden = model[0](dict(given))["token_embeddings"]
        real = given["attention_mask"].bool()
        yield hidden[real].float().numpy(), given["input_ids"][real].tolist()


def directions(rows: NDArray[np.float32], wanted: int) -> NDArray[np.float32]:
    """Principal directions of rows around their mean, at right angles to the mean; (wanted, dim).

    As many as there are where more are wanted.
    """
    mean = rows.mean(axis=0, keepdims=True)
    centred = (rows - mean).astype(np.float64)
    common = (mean / np.linalg.norm(mean)).astype(np.float64)
    centred -= (centred @ common.T) @ common
    _, vectors = np.linalg.eigh(centred.T @ centred)
    found: NDArray[np.float32] = vectors.T[::-1][:wanted].astype(np.float32)
    return np.ascontiguousarray(found)


def prompts(model: Any) -> dict[str, str]:
    """Prompts of queries and passages, by the names that every kind has."""
    passage = next((p for n in ("document", "passage") if (p := model.prompts.get(n))), "")
    return {"query": model.prompts.get("query") or "", "document": passage}
