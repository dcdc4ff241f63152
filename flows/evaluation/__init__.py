"""Evaluation as flows: asking a query set, and comparing two runs of it."""
