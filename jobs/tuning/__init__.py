"""Tuning of fusion and BM25 on judged queries, validated on held-out ones."""
