"""Networks that were pulled, and patch features from the maps of any."""
