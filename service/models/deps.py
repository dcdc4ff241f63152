"""Models: encoders of queries, OCR engines and rerankers."""

from service.data.database import Database
from service.features import Context, Feature, closing
from service.models.query_vectors import QueryEncoders
from service.models.reading import Readers
from service.models.reranking import Rerankers


def feature(context: Context) -> Feature:
    """Build what runs models; each is loaded at its first use."""
    settings, chosen, store = context.settings, context.encoders, context.get(Database)
    threads, wait_s = settings.encode_threads, settings.encode_wait_s
    encoders = QueryEncoders(chosen, threads=threads, wait_s=wait_s)
    readers = Readers(store, chosen, ttl_s=settings.spaces_ttl_s, wait_s=wait_s)
    rerankers = Rerankers(store, chosen, ttl_s=settings.spaces_ttl_s, wait_s=wait_s)
    return Feature(
        provides={"encoders": encoders, "readers": readers, "rerankers": rerankers},
        lifespan=[closing(encoders.close, readers.close, rerankers.close)],
    )
