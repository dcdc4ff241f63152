"""Rerankers: models that read a query and a passage together and say how well they fit."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Literal, Protocol

import msgspec

from encoders.base import Content
from encoders.errors import EncoderError, EncoderUnknown, WeightsInvalid
from encoders.hub import describe, load, models
from encoders.hub.specs import QWEN_VL_PREPARATION
from encoders.spec import UNPINNED

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from encoders.base import Vectors

Part = str | Content
QUERY_SLOT: Final = "{query}"
PASSAGE_SLOT: Final = "{passage}"
_FAMILIES = ("cross-encoder", "qwen3-vl-reranker")
_BY_SOURCE = ("hf:", "file:")


class RerankerSpec(msgspec.Struct, frozen=True, kw_only=True):
    """Describes one reranker.

    Attributes:
        name: What users type, as an encoder's.
        family: Which implementation builds it.
        modality: Whether queries and passages may have pictures.
        revision: Commit of a hub model, or a digest of its contents.
        max_tokens: Longest query and passage together, in the model's own tokens.
        source: Hub id or folder.
        template: How query and passage are put to the model, with `{query}` and `{passage}`;
            empty where the model takes a pair of texts.
        preparation: What happens to a picture before the model sees it.
    """

    name: str
    family: str
    modality: Literal["text", "multimodal"]
    revision: str
    max_tokens: int
    source: str
    template: str = ""
    preparation: str = ""


class RerankerChanged(EncoderError):
    """The reranker of a collection is another than the one that was measured."""

    def __init__(self, model: str, revision: str) -> None:
        super().__init__(
            f"It was measured with {model} at {revision}: measure again with `seogo rerank evaluate`."
        )


class RerankerModel(Protocol):
    """Scores passages for a query. Methods may be called from several threads at once."""

    @property
    def spec(self) -> RerankerSpec:
        """What this reranker is."""
        ...

    def score(self, query: Part, passages: Sequence[Part]) -> Vectors:
        """Score each passage for the query, higher is better.

        Scores of one model compare across queries; those of two models do not. Where query and
        passage together are longer than `spec.max_tokens`, their ends are dropped.

        Returns:
            float32 of shape (len(passages),), in the order given.

        Raises:
            TypeError: If `passages` is one string, or a part is neither a text nor an item.
            ValueError: If a part has pictures and the model takes none, or one is not a picture.
        """
        ...


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
    """Look up the spec of a reranker that is here.

    Args:
        name: Of a known one, `hf:org/name`, or `file:/folder`.
        models_path: Folder of pulled models.

    Raises:
        EncoderUnknown: If there is none of that name; the error lists those there are.
        EncoderNotPulled: If it is not in `models_path`.
        ModelDamaged: If it is there and not whole.
        WeightsInvalid: If the model is not a reranker.
    """
    if name in SPECS:
        revision = models.revision(SPECS[name].source, models_path)
        return msgspec.structs.replace(SPECS[name], revision=revision)
    if not name.startswith(_BY_SOURCE):
        raise EncoderUnknown(name, [*SPECS, *(f"{prefix}..." for prefix in _BY_SOURCE)])
    source = name.partition(":")[2]
    family, tokens = describe.reranker(models.folder(source, models_path))
    like = SPECS["bge-reranker-v2-m3" if family == "cross-encoder" else "qwen3-vl-reranker-2b"]
    revision = models.revision(source, models_path)
    return msgspec.structs.replace(
        like, name=name, source=source, revision=revision, max_tokens=tokens
    )


def check_measured(spec: RerankerSpec, model: str, revision: str) -> None:
    """Make sure that a reranker is the one that was measured.

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
    folder = load.checked_folder(spec.source, spec.revision, models_path)
    _check(spec, folder)
    choice = load.choose(
        folder,
        width=describe.width(folder),
        max_tokens=spec.max_tokens,
        threads=threads,
        on=device,
    )
    if progress is not None:
        progress(f"loading {spec.name}: {'; '.join(choice.reasons)}")
    from encoders.hub import rerankers

    match spec.family:
        case "cross-encoder":
            return rerankers.load_cross_encoder(spec, folder, choice)
        case "qwen3-vl-reranker":
            return rerankers.load_qwen_vl(spec, folder, choice)
        case _:
            raise EncoderUnknown(spec.family, _FAMILIES)


def _check(spec: RerankerSpec, folder: Path) -> None:
    """Make sure that the model in the folder is what the spec says."""
    family, tokens = describe.reranker(folder)
    if family != spec.family or tokens < spec.max_tokens:
        raise WeightsInvalid(
            folder,
            f"it is a {family} for {tokens} tokens, not a {spec.family} for {spec.max_tokens}",
        )
