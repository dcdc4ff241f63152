"""Registry of rerankers: looks up and loads them by name or source."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

import msgspec

from encoders import registry
from encoders.errors import EncoderError, EncoderUnknown, WeightsInvalid
from encoders.hub import describe, load, models
from encoders.hub.specs import BY_SOURCE, QWEN_VL_PREPARATION
from encoders.rerank import late
from encoders.rerank.base import RerankerModel, RerankerSpec
from encoders.spec import UNPINNED


class RerankerChanged(EncoderError):
    """The reranker of a collection differs from the one that was measured."""

    def __init__(self, model: str, revision: str) -> None:
        super().__init__(
            f"It was measured with {model} at {revision}: measure again with `seogo rerank evaluate`."
        )


# The format the model's authors train with; the instruction is their general one.
_QWEN_VL_TEMPLATE = (
    "<|im_start|>system\nJudge whether the Document meets the requirements based on the Query and"
    ' the Instruct provided. Note that the answer can only be "yes" or "no".<|im_end|>\n'
    "<|im_start|>user\n<Instruct>: Given a search query, retrieve relevant candidates that answer"
    " the query.<Query>:{query}\n<Document>:{passage}<|im_end|>\n<|im_start|>assistant\n"
)


def _qwen_vl(name: str, source: str) -> RerankerSpec:
    return RerankerSpec(
        name=name,
        family="qwen3-vl-reranker",
        modality="multimodal",
        revision=UNPINNED,
        max_tokens=8192,
        source=source,
        template=_QWEN_VL_TEMPLATE,
        preparation=QWEN_VL_PREPARATION,
    )


_ALL = (
    RerankerSpec(
        name="bge-reranker-v2-m3",
        family="cross-encoder",
        modality="text",
        revision=UNPINNED,
        max_tokens=1024,
        source="BAAI/bge-reranker-v2-m3",
    ),
    _qwen_vl("qwen3-vl-reranker-2b", "Qwen/Qwen3-VL-Reranker-2B"),
    _qwen_vl("qwen3-vl-reranker-8b", "Qwen/Qwen3-VL-Reranker-8B"),
)

SPECS: Final[Mapping[str, RerankerSpec]] = MappingProxyType({spec.name: spec for spec in _ALL})


def spec(name: str, models_path: Path) -> RerankerSpec:
    """Look up the spec of a reranker on this machine.

    Args:
        name: Of a known one, `hf:org/name`, or `file:/folder`; or `maxsim:` before the name of an encoder
            of a vector per token.
        models_path: Folder of pulled models.

    Raises:
        EncoderUnknown: If there is none of that name; the error lists those there are.
        EncoderNotPulled: If it is not in `models_path`.
        ModelDamaged: If it is there and not whole.
        WeightsInvalid: If the model is not a reranker.
        EncoderUnfit: If an encoder behind `maxsim:` has no vector per token.
    """
    if name.startswith(late.PREFIX):
        return late.described(registry.spec(name.removeprefix(late.PREFIX), models_path))
    if name in SPECS:
        revision = models.revision(SPECS[name].source, models_path)
        return msgspec.structs.replace(SPECS[name], revision=revision)
    if not name.startswith(BY_SOURCE):
        others = (*BY_SOURCE, late.PREFIX)
        raise EncoderUnknown(name, [*SPECS, *(f"{prefix}..." for prefix in others)])
    source = name.partition(":")[2]
    family, tokens = describe.reranker(models.folder(source, models_path))
    like = SPECS["bge-reranker-v2-m3" if family == "cross-encoder" else "qwen3-vl-reranker-2b"]
    revision = models.revision(source, models_path)
    return msgspec.structs.replace(
        like, name=name, source=source, revision=revision, max_tokens=tokens
    )


def check_measured(spec: RerankerSpec, model: str, revision: str) -> None:
    """Check that a reranker is the measured one.

    Raises:
        RerankerChanged: If it has another name or revision.
    """
    if (spec.name, spec.revision) != (model, revision):
        raise RerankerChanged(model, revision)


def build(
    spec: RerankerSpec,
    models_path: Path,
    threads: int | None = None,
    progress: Callable[[str], None] | None = None,
    device: str | None = None,
) -> RerankerModel:
    """Load a reranker, ready to score; arguments and errors as `registry.build`."""
    if spec.family == late.FAMILY:
        encoder = registry.spec(spec.name.removeprefix(late.PREFIX), models_path)
        return late.over(spec, registry.build(encoder, models_path, threads, progress, device))
    folder = load.checked_folder(spec.source, spec.revision, models_path)
    _check(spec, folder)
    choice = load.choose(
        folder, spec.name, describe.width(folder), spec.max_tokens,
        threads=threads, on=device, progress=progress,
    )  # fmt: skip
    from encoders.rerank import scoring

    if spec.family == "cross-encoder":
        return scoring.load_cross_encoder(spec, folder, choice)
    return scoring.load_qwen_vl(spec, folder, choice)


def _check(spec: RerankerSpec, folder: Path) -> None:
    """Check that the model in the folder fits the spec."""
    family, tokens = describe.reranker(folder)
    if family != spec.family or tokens < spec.max_tokens:
        raise WeightsInvalid(
            folder,
            f"it is a {family} for {tokens} tokens, not a {spec.family} for {spec.max_tokens}",
        )
