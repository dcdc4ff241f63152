"""Specs of model folders, read from configuration files without loading the model."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from encoders.errors import WeightsInvalid
from encoders.hub import modules, specs
from encoders.hub.files import config, optional_config, pooling_modes
from encoders.multi.pooling import POOLING
from encoders.projection import files as projection
from encoders.sparse import files as sparse_files
from encoders.spec import TEXT_SLOT, EncoderSpec
from encoders.text.e5 import encoder
from encoders.text.portable import graphs

# Windows longer than this blur; a spec written by hand may say otherwise.
_LONGEST = 8192
_PASSAGE_PROMPTS = ("document", "passage", "corpus")


class ModelFacts(NamedTuple):
    """Properties of a model that its files state.

    Attributes:
        dim: Length of the whole vector.
        pooling: How token vectors become one vector; empty where the folder does not say.
        positions: Longest input in tokens.
    """

    dim: int
    pooling: str
    positions: int


def family(folder: Path) -> str:
    """Family of the model of a folder: which implementation builds it.

    Raises:
        WeightsInvalid: If none does.
    """
    kind = optional_config(folder / "config.json").get("model_type", "")
    if kind == "qwen3_vl":
        return "qwen3-vl"
    if kind in ("clip", "siglip"):
        return "dual-tower"
    if (folder / "sparse_linear.pt").exists() and (folder / "colbert_linear.pt").exists():
        return "bge-m3"
    if _is_multi_vector(folder):
        return "multi-vector"
    if sparse_files.is_sparse(folder):
        return sparse_files.FAMILY
    if (folder / "modules.json").exists():
        return "sentence-transformers"
    raise WeightsInvalid(
        folder,
        f"model type {kind!r} without modules.json is no embedding model known here; known are"
        " sentence-transformers models, bge-m3, qwen3_vl, clip and siglip",
    )


def facts(folder: Path, family: str) -> ModelFacts:
    """Read the properties of the model of a folder, as one of a family.

    Raises:
        WeightsInvalid: If a configuration file is absent or says something unknown.
    """
    if family == "sentence-transformers":
        return _sentence(folder)
    if family == "multi-vector":
        return _multi_vector(folder)
    if family == sparse_files.FAMILY:
        parts = sparse_files.modules(folder)
        size = sparse_files.vocabulary_size(parts.network)
        positions = _sentence_positions(parts.network, config(parts.network / "config.json"))
        return ModelFacts(size, sparse_files.pooling_name(parts.pooling), positions)
    values = config(folder / "config.json")
    text = values.get("text_config", values)
    if family == "dual-tower" and values.get("model_type") == "clip":
        # The library leaves out of the file what has its default value.
        return ModelFacts(
            values.get("projection_dim", 512), "", text.get("max_position_embeddings", 77)
        )
    if family == "dual-tower":
        width = text.get("projection_size") or text.get("hidden_size", 768)
        return ModelFacts(width, "", text.get("max_position_embeddings", 64))
    if family == "bge-m3-sparse":
        return ModelFacts(sparse_files.vocabulary_size(folder), "max", _positions(text))
    pooling = {"bge-m3": "cls", "qwen3-vl": "last"}.get(family, "")
    return ModelFacts(_hidden(text, folder), pooling, _positions(text))


def spec(name: str, source: str, revision: str, folder: Path) -> EncoderSpec:
    """Spec of the model of a folder.

    Args:
        name: Of the encoder.
        source: Hub id or folder it is pulled from.
        revision: Its commit, or a digest of its contents.
        folder: Where its files are.

    Raises:
        WeightsInvalid: If it is not a model this program can encode with.
    """
    if (folder / encoder.SPEC_FILE).exists():
        return _trained(name, source, revision, folder)
    if (folder / projection.SPEC_FILE).exists():
        return projection.spec(name, source, revision, folder)
    kind = family(folder)
    known = facts(folder, kind)
    tokens = min(known.positions, _LONGEST)
    changes: dict[str, Any] = {
        "name": name, "source": source, "revision": revision, "dim": known.dim, "min_dim": 1,
        "max_tokens": tokens, "window_overlap": min(64, tokens // 8),
    }  # fmt: skip
    if kind == "multi-vector":
        changes |= {
            "family": kind,
            "modality": "text",
            "pooling": POOLING,
            "kind": "multi",
            "min_dim": 0,
        }
        return EncoderSpec(**{**changes, **_templates(folder)})
    if kind == sparse_files.FAMILY:
        changes |= {"kind": "sparse", "min_dim": 0}
    if kind in ("sentence-transformers", sparse_files.FAMILY):
        changes |= {"family": kind, "modality": "text", "pooling": known.pooling}
        return EncoderSpec(**{**changes, **_templates(folder)})
    template = {"qwen3-vl": specs.QWEN_VL, "bge-m3": specs.BGE_M3}.get(kind, specs.CLIP)
    return EncoderSpec(**{**msgspec.structs.asdict(template), **changes})


def _trained(name: str, source: str, revision: str, folder: Path) -> EncoderSpec:
    """The spec of a folder with an e5 network that was trained further, or an exported graph."""
    values = config(folder / encoder.SPEC_FILE)
    known = (encoder.DEFAULT.family, *graphs.KINDS)
    if values.keys() != set(encoder.FOLDER_SPEC) or values["family"] not in known:
        raise WeightsInvalid(folder / encoder.SPEC_FILE, "it is not one that `seogo train` wrote")
    kind: Any = graphs.KINDS.get(values["family"], "single")
    about = {"name": name, "source": source, "revision": revision, "kind": kind}
    return EncoderSpec(modality="text", **about, **values)


def width(folder: Path) -> int:
    """Length of the hidden states of the model of a folder.

    Raises:
        WeightsInvalid: If its configuration does not say.
    """
    if sparse_files.is_sparse(folder):
        folder = sparse_files.modules(folder).network
    values = config(folder / "config.json")
    return _hidden(values.get("text_config", values), folder)


def reranker(folder: Path) -> tuple[str, int]:
    """Family of the reranker of a folder, and its longest input in tokens.

    Raises:
        WeightsInvalid: If none does.
    """
    values = config(folder / "config.json")
    kind = values.get("model_type", "")
    if kind == "qwen3_vl":
        return "qwen3-vl-reranker", min(_positions(values["text_config"]), _LONGEST)
    classifies = any(
        name.endswith("ForSequenceClassification") for name in values.get("architectures") or ()
    )
    labels = values.get("id2label", {"0": "", "1": ""})  # the library leaves two out of the file
    if classifies and len(labels) == 1:
        return "cross-encoder", min(_sentence_positions(folder, values), _LONGEST)
    raise WeightsInvalid(
        folder,
        f"model type {kind!r} is no reranker known here; known are sequence classification models"
        " with one label, and qwen3_vl",
    )


def _sentence(folder: Path) -> ModelFacts:
    found = modules.listed(folder)
    backbone = folder / found[0]["path"]
    model = config(backbone / "config.json")
    model = model.get("text_config", model)
    dim, pooling = 0, ""
    for module in found:
        path = folder / module["path"] / "config.json"
        if module["type"] == "Pooling":
            modes = pooling_modes(path)
            pooling = "+".join("last" if mode == "lasttoken" else mode for mode in modes)
            dim = _hidden(model, folder) * len(modes)
        elif module["type"] == "Dense":
            dim = int(config(path)["out_features"])
    if not pooling:
        raise WeightsInvalid(folder / "modules.json", "no module pools the token vectors")
    return ModelFacts(dim, pooling, _sentence_positions(backbone, model))


def _is_multi_vector(folder: Path) -> bool:
    """Whether a folder is one of the library's multi-vector models, PyLate's or Stanford's included."""
    saved = optional_config(folder / "config_sentence_transformers.json").get("model_type")
    known = optional_config(folder / "config.json").get("architectures") or ()
    return saved in ("MultiVectorEncoder", "ColBERT") or "HF_ColBERT" in known


def _multi_vector(folder: Path) -> ModelFacts:
    """Facts of a multi-vector model: the last Dense module gives the length of a token's vector."""
    if not (folder / "modules.json").exists():  # Stanford's: the projection is among the weights
        model = config(folder / "config.json")
        stated = optional_config(folder / "artifact.metadata")
        limit = int(stated.get("doc_maxlen") or _positions(model))
        return ModelFacts(int(stated.get("dim") or 128), POOLING, min(limit, _positions(model)))
    found = modules.listed(folder, modules.TOKENS)
    backbone = folder / found[0]["path"]
    model = config(backbone / "config.json")
    model = model.get("text_config", model)
    dim = _hidden(model, folder)
    for module in found:
        if module["type"] == "Dense":
            dim = int(config(folder / module["path"] / "config.json")["out_features"])
    positions = _sentence_positions(backbone, model)
    for source in ("sentence_bert_config.json", "config_sentence_transformers.json"):
        positions = min(
            positions, optional_config(backbone / source).get("document_length") or positions
        )
    return ModelFacts(dim, POOLING, positions)


def _templates(folder: Path) -> dict[str, str]:
    values = optional_config(folder / "config_sentence_transformers.json")
    prompts: dict[str, str | None] = dict(values.get("prompts") or {})
    # PyLate wrote its marks beside the prompts; the library puts them in front.
    for key, name in (("query_prefix", "query"), ("document_prefix", "document")):
        mark = values.get(key) or ""
        prompts[name] = mark + (prompts.get(name) or "").removeprefix(mark)
    passage = next((text for name in _PASSAGE_PROMPTS if (text := prompts.get(name))), "")
    return {
        "query_template": (prompts.get("query") or "") + TEXT_SLOT,
        "passage_template": passage + TEXT_SLOT,
    }


def _sentence_positions(backbone: Path, model: dict[str, Any]) -> int:
    values = optional_config(backbone / "sentence_bert_config.json").get("max_seq_length")
    if values:
        return int(values)
    tokenizer = optional_config(backbone / "tokenizer_config.json").get("model_max_length")
    limits = [int(limit) for limit in (tokenizer, _positions(model)) if limit]
    return min(limits)


def _positions(model: dict[str, Any]) -> int:
    positions = int(model.get("max_position_embeddings") or _LONGEST)
    # Positions of this line of models are counted from behind the padding token's number.
    offset = model.get("pad_token_id", 1) + 1 if "roberta" in model.get("model_type", "") else 0
    return positions - offset


def _hidden(model: dict[str, Any], folder: Path) -> int:
    try:
        return int(model["hidden_size"])
    except KeyError:
        raise WeightsInvalid(folder / "config.json", "it does not say hidden_size") from None
