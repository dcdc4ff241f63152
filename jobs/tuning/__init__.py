"""Tuning: how to fuse the legs of a collection, learned on judged queries and held to unseen ones."""
