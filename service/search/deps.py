"""Searches and the query log."""

from service.data.database import Database
from service.data.spaces import LiveSpaces
from service.features import Context, Feature
from service.items.pictures import Pictures
from service.models.query_vectors import QueryEncoders
from service.models.reading import Readers
from service.models.reranking import Rerankers
from service.search.controller import SearchController
from service.search.encoded_legs import EncodedLegs
from service.search.query_log import QueryLog
from service.search.question import Questions
from service.search.searcher import Searcher


def feature(context: Context) -> Feature:
    """Build the searcher of requests, with the query log where it is switched on."""
    settings, query_log = context.settings, None
    if settings.query_log:
        query_log = QueryLog(context.get(Database), settings.query_log_days)
    return Feature(
        handlers=[SearchController],
        provides={"searcher": searcher(context, query_log)},
        lifespan=[] if query_log is None else [query_log.running()],
    )


def searcher(context: Context, query_log: QueryLog | None = None) -> Searcher:
    """Build a searcher; without a log for searches that no caller asked for."""
    return Searcher(
        Questions(context.get(Pictures), context.get(Readers)),
        EncodedLegs(context.get(QueryEncoders), context.get(LiveSpaces)),
        context.get(Rerankers),
        query_log,
    )
