"""Metrics, logs, health and readiness."""
