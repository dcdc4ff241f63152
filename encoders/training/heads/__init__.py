"""Heads over a text encoder: vectors of tokens (late interaction) and weights of tokens (learned sparse)."""
