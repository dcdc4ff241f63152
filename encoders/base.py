"""Interfaces of encoders of texts, pictures, and both."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from encoders.spec import EncoderSpec

if TYPE_CHECKING:
    from encoders.sparse.pieces import WordPiece

Vectors = NDArray[np.float32]
# A decoded picture: shape (height, width, 3), RGB, upright.
Picture = NDArray[np.uint8]


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
        """Identity and limits."""
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
        """Encode passages, the texts that are searched; else as `encode_queries`.

        Long texts go through `windows` first.
        """
        ...

    def token_count(self, texts: Sequence[str], template: str) -> int:
        """Count the tokens that the model reads when it encodes texts.

        Args:
            texts: what is encoded.
            template: the spec's, of queries or of passages.

        Returns:
            Tokens of all texts together, with those of the template and the special ones, without
            those beyond `spec.max_tokens`.
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


# Places of words in a text: start and stop in characters, ascending.
Places: TypeAlias = tuple[tuple[int, int], ...]


class TokenVectors(NamedTuple):
    """Vectors of the tokens of one text, or of groups of like tokens.

    Attributes:
        vectors: float32 of shape (n, dim), n at least 1, unit rows.
        spans: Per row the places of its words in the text; none for what the model adds.
    """

    vectors: Vectors
    spans: list[Places]


class MultiVectorEncoder(TextEncoder, Protocol):
    """Encodes text to a vector per token, for late interaction.

    As a `TextEncoder`: `encode_queries` gives a row per text, of shape (tokens * dim,), the vectors of
    its tokens one after the other; `encode_passages` the mean of the tokens, unit length.
    """

    def query_tokens(self, texts: Sequence[str]) -> list[TokenVectors]:
        """Encode queries, token by token; truncation and errors as `encode_queries`."""
        ...

    def passage_tokens(self, texts: Sequence[str]) -> list[TokenVectors]:
        """Encode passages, token by token, like ones pooled if the spec says so."""
        ...


class TokenWeights(NamedTuple):
    """Weights of the tokens of a vocabulary that stand for one text.

    Attributes:
        ids: int32 of shape (n,), numbers of tokens, each once, ascending.
        weights: float32 of shape (n,), above 0.
    """

    ids: NDArray[np.int32]
    weights: Vectors


class SparseEncoder(TextEncoder, Protocol):
    """Encodes text to weights of the tokens of its vocabulary (SPLADE and its kin).

    The score of a passage for a query is the inner product of their weights. `spec.dim` is the number of
    tokens. As a `TextEncoder` both `encode_queries` and `encode_passages` give a row per text, of shape
    (3 * n,): see `encoders.sparse.rows.packed`.
    """

    @property
    def vocabulary(self) -> Sequence[str]:
        """The tokens, by their numbers, as the tokenizer writes them (`##ing`, `▁pump`)."""
        ...

    @property
    def idf(self) -> Vectors | None:
        """Weights of the tokens of a query by themselves, float32 of shape (spec.dim,).

        None where queries go through the network, too. Otherwise a query needs no model at all: each of its
        tokens counts once, by this.
        """
        ...

    @property
    def tokenizer(self) -> WordPiece | None:
        """Settings by which the database finds the tokens of a query itself; None where it cannot."""
        ...

    @property
    def most_tokens(self) -> int:
        """Tokens of a query that are read, without those that the tokenizer puts around them."""
        ...

    def query_weights(self, texts: Sequence[str]) -> list[TokenWeights]:
        """Encode queries; truncation and errors as `encode_queries`. Empty where no token is left."""
        ...

    def passage_weights(self, texts: Sequence[str]) -> list[TokenWeights]:
        """Encode passages."""
        ...


class ImageEncoder(Protocol):
    """Encodes pictures. Methods may be called from several threads at once."""

    @property
    def spec(self) -> EncoderSpec:
        """Identity and limits."""
        ...

    def encode_images(self, images: Sequence[Picture]) -> Vectors:
        """Encode pictures, as queries or as items alike.

        Args:
            images: uint8 of shape (height, width, 3), RGB; sizes may differ.

        Returns:
            float32 of shape (len(images), spec.dim), rows L2-normalised and in the order given.

        Raises:
            ValueError: If a picture has another shape or dtype, or no pixel.
        """
        ...


class Content(NamedTuple):
    """Content of an item to encode as one vector: a text, pictures, or both."""

    text: str = ""
    images: tuple[Picture, ...] = ()


class MultimodalEncoder(TextEncoder, ImageEncoder, Protocol):
    """Encodes texts, pictures and both together into one space."""

    def encode_items(self, items: Sequence[Content]) -> Vectors:
        """Encode items.

        Returns:
            float32 of shape (len(items), spec.dim), rows L2-normalised and in the order given.

        Raises:
            ValueError: If an item has neither text nor picture, or a picture is not one.
        """
        ...
