"""The picture stages that settings turn on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jobs.stages.caption import CaptionStage
from jobs.stages.ocr import OcrStage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from jobs.stages.config import PipelineSettings
    from jobs.stages.progress import Meter
    from jobs.stages.share import Tally
    from jobs.stages.stage import Stage
    from jobs.types import OnText


def picture_stages(
    settings: PipelineSettings, meter_of: Callable[[str], Meter], share: Tally, tell: OnText
) -> Iterator[Stage]:
    """OCR, and captions where a captioner is set; `tell` gets a line of text before slow work."""
    yield OcrStage(
        meter_of("ocr"),
        share,
        processes=settings.processes,
        models=settings.encoders.models_path,
    )
    if settings.captions.captioners:
        yield CaptionStage(meter_of("caption"), meter_of("item_caption"), share, settings, tell)
