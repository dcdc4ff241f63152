"""How many words of tall product pages are read: looked at whole, and in slices.

  python bench/longpages.py                    drawn pages; and `product-ocr-ko` where SEOGO_DATA has it
  python bench/longpages.py --pages 4 --engines auto

A drawn page is 780 pixels wide and 12,000 high: Korean and English lines of 15 to 34 pixels, with plain areas
between them. `product-ocr-ko` is read as `receipts-sroie` is: `gt.dev.jsonl` with `image` and `lines`, each
with a `text`. A word counts once for each time it stands in the truth and in what was read.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from nameplates import font, fonts
from PIL import Image, ImageDraw
from platetexts import CATEGORIES
from rich.console import Console
from rich.table import Table

from encoders.base import Picture
from encoders.ocr import slices
from encoders.ocr.base import OcrEngine
from encoders.ocr.registry import NAMES, build_ocr
from encoders.ocr.settings import OcrOptions

WIDTH, HEIGHT = 780, 12_000
LARGEST, SMALLEST = 34, 15


class Page(NamedTuple):
    """A picture and the words on it."""

    picture: Picture
    words: list[str]


def drawn(pages: int, seed: int) -> Iterator[Page]:
    rng = random.Random(seed)
    faces = fonts(korean=True)
    for _ in range(pages):
        image = Image.new("RGB", (WIDTH, HEIGHT), (252, 252, 250))
        pen, words, top = ImageDraw.Draw(image), [], 60
        while top < HEIGHT - 80:
            size = rng.randint(SMALLEST, LARGEST)
            english, korean = rng.choice(CATEGORIES)
            text = rng.choice((korean, english, f"{korean} {rng.randint(10, 9999)} mm"))
            pen.text((rng.randint(30, 300), top), text, (30, 30, 34), font(rng.choice(faces), size))
            words += text.split()
            top += size + rng.choice((12, 20, 30, 400))
        yield Page(np.array(image), words)


def stored(folder: Path) -> Iterator[Page]:
    with (folder / "gt.dev.jsonl").open(encoding="utf-8") as file:
        for row in map(json.loads, file):
            picture = np.asarray(Image.open(folder / row["image"]).convert("RGB"))
            yield Page(picture, [word for line in row["lines"] for word in line["text"].split()])


def found(engine: OcrEngine, pages: Sequence[Page]) -> tuple[int, float]:
    """Words found on all pages, and seconds a page."""
    total, start = 0, time.perf_counter()
    for page in pages:
        read = Counter(
            word for line in engine.read([page.picture])[0].lines for word in line.text.split()
        )
        total += (read & Counter(page.words)).total()
    return total, (time.perf_counter() - start) / len(pages)


def main() -> None:
    """Run."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--engines", nargs="+", default=["auto"], choices=NAMES)
    parser.add_argument("--data", type=Path, default=os.environ.get("SEOGO_DATA", "../shared/data"))
    parser.add_argument("--pages", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    sets = {"drawn": list(drawn(args.pages, args.seed))}
    out = Console()
    if (folder := args.data / "product-ocr-ko").is_dir():
        sets[folder.name] = list(stored(folder))
    else:
        out.print(f"no {folder}: drawn pages only")
    shown = Table("pages", "engine", "looked at", "words", "found", "s a page")
    whole = slices.windows
    for name, pages in sets.items():
        words = sum(len(page.words) for page in pages)
        for engine in (build_ocr(each, OcrOptions(threads=1)) for each in args.engines):
            for way in ("whole", "in slices"):
                slices.windows = whole if way == "in slices" else _at_once
                total, seconds = found(engine, pages)
                numbers = (str(words), f"{total} ({total / words:.3f})", f"{seconds:.1f}")
                shown.add_row(name, engine.spec.name, way, *numbers)
    out.print(shown)


def _at_once(width: int, height: int) -> list[slices.Slice]:
    return [slices.Slice(0, 0, width, height)]


if __name__ == "__main__":
    main()
