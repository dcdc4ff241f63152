"""Events, and webhooks that they are sent to."""

from service.features import Context, Feature
from service.webhooks.controller import EventController, WebhookController


def feature(_context: Context) -> Feature:
    """Build the controllers; the database is that of an earlier feature."""
    return Feature(handlers=[EventController, WebhookController])
