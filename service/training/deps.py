"""The loop of training."""

from service.features import Context, Feature
from service.training.controller import TrainingController


def feature(_context: Context) -> Feature:
    """Build the controller; the database is that of an earlier feature."""
    return Feature(handlers=[TrainingController])
