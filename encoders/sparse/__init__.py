"""Encoders of weights per token of a vocabulary: learned sparse retrieval."""
