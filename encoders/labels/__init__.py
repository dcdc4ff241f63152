"""Interpretation of lines of text: reading order, labels and values, part numbers. No models."""
