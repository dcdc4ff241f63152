"""Properties of sparse encoders of sentence-transformers, read from their files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

from encoders.errors import WeightsInvalid
from encoders.hub.files import config, optional_config
from encoders.sparse.pieces import WordPiece

FAMILY = "sparse"
# Module classes by their place in each route; those of CSR models have other outputs.
_NETWORK = ("Transformer", "MLMTransformer")
_POOLING = "SpladePooling"
STATIC = "SparseStaticEmbedding"
# The library's own, whichever way its folders were named since.
_LIBRARY = "sentence_transformers."


class Modules(NamedTuple):
    """Folders of the network and of its pooling; `static`: queries need neither."""

    network: Path
    pooling: Path
    static: bool


def is_sparse(folder: Path) -> bool:
    """Whether a folder is one of the library's sparse encoders."""
    saved = optional_config(folder / "config_sentence_transformers.json").get("model_type")
    routes = optional_config(folder / "router_config.json").get("types") or {}
    classes = {str(kind).rpartition(".")[2] for kind in routes.values()}
    return saved == "SparseEncoder" or _POOLING in classes or (folder / "1_SpladePooling").is_dir()


def modules(folder: Path) -> Modules:
    """Find the modules of a sparse encoder.

    Raises:
        WeightsInvalid: If it has others than are known here.
    """
    routes = optional_config(folder / "router_config.json")
    if routes:
        types, structure = routes.get("types") or {}, routes.get("structure") or {}
        routed = {
            route: [(name, str(types.get(name))) for name in names]
            for route, names in structure.items()
        }
    else:
        path = folder / "modules.json"
        listed = [(m["path"], m["type"]) for m in json.loads(path.read_text(encoding="utf-8"))]
        routed = {"query": listed, "document": listed}
    query, document = (routed.get(name, []) for name in ("query", "document"))
    classes = [kind.rpartition(".")[2] for _, kind in document]
    asked = [kind.rpartition(".")[2] for _, kind in query]
    foreign = [k for _, k in (*query, *document) if not k.startswith(_LIBRARY)]
    known = len(classes) == 2 and classes[0] in _NETWORK and classes[1] == _POOLING
    if foreign or not known or asked not in ([STATIC], classes):
        raise WeightsInvalid(
            folder,
            f"only a Transformer followed by {_POOLING} is supported, with {STATIC} or the same for"
            f" queries; not {', '.join(foreign or classes) or 'nothing'}, {', '.join(asked)}",
        )
    (network, _), (pooling, _) = document
    return Modules(folder / network, folder / pooling, asked == [STATIC])


def vocabulary_size(folder: Path) -> int:
    """Number of tokens of a model's vocabulary, as its output has them.

    Raises:
        WeightsInvalid: If its configuration does not say.
    """
    size = config(folder / "config.json").get("vocab_size")
    if not isinstance(size, int):
        raise WeightsInvalid(folder / "config.json", "it does not say vocab_size")
    return size


def pooling_name(folder: Path) -> str:
    """Pooling of the module of a folder, as specs name it; the library's defaults where it says nothing."""
    values = optional_config(folder / "config.json")
    activation = values.get("activation_function", "relu")
    name = f"splade-{values.get('pooling_strategy', 'max')}"
    return name if activation == "relu" else f"{name}-{activation}"


def word_piece(serialised: str) -> WordPiece | None:
    """Settings of a tokenizer, from its JSON; None where it is not BERT's, which alone SQL follows."""
    values: dict[str, Any] = json.loads(serialised)
    model, normal = values.get("model") or {}, values.get("normalizer") or {}
    kinds = (model.get("type"), normal.get("type"), (values.get("pre_tokenizer") or {}).get("type"))
    plain = all(token.get("special") for token in values.get("added_tokens") or ())
    if kinds != ("WordPiece", "BertNormalizer", "BertPreTokenizer") or not plain:
        return None
    if not normal.get("clean_text", True):
        return None
    lowercase = bool(normal.get("lowercase", True))
    accents = normal.get("strip_accents")
    return WordPiece(
        lowercase=lowercase,
        strip_accents=lowercase if accents is None else bool(accents),
        chinese=bool(normal.get("handle_chinese_chars", True)),
        prefix=model["continuing_subword_prefix"],
        unknown=model["unk_token"],
        longest=model["max_input_chars_per_word"],
    )
