"""Evaluation: query sets and judgments in and out, runs, comparisons, reports, and the guard of tuning."""
