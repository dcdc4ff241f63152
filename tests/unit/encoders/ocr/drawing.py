"""Pictures with writing, drawn where they are needed, and engines that read what they are told."""

from __future__ import annotations

from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from encoders.ocr.base import LineReading, OcrResult, OcrSpec, OcrTextLine
from encoders.ocr.geometry import rectangle
from encoders.pictures import decoding

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from encoders.base import Picture

EXAMPLES = Path(__file__).resolve().parents[4] / "examples" / "pictures"
KOREAN_FONTS = (
    "/usr/share/fonts/truetype/nanum/NanumGothic.ttf",
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/System/Library/Fonts/AppleSDGothicNeo.ttc",
)


def drawn(
    rows: Sequence[str], font: str | None = None, size: tuple[int, int] = (640, 360)
) -> Picture:
    """Dark writing on light ground, a line each 60 pixels; the font Pillow carries unless named."""
    image = Image.new("RGB", size, (226, 228, 230))
    face = ImageFont.truetype(font, 32) if font else ImageFont.load_default(32)
    for number, text in enumerate(rows):
        position = (40, 30 + 60 * number)
        ImageDraw.Draw(image).text(position, text, fill=(24, 26, 30), font=face)
    return np.array(image)


def example(name: str) -> Picture:
    return decoding.decode((EXAMPLES / f"{name}.png").read_bytes())


def korean_font() -> str:
    """A font file with Hangul; the test is skipped where there is none."""
    found = next((font for font in KOREAN_FONTS if Path(font).is_file()), None)
    if found is None:
        pytest.skip("no font with Hangul here: apt-get install fonts-nanum")
    return found


class Fixed(NamedTuple):
    """An engine that knows what it will read: the same lines in every picture, lines by their shade.

    `again` maps the grey value of a crop, see `marked`, to the reading of it.
    """

    lines: tuple[OcrTextLine, ...] = ()
    again: Mapping[int, LineReading] = MappingProxyType({})
    name: str = "fixed"

    @property
    def spec(self) -> OcrSpec:
        return OcrSpec(name=self.name, revision="1", scripts=("latin",))

    def read(self, images: Sequence[Picture]) -> list[OcrResult]:
        sizes = [image.shape for image in images]
        return [OcrResult(self.lines, w, h, (self.spec.identity,)) for h, w, _ in sizes]

    def read_lines(self, crops: Sequence[Picture]) -> list[LineReading]:
        shades = [int(np.median(crop)) for crop in crops]
        return [self.again.get(shade, LineReading("", 0.0)) for shade in shades]


def marked(texts: Sequence[tuple[str, float]]) -> tuple[Picture, tuple[OcrTextLine, ...]]:
    """A picture of grey bands, band n of shade 10 (n + 1), and the lines read at them."""
    image = np.zeros((20 * len(texts), 100, 3), np.uint8)
    lines = []
    for number, (text, confidence) in enumerate(texts):
        image[20 * number : 20 * number + 20] = 10 * (number + 1)
        box = rectangle(2, 20 * number + 2, 98, 20 * number + 18)
        lines.append(OcrTextLine(box, text, confidence, "first"))
    return image, tuple(lines)
