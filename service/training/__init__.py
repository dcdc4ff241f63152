"""The loop of training over HTTP."""
