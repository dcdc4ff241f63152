"""Sweeps: training settings tried, kept in the database, and told which mattered."""
