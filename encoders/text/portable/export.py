"""Export of a sentence-transformers encoder to a folder that is encoded with without torch."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import msgspec
import numpy as np

from encoders.base import TextEncoder, Vectors
from encoders.errors import EncoderUnfit
from encoders.hub import models
from encoders.runtime import manifest
from encoders.runtime.optional import require
from encoders.runtime.rows import unit_rows
from encoders.sparse.onnx import dense
from encoders.spec import EncoderSpec
from encoders.text.e5 import encoder as e5
from encoders.text.portable import graphs
from encoders.text.portable.quantise import quantise

if TYPE_CHECKING:
    from encoders.base import MultiVectorEncoder, SparseEncoder

# Vectors of rounded weights whose cosines with the unrounded ones are lower are told, and not served.
LOWEST_COSINE = 0.97
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
        EncoderUnfit: If it pools by the last token, its tokenizer marks no end of a text, or it does more
            with tokens than a graph can.
        EncoderNotInstalled: If a package of the extra `train` is absent.
    """
    if spec.kind == "single" and spec.pooling not in _POOLINGS:
        raise EncoderUnfit(
            f"{spec.name} pools by {spec.pooling}; only {', '.join(_POOLINGS)} are exported.",
            "serve it with torch as it is",
        )
    model = graphs.load(source, spec)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    _write_tokenizer(model.tokenizer, folder / e5.TOKENIZER_FILE, spec)
    require("onnx").save_model(
        quantise(graphs.traced(model, spec)),
        str(folder / e5.GRAPH_FILE),
        save_as_external_data=True,
        all_tensors_to_one_file=True,
        location=e5.DATA_FILE,
        size_threshold=1024,
    )
    values = {name: getattr(spec, name) for name in e5.FOLDER_SPEC} | {
        "family": graphs.FAMILIES[spec.kind]
    }
    (folder / e5.SPEC_FILE).write_bytes(msgspec.json.format(msgspec.json.encode(values)))
    files = manifest.describe(folder)
    manifest.write(folder, files, revision=models.digest(files))


def parity(exported: TextEncoder, whole: TextEncoder, texts: Sequence[str]) -> Parity:
    """Compare the vectors of passages by both encoders; at least one text."""
    return agreement(rows(exported, texts), rows(whole, texts))


def rows(encoder: TextEncoder, texts: Sequence[str]) -> Vectors:
    """Unit rows that stand for passages as an encoder has them, shape (texts, any).

    Of kind multi the vectors of the tokens one after the other, so that a cosine is the mean over them.
    """
    if encoder.spec.kind == "single":
        return encoder.encode_passages(texts)
    if encoder.spec.kind == "sparse":
        found = cast("SparseEncoder", encoder).passage_weights(texts)
        return unit_rows(dense(found, encoder.spec.dim))
    return joined(
        [one.vectors for one in cast("MultiVectorEncoder", encoder).passage_tokens(texts)]
    )


def joined(texts: Sequence[Vectors]) -> Vectors:
    """A unit row per text from the unit vectors of its tokens, filled up with zeros."""
    longest = max(map(len, texts))
    found = [np.pad(one, ((0, longest - len(one)), (0, 0))).reshape(-1) for one in texts]
    return unit_rows(np.stack(found))


def agreement(ours: Vectors, theirs: Vectors) -> Parity:
    """Compare unit vectors of the same texts, shape (texts, dim) each."""
    cosines = np.sum(ours * theirs, axis=1)
    return Parity(len(ours), float(cosines.mean()), float(cosines.min()))


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
