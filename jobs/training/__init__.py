"""Training: pairs from what the database knows, a run, its export, its way into service."""
