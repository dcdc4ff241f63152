"""Items written by hand: edited, and pictures registered with their products."""
