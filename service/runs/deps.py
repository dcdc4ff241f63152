"""Runs of jobs, and the queue of the schedule."""

from service.data.database import Database
from service.features import Context, Feature
from service.runs.controller import JobController, RunController, failures, queues
from service.runs.tasks import Tasks


def feature(context: Context) -> Feature:
    """Build the queue of tasks."""
    return Feature(
        handlers=[RunController, JobController, failures, queues],
        provides={"tasks": Tasks(context.get(Database))},
    )
