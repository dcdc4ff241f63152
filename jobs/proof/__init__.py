"""Gates: targets that a collection must reach, measured and reported as passed or failed."""
