"""Reranking by late interaction: an encoder of a vector per token as a reranker (MaxSim).

Cheaper than reading query and passage together: passages are encoded by themselves, and where a space of the
collection has their vectors, not even that (`flows.search.rerank`).
Khattab and Zaharia, 2020, "ColBERT: Efficient and Effective Passage Search via Contextualized Late
Interaction over BERT".
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import numpy as np

from encoders.base import Content, MultiVectorEncoder, Vectors
from encoders.errors import EncoderUnfit
from encoders.multi.rows import MOST_NUMBERS
from encoders.rerank.base import Part, RerankerSpec
from encoders.spec import EncoderSpec

PREFIX = "maxsim:"
FAMILY = "maxsim"


class MaxSimReranker:
    """Scores passages by the mean of the best similarity of each token of the query, in [-1, 1].

    A passage longer than the encoder reads counts by its best window, as in a space.
    """

    def __init__(self, spec: RerankerSpec, encoder: MultiVectorEncoder) -> None:
        self.spec = spec
        self.encoder = encoder

    def score(self, query: Part, passages: Sequence[Part]) -> Vectors:
        """See `RerankerModel.score`."""
        if isinstance(passages, str | Content):
            raise TypeError(f"passages must be a sequence, not one {type(passages).__name__}")
        asked, *texts = [self._text(part) for part in (query, *passages)]
        kept = MOST_NUMBERS // self.encoder.spec.dim
        tokens = self.encoder.query_tokens([asked])[0].vectors[:kept]
        pieces = [(at, w.text) for at, text in enumerate(texts) for w in self.encoder.windows(text)]
        found = self.encoder.passage_tokens([piece for _, piece in pieces])
        best: Vectors = np.full(len(texts), -np.inf, dtype=np.float32)
        for (at, _), piece in zip(pieces, found, strict=True):
            best[at] = max(best[at], (tokens @ piece.vectors.T).max(axis=1).mean())
        return best

    def _text(self, part: Part) -> str:
        if isinstance(part, Content) and part.images:
            raise ValueError(f"{self.spec.name} takes no pictures")
        text = part.text if isinstance(part, Content) else part
        if not isinstance(text, str):
            raise TypeError(f"a part must be a text or an item, not {type(part).__name__}")
        return text


def described(encoder: EncoderSpec) -> RerankerSpec:
    """Spec of an encoder as a reranker.

    Raises:
        EncoderUnfit: If it has one vector per text.
    """
    if encoder.kind != "multi":
        raise EncoderUnfit(
            f"{encoder.name} has no vector per token, which MaxSim compares.",
            "models of late interaction: `seogo models list`; or train one: seogo train run --kind multi",
        )
    return RerankerSpec(
        name=PREFIX + encoder.name,
        family=FAMILY,
        modality="text",
        revision=encoder.revision,
        max_tokens=encoder.max_tokens,
        source=encoder.source,
    )


def over(spec: RerankerSpec, encoder: object) -> MaxSimReranker:
    """Reranker over an encoder that is loaded."""
    return MaxSimReranker(spec, cast("MultiVectorEncoder", encoder))
