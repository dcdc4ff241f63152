"""Rerankers: measured per collection, used only where they help on held-out queries."""
