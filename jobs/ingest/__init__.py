"""Ingest: records of a file become items with their pictures."""
