"""Inspection of pictures for defects."""

from service.data.spaces import LiveSpaces
from service.defects.analyses_controller import AnalysisController
from service.defects.controller import DefectController
from service.defects.inspector import Inspector
from service.features import Context, Feature, closing
from service.items.pictures import Pictures
from service.models.query_vectors import QueryEncoders


def feature(context: Context) -> Feature:
    """Build the inspector."""
    inspector = Inspector(
        context.get(QueryEncoders),
        context.get(LiveSpaces),
        context.get(Pictures),
        context.encoders,
        context.guide,
    )
    return Feature(
        handlers=[DefectController, AnalysisController],
        provides={"inspector": inspector},
        lifespan=[closing(inspector.close)],
    )
