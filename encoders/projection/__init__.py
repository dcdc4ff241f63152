"""Projection encoders: frozen vectors of texts and of pictures, mapped into one space."""
