"""Encoding in this process: the encoder of a space, and the vector of a query."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias, assert_never, cast

from encoders import registry
from encoders.base import (
    Content,
    ImageEncoder,
    MultimodalEncoder,
    MultiVectorEncoder,
    TextEncoder,
    TokenVectors,
)
from encoders.errors import EncoderError
from encoders.multi.rows import MOST_NUMBERS

if TYPE_CHECKING:
    from collections.abc import Callable

    from db.spaces.rows import Space
    from encoders.base import Picture, Vectors
    from encoders.settings import EncoderSettings

Encoder: TypeAlias = TextEncoder | ImageEncoder | MultimodalEncoder


class EncoderChanged(EncoderError):
    """The encoder of a space is not the one that made its vectors."""

    def __init__(self, space: str, made_by: str, ours: str) -> None:
        super().__init__(
            f"Space {space} was made by {made_by}; this program's is {ours}: run the release that made"
            " it, or embed the collection into a new generation with `seogo reembed`."
        )


def encoder_of(
    space: Space, settings: EncoderSettings, progress: Callable[[str], None] | None = None
) -> Encoder:
    """Build the encoder of a space.

    Raises:
        EncoderChanged: this program's encoder of that name is another model than the space's.
        EncoderError: it is unknown, or cannot be loaded.
    """
    spec = registry.spec(space.encoder, settings.models_path)
    if spec.identity != space.identity:
        raise EncoderChanged(space.space, space.identity, spec.identity)
    args = (spec, settings.models_path, settings.threads, progress)
    match space.modality:
        case "text":
            return registry.build(*args)
        case "image":
            return registry.build_images(*args)
        case "multimodal":
            return registry.build_multimodal(*args)
        case _:
            assert_never(space.modality)


class Encoders:
    """Encoders of one pass over several collections, each loaded once."""

    def __init__(self, settings: EncoderSettings) -> None:
        self._settings = settings
        self._loaded: dict[tuple[str, str], Encoder] = {}

    def of(self, space: Space) -> Encoder:
        """Take the encoder of a space; errors as `encoder_of`."""
        key = space.identity, space.modality
        if key not in self._loaded:
            self._loaded[key] = encoder_of(space, self._settings)
        return self._loaded[key]


def encode_tokens(encoder: Encoder, words: str) -> TokenVectors:
    """Encode a query token by token, as an encoder of kind multi does; as many as a leg takes."""
    found = cast("MultiVectorEncoder", encoder).query_tokens([words])[0]
    kept = MOST_NUMBERS // encoder.spec.dim
    return TokenVectors(found.vectors[:kept], found.spans[:kept])


def encode_query(encoder: Encoder, words: str, picture: Picture | None) -> Vectors:
    """Encode a query as the encoder's modality asks for: float32 of shape (dim,).

    Of an encoder of kind multi, (tokens * dim,): the vectors of the query's tokens, one after the other.
    """
    vectors: Vectors
    if encoder.spec.modality == "image" and picture is not None:
        vectors = cast("ImageEncoder", encoder).encode_images([picture])
    elif encoder.spec.modality == "multimodal" and picture is not None:
        vectors = cast("MultimodalEncoder", encoder).encode_items([Content(words, (picture,))])
    else:
        vectors = cast("TextEncoder", encoder).encode_queries([words])
    first: Vectors = vectors[0]
    return first
