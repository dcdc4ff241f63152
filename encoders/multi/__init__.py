"""Encoders of a vector per token, for late interaction."""
