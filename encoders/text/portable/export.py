"""Export of a sentence-transformers encoder to a folder that is encoded with without torch."""

from __future__ import annotations

import shutil
import tempfile
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np

from encoders.base import TextEncoder, Vectors
from encoders.errors import EncoderUnfit
from encoders.hub import models
from encoders.runtime import manifest
from encoders.runtime.optional import require
from encoders.spec import EncoderSpec
from encoders.text.e5 import encoder as e5
from encoders.text.e5 import graph
from encoders.text.portable.quantise import quantise

EXTRA = "train"
# Vectors of rounded weights whose cosines with the unrounded ones are lower are told, and not served.
LOWEST_COSINE = 0.97
_OPSET = 17
_POOLINGS = ("mean", "cls", "max")


class Parity(NamedTuple):
    """Agreement of exported vectors with those of torch, over some texts."""

    texts: int
    mean_cosine: float
    lowest_cosine: float

    @property
    def good(self) -> bool:
        """Whether the export may be served in place of the model."""
        return self.lowest_cosine >= LOWEST_COSINE

    def __str__(self) -> str:
        return (
            f"{self.texts} texts, cosine with torch {self.mean_cosine:.4f} on average, lowest"
            f" {self.lowest_cosine:.4f}"
        )


def export(source: Path, spec: EncoderSpec, folder: Path) -> None:
    """Write graph, tokenizer, spec and manifest into a folder, replacing what is there.

    Args:
        source: the folder of the sentence-transformers model.
        spec: of its encoder: templates, pooling, longest input.
        folder: where to.

    Raises:
        EncoderUnfit: If it pools by the last token or its tokenizer marks no end of a text.
        EncoderNotInstalled: If a package of the extra `train` is absent.
    """
    if spec.pooling not in _POOLINGS:
        raise EncoderUnfit(
            f"{spec.name} pools by {spec.pooling}; only {', '.join(_POOLINGS)} are exported.",
            "serve it with torch as it is",
        )
    library = require("sentence_transformers", EXTRA)
    model = library.SentenceTransformer(
        str(source),
        device="cpu",
        local_files_only=True,
        trust_remote_code=False,
        model_kwargs={"attn_implementation": "eager", "use_safetensors": True},
    ).eval()
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    _write_tokenizer(model.tokenizer, folder / e5.TOKENIZER_FILE, spec)
    require("onnx").save_model(
        quantise(_traced(model)),
        str(folder / e5.GRAPH_FILE),
        save_as_external_data=True,
        all_tensors_to_one_file=True,
        location=e5.DATA_FILE,
        size_threshold=1024,
    )
    values = {name: getattr(spec, name) for name in e5.FOLDER_SPEC} | {"family": e5.EXPORTED}
    (folder / e5.SPEC_FILE).write_bytes(msgspec.json.format(msgspec.json.encode(values)))
    files = manifest.describe(folder)
    manifest.write(folder, files, revision=models.digest(files))


def parity(exported: TextEncoder, whole: TextEncoder, texts: Sequence[str]) -> Parity:
    """Compare the vectors of passages by both encoders; at least one text."""
    return agreement(exported.encode_passages(texts), whole.encode_passages(texts))


def agreement(ours: Vectors, theirs: Vectors) -> Parity:
    """Compare unit vectors of the same texts, shape (texts, dim) each."""
    cosines = np.sum(ours * theirs, axis=1)
    return Parity(len(ours), float(cosines.mean()), float(cosines.min()))


def _traced(model: Any) -> Any:
    """The graph of a model: token ids and mask to unit vectors."""
    torch = require("torch", EXTRA)
    ids = torch.tensor([[5, 6, 7, 8], [5, 6, 7, 8]])
    mask = torch.tensor([[1, 1, 1, 1], [1, 1, 1, 0]])  # padded, so that the mask is traced as well
    axes = {0: "batch", 1: "sequence"}
    with tempfile.TemporaryDirectory() as scratch, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of tracing; parity tells whether it went well
        path = Path(scratch) / "traced.onnx"
        torch.onnx.export(
            _vectors(torch, model),
            (ids, mask),
            str(path),
            dynamo=False,
            opset_version=_OPSET,
            input_names=[graph.INPUT_IDS, graph.ATTENTION_MASK],
            output_names=[graph.EMBEDDING],
            dynamic_axes={
                graph.INPUT_IDS: axes,
                graph.ATTENTION_MASK: axes,
                graph.EMBEDDING: {0: "batch"},
            },
        )
        return require("onnx").load(str(path))


def _vectors(torch: Any, model: Any) -> Any:
    """The modules of the model, and unit length whether or not it has a module for it."""

    class Vectors(torch.nn.Module):  # type: ignore[misc]
        """Token ids and mask to unit vectors."""

        def __init__(self) -> None:
            super().__init__()
            self.inner = model

        def forward(self, input_ids: Any, attention_mask: Any) -> Any:
            given = {"input_ids": input_ids, "attention_mask": attention_mask}
            return torch.nn.functional.normalize(self.inner(given)["sentence_embedding"], dim=1)

    return Vectors().eval()


def _write_tokenizer(tokenizer: Any, path: Path, spec: EncoderSpec) -> None:
    """Write the tokenizer without padding and truncation, which the encoder does itself."""
    fast = require("tokenizers").Tokenizer.from_str(tokenizer.backend_tokenizer.to_str())
    fast.no_padding()
    fast.no_truncation()
    plain = fast.encode("a", add_special_tokens=False).ids
    if fast.encode("a").ids[-1:] == plain[-1:]:
        raise EncoderUnfit(
            f"the tokenizer of {spec.name} marks no end of a text.", "serve it with torch as it is"
        )
    fast.save(str(path))
