"""Picture files: fetching, decoding, limits."""
