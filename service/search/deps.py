"""Searches and the query log."""

from service.data.database import Database
from service.features import Context, Feature
from service.flows.live_tests import LiveTests
from service.flows.performer import Performer
from service.search.ask_controller import AskController
from service.search.batch_controller import BatchController
from service.search.classify_controller import ClassifyController
from service.search.controller import SearchController
from service.search.matches_controller import MatchesController
from service.search.query_log import QueryLog
from service.search.searcher import Searcher
from service.search.shaping_controller import ShapingController
from service.search.suggest_controller import SuggestController
from service.search.synonyms_controller import SynonymsController


def feature(context: Context) -> Feature:
    """Build the searcher of requests, with the query log where it is switched on."""
    settings, query_log = context.settings, None
    if settings.query_log:
        query_log = QueryLog(
            context.get(Database), settings.query_log_days, text=settings.query_log_text
        )
    return Feature(
        handlers=[
            SearchController,
            BatchController,
            ShapingController,
            SuggestController,
            MatchesController,
            ClassifyController,
            AskController,
            SynonymsController,
        ],
        provides={"searcher": searcher(context, query_log)},
        lifespan=[] if query_log is None else [query_log.running()],
    )


def searcher(context: Context, query_log: QueryLog | None = None) -> Searcher:
    """Build a searcher; without a log for searches that no caller asked for."""
    return Searcher(context.get(Performer), context.get(LiveTests), query_log)
