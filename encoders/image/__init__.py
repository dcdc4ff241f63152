"""Picture encoders that run without torch."""
