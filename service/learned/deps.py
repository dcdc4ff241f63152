"""Learning without anybody's judgment."""

from service.features import Context, Feature
from service.learned.controller import (
    FusionController,
    ProposalController,
    WeakQueryController,
)
from service.learned.insight_controller import InsightController


def feature(_context: Context) -> Feature:
    """Build the controllers; all they need is the database."""
    return Feature(
        handlers=[
            FusionController,
            WeakQueryController,
            ProposalController,
            InsightController,
        ]
    )
