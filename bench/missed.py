"""Limits of the detectors, as pictures: missed tiles of each class, and normal tiles called defective.

  python bench/missed.py OUT

For each class the tiles farthest below the threshold, for normal ones those farthest above it: the picture,
its heatmap with what was marked outlined in white and the true defect in green, under a line with score,
threshold and levels. A sheet per class, and a line per class on which detector was nearest to the threshold.
"""

from __future__ import annotations

import argparse
import os
from collections import Counter
from pathlib import Path

import numpy as np
from anomaly import BACKBONE, DEFAULT
from PIL import Image, ImageDraw
from tiles import CLASSES, NORMAL, Judged, console, judge, judged, made, tiles

from db.settings import read
from encoders.anomaly import backbones
from encoders.anomaly.inspection import Judge
from encoders.anomaly.regions import marked
from encoders.anomaly.scale import paint
from encoders.settings import EncoderSettings

SHOWN = 6
SIDE = 256


def row(one: Judged, by: Judge) -> Image.Image:
    """A tile, and its map, under its figures."""
    picture = Image.fromarray(one.tile.picture()).resize((SIDE, SIDE))
    heat = paint(one.found, by.pixel_threshold)
    for where, colour in (
        (marked(one.found / np.float32(by.pixel_threshold)), (255, 255, 255)),
        (one.tile.truth(SIDE), (0, 255, 0)),
    ):
        inside = where & np.roll(where, 1, 0) & np.roll(where, 1, 1)
        heat[where & ~inside] = colour
    made_of = Image.new("RGB", (2 * SIDE, SIDE + 16), "white")
    made_of.paste(picture, (0, 16))
    made_of.paste(Image.fromarray(heat), (SIDE, 16))
    levels = " ".join(f"{name} {level:.1f}" for name, level in one.parts.items())
    told = f"{one.tile.path.stem}: {one.score:.2f} of {by.threshold:.2f}; {levels}"
    ImageDraw.Draw(made_of).text((2, 2), told, fill="black")
    return made_of


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("out", type=Path, help="Folder of the sheets.")
    out: Path = parser.parse_args().out
    out.mkdir(parents=True, exist_ok=True)
    given = tiles(Path(os.environ.get("SEOGO_DATA", "../shared/data")) / "magnetic-tile")
    settings = read(EncoderSettings)
    backbone = backbones.build(BACKBONE, settings.models_path, settings.threads)
    fitted = made(backbone, [tile for tile in given if tile.split == "train"], DEFAULT)
    by = judge(backbone, fitted, DEFAULT)
    rows = judged(by, [tile for tile in given if tile.split == "test"], "tiles")
    for name in (NORMAL, *CLASSES):
        wrong = [one for one in rows if one.tile.label == name and one.above == (name == NORMAL)]
        nearest = Counter(max(one.parts, key=lambda part: one.parts[part]) for one in wrong)
        pieces = len({one.tile.group for one in wrong})
        console.print(f"{name}: {len(wrong)} wrong of {pieces} pieces; strongest: {dict(nearest)}")
        wrong.sort(key=lambda one: one.score, reverse=name == NORMAL)
        if wrong:
            sheet = Image.new("RGB", (2 * SIDE, (SIDE + 16) * len(wrong[:SHOWN])), "white")
            for at, one in enumerate(wrong[:SHOWN]):
                sheet.paste(row(one, by), (0, at * (SIDE + 16)))
            sheet.save(out / f"{name}.png")


if __name__ == "__main__":
    main()
