"""Scheduled tasks, on a queue in PostgreSQL."""
