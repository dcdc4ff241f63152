"""Start of a sparse model: a head that gives every token of a text its own word, weighted by rarity.

A base that was never trained to name words gets a head of BERT's make over its own table of words: a linear
layer, layer normalisation, products with the table, a bias per word. Left at random it would have to learn
what words are from a few hundred pairs. So it begins by regression: each token's vector is mapped to the row
of its own word (ridge), and biases are such that a text has its own words with the weight sqrt(idf), as BM25
would, and few others. Training then shifts weights, and expands.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from encoders.runtime.optional import require
from encoders.training import network
from encoders.training.heads import tokens, vocabulary
from encoders.training.network import EXTRA
from encoders.training.settings import TrainSettings

Rows = NDArray[np.float32]
# Passages by which the head is set; tokens by which its scale is.
_PASSAGES = 1000
_SAMPLE = 512
# Words beside its own that a token begins with.
_OTHERS = 4
_RIDGE = 1e-3
# Bias by which the activation between is in its linear part; the normalisation takes it out again.
_LINEAR = 8.0
# Bias of special tokens: they never have a weight.
_NEVER = -1e4


class HeadFit(NamedTuple):
    """Weights of a head: (dim, dim) and (dim,) of the linear layer, scale of the normalisation, biases."""

    matrix: Rows
    offset: Rows
    scale: float
    biases: Rows


def write(
    base: Path,
    folder: Path,
    settings: TrainSettings,
    passages: Sequence[str],
    texts: Sequence[str],
) -> None:
    """Write the model into `folder`, replacing what is there."""
    library = require("sentence_transformers", EXTRA)
    plain = network.load(library, base, None, "cpu")
    longest, plain.max_seq_length = plain.max_seq_length, settings.max_tokens
    prompts = tokens.prompts(plain)
    asked = [prompt + text for prompt in set(prompts.values()) for text in ("", *texts)]
    ids = vocabulary.kept(plain.tokenizer, settings, asked)
    backbone = Path(plain[0].auto_model.config._name_or_path)
    model, headed = vocabulary.cut_network(backbone, plain[0].auto_model, ids)
    tokenizer = vocabulary.cut_tokenizer(plain.tokenizer, ids)
    if not headed:
        _set(model, fitted(plain, model, ids, passages[:_PASSAGES]), tokenizer.all_special_ids)
    shutil.rmtree(folder, ignore_errors=True)
    with tempfile.TemporaryDirectory() as scratch:
        model.save_pretrained(scratch)
        tokenizer.save_pretrained(scratch)
        transformer = require("sentence_transformers.base.modules", EXTRA).Transformer
        pooling = require("sentence_transformers.sparse_encoder.modules", EXTRA).SpladePooling
        body = transformer(scratch, transformer_task="fill-mask")
        body.max_seq_length = longest
        library.SparseEncoder(
            modules=[body, pooling("max", embedding_dimension=len(ids))],
            device="cpu",
            prompts=prompts,
            similarity_fn_name="dot",
        ).save(str(folder))


def fitted(plain: Any, model: Any, ids: Sequence[int], passages: Sequence[str]) -> HeadFit:
    """Fit a head over the table of words of `model` to the tokens of passages, as `plain` sees them."""
    new = {old: at for at, old in enumerate(ids)}
    found = list(tokens.states(plain, passages))
    hidden = np.concatenate([rows for rows, _ in found])
    own = np.array([new[number] for _, numbers in found for number in numbers])
    table: Rows = model.get_input_embeddings().weight.detach().numpy()
    matrix, offset = _regressed(hidden, own, table)
    named = _normal(hidden @ matrix.T + offset)
    means = _means(named, own, table)
    wanted = np.expm1(np.sqrt(_rarities(plain, passages, new, len(table))))
    draw = np.random.default_rng(0).permutation(len(named))[:_SAMPLE]
    below = named[draw] @ table.T - means
    below[np.arange(len(draw)), own[draw]] = -np.inf
    # How far below its own word the nearest other ones are that a token is not to begin with.
    gap = -float(np.mean(np.sort(below, axis=1)[:, -_OTHERS - 1]))
    scale = float(np.max(wanted)) / max(gap, 1e-3)
    return HeadFit(matrix, offset, scale, (wanted - scale * means).astype(np.float32))


def _regressed(hidden: Rows, own: NDArray[np.intp], table: Rows) -> tuple[Rows, Rows]:
    """Ridge regression of the directions of words on tokens; frequent words weigh by their root."""
    directions = table - table.mean(axis=0)
    directions /= np.maximum(np.linalg.norm(directions, axis=1, keepdims=True), 1e-6)
    share = 1 / np.sqrt(np.bincount(own, minlength=len(table))[own])
    given = np.hstack([hidden, np.ones((len(hidden), 1), dtype=np.float32)]).astype(np.float64)
    weighted = given * share[:, np.newaxis]
    square = weighted.T @ given
    square[np.diag_indices_from(square)] += _RIDGE * np.trace(square) / len(square)
    solved = np.linalg.solve(square, weighted.T @ directions[own]).astype(np.float32)
    spread = float(np.std(hidden @ solved[:-1] + solved[-1])) or 1.0
    return np.ascontiguousarray(solved[:-1].T / spread), solved[-1] / spread


def _normal(rows: Rows) -> Rows:
    """Layer normalisation without weights."""
    centred = rows - rows.mean(axis=1, keepdims=True)
    normal: Rows = centred / np.maximum(centred.std(axis=1, keepdims=True), 1e-6)
    return normal


def _means(named: Rows, own: NDArray[np.intp], table: Rows) -> Rows:
    """Mean product of each word with its own tokens; of words without any, the most that there can be."""
    products = np.einsum("nd,nd->n", named, table[own])
    counts = np.bincount(own, minlength=len(table))
    sums = np.bincount(own, weights=products, minlength=len(table))
    most = np.einsum("nd,nd->n", _normal(table - table.mean(axis=0)), table)
    seen = counts > 0
    share = float(np.sum(sums[seen]) / np.sum(counts[seen] * most[seen]))
    means: Rows = np.where(seen, sums / np.maximum(counts, 1), share * most).astype(np.float32)
    return means


def _rarities(
    plain: Any, passages: Sequence[str], new: dict[int, int], size: int
) -> NDArray[np.float64]:
    """Inverse document frequency of each token in the passages, as BM25 has it."""
    frequency = np.zeros(size)
    prompt = tokens.prompts(plain)["document"]
    for encoding in plain.tokenizer.backend_tokenizer.encode_batch([prompt + p for p in passages]):
        frequency[[new[number] for number in set(encoding.ids)]] += 1
    return np.log1p((len(passages) - frequency + 0.5) / (frequency + 0.5))


def _set(model: Any, fit: HeadFit, special: Sequence[int]) -> None:
    """Put the weights into the head of a network of BERT's or RoBERTa's make."""
    torch = require("torch", EXTRA)
    bert = getattr(model, "cls", None)
    if bert is not None:
        linear, norm = bert.predictions.transform.dense, bert.predictions.transform.LayerNorm
        biases = bert.predictions.bias
    else:
        linear, norm, biases = model.lm_head.dense, model.lm_head.layer_norm, model.lm_head.bias
    values = fit.biases.copy()
    values[list(special)] = _NEVER
    with torch.no_grad():
        linear.weight.copy_(torch.from_numpy(fit.matrix))
        linear.bias.copy_(torch.from_numpy(fit.offset + np.float32(_LINEAR)))
        norm.weight.fill_(fit.scale)
        norm.bias.zero_()
        biases.copy_(torch.from_numpy(values))
