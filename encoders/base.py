"""The interface every text encoder has."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Sequence

    from encoders.spec import EncoderSpec

Vectors = NDArray[np.float32]


class Window(NamedTuple):
    """A piece of a text: `text == whole[start:stop]`, offsets in characters."""

    text: str
    start: int
    stop: int


class TextEncoder(Protocol):
    """Encodes text. Methods may be called from several threads at once.

    Any `str` is accepted: NUL characters are dropped, lone surrogates are read as U+FFFD, and an
    empty text has a vector like any other.
    """

    @property
    def spec(self) -> EncoderSpec:
        """What this encoder is."""
        ...

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Encode search queries.

        A text longer than `spec.max_tokens` is truncated: what follows does not reach the vector.

        Returns:
            float32 of shape (len(texts), spec.dim), rows L2-normalised and in the order given.

        Raises:
            TypeError: If `texts` is one string or holds something that is not a string.

        """
        ...

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """Encode texts to be found.

        Truncates as `encode_queries` does; long texts go through `windows` first.

        Returns:
            float32 of shape (len(texts), spec.dim), rows L2-normalised and in the order given.

        Raises:
            TypeError: If `texts` is one string or holds something that is not a string.

        """
        ...

    def windows(self, text: str) -> list[Window]:
        """Cut a text into overlapping windows that `encode_passages` does not truncate.

        Returns:
            At least one window, in order, together covering the whole text. A text that fits is
            one window. Neighbours share about `spec.window_overlap` tokens; cuts move to the
            start of a word where one is near.

        """
        ...
