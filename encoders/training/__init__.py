"""Training an encoder of texts: settings, the trainer, what it leaves behind."""
