"""The settings that all stages share."""

from __future__ import annotations

import msgspec

from db.settings import DbSettings, read
from encoders.runtime import device
from encoders.settings import CaptionSettings, EncoderSettings, GuideSettings, SummarySettings


class PipelineSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Settings of the stages, however they are run.

    `processes` pictures are read (OCR) at the same time.
    """

    db: DbSettings
    encoders: EncoderSettings
    captions: CaptionSettings
    summaries: SummarySettings = SummarySettings()
    guide: GuideSettings = GuideSettings()
    processes: int = 1


def from_environment() -> PipelineSettings:
    """Read them from the environment."""
    encoders = read(EncoderSettings)
    return PipelineSettings(
        db=read(DbSettings),
        encoders=encoders,
        captions=read(CaptionSettings),
        summaries=read(SummarySettings),
        guide=read(GuideSettings),
        processes=encoders.threads or device.cores(),
    )
