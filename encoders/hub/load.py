"""Loading of hub models: checks the files, chooses the device, builds the encoder."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import msgspec

from encoders import variants
from encoders.errors import EncoderUnfit, WeightsInvalid
from encoders.hub import describe, files, models
from encoders.runtime import device
from encoders.runtime.device import Choice, Format
from encoders.spec import UNPINNED, EncoderSpec

TEXT_FAMILIES = ("bge-m3", "bge-m3-sparse", "sentence-transformers", "multi-vector", "sparse")
MULTIMODAL_FAMILIES = ("dual-tower", "qwen3-vl")
# Poolings that a family can be asked for by name; other models have their own one only.
POOLINGS: Mapping[str, tuple[str, ...]] = {"qwen3-vl": ("last", "mean")}

# Keeps weights in 8 or 4 bits, on CUDA alone.
QUANTIZER = "bitsandbytes"
# Numbers alive at once per token and unit of width while a layer of these models runs.
_ALIVE = 24
_ROW_BYTES = 64 * 1024**2


def encoder(
    spec: EncoderSpec,
    models_path: Path,
    threads: int | None,
    progress: Callable[[str], None] | None,
    device: str | None,
) -> Any:
    """Load an encoder of one of `TEXT_FAMILIES` or `MULTIMODAL_FAMILIES`; see `registry.build`."""
    folder = checked_folder(spec.source, spec.revision, models_path)
    check_spec(spec, folder)
    # A sparse encoder's rows are as wide as its vocabulary, but only once.
    width = spec.dim if spec.kind != "sparse" else describe.width(folder) + spec.dim // 8
    choice = choose(
        folder, spec.name, width, spec.max_tokens, threads=threads, on=device, progress=progress,
        asked=variants.number_format(spec),
    )  # fmt: skip
    from encoders.hub import bge_m3, multi, qwen_vl, sentence, sparse, towers

    loaders: dict[str, Callable[[EncoderSpec, Path, Choice], Any]] = {
        "bge-m3": bge_m3.load,
        "bge-m3-sparse": bge_m3.load_sparse,
        "sparse": sparse.load,
        "sentence-transformers": sentence.load,
        "multi-vector": multi.load,
        "dual-tower": towers.load,
        "qwen3-vl": qwen_vl.load,
    }
    return loaders[spec.family](spec, folder, choice)


def checked_folder(source: str, revision: str, models_path: Path) -> Path:
    """Folder of a model, checked: the revision, all files whole, no pickled weights.

    Raises:
        EncoderNotPulled: If the model is not here.
        ModelDamaged: If a file of it is missing, changed, or too many.
        WeightsInvalid: If it is another revision, or its weights are pickled.
        ValueError: If the revision is not pinned.
    """
    if revision == UNPINNED:
        raise ValueError(f"{source} is not pinned: look it up with the folder of models")
    folder = models.folder(source, models_path)
    found = models.revision(source, models_path)
    if found != revision:
        raise WeightsInvalid(folder, f"it holds revision {found}, not {revision}")
    files.refuse_pickles(folder)
    return folder


def check_spec(spec: EncoderSpec, folder: Path) -> None:
    """Check that the model in the folder fits the spec.

    Raises:
        WeightsInvalid: If it pools otherwise, or its vectors or its input are shorter.
        EncoderUnfit: If the spec cuts a vector that must not be cut.
    """
    known = describe.facts(folder, spec.family)
    pooling = spec.pooling.partition("+pool")[0]  # which is done behind the model
    if known.pooling and pooling not in (known.pooling, *POOLINGS.get(spec.family, ())):
        raise WeightsInvalid(folder, f"it pools by {known.pooling}, not by {spec.pooling}")
    if known.dim < spec.dim or known.positions < spec.max_tokens:
        raise WeightsInvalid(
            folder,
            f"its vectors have {known.dim} dimensions and it reads {known.positions} tokens; the"
            f" encoder has {spec.dim} and {spec.max_tokens}",
        )
    if known.dim != spec.dim and not 0 < spec.min_dim <= spec.dim:
        raise EncoderUnfit(
            f"{spec.name}: its {known.dim} dimensions cannot be cut to {spec.dim}"
            + (f", at least to {spec.min_dim}" if spec.min_dim else "")
        )


def choose(
    folder: Path,
    name: str,
    width: int,
    max_tokens: int,
    *,
    threads: int | None,
    on: str | None = None,
    progress: Callable[[str], None] | None = None,
    asked: Format = "auto",
) -> Choice:
    """Decide where and how a model runs; see `encoders.runtime.device`.

    Args:
        folder: The model's.
        name: The model's, for `progress`.
        width: Length of its vectors, for the memory that a row takes.
        max_tokens: Longest input.
        threads: To use so many; None to decide.
        on: Device to use; None to decide.
        progress: Called with a line of text: the reasons of the choice.
        asked: Number format to keep to.

    Raises:
        ModelTooLarge: If it does not fit into this machine's memory.
        EncoderUnfit: If weights of 8 or 4 bits are asked for and this machine cannot have them.
        WeightsInvalid: If it has no weights that can be read.
    """
    choice = device.choose(
        device.machine(),
        parameters=files.parameters(folder),
        row_bytes=max(_ROW_BYTES, 4 * _ALIVE * width * max_tokens),
        device=on,
        asked=asked,
    )
    if choice.bits and find_spec(QUANTIZER) is None:
        raise EncoderUnfit(
            f"{name} in {choice.bits} bits needs the package {QUANTIZER}, which is not installed.",
            f"pip install {QUANTIZER}, or leave the option out",
        )
    if threads is not None:
        choice = msgspec.structs.replace(choice, threads=threads)
    if progress is not None:
        progress(f"loading {name}: {'; '.join(choice.reasons)}")
    return choice
