"""Queues, runs, schedules, keys, backups and monitoring."""
