"""Vectors of texts, in our format and in OpenAI's."""

import base64
from typing import Annotated

import numpy as np
from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.openapi.spec import Example

from db.errors import BadRequest
from encoders.base import Vectors
from service.auth.callers import needs
from service.data.database import Db
from service.embeddings.embedding import Embedder
from service.embeddings.schemas import (
    EmbedIn,
    EmbedOut,
    OpenAIEmbedding,
    OpenAIEmbeddingIn,
    OpenAIEmbeddingOut,
    OpenAIModel,
    OpenAIModels,
    OpenAIUsage,
)
from service.http.parameters import json_body
from service.http.responses import ADMISSION, WITH_BODY
from service.models.query_vectors import TextKind

QUERY = ":query"
EmbedBody = Annotated[
    EmbedIn, json_body(Example(value={"texts": ["진공 펌프", "vacuum pump"], "kind": "query"}))
]
OpenAIBody = Annotated[
    OpenAIEmbeddingIn,
    json_body(Example(value={"model": "text", "input": ["진공 펌프", "vacuum pump"]})),
]


class EmbeddingController(Controller):
    """Encoding of texts without a search."""

    tags = ("embeddings",)
    opt = needs("reader", cost=5)

    @post("/embed", summary="Encode up to 256 texts", status_code=200, responses=WITH_BODY)
    async def embed(
        self, data: EmbedBody, database: Db, embedder: NamedDependency[Embedder]
    ) -> EmbedOut:
        """Vectors by the model of a live space, comparable with those that are stored there.

        In a space of kind `multi` a query has the vectors of its tokens, `dim` numbers each, one after the
        other, and a passage their mean. In one of kind `sparse` there are three numbers per token: its number
        divided by 2,048, the rest, and its weight.
        """
        space, vectors = await embedder.embed(database.caller, data.space, data.texts, data.kind)
        return EmbedOut(
            space=space.space,
            model=space.identity,
            dim=space.dim,
            vectors=[v.tolist() for v in vectors],
        )

    @post(
        "/v1/embeddings",
        summary="Encode texts, in OpenAI's format",
        status_code=200,
        responses=WITH_BODY,
    )
    async def openai_embeddings(
        self, data: OpenAIBody, database: Db, embedder: NamedDependency[Embedder]
    ) -> OpenAIEmbeddingOut:
        """Set the client's base URL to this server's `/v1`, and its key to an API key.

        `model` is a live space; `SPACE:query` encodes what is searched for. Errors are
        `application/problem+json`.
        """
        texts = [data.input] if isinstance(data.input, str) else data.input
        kind: TextKind = "query" if data.model.endswith(QUERY) else "passage"
        name = data.model.removesuffix(QUERY)
        space, vectors = await embedder.embed(database.caller, name, texts, kind)
        if data.dimensions not in (None, space.dim):
            raise BadRequest(f"{space.space} has {space.dim} dimensions, not {data.dimensions}")
        tokens = await embedder.token_count(space, texts, kind)
        return OpenAIEmbeddingOut(
            model=data.model,
            usage=OpenAIUsage(prompt_tokens=tokens, total_tokens=tokens),
            data=[
                OpenAIEmbedding(index=at, embedding=_written(vec, data.encoding_format))
                for at, vec in enumerate(vectors)
            ],
        )

    @get("/v1/models", summary="List models, in OpenAI's format", responses=ADMISSION)
    async def openai_models(
        self, database: Db, embedder: NamedDependency[Embedder]
    ) -> OpenAIModels:
        """Live spaces of texts: each by its name, and as `SPACE:query` for queries."""
        spaces = await embedder.spaces(database.caller)
        return OpenAIModels(
            data=[
                OpenAIModel(id=space.space + form, owned_by=space.identity)
                for space in spaces
                for form in ("", QUERY)
            ]
        )


def _written(vector: Vectors, form: str) -> list[float] | str:
    if form == "base64":
        return base64.b64encode(vector.astype(np.dtype("<f4")).tobytes()).decode()
    numbers: list[float] = vector.tolist()
    return numbers
