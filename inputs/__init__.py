"""Readers of external files and bodies: JSON values, JSON lines, lines of text, tables."""
