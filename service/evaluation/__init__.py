"""Judging and evaluation results over HTTP."""
