"""Specs of the hub models with a short name; their commit is known once they are pulled."""

from __future__ import annotations

from typing import Any, Final

from encoders.multi.pooling import POOLING
from encoders.spec import UNPINNED, EncoderSpec

EXTRA: Final = "models"
# Prefixes of models named by where they are: pulled from the hub, or in a folder.
BY_SOURCE: Final = ("hf:", "file:")
MEAN_OF_TOWERS: Final = "towers-mean"
SUM_OF_TOWERS: Final = "towers-sum"

# The chat format of Qwen3-VL, spelled out: the instruction is the system's turn, what is encoded is
# the user's, and the vector is read off the last token of the opened answer.
_QWEN_VL_CHAT = (
    "<|im_start|>system\n%s<|im_end|>\n<|im_start|>user\n{text}<|im_end|>\n<|im_start|>assistant\n"
)
# The limits on pixels that the model's authors embed with.
QWEN_VL_PREPARATION: Final = f"min_pixels={4 * 32 * 32} max_pixels={1800 * 32 * 32}"


_DEFAULTS: Final[dict[str, Any]] = {
    "family": "sentence-transformers",
    "modality": "text",
    "revision": UNPINNED,
    "max_tokens": 8192,
    "window_overlap": 64,
}


def _hub(name: str, source: str, dim: int, pooling: str, **more: Any) -> EncoderSpec:
    return EncoderSpec(name=name, source=source, dim=dim, pooling=pooling, **(_DEFAULTS | more))


def _qwen_vl(name: str, source: str, dim: int) -> EncoderSpec:
    return _hub(
        name, source, dim, "last",
        family="qwen3-vl",
        modality="multimodal",
        query_template=_QWEN_VL_CHAT % "Retrieve images or text relevant to the user's query.",
        passage_template=_QWEN_VL_CHAT % "Represent the user's input.",
        preparation=QWEN_VL_PREPARATION,
        min_dim=64,
    )  # fmt: skip


def _towers(
    name: str, source: str, dim: int, max_tokens: int, pooling: str = MEAN_OF_TOWERS
) -> EncoderSpec:
    towers = {"family": "dual-tower", "modality": "multimodal", "window_overlap": 8}
    return _hub(name, source, dim, pooling, max_tokens=max_tokens, **towers)


def _multi(name: str, source: str, dim: int, max_tokens: int) -> EncoderSpec:
    late = {"family": "multi-vector", "kind": "multi", "max_tokens": max_tokens}
    return _hub(name, source, dim, POOLING, **late)


def _sparse(
    name: str, source: str, dim: int, max_tokens: int, pooling: str = "splade-max", **more: Any
) -> EncoderSpec:
    weights = {"family": "sparse", "kind": "sparse", "max_tokens": max_tokens}
    return _hub(name, source, dim, pooling, **(weights | more))


BGE_M3 = _hub("bge-m3", "BAAI/bge-m3", 1024, "cls", family="bge-m3")
QWEN_VL = _qwen_vl("qwen3-vl-embedding-2b", "Qwen/Qwen3-VL-Embedding-2B", 2048)
SIGLIP = _towers("siglip2-base", "google/siglip2-base-patch16-224", 768, 64)
CLIP = _towers("clip-vit-base-patch32", "openai/clip-vit-base-patch32", 512, 77)

ALL: Final = (
    BGE_M3,
    _hub("kure-v1", "nlpai-lab/KURE-v1", 1024, "cls"),
    _hub(
        "qwen3-embedding-0.6b", "Qwen/Qwen3-Embedding-0.6B", 1024, "last",
        query_template=(
            "Instruct: Given a web search query, retrieve relevant passages that answer the query\n"
            "Query:{text}"
        ),
        min_dim=32,
    ),
    _multi("kure-v2", "nlpai-lab/KURE-v2", 128, 8192),
    _multi("mxbai-edge-colbert", "mixedbread-ai/mxbai-edge-colbert-v0-32m", 64, 8192),
    _sparse("kure-sparse-nano", "nlpai-lab/KURE-Sparse-nano", 50_000, 8192),
    _sparse(
        "opensearch-sparse-doc", "opensearch-project/opensearch-neural-sparse-encoding-doc-v3-distill",
        30_522, 512,
    ),
    _sparse(
        "opensearch-sparse-multilingual",
        "opensearch-project/opensearch-neural-sparse-encoding-multilingual-v1", 105_879, 512,
    ),
    _sparse("bge-m3-sparse", "BAAI/bge-m3", 250_002, 8192, family="bge-m3-sparse", pooling="max"),
    QWEN_VL,
    # The model's own 4096 dimensions are more than a halfvec index takes.
    _qwen_vl("qwen3-vl-embedding-8b", "Qwen/Qwen3-VL-Embedding-8B", 2048),
    SIGLIP,
    CLIP,
    # CLIP's architecture, trained for the sum of both towers' outputs as they are.
    _towers("bge-vl-base", "BAAI/BGE-VL-base", 512, 77, SUM_OF_TOWERS),
)  # fmt: skip
