"""Commands for models, re-embedding and training."""
