"""Limits on concurrent work and memory."""
