"""Training of text encoders: settings, trainer, export."""
