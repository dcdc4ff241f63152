"""Text vectors over HTTP."""
