"""Learning where nobody has judged."""
