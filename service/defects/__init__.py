"""Defect inspection over HTTP."""
