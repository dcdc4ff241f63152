"""Projection encoder: two frozen encoders, and a learned map after each, into one space.

Only the maps are learned (`encoders.training.projection`), so a collection's own texts and pictures
are enough, in minutes on a processor. What the frozen encoder of pictures does not see, no map finds.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from encoders.base import Content, ImageEncoder, Picture, TextEncoder, Vectors, Window
from encoders.errors import WeightsInvalid
from encoders.hub.runtime import check_items
from encoders.pictures.decoding import check
from encoders.projection import files
from encoders.projection.maps import Map
from encoders.runtime.rows import unit_rows
from encoders.spec import EncoderSpec


class ProjectionEncoder:
    """Multimodal encoder over two loaded ones; see `load`."""

    def __init__(
        self, spec: EncoderSpec, text: tuple[TextEncoder, Map], picture: tuple[ImageEncoder, Map]
    ) -> None:
        self.spec = spec
        self._text, self._text_map = text
        self._picture, self._picture_map = picture

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """See `TextEncoder.encode_queries`."""
        return self._text_map.apply(self._text.encode_queries(texts))

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """See `TextEncoder.encode_passages`."""
        return self._text_map.apply(self._text.encode_passages(texts))

    def token_count(self, texts: Sequence[str], template: str) -> int:
        """See `TextEncoder.token_count`."""
        return self._text.token_count(texts, template)

    def windows(self, text: str) -> list[Window]:
        """See `TextEncoder.windows`."""
        return self._text.windows(text)

    def encode_images(self, images: Sequence[Picture]) -> Vectors:
        """See `ImageEncoder.encode_images`."""
        check(images)
        return self._picture_map.apply(self._picture.encode_images(images))

    def encode_items(self, items: Sequence[Content]) -> Vectors:
        """See `MultimodalEncoder.encode_items`; text and pictures meet halfway, pictures in their mean."""
        check_items(items)
        texts = iter(self.encode_passages([item.text for item in items if item.text.strip()]))
        pictures = iter(self.encode_images([image for item in items for image in item.images]))
        joined = np.empty((len(items), self.spec.dim), dtype=np.float32)
        for row, item in enumerate(items):
            parts = [next(texts)] if item.text.strip() else []
            if item.images:
                shown = np.mean([next(pictures) for _ in item.images], axis=0, keepdims=True)
                parts.append(unit_rows(shown)[0])
            joined[row] = np.mean(parts, axis=0)
        return unit_rows(joined)


def load(
    spec: EncoderSpec, folder: Path, build: Callable[[str], tuple[TextEncoder | ImageEncoder, str]]
) -> ProjectionEncoder:
    """Load the maps of a folder and the encoders below them.

    Args:
        spec: Of the projection.
        folder: With its files, checked.
        build: Builds a frozen encoder by its name; also returns its identity.

    Raises:
        WeightsInvalid: If the maps are damaged, or a frozen encoder is not the one of the training.
        EncoderError: If a frozen encoder cannot be built.
    """
    about = files.describe(folder)
    maps = files.maps(folder, spec.dim)
    built = []
    for base, one in zip((about.text, about.picture), maps, strict=True):
        encoder, identity = build(base.encoder)
        if identity != base.identity or encoder.spec.dim != one.centre.size:
            raise WeightsInvalid(
                folder,
                f"it was learned over {base.identity}, and {base.encoder} is {identity} now:"
                " train it again, or use the release that made it",
            )
        built.append((encoder, one))
    return ProjectionEncoder(spec, *built)  # type: ignore[arg-type]  # each is of its side's kind
