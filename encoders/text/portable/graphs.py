"""Graphs of exported encoders: what a network computes, traced from torch."""

from __future__ import annotations

import tempfile
import warnings
from pathlib import Path
from typing import Any

from encoders.errors import EncoderUnfit
from encoders.runtime.optional import require
from encoders.spec import EncoderSpec
from encoders.text.e5 import graph

EXTRA = "train"
# Output: a vector per token, float32 of shape (batch, sequence, dim), unit rows.
TOKENS = "tokens"
# Output: a weight per token of the vocabulary, float32 of shape (batch, vocabulary), not negative.
WEIGHTS = "weights"
# Families of exported encoders by kind.
FAMILIES = {"single": "onnx", "multi": "onnx-multi", "sparse": "onnx-sparse"}
KINDS = {family: kind for kind, family in FAMILIES.items()}
_CLASSES = {
    "single": "SentenceTransformer",
    "multi": "MultiVectorEncoder",
    "sparse": "SparseEncoder",
}
_OPSET = 17


def load(source: Path, spec: EncoderSpec) -> Any:
    """Load a folder of sentence-transformers so that it can be traced.

    Raises:
        EncoderNotInstalled: If a package of the extra `train` is absent.
        EncoderUnfit: If it does more with tokens than a graph can: expands queries, skips words.
    """
    library = require("sentence_transformers", EXTRA)
    model = getattr(library, _CLASSES[spec.kind])(
        str(source),
        device="cpu",
        local_files_only=True,
        trust_remote_code=False,
        model_kwargs={"attn_implementation": "eager", "use_safetensors": True},
    ).eval()
    if spec.kind != "single":
        _refuse_more(model, spec)
    return model


def traced(model: Any, spec: EncoderSpec) -> Any:
    """The graph of a model: token ids and mask to the output of its kind."""
    torch = require("torch", EXTRA)
    output = {"single": graph.EMBEDDING, "multi": TOKENS, "sparse": WEIGHTS}[spec.kind]
    ids = torch.tensor([[5, 6, 7, 8], [5, 6, 7, 8]])
    mask = torch.tensor([[1, 1, 1, 1], [1, 1, 1, 0]])  # padded, so that the mask is traced as well
    axes = {0: "batch", 1: "sequence"}
    with tempfile.TemporaryDirectory() as scratch, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of tracing; parity tells whether it went well
        path = Path(scratch) / "traced.onnx"
        torch.onnx.export(
            _network(torch, model, spec),
            (ids, mask),
            str(path),
            dynamo=False,
            opset_version=_OPSET,
            input_names=[graph.INPUT_IDS, graph.ATTENTION_MASK],
            output_names=[output],
            dynamic_axes={
                graph.INPUT_IDS: axes,
                graph.ATTENTION_MASK: axes,
                output: axes if spec.kind == "multi" else {0: "batch"},
            },
        )
        return require("onnx").load(str(path))


def _refuse_more(model: Any, spec: EncoderSpec) -> None:
    body, *others = model
    more = [
        getattr(body, "query_expansion", None),
        *(getattr(one, "skiplist_words", None) for one in others),
        *(getattr(one, "keep_only_token_ids", None) for one in others),
        *(getattr(one, "pooling_factor", None) for one in others),
    ]
    pooling = [getattr(one, "pooling_strategy", "max") for one in others]
    routed = spec.kind == "sparse" and len(others) != 1  # queries without a network
    if any(more) or set(pooling) != {"max"} or routed:
        raise EncoderUnfit(
            f"{spec.name} expands queries, skips words, pools otherwise, or has another way for queries.",
            "serve it with torch as it is",
        )


def _network(torch: Any, model: Any, spec: EncoderSpec) -> Any:
    """The modules of the model, and unit length whether or not it has a module for it."""

    class Network(torch.nn.Module):  # type: ignore[misc]
        """Token ids and mask to the output of the model's kind."""

        def __init__(self) -> None:
            super().__init__()
            self.inner = model

        def forward(self, input_ids: Any, attention_mask: Any) -> Any:
            given = {"input_ids": input_ids, "attention_mask": attention_mask}
            normal = torch.nn.functional.normalize
            if spec.kind == "single":
                return normal(self.inner(given)["sentence_embedding"], dim=1)
            if spec.kind == "multi":
                return normal(self.inner(given, task="document")["token_embeddings"], dim=2)
            return self.weights(given)

        def weights(self, given: Any) -> Any:
            """SPLADE's pooling, which the library writes as a loop that would be traced for one length."""
            body, pooling = self.inner
            shown = given["attention_mask"].unsqueeze(2)
            found = torch.log1p(torch.relu(body(given)["token_embeddings"] * shown))
            if pooling.activation_function == "log1p_relu":
                found = torch.log1p(found)
            return found.amax(dim=1)

    return Network().eval()
