"""Commands that measure and tune search."""
