"""Draw the sample pictures of plates: brushed metal with two holes, normal, scratched and stained.

  python examples/defects/render_plates.py

Random choices are seeded with the picture's number, so the same Pillow gives the same files.
"""

from __future__ import annotations

import argparse
import json
import random
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageFilter

SIDE = 192
HERE = Path(__file__).parent
NORMALS, SCRATCHES, STAINS = 24, 5, 5
# Each piece was "photographed" twice, in other light.
SHOTS = 2


def plate(seed: int, shot: int) -> Image.Image:
    """A plate without a defect."""
    piece = random.Random(seed)
    light = random.Random(seed * 101 + shot)
    grey = 150 + light.randrange(-12, 13)
    image = Image.new("L", (SIDE, SIDE), grey)
    draw = ImageDraw.Draw(image)
    for row in range(SIDE):  # brushed: each row has its own brightness
        draw.line((0, row, SIDE, row), fill=grey + piece.randrange(-14, 15))
    image = image.filter(ImageFilter.GaussianBlur(0.7))
    draw = ImageDraw.Draw(image)
    shift = light.randrange(-3, 4)
    for centre in (40, SIDE - 40):
        hole = (centre - 14 + shift, 82 + shift, centre + 14 + shift, 110 + shift)
        draw.ellipse(hole, fill=28, outline=210, width=3)
    return image


def scratched(image: Image.Image, seed: int) -> Image.Image:
    """A bright, bent line across it."""
    chance = random.Random(seed)
    x, y = chance.randrange(20, 90), chance.randrange(20, 60)
    points = [(x, y)]
    for _ in range(5):
        points.append(
            (points[-1][0] + chance.randrange(8, 22), points[-1][1] + chance.randrange(6, 24))
        )
    ImageDraw.Draw(image).line(points, fill=242, width=3)
    return image


def stained(image: Image.Image, seed: int) -> Image.Image:
    """A dark, blurred spot."""
    chance = random.Random(seed)
    x, y, size = chance.randrange(60, 120), chance.randrange(20, 140), chance.randrange(18, 30)
    spot = Image.new("L", image.size, 0)
    ImageDraw.Draw(spot).ellipse((x, y, x + size * 2, y + size), fill=190)
    return Image.composite(
        Image.new("L", image.size, 70), image, spot.filter(ImageFilter.GaussianBlur(4))
    )


def drawn() -> list[tuple[dict[str, Any], Image.Image]]:
    """What each picture shows, and the picture."""
    made: list[tuple[dict[str, Any], Image.Image]] = []

    def add(name: str, image: Image.Image, piece: int, **shown: str) -> None:
        about = {"path": f"pictures/{name}.jpg", "external_id": name, "product": "plate"}
        made.append((about | shown | {"piece": f"plate-{piece}"}, image))

    for number in range(NORMALS):
        piece = number // SHOTS
        add(f"n{number:02d}", plate(piece, number), piece, label="normal")
    for number in range(SCRATCHES):
        image = scratched(plate(100 + number, 0), number)
        add(f"a{number:02d}", image, 100 + number, label="defect", defect="scratch")
    for number in range(STAINS):
        image = stained(plate(200 + number, 0), number)
        add(f"b{number:02d}", image, 200 + number, label="defect", defect="stain")
    return made


def main() -> None:
    """Write the pictures, the list of what they show, and one more to be inspected."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=HERE)
    out = parser.parse_args().out
    (out / "pictures").mkdir(parents=True, exist_ok=True)
    lines = []
    for shown, image in drawn():
        image.save(out / shown["path"], quality=85)
        lines.append(json.dumps(shown, ensure_ascii=False))
    (out / "plates.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    scratched(plate(900, 0), 77).save(out / "query.jpg", quality=85)


if __name__ == "__main__":
    main()
