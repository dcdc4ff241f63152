"""Models of a hub, or of a folder of the same layout, through torch and transformers."""
