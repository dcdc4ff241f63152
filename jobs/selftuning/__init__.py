"""Tuning of the fusion of a collection that nobody has judged, by queries made from its own texts."""
