"""Re-embedding: a generation of vectors built beside the live one, judged, and switched to."""
