"""Draws the thirty example pictures from parts.jsonl.

Twenty pictures are nameplates (maker, model, part number, serial number, rating, origin); ten are
plain drawings of a part with no writing on it, so that a search by picture text has something to
miss. Every random choice is seeded with the part's external id: the same input, Pillow and font
give the same bytes. The serial number is written on the plate only, nowhere in parts.jsonl.
"""

from __future__ import annotations

import argparse
import io
import json
import math
import random
import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont, ImageOps

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Part = dict[str, Any]
Colour = tuple[int, int, int]
Box = tuple[float, float, float, float]

HERE = Path(__file__).resolve().parent
SIZE = (800, 500)
SCALE = 2  # everything is drawn twice as large and reduced, for smooth edges
EXPECTED = 30
FILE_LIMIT = 46_000  # bytes
FONT_CANDIDATES = (
    "/usr/share/fonts/truetype/nanum/NanumGothicBold.ttf",
    "/usr/share/fonts/truetype/nanum/NanumGothic.ttf",
    "/usr/share/fonts/truetype/nanum/NanumBarunGothicBold.ttf",
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Bold.ttc",
    "/System/Library/Fonts/AppleSDGothicNeo.ttc",
    "C:/Windows/Fonts/malgunbd.ttf",
)
PANELS: tuple[Colour, ...] = ((206, 203, 192), (92, 104, 116), (160, 172, 180), (70, 74, 80))
STEEL: Colour = (188, 192, 197)
DARK: Colour = (62, 66, 72)
PLATES: tuple[tuple[str, Colour, Colour, Colour], ...] = (  # surface, ground, ink, header
    ("metal", (190, 194, 198), (24, 26, 30), (190, 194, 198)),
    ("metal", (202, 200, 192), (20, 22, 26), (28, 52, 104)),
    ("metal", (58, 61, 66), (232, 234, 236), (58, 61, 66)),
    ("plastic", (244, 244, 240), (22, 22, 24), (176, 30, 36)),
    ("plastic", (240, 242, 245), (18, 24, 40), (20, 84, 116)),
    ("plastic", (236, 232, 214), (30, 28, 24), (236, 232, 214)),
)
KOREAN_CATEGORY = {
    "dry pump": "건식 진공펌프",
    "mass flow controller": "질량유량제어기",
    "gate valve": "슬릿 게이트밸브",
    "remote plasma source": "원격 플라즈마 발생기",
    "chiller": "냉각수 순환장치",
    "servo motor": "AC 서보모터",
    "gas detector": "가스 누출 감지기",
    "power supply": "직류 전원장치",
    "temperature controller": "디지털 온도조절기",
}
KOREAN_LABELS = ("형식", "부품번호", "제조번호", "정격", "제조연도", "제조국")
ENGLISH_LABELS = ("MODEL", "P/N", "S/N", "RATING", "YEAR", "MADE IN")


class FontMissingError(RuntimeError):
    """No font with Korean letters was found."""


def find_korean_font() -> Path:
    """Finds a font file with Korean letters.

    Raises:
        FontMissingError: If neither a usual place nor fontconfig knows one.
    """
    for candidate in FONT_CANDIDATES:
        if Path(candidate).is_file():
            return Path(candidate)
    if shutil.which("fc-list"):
        command = ["fc-list", ":lang=ko", "--format", "%{file}\n"]
        listed = subprocess.run(command, capture_output=True, text=True, check=False).stdout
        if found := sorted(line for line in listed.splitlines() if line):
            return Path(found[0])
    raise FontMissingError(
        "no font with Korean letters was found; run: apt-get install fonts-nanum "
        "(or name a font file with --font)"
    )


def load_pictured(parts_path: Path) -> list[Part]:
    """Reads the parts that have a picture, in file order."""
    lines = parts_path.read_text(encoding="utf-8").splitlines()
    return [part for part in map(json.loads, lines) if part.get("media")]


def serial_number(part: Part) -> str:
    """Makes up the serial number written on a part's nameplate."""
    rng = random.Random(f"serial {part['external_id']}")
    year = part["metadata"]["year"] % 100
    return f"{year:02d}{rng.choice('ABCDEFGHJK')}{rng.randrange(10_000, 100_000)}"


def plate_rows(part: Part) -> list[tuple[str, str]]:
    """Lists the label and value of each line on a part's nameplate."""
    meta = part["metadata"]
    labels = KOREAN_LABELS if meta["language"] == "ko" else ENGLISH_LABELS
    number = part["fields"]["part_number"]
    values = (meta["model"], number, serial_number(part), meta["rating"], str(meta["year"]))
    return list(zip(labels, (*values, meta["origin"]), strict=True))


# --- shared drawing -----------------------------------------------------------------------------


def mix(first: Colour, second: Colour, share: float) -> Colour:
    """Blends two colours; share 0 gives the first, 1 the second."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(first, second, strict=True))
    return red, green, blue


def scaled(box: Sequence[float]) -> list[int]:
    """Turns picture coordinates into drawing coordinates."""
    return [round(value * SCALE) for value in box]


def backdrop(colour: Colour) -> Image.Image:
    """Makes a lightly shaded surface, brighter at the top."""
    size = (SIZE[0] * SCALE, SIZE[1] * SCALE)
    shade = Image.linear_gradient("L").resize(size)
    light, deep = mix(colour, (255, 255, 255), 0.22), mix(colour, (0, 0, 0), 0.22)
    return ImageOps.colorize(shade, light, deep)


def rounded_mask(size: tuple[int, int], box: Box, radius: float) -> Image.Image:
    """Makes a mask that is white inside a rounded box."""
    mask = Image.new("L", size, 0)
    ImageDraw.Draw(mask).rounded_rectangle(scaled(box), radius * SCALE, fill=255)
    return mask


def shadow(image: Image.Image, box: Box, radius: float) -> None:
    """Darkens the ground under a rounded box."""
    x0, y0, x1, y1 = box
    mask = rounded_mask(image.size, (x0 + 6, y0 + 9, x1 + 6, y1 + 9), radius)
    soft = mask.filter(ImageFilter.GaussianBlur(9 * SCALE)).point(lambda value: value * 0.55)
    image.paste((12, 14, 18), mask=soft)


def grain(image: Image.Image, rng: random.Random, strength: float) -> Image.Image:
    """Adds camera-like noise, coarse enough for the file to stay small."""
    width, height = image.width // 3, image.height // 3
    noise = Image.frombytes("L", (width, height), rng.randbytes(width * height))
    noise = noise.resize(image.size, Image.Resampling.BICUBIC).convert("RGB")
    return Image.blend(image, ImageChops.overlay(image, noise), strength)


def finish(
    image: Image.Image, rng: random.Random, *, turn: float, blur: float, noise: float
) -> Image.Image:
    """Turns, reduces, blurs and grains a drawing the way a hand-held camera would."""
    image = image.rotate(turn, Image.Resampling.BICUBIC)
    zoom = 1 + abs(math.radians(turn)) * 1.7  # crops the corners that the turn left empty
    width, height = image.width / zoom, image.height / zoom
    left, top = (image.width - width) / 2, (image.height - height) / 2
    box = (left, top, left + width, top + height)
    image = image.resize(SIZE, Image.Resampling.LANCZOS, box=box)
    image = image.filter(ImageFilter.GaussianBlur(blur)) if blur else image
    return grain(image, rng, noise) if noise else image


# --- nameplates ---------------------------------------------------------------------------------


def brushed(size: tuple[int, int], colour: Colour, rng: random.Random) -> Image.Image:
    """Makes a metal surface with horizontal brush marks and one soft reflection."""
    grey = bytes(rng.randrange(108, 148) for _ in range(size[1] // 2))
    marks = Image.frombytes("L", (1, size[1] // 2), grey)
    sheet = ImageOps.colorize(
        marks.resize(size), mix(colour, (0, 0, 0), 0.3), mix(colour, (255, 255, 255), 0.3)
    )
    glow = Image.radial_gradient("L").resize((size[0], size[1] * 2))
    top = rng.randrange(size[1])
    glow = ImageOps.invert(glow).crop((0, top, size[0], top + size[1]))
    sheet.paste((255, 255, 255), mask=glow.point(lambda value: value * 0.28))
    return sheet


def screw(draw: ImageDraw.ImageDraw, centre: tuple[float, float], rng: random.Random) -> None:
    """Draws one slotted screw head."""
    x, y = centre
    draw.ellipse(scaled((x - 11, y - 11, x + 11, y + 11)), (120, 122, 124), (60, 60, 62), SCALE)
    draw.ellipse(scaled((x - 8, y - 9, x + 7, y + 6)), fill=(178, 180, 182))
    angle = rng.uniform(0, math.pi)
    dx, dy = 8 * math.cos(angle), 8 * math.sin(angle)
    draw.line(scaled((x - dx, y - dy, x + dx, y + dy)), (52, 52, 54), 3 * SCALE)


def fitting_font(font: Path, text: str, height: int, width: float) -> ImageFont.FreeTypeFont:
    """Takes the largest size up to `height` at which the text is no wider than `width`."""
    for size in range(height, 9, -1):
        loaded = ImageFont.truetype(str(font), size * SCALE)
        if loaded.getlength(text) <= width * SCALE:
            return loaded
    return loaded


class Pen:
    """Writes on one nameplate with one font and ink."""

    def __init__(self, draw: ImageDraw.ImageDraw, font: Path, ink: Colour) -> None:
        """Takes the surface, the font file and the ink to write with."""
        self.draw, self.font, self.ink = draw, font, ink

    def write(
        self, x: float, y: float, text: str, height: int, width: float, anchor: str = "lm"
    ) -> None:
        """Writes one line of text, made smaller where it would not fit."""
        face = fitting_font(self.font, text, height, width)
        at = (x * SCALE, y * SCALE)
        self.draw.text(at, text, fill=self.ink, font=face, anchor=anchor)


def bars(draw: ImageDraw.ImageDraw, box: Box, ink: Colour, rng: random.Random) -> None:
    """Draws a bar-code-like strip."""
    x0, y0, x1, y1 = box
    while x0 < x1 - 5:
        wide = rng.choice((1.5, 1.5, 3, 4.5))
        draw.rectangle(scaled((x0, y0, x0 + wide, y1)), fill=ink)
        x0 += wide + rng.choice((1.5, 3.0, 3.0))


def draw_rows(pen: Pen, part: Part, rule: Colour) -> None:
    """Writes the lines of a nameplate between thin rules."""
    for number, (label, value) in enumerate(plate_rows(part)):
        y = 196 + number * 40
        room = 300 if number in (2, 4, 5) else 440
        pen.draw.line(scaled((104, y + 20, 254 + room, y + 20)), rule, SCALE)
        pen.write(108, y, label, 21, 130)
        pen.write(250, y, value, 25, room)


def draw_header(pen: Pen, part: Part) -> None:
    """Writes the maker in large letters and the kind of part beside it."""
    fields, korean = part["fields"], part["metadata"]["language"] == "ko"
    caption = KOREAN_CATEGORY[fields["category"]] if korean else fields["category"].upper()
    pen.write(108, 130, fields["maker"], 54, 390)
    pen.write(696, 132, caption, 22, 185, anchor="rm")


def draw_plate(part: Part, font: Path, rng: random.Random) -> Image.Image:
    """Draws one nameplate, straight and sharp."""
    surface, ground, ink, header = rng.choice(PLATES)
    image, box = backdrop(rng.choice(PANELS)), (62.0, 58.0, 738.0, 442.0)
    shadow(image, box, 14)
    flat = Image.new("RGB", image.size, ground)
    sheet = brushed(image.size, ground, rng) if surface == "metal" else flat
    image.paste(sheet, mask=rounded_mask(image.size, box, 14))
    draw, rule, banded = ImageDraw.Draw(image), mix(ground, ink, 0.45), header != ground
    if banded:
        draw.rectangle(scaled((77, 97, 723, 162)), fill=header)
    draw.rounded_rectangle(scaled((76, 72, 724, 428)), 8 * SCALE, outline=rule, width=2 * SCALE)
    draw_header(Pen(draw, font, (246, 246, 246) if banded else ink), part)
    draw_rows(Pen(draw, font, ink), part, rule)
    bars(draw, (574, 366, 694, 410), ink, rng)
    for corner in ((86, 82), (714, 82), (86, 418), (714, 418)):
        screw(draw, corner, rng)
    return image


# --- plain drawings without writing -------------------------------------------------------------


class Sketch:
    """A picture under way, with the few strokes that the part drawings are made of."""

    def __init__(self, ground: Colour) -> None:
        """Starts on a lightly shaded ground."""
        self.image = backdrop(ground)
        self.draw = ImageDraw.Draw(self.image)

    def solid(
        self, *box: float, tint: Colour = STEEL, radius: float = 3, flat: bool = False
    ) -> None:
        """Draws a body shaded like a lying (or, with flat, an upright) cylinder."""
        x0, y0, x1, y1 = scaled(box)
        half = Image.linear_gradient("L").point(lambda value: 60 + value * 0.72)
        light = Image.new("L", (256, 512))
        light.paste(half.crop((0, 0, 256, 256)), (0, 0))
        light.paste(ImageOps.flip(half), (0, 256))
        light = light.crop((0, 60, 256, 512))
        light = light if flat else light.rotate(90, expand=True)
        deep, bright = mix(tint, (0, 0, 0), 0.55), mix(tint, (255, 255, 255), 0.45)
        skin = ImageOps.colorize(light.resize((x1 - x0, y1 - y0)), deep, bright, mid=tint)
        mask = rounded_mask(skin.size, (0, 0, box[2] - box[0], box[3] - box[1]), radius)
        self.image.paste(skin, (x0, y0), mask)

    def shade(self, *box: float) -> None:
        """Draws the soft shadow under the part."""
        mask = Image.new("L", self.image.size, 0)
        ImageDraw.Draw(mask).ellipse(scaled(box), fill=150)
        self.image.paste((10, 12, 14), mask=mask.filter(ImageFilter.GaussianBlur(14 * SCALE)))

    def disc(self, x: float, y: float, rx: float, ry: float, fill: Colour) -> None:
        """Draws a filled ellipse with a thin dark rim."""
        rim = mix(fill, (0, 0, 0), 0.5)
        self.draw.ellipse(scaled((x - rx, y - ry, x + rx, y + ry)), fill, rim, SCALE)

    def line(self, *points: float, fill: Colour, width: float) -> None:
        """Draws a bent line with round joints."""
        self.draw.line(scaled(points), fill, round(width * SCALE), joint="curve")

    def bolts(self, x: float, y: float, rx: float, ry: float, count: int) -> None:
        """Draws bolt heads around an ellipse."""
        for index in range(count):
            angle = math.tau * (index + 0.5) / count
            self.disc(x + rx * math.cos(angle), y + ry * math.sin(angle), 6, 5, (96, 99, 104))


def draw_dry_pump(art: Sketch) -> None:
    """Draws a finned pump body with a motor and an inlet flange."""
    art.shade(120, 385, 700, 450)
    for x in (200, 560):
        art.solid(x, 385, x + 70, 415, tint=DARK)
    art.solid(120, 205, 300, 355, tint=(52, 88, 128), radius=24, flat=True)
    for x in range(150, 270, 16):
        art.solid(x, 198, x + 7, 362, tint=(44, 74, 108), flat=True)
    art.solid(290, 185, 322, 378, tint=DARK, flat=True)
    art.solid(320, 170, 640, 390, tint=(150, 156, 160), radius=14, flat=True)
    for x in range(345, 560, 24):
        art.solid(x, 158, x + 10, 398, tint=(136, 142, 148), flat=True)
    art.solid(600, 185, 665, 378, tint=(120, 126, 132), radius=10, flat=True)
    art.solid(412, 112, 478, 170)
    art.solid(388, 92, 502, 114, radius=6)
    art.solid(660, 290, 720, 330, flat=True)
    art.solid(716, 276, 732, 344, flat=True)


def draw_turbo_pump(art: Sketch) -> None:
    """Draws a turbo pump seen from above its bladed inlet."""
    art.shade(220, 410, 600, 465)
    art.solid(330, 330, 470, 430, tint=DARK, radius=12)
    art.solid(270, 180, 530, 350, tint=(168, 172, 178), radius=18)
    for y in (270, 290, 310):
        art.solid(262, y, 538, y + 8, tint=(130, 134, 140))
    art.solid(525, 262, 600, 300, tint=STEEL, flat=True)
    art.solid(596, 250, 610, 312, flat=True)
    art.solid(210, 140, 590, 186, tint=(176, 180, 186), radius=20)
    art.disc(400, 142, 190, 66, (206, 209, 213))
    art.bolts(400, 142, 168, 56, 14)
    art.disc(400, 142, 140, 46, (40, 43, 48))
    for index in range(36):
        angle = math.tau * index / 36
        root = (400 + 52 * math.cos(angle), 142 + 18 * math.sin(angle))
        tip = (400 + 134 * math.cos(angle + 0.12), 142 + 43 * math.sin(angle + 0.12))
        art.line(*root, *tip, fill=(158, 163, 170), width=4)
    art.disc(400, 142, 54, 19, (172, 176, 182))


def draw_gate_valve(art: Sketch) -> None:
    """Draws a rectangular slit valve above its air cylinder."""
    art.shade(150, 420, 650, 470)
    art.solid(355, 300, 445, 440, tint=(122, 128, 136), radius=8)
    for y in (330, 395):
        art.solid(443, y, 472, y + 22, tint=(60, 110, 170), flat=True)
        art.line(470, y + 11, 560, y + 11, 640, y - 40, 860, y - 46, fill=(44, 92, 156), width=8)
    art.solid(300, 276, 500, 312, tint=DARK, radius=4, flat=True)
    art.solid(120, 90, 680, 282, tint=(198, 201, 205), radius=10, flat=True)
    art.draw.rounded_rectangle(scaled((185, 140, 615, 226)), 40 * SCALE, (150, 154, 160))
    art.draw.rounded_rectangle(scaled((196, 150, 604, 216)), 33 * SCALE, (28, 28, 30))
    art.draw.rounded_rectangle(scaled((212, 164, 588, 202)), 19 * SCALE, (84, 88, 94))
    for x in (145, 275, 400, 525, 655):
        for y in (112, 258):
            art.disc(x, y, 9, 9, (104, 108, 114))
            art.disc(x, y, 4, 4, (52, 54, 58))


def draw_gauge(art: Sketch) -> None:
    """Draws a vacuum gauge head with a blank display and a flange."""
    art.shade(270, 425, 540, 470)
    art.line(400, 70, 410, 30, 500, -20, fill=(36, 38, 42), width=16)
    art.solid(362, 62, 438, 108, tint=DARK, radius=6)
    art.solid(300, 100, 500, 300, tint=(66, 92, 116), radius=18)
    art.draw.rounded_rectangle(scaled((330, 135, 470, 205)), 8 * SCALE, (22, 30, 26))
    art.draw.rounded_rectangle(scaled((338, 143, 462, 197)), 5 * SCALE, (60, 96, 76))
    for x in (355, 400, 445):
        art.disc(x, 245, 11, 11, (176, 180, 184))
    art.solid(340, 300, 460, 330, radius=4)
    art.solid(366, 328, 434, 405)
    art.solid(330, 402, 470, 422, radius=5)
    art.solid(352, 420, 448, 434, radius=3, tint=(150, 154, 158))


def draw_servo(art: Sketch) -> None:
    """Draws a square-flanged motor lying on its side."""
    art.shade(120, 345, 700, 420)
    art.solid(600, 228, 720, 262, flat=True)
    art.draw.rectangle(scaled((650, 236, 712, 245)), fill=(110, 114, 118))
    art.solid(572, 190, 606, 300, tint=(170, 174, 178), flat=True)
    art.solid(538, 132, 576, 358, tint=(150, 154, 158), radius=6, flat=True)
    for y in (152, 326):
        art.solid(532, y, 582, y + 12, tint=(80, 83, 88), flat=True)
    art.solid(250, 142, 540, 348, tint=(46, 48, 54), radius=6, flat=True)
    for y in (168, 190, 292, 314):
        art.line(262, y, 528, y, fill=(30, 32, 36), width=4)
    art.solid(140, 158, 252, 332, tint=(36, 38, 42), radius=14, flat=True)
    for x, colour in ((205, (58, 60, 64)), (320, (196, 120, 40))):
        art.solid(x, 100, x + 52, 150, tint=colour, radius=6)
        art.line(x + 26, 102, x + 16, 60, x - 60, 30, -40, 22, fill=(28, 29, 32), width=14)


def draw_sensor(art: Sketch) -> None:
    """Draws a threaded barrel sensor with two nuts and a cable."""
    art.shade(90, 300, 700, 370)
    art.line(230, 245, 140, 248, 70, 300, -20, 330, fill=(34, 35, 38), width=18)
    art.solid(205, 222, 270, 270, tint=(40, 42, 46), radius=10, flat=True)
    art.solid(262, 205, 660, 287, tint=(196, 186, 160), flat=True)
    for x in range(276, 640, 11):
        art.line(x, 207, x + 5, 285, fill=(138, 128, 104), width=2.5)
    for x in (390, 500):
        art.solid(x, 172, x + 40, 222, tint=STEEL, radius=4, flat=True)
        art.solid(x, 218, x + 40, 274, tint=STEEL, radius=4, flat=True)
        art.solid(x, 270, x + 40, 320, tint=STEEL, radius=4, flat=True)
    art.solid(655, 208, 690, 284, tint=(34, 84, 168), radius=6, flat=True)
    art.disc(300, 246, 7, 7, (232, 150, 40))


def draw_seal(art: Sketch) -> None:
    """Draws two O-rings lying on a bench."""
    rings: tuple[tuple[Box, Colour], ...] = (
        ((100, 90, 560, 410), (168, 104, 36)),
        ((450, 240, 710, 420), (48, 50, 56)),
    )
    for (x0, y0, x1, y1), colour in rings:
        for step in range(24):
            share = 1 - abs(step - 8) / 16
            tone = mix(mix(colour, (0, 0, 0), 0.45), mix(colour, (255, 255, 255), 0.35), share)
            box = scaled((x0 + step, y0 + step, x1 - step, y1 - step))
            art.draw.ellipse(box, outline=tone, width=3 * SCALE)
        gleam = scaled((x0 + 8, y0 + 8, x1 - 8, y1 - 8))
        art.draw.arc(gleam, 205, 250, (244, 232, 214), 2 * SCALE)


FORK = (
    *((150, 190), (330, 190), (390, 120), (690, 120), (714, 150), (690, 176), (440, 176)),
    *((400, 225), (400, 275), (440, 324), (690, 324), (714, 350), (690, 380), (390, 380)),
    *((330, 310), (150, 310)),
)


def draw_blade(art: Sketch) -> None:
    """Draws a ceramic fork for carrying wafers."""
    ivory: Colour = (236, 232, 220)
    for offset, fill in ((12, (70, 72, 76)), (0, ivory)):
        art.draw.polygon([(x * SCALE, (y + offset) * SCALE) for x, y in FORK], fill)
    art.solid(60, 175, 200, 325, tint=(120, 126, 132), radius=8, flat=True)
    for x, y in ((90, 200), (170, 200), (90, 300), (170, 300)):
        art.disc(x, y, 10, 10, (70, 73, 78))
        art.disc(x, y, 5, 5, (34, 36, 40))
    for x, y in ((672, 148), (672, 352), (420, 150), (420, 350)):
        art.disc(x, y, 11, 11, (52, 52, 56))
    art.line(210, 250, 320, 250, fill=(206, 201, 188), width=8)


def draw_dial(art: Sketch, x: float, y: float) -> None:
    """Draws a round pressure dial without figures."""
    art.disc(x, y, 72, 72, (150, 154, 160))
    art.disc(x, y, 62, 62, (246, 246, 242))
    for index in range(13):
        angle = math.radians(135 + index * 22.5)
        dx, dy = math.cos(angle), math.sin(angle)
        art.line(x + 46 * dx, y + 46 * dy, x + 56 * dx, y + 56 * dy, fill=(40, 40, 42), width=3)
    art.line(x, y, x - 22, y - 36, fill=(190, 36, 32), width=4)
    art.disc(x, y, 7, 7, (50, 50, 54))


def draw_regulator(art: Sketch) -> None:
    """Draws a pressure regulator with two dials and a hand knob."""
    art.shade(180, 430, 620, 475)
    for x0, x1 in ((190, 330), (470, 610)):
        art.solid(x0, 318, x1, 362, flat=True)
        art.solid(x0 + 40, 306, x0 + 88, 374, tint=(170, 164, 140), flat=True)
    for x in (300, 500):
        art.solid(x - 10, 210, x + 10, 330, tint=(170, 164, 140))
    art.solid(315, 260, 485, 440, tint=(184, 188, 192), radius=12)
    art.solid(330, 180, 470, 264, tint=(160, 164, 170), radius=26)
    art.solid(352, 60, 448, 184, tint=(38, 40, 44), radius=14)
    for x in range(364, 444, 14):
        art.line(x, 74, x, 170, fill=(22, 23, 26), width=4)
    draw_dial(art, 250, 185)
    draw_dial(art, 550, 185)


def draw_filter(art: Sketch) -> None:
    """Draws an in-line gas filter with a nut at each end."""
    art.shade(90, 320, 720, 390)
    for x0, x1 in ((70, 150), (650, 730)):
        art.solid(x0, 236, x1, 264, flat=True)
    for x in (130, 600):
        for y0, y1 in ((206, 236), (232, 270), (266, 296)):
            art.solid(x, y0, x + 70, y1, tint=(176, 180, 186), radius=4, flat=True)
    art.solid(196, 226, 250, 276, flat=True)
    art.solid(550, 226, 604, 276, flat=True)
    art.solid(240, 160, 560, 342, tint=(200, 203, 207), radius=34, flat=True)
    for x in (268, 524):
        art.line(x, 164, x, 338, fill=(126, 130, 136), width=3)


DRAWINGS: dict[str, Callable[[Sketch], None]] = {
    "dry pump": draw_dry_pump,
    "turbo pump": draw_turbo_pump,
    "gate valve": draw_gate_valve,
    "pressure gauge": draw_gauge,
    "servo motor": draw_servo,
    "sensor": draw_sensor,
    "seal": draw_seal,
    "wafer handling": draw_blade,
    "regulator": draw_regulator,
    "filter": draw_filter,
}


# --- the pictures -------------------------------------------------------------------------------


def render(part: Part, font: Path | None = None) -> Image.Image:
    """Renders one part's picture.

    Args:
        part: A line of parts.jsonl that has media.
        font: A font file with Korean letters; searched for when a nameplate needs one.

    Raises:
        FontMissingError: If a nameplate is asked for and no font was given or found.
    """
    rng = random.Random(part["external_id"])
    if part["metadata"]["has_nameplate"]:
        image = draw_plate(part, font or find_korean_font(), rng)
        turn = rng.choice((0.0, 0.0, rng.uniform(-3.2, 3.2), rng.uniform(-3.2, 3.2)))
        blur, noise = rng.choice((0.0, 0.0, 0.5, 0.8)), rng.choice((0.0, 0.02))
        return finish(image, rng, turn=turn, blur=blur, noise=noise)
    art = Sketch(rng.choice(((214, 212, 206), (188, 196, 202), (168, 178, 172), (204, 198, 186))))
    DRAWINGS[part["fields"]["category"]](art)
    return finish(art.image, rng, turn=rng.uniform(-2, 2), blur=0.4, noise=0.02)


def png_bytes(image: Image.Image) -> bytes:
    """Packs a picture as a palette PNG, with fewer colours until it is small enough."""
    for colours in (96, 64, 48, 32, 24, 16):
        packed = io.BytesIO()
        method, dither = Image.Quantize.MAXCOVERAGE, Image.Dither.NONE
        image.quantize(colours, method=method, dither=dither).save(packed, "PNG", optimize=True)
        if packed.tell() <= FILE_LIMIT:
            break
    return packed.getvalue()


def render_all(parts_path: Path, out: Path, font: Path | None) -> int:
    """Writes every picture and returns how many there are.

    Raises:
        ValueError: If the parts do not name exactly thirty pictures.
    """
    parts = load_pictured(parts_path)
    if len(parts) != EXPECTED:
        raise ValueError(f"{parts_path} has {len(parts)} parts with a picture, not {EXPECTED}")
    out.mkdir(parents=True, exist_ok=True)
    for part in parts:
        name = Path(part["media"][0]["path"]).name
        (out / name).write_bytes(png_bytes(render(part, font)))
    return len(parts)


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command line."""
    parser = argparse.ArgumentParser(description="Draw the example pictures from parts.jsonl.")
    add = partial(parser.add_argument, type=Path)
    add("--parts", default=HERE / "parts.jsonl", help="the parts to read (default: %(default)s)")
    add("--out", default=HERE / "pictures", help="folder to write to (default: %(default)s)")
    add("--font", default=None, help="font file with Korean letters (default: search for one)")
    args = parser.parse_args(argv)
    if args.font and not args.font.is_file():
        parser.error(f"there is no font file {args.font}")
    try:
        count = render_all(args.parts, args.out, args.font or find_korean_font())
    except (FontMissingError, ValueError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(f"{count} pictures written to {args.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
