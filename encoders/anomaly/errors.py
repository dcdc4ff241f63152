"""Errors of memory banks."""

from __future__ import annotations

from encoders.errors import EncoderError


class TooFewPictures(EncoderError):
    """A memory bank needs different normal pictures of at least two pieces."""


class PicturesAlike(EncoderError):
    """The pictures held out say no more than those of the bank: no threshold comes of them."""
