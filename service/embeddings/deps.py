"""Vectors of texts, and generations of their spaces."""

from service.data.spaces import LiveSpaces
from service.embeddings.controller import EmbeddingController
from service.embeddings.embedding import Embedder
from service.embeddings.generations_controller import GenerationsController
from service.features import Context, Feature
from service.models.query_vectors import QueryEncoders


def feature(context: Context) -> Feature:
    """Build the embedder."""
    embedder = Embedder(context.get(QueryEncoders), context.get(LiveSpaces))
    return Feature(
        handlers=[EmbeddingController, GenerationsController], provides={"embedder": embedder}
    )
