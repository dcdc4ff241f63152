"""Pictures of nameplates that nobody photographed, with the truth about what is written on them.

`plates(n, seed)` gives the same plates for the same seed, Pillow and fonts. Each has a layout, labels, a
typeface and one `difficulty` of its own; every eighth picture or so is a part without any writing. Another
`view` is another photograph of the same plates, under another difficulty.
"""

from __future__ import annotations

import functools
import io
import math
import random
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter, ImageFont
from platetexts import CATEGORIES, MAKERS, PlateTexts, plate_texts

Colour = tuple[int, int, int]

# clean; turned up to 5 degrees; out of focus; sensor noise and JPEG; pale ink; reflections; half as large;
# some of all but the last two
DIFFICULTIES = ("clean", "turned", "blurred", "noisy", "faint", "glare", "small", "mixed")
WITHOUT_PLATE = 0.12
KOREAN_SHARE = 0.4
FONT_FOLDERS = (
    "/usr/share/fonts",
    "/usr/local/share/fonts",
    "/Library/Fonts",
    "/System/Library/Fonts",
)
KOREAN_FONTS = (
    *("NanumGothic.ttf", "NanumGothicBold.ttf", "NanumBarunGothic.ttf", "NanumSquareB.ttf"),
    *(
        "NanumMyeongjoBold.ttf",
        "NotoSansCJK-Regular.ttc",
        "NotoSansCJK-Bold.ttc",
        "AppleSDGothicNeo.ttc",
    ),
)
LATIN_FONTS = (
    *(
        "DejaVuSans.ttf",
        "DejaVuSans-Bold.ttf",
        "DejaVuSansMono.ttf",
        "DejaVuSansCondensed-Bold.ttf",
    ),
    *("DejaVuSerif.ttf", "LiberationSans-Regular.ttf", "LiberationMono-Regular.ttf"),
)
# The ground, the ink on it, and a band of another colour behind the maker (or none).
SURFACES: tuple[tuple[Colour, Colour, Colour | None], ...] = (
    ((196, 199, 203), (22, 24, 28), None),
    ((204, 202, 194), (20, 22, 26), (28, 52, 104)),
    ((58, 61, 66), (232, 234, 236), None),
    ((244, 244, 240), (22, 22, 24), (176, 30, 36)),
    ((240, 242, 245), (18, 24, 40), (20, 84, 116)),
    ((236, 232, 214), (30, 28, 24), None),
    ((24, 70, 128), (240, 242, 246), None),
)


class Line(NamedTuple):
    """What one line says, and its box: corners (4, 2) in pixels, clockwise from the top-left one."""

    text: str
    box: NDArray[np.float32]


class Plate(NamedTuple):
    """A picture, uint8 (height, width, 3) in RGB, and what it shows.

    Without a plate the numbers are empty and there are no lines; `language` is `en` or `ko`.
    """

    picture: NDArray[np.uint8]
    part_number: str
    serial_number: str
    maker: str
    model: str
    category: str
    lines: tuple[Line, ...]
    language: str
    has_plate: bool
    difficulty: str


def plates(
    n: int,
    seed: int,
    size: tuple[int, int] = (800, 500),
    languages: Sequence[str] = ("en", "ko"),
    view: int = 0,
) -> Iterator[Plate]:
    """Draw `n` pictures of `size` (width, height); Korean plates only where a font has Hangul."""
    for number in range(n):
        rng = random.Random(f"{seed} {number}")
        empty = rng.random() < WITHOUT_PLATE
        shown = Shown(size, random.Random(f"{seed} {number} {view}") if view else None)
        yield without_plate(rng, shown) if empty else with_plate(rng, shown, languages)


class Shown(NamedTuple):
    """How large a picture is, and where chance in taking it comes from; None: from the plate's own."""

    size: tuple[int, int]
    chance: random.Random | None


def with_plate(rng: random.Random, shown: Shown, languages: Sequence[str]) -> Plate:
    korean = "ko" in languages and bool(fonts(korean=True))
    if korean and "en" in languages:
        korean = rng.random() < KOREAN_SHARE
    texts, difficulty = plate_texts(rng, korean=korean), rng.choice(DIFFICULTIES)
    ground, ink, band = rng.choice(SURFACES)
    if difficulty in ("faint", "mixed"):
        ink, band = mix(ground, ink, rng.uniform(0.2, 0.4)), None
    pen = Pen(shown.size, rng.choice(fonts(korean=korean)), ground, ink)
    pen.header(texts, band)
    rng.choice(LAYOUTS)(pen, texts, rng)
    if shown.chance is not None:
        rng, difficulty = shown.chance, shown.chance.choice(DIFFICULTIES)
    picture, lines = photograph(pen.image, pen.lines, difficulty, rng)
    return Plate(
        *(picture, texts.part_number, texts.serial_number, texts.maker, texts.model),
        *(texts.category, lines, "ko" if korean else "en", True, difficulty),
    )


def without_plate(rng: random.Random, shown: Shown) -> Plate:
    """Some shapes, without a letter."""
    width, height = shown.size
    image = Image.new("RGB", shown.size, colour(rng))
    draw = ImageDraw.Draw(image)
    for _ in range(rng.randrange(5, 12)):
        x, y = rng.uniform(0.1, 0.7) * width, rng.uniform(0.1, 0.7) * height
        box = (x, y, x + rng.uniform(0.08, 0.4) * width, y + rng.uniform(0.08, 0.4) * height)
        rng.choice((draw.ellipse, draw.rectangle))(box, fill=colour(rng))
    chance = shown.chance or rng
    difficulty = chance.choice(DIFFICULTIES)
    picture, _ = photograph(image, [], difficulty, chance)
    maker, (category, _) = rng.choice(MAKERS), rng.choice(CATEGORIES)
    return Plate(picture, "", "", maker, "", category, (), "en", False, difficulty)


@functools.cache
def fonts(*, korean: bool) -> tuple[str, ...]:
    """Font files found here, in a fixed order; "" is the font that Pillow carries, without Hangul."""
    folders = [Path(folder) for folder in FONT_FOLDERS if Path(folder).is_dir()]
    here = {path.name: str(path) for folder in folders for path in folder.rglob("*.tt[fc]")}
    with_hangul = tuple(here[name] for name in KOREAN_FONTS if name in here)
    if korean:
        return with_hangul
    return ("", *(here[name] for name in LATIN_FONTS if name in here), *with_hangul)


@functools.lru_cache(maxsize=512)
def font(file: str, height: int) -> ImageFont.FreeTypeFont:
    loaded = ImageFont.truetype(file, height) if file else ImageFont.load_default(height)
    assert isinstance(loaded, ImageFont.FreeTypeFont)
    return loaded


def colour(rng: random.Random) -> Colour:
    return rng.randrange(40, 230), rng.randrange(40, 230), rng.randrange(40, 230)


def mix(first: Colour, second: Colour, share: float) -> Colour:
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(first, second, strict=True))
    return red, green, blue


class Pen:
    """Draws an empty plate, writes on it, and remembers what and where. Positions are shares of the size."""

    def __init__(self, size: tuple[int, int], file: str, ground: Colour, ink: Colour) -> None:
        self.size, self.file, self.ground, self.ink = size, file, ground, ink
        self.image = Image.new("RGB", size, mix(ground, (90, 96, 104), 0.55))
        self.draw = ImageDraw.Draw(self.image)
        self.lines: list[Line] = []
        rim = mix(ground, ink, 0.5)
        self.draw.rounded_rectangle(self.place(0.04, 0.06, 0.96, 0.94), 12, ground, rim, 2)
        for x in (0.06, 0.94):
            for y in (0.09, 0.91):
                screw = self.place(x - 0.012, y - 0.019, x + 0.012, y + 0.019)
                self.draw.ellipse(screw, mix(ground, (128, 128, 128), 0.5), rim)

    def place(self, *box: float) -> tuple[float, ...]:
        return tuple(share * self.size[at % 2] for at, share in enumerate(box))

    def header(self, texts: PlateTexts, band: Colour | None) -> None:
        """The maker in large letters and the kind of part beside it."""
        ink = self.ink
        if band is not None:
            self.draw.rectangle(self.place(0.08, 0.12, 0.92, 0.28), fill=band)
            self.ink = (246, 246, 246)
        self.write(0.1, 0.2, texts.maker, 0.1, 0.42)
        self.write(0.62, 0.2, texts.caption, 0.042, 0.29)
        self.ink = ink

    def write(self, x: float, y: float, text: str, height: float, room: float) -> float:
        """One line with its middle at `y`, smaller where it has no room; returns where it ends."""
        at = (x * self.size[0], y * self.size[1])
        size = max(9, round(height * self.size[1]))
        while size > 9 and font(self.file, size).getlength(text) > room * self.size[0]:
            size -= 1
        face = font(self.file, size)
        self.draw.text(at, text, fill=self.ink, font=face, anchor="lm")
        left, top, right, bottom = self.draw.textbbox(at, text, font=face, anchor="lm")
        corners = [(left, top), (right, top), (right, bottom), (left, bottom)]
        self.lines.append(Line(text, np.array(corners, np.float32)))
        return right / self.size[0]

    def rule(self, y: float) -> None:
        self.draw.line(self.place(0.08, y, 0.92, y), mix(self.ground, self.ink, 0.4))


def beside(pen: Pen, texts: PlateTexts, rng: random.Random) -> None:
    """Labels in one column, values in the next."""
    ruled, colon = rng.random() < 0.5, rng.choice(("", "", ":"))
    for row, (label, value) in enumerate(texts.rows):
        y = 0.37 + 0.09 * row
        pen.write(0.1, y, label + colon, 0.044, 0.2)
        pen.write(0.33, y, value, 0.05, 0.58)
        if ruled:
            pen.rule(y + 0.045)


def inline(pen: Pen, texts: PlateTexts, rng: random.Random) -> None:
    """Label, colon and value as one run of writing."""
    joint = rng.choice((": ", " : ", ":", " "))
    for row, (label, value) in enumerate(texts.rows):
        pen.write(0.1, 0.37 + 0.09 * row, f"{label}{joint}{value}", 0.05, 0.82)


def above(pen: Pen, texts: PlateTexts, rng: random.Random) -> None:
    """Small labels above their values, in two columns."""
    height = rng.uniform(0.034, 0.04)
    for place, (label, value) in enumerate(texts.rows):
        x, y = 0.1 + 0.43 * (place % 2), 0.35 + 0.19 * (place // 2)
        pen.write(x, y, label, height, 0.38)
        pen.write(x, y + 0.075, value, 0.052, 0.38)


def paired(pen: Pen, texts: PlateTexts, rng: random.Random) -> None:
    """Two labels and two values per row."""
    step = rng.uniform(0.14, 0.17)
    for place, (label, value) in enumerate(texts.rows):
        x, y = 0.09 + 0.425 * (place % 2), 0.4 + step * (place // 2)
        end = pen.write(x, y, label, 0.04, 0.13)
        pen.write(max(end + 0.015, x + 0.145), y, value, 0.044, 0.26)
        pen.rule(y + step / 2)


LAYOUTS: tuple[Callable[[Pen, PlateTexts, random.Random], None], ...] = (
    beside,
    inline,
    above,
    paired,
)


def photograph(
    image: Image.Image, lines: Sequence[Line], difficulty: str, rng: random.Random
) -> tuple[NDArray[np.uint8], tuple[Line, ...]]:
    """What a camera makes of it: a slight turn always, and what the difficulty says."""
    angle = rng.uniform(-5, 5) if difficulty in ("turned", "mixed") else rng.uniform(-0.8, 0.8)
    corner = image.getpixel((0, 0))
    image = image.rotate(angle, Image.Resampling.BICUBIC, fillcolor=corner)
    turned = tuple(Line(line.text, turn(line.box, angle, image.size)) for line in lines)
    match difficulty:
        case "blurred":
            image = blurred(image, rng.uniform(1.0, 1.8))
        case "small":
            width, height = image.size
            image = image.resize((width // 2, height // 2), Image.Resampling.BOX).resize(image.size)
        case "glare":
            shine(image, rng)
        case "noisy":
            image = noisy(image, rng, rng.uniform(12, 28))
        case "mixed":
            image = noisy(blurred(image, rng.uniform(0.4, 1.0)), rng, rng.uniform(5, 10))
    return np.asarray(image), turned


def blurred(image: Image.Image, pixels: float) -> Image.Image:
    return image.filter(ImageFilter.GaussianBlur(pixels * image.height / 500))


def turn(box: NDArray[np.float32], angle: float, size: tuple[int, int]) -> NDArray[np.float32]:
    """Where corners go when the picture turns by `angle` degrees, counter-clockwise, about its centre."""
    cos, sin = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    middle = np.array(size, np.float32) / 2
    matrix = np.array([[cos, sin], [-sin, cos]], np.float32)
    return ((box - middle) @ matrix.T + middle).astype(np.float32)


def shine(image: Image.Image, rng: random.Random) -> None:
    """Soft white reflections, not so strong that nothing is left to read."""
    mask = Image.new("L", image.size, 0)
    draw, (width, height) = ImageDraw.Draw(mask), image.size
    for _ in range(rng.randrange(1, 4)):
        x, y, r = rng.uniform(0, width), rng.uniform(0, height), rng.uniform(0.12, 0.3) * height
        draw.ellipse((x - 2 * r, y - r, x + 2 * r, y + r), fill=rng.randrange(140, 200))
    mask = mask.filter(ImageFilter.GaussianBlur(0.08 * height))
    image.paste((255, 255, 255), mask=mask)


def noisy(image: Image.Image, rng: random.Random, strength: float) -> Image.Image:
    """Sensor noise, then a strongly compressed JPEG."""
    noise = np.random.default_rng(rng.getrandbits(32)).normal(0, strength, (*image.size[::-1], 1))
    grainy = Image.fromarray(np.clip(np.asarray(image) + noise, 0, 255).astype(np.uint8))
    packed = io.BytesIO()
    grainy.save(packed, "JPEG", quality=rng.randrange(30, 60))
    return Image.open(packed).convert("RGB")
