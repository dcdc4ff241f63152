"""Contradictions of collections."""

from service.features import Context, Feature
from service.quality.controller import QualityController


def feature(_context: Context) -> Feature:
    """Build the controller; flows and the database are those of earlier features."""
    return Feature(handlers=[QualityController])
