"""Models from a hub or a folder of the same layout, on torch and transformers."""
