"""Contradictions of collections: found by rules, accepted or mended by people."""
