"""Flows run by the service: as the caller may, with pools of models."""
