"""Classes of sentence-transformers by the kind of encoder that is trained."""

from __future__ import annotations

from types import ModuleType
from typing import Any, NamedTuple


class Classes(NamedTuple):
    """Names of classes of the library, and of the parameters of the layers that are new over a base."""

    model: str
    trainer: str
    arguments: str
    head: str = ""

    def pick(self, library: ModuleType, which: str) -> Any:
        """Look up a class of the library: `model`, `trainer` or `arguments`."""
        return getattr(library, getattr(self, which))


def _named(model: str, head: str = "") -> Classes:
    return Classes(model, f"{model}Trainer", f"{model}TrainingArguments", head)


CLASSES = {
    "single": _named("SentenceTransformer"),
    "multi": _named("MultiVectorEncoder", r"^(model\.)?1\.linear\."),
    "sparse": _named("SparseEncoder", r"\.(cls|lm_head)\."),
}
