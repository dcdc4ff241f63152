"""Runs of jobs, and the queue of the schedule."""

from db.settings import read
from encoders.settings import CaptionSettings
from service.data.database import Database
from service.features import Context, Feature
from service.runs.controller import (
    JobController,
    QueueController,
    RunController,
    ScheduleController,
)
from service.runs.schemas import MachineSettings
from service.runs.tasks import Tasks


def feature(context: Context) -> Feature:
    """Build the queue of tasks."""
    return Feature(
        handlers=[RunController, JobController, QueueController, ScheduleController],
        provides={
            "tasks": Tasks(context.get(Database)),
            "machine": MachineSettings(context.encoders, read(CaptionSettings)),
        },
    )
