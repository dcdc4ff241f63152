"""Inspection of pictures for defects."""

from litestar import Router

from service.defects.analyses_controller import AnalysisController
from service.defects.batches_controller import DefectBatchController
from service.defects.controller import DefectController
from service.defects.inspector import Inspector
from service.defects.manuals_controller import ManualController
from service.defects.specimens_controller import SpecimenArchiveController
from service.defects.statistics_controller import StatisticsController
from service.features import Context, Feature
from service.flows.performer import Performer


def feature(context: Context) -> Feature:
    """Build the inspector."""
    inspector = Inspector(context.get(Performer))
    most = context.settings.max_upload_mb * 1024 * 1024
    uploads = [DefectBatchController, ManualController, SpecimenArchiveController]
    large = Router(path="/", route_handlers=uploads, request_max_body_size=most)
    return Feature(
        handlers=[DefectController, AnalysisController, StatisticsController, large],
        provides={"inspector": inspector},
    )
