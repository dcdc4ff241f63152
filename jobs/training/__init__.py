"""Training of encoders: pairs, runs, export, activation."""
