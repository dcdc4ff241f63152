"""Checks of items with pictures, and their form for the library's processors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PIL import Image

from encoders.pictures import decoding

if TYPE_CHECKING:
    from collections.abc import Sequence

    from encoders.base import Content, Picture


def check_items(items: Sequence[Content]) -> None:
    """Check that each item has a text or pictures, and that pictures are valid.

    Raises:
        ValueError: If an item has neither text nor picture, or a picture is not one.
    """
    for row, item in enumerate(items):
        if not item.text.strip() and not item.images:
            raise ValueError(f"items[{row}] has neither text nor picture")
        check_pictures(item, f"items[{row}]")


def check_pictures(item: Content, where: str) -> None:
    """Check the pictures of an item.

    Raises:
        ValueError: If one is not; the error begins with `where`.
    """
    try:
        decoding.check(item.images)
    except ValueError as exc:
        raise ValueError(f"{where}.{exc}") from exc


def pil(images: Sequence[Picture]) -> list[Any]:
    """Convert pictures to Pillow images."""
    return [Image.fromarray(image) for image in images]
