"""Runs of jobs and scheduled tasks over HTTP."""
