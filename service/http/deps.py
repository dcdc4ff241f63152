"""Bodies of requests, and the pages."""

from service.features import Context, Feature
from service.http import pages
from service.http.bodies import Bodies
from service.limits.budget import Budget
from service.limits.lanes import Lanes


def feature(context: Context) -> Feature:
    """Build the reader of bodies, which guards every handler, and the pages."""
    bodies = Bodies(context.get(Budget), context.get(Lanes))
    return Feature(handlers=[*pages.pages(), pages.assets_router()], guards=[bodies.guard])
