"""Flows: the performer that all features run them with."""

from service.data.database import Database
from service.data.spaces import LiveSpaces
from service.features import Context, Feature, closing
from service.flows.live_tests import LiveTests
from service.flows.performer import Performer
from service.items.pictures import Pictures
from service.models.banks import Banks
from service.models.guides import Guides
from service.models.pool import ModelPool
from service.models.query_vectors import QueryEncoders
from service.models.reading import Readers
from service.models.reranking import Rerankers
from service.monitoring.tracing import spans_of


def feature(context: Context) -> Feature:
    """Build the performer."""
    live = LiveTests(context.get(Database), ttl_s=context.settings.spaces_ttl_s)
    cores = ModelPool("cores", threads=1)
    performer = Performer(
        cores,
        Banks(context.encoders, cores),
        Guides(context.encoders, context.guide, cores),
        context.get(QueryEncoders),
        context.get(LiveSpaces),
        context.get(Pictures),
        context.get(Readers),
        context.get(Rerankers),
        live,
        spans_of(context.settings),
    )
    return Feature(
        provides={"performer": performer, "live_tests": live},
        lifespan=[closing(cores.close)],
    )
