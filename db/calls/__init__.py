"""Typed SQL calls: queries, steps of several queries, retries."""
