"""Text encoders that run without torch, and text preparation."""
