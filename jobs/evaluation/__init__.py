"""Evaluation: query sets, judgments, runs, comparisons, reports, and the guard of tuning."""
