"""What can go wrong with memory banks."""

from __future__ import annotations

from encoders.errors import EncoderError


class TooFewPictures(EncoderError):
    """A memory bank needs normal pictures of at least two pieces."""


class BankMismatch(EncoderError):
    """The memory bank was made by another backbone."""
