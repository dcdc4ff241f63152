"""Inspection of pictures for defects."""

from service.defects.analyses_controller import AnalysisController
from service.defects.controller import DefectController
from service.defects.inspector import Inspector
from service.features import Context, Feature
from service.flows.performer import Performer


def feature(context: Context) -> Feature:
    """Build the inspector."""
    inspector = Inspector(context.get(Performer))
    return Feature(
        handlers=[DefectController, AnalysisController], provides={"inspector": inspector}
    )
