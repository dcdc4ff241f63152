"""Interface of rerankers: models that score how well passages answer a query."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal, Protocol

import msgspec

from encoders.base import Content, Vectors

Part = str | Content
QUERY_SLOT: Final = "{query}"
PASSAGE_SLOT: Final = "{passage}"


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


class RerankerModel(Protocol):
    """Scores passages for a query. Methods may be called from several threads at once."""

    @property
    def spec(self) -> RerankerSpec:
        """Identity and limits."""
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
