"""Models beside the event loop: loading, batching, encoding."""
