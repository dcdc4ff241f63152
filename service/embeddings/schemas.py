"""Vectors of texts, in our format and in OpenAI's."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from flows.search.request import SpaceName
from service.models.query_vectors import TextKind

MAX_TEXTS = 256

Texts = Annotated[list[str], Meta(min_length=1, max_length=MAX_TEXTS)]


class EmbedIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Texts to encode with the model of a live space.

    `kind`: many models encode a query and what it should find differently.
    """

    texts: Texts
    space: SpaceName = "text"
    kind: TextKind = "passage"


class EmbedOut(Struct, frozen=True, kw_only=True):
    """A vector of unit length per text, in their order; `model` is the identity of what made them.

    Queries of a space of kind `multi`: the vectors of their tokens, `dim` numbers each, one after the other.
    In a space of kind `sparse` three numbers per token: its own, divided by 2,048, the rest, and its weight.
    """

    space: str
    model: str
    dim: int
    vectors: list[list[float]]


class OpenAIEmbeddingIn(Struct, frozen=True, kw_only=True):
    """The request of OpenAI's clients; unknown keys are ignored, as there.

    `model`: a live space of texts, encoded as passages; `SPACE:query` encodes queries.
    """

    input: str | Texts
    model: Annotated[str, Meta(min_length=1, max_length=100)]
    encoding_format: Literal["float", "base64"] = "float"
    dimensions: Annotated[int, Meta(ge=1)] | None = None


class OpenAIEmbedding(Struct, frozen=True, kw_only=True):
    """One vector; base64: of its little-endian float32s."""

    index: int
    embedding: list[float] | str
    object: Literal["embedding"] = "embedding"


class OpenAIUsage(Struct, frozen=True, kw_only=True):
    """The number of tokens that the model read, with those it puts around each text."""

    prompt_tokens: int
    total_tokens: int


class OpenAIEmbeddingOut(Struct, frozen=True, kw_only=True):
    """The vectors, in the order of the texts."""

    data: list[OpenAIEmbedding]
    model: str
    usage: OpenAIUsage
    object: Literal["list"] = "list"


class OpenAIModel(Struct, frozen=True, kw_only=True):
    """A space that texts can be encoded for."""

    id: str
    owned_by: str
    created: int = 0
    object: Literal["model"] = "model"


class OpenAIModels(Struct, frozen=True, kw_only=True):
    """The models."""

    data: list[OpenAIModel]
    object: Literal["list"] = "list"


class EncoderOut(Struct, frozen=True, kw_only=True):
    """An encoder: what it takes, whether it is `ready` on the service's machine, and what it lacks."""

    name: str
    modality: Literal["text", "image", "multimodal"]
    kind: Literal["single", "multi", "sparse"]
    dim: int
    state: Literal["ready", "to build", "to pull", "to install"]
    detail: str


class GenerationIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The encoder of a new generation; `max_rate`: items per second, all workers together."""

    encoder: Annotated[str, Meta(min_length=1, max_length=300)]
    max_rate: Annotated[float, Meta(ge=0.001, le=1_000_000)] | None = None


class SwitchIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A switch; `force`: without judgments or against them, which is recorded."""

    force: bool = False
