"""Typed SQL calls: declarations, queries, steps of several queries, retries."""
