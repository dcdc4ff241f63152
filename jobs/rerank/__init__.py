"""Rerankers: measured per collection, and put to use only where they help on unseen queries."""
