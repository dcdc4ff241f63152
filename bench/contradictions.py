"""Contradictions planted among drawn parts: precision and recall of each rule of `search.quality`.

  python bench/contradictions.py                  400 parts: ten minutes on two cores
  python bench/contradictions.py --n 200 --seed 3 --shown

A part has a nameplate of nameplates.py (one in eight has none) and a photo that shows a figure of its
category, in colours, sizes and places of its own. A fifth of the parts, in turn by kind, is made wrong:

  number      two parts have exchanged their part numbers
  typo        one character of the part number is another
  maker       the maker is another one of the collection
  no plate    has_nameplate, and there is none
  plate       a plate, and has_nameplate is false
  poor        a plate photographed so badly that it can hardly be read
  copy        the photo is the file of another part of the category
  like        the photo is another part's, smaller and saved anew
  category    the category is another one

`seogo ingest` loads, reads and encodes them into a database of its own (seogo_bench, dropped at the end).
recall: planted parts that their rule names; precision: parts that a rule names and that were planted for it.
Of two parts with one photo either may be named. --shown lists what was missed and what was wrong.
"""

from __future__ import annotations

import argparse
import io
import itertools
import json
import random
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import psycopg
from ingest import COLLECTION, ingested
from nameplates import Plate, noisy, plates
from PIL import Image, ImageDraw
from platetexts import CATEGORIES, MAKERS
from psycopg.conninfo import make_conninfo
from rich.console import Console
from scratchdb import DATABASE, database
from tables import tabled

from db import connect
from db.calls.query import fetch
from db.items import contradictions as sql
from db.items.items import create_collection
from db.settings import DbSettings, read
from encoders.settings import EncoderSettings
from flows import quality
from flows.local import Local
from jobs.recipes import parts

KINDS = {
    "number": "number",
    "typo": "number",
    "maker": "maker",
    "no plate": "nameplate",
    "plate": "nameplate",
    "poor": "confidence",
    "copy": "duplicate",
    "like": "near_duplicate",
    "category": "category",
}
WRONG = 0.2
# A plate on which nothing at all is read is named by this rule.
ALSO = {"poor": "nameplate"}
NAMES = [english for english, _ in CATEGORIES]
SIZE = (320, 240)
STEPS = (0, 46, 92, 138)
# A figure per category: method of drawing, places, and the width of its line (0: filled).
FIGURES: tuple[list[tuple[str, tuple[int, ...], int]], ...] = (
    [("ellipse", (20, 20, 180, 180), 0)],
    [("rectangle", (10 + 32 * n, 10, 24 + 32 * n, 180), 0) for n in range(6)],
    [("polygon", (100, 5, 195, 185, 5, 185), 0)],
    [("ellipse", (10, 10, 190, 190), 26)],
    [("rectangle", (80, 5, 120, 190), 0), ("rectangle", (5, 80, 195, 120), 0)],
    [("rectangle", (20, 40, 180, 160), 22)],
    [
        ("ellipse", (10 + 46 * n, 10 + 46 * m, 38 + 46 * n, 38 + 46 * m), 0)
        for n in range(4)
        for m in range(4)
    ],
    [("line", (10, 10, 190, 60, 10, 110, 190, 160, 10, 190), 16)],
)


class Part:
    """A part as it is loaded: fields, and pictures as files."""

    def __init__(self, number: int, plate: Plate, rng: random.Random) -> None:
        self.key = f"{number:05d}"
        self.has_plate = self.says_plate = plate.has_plate
        self.maker, self.part_number = plate.maker, plate.part_number or f"XX-{number:05d}"
        self.category = self.shown = plate.category
        self.plate = Image.fromarray(plate.picture)
        self.photo = photo(NAMES.index(self.shown), rng)
        self.planted: str | None = None
        self.twin: Part | None = None

    def record(self, folder: Path) -> dict[str, Any]:
        """Write the pictures; return the record."""
        media = [{"role": "photo", "path": f"{self.key}-photo.jpg"}]
        (folder / f"{self.key}-photo.jpg").write_bytes(self.photo)
        if self.has_plate:
            self.plate.save(folder / f"{self.key}-plate.jpg", quality=90)
            role = "nameplate" if self.says_plate else "photo"
            media.append({"role": role, "path": f"{self.key}-plate.jpg"})
        fields = {"title": f"{self.maker} {self.category}", "maker": self.maker}
        fields |= {"part_number": self.part_number, "category": self.category}
        metadata = {"has_nameplate": self.says_plate}
        return {"external_id": self.key, "fields": fields, "metadata": metadata, "media": media}


def photo(figure: int, rng: random.Random) -> bytes:
    """Draw the figure of a category."""
    ground = tuple(rng.randrange(150, 250) for _ in range(3))
    ink = tuple(rng.randrange(10, 130) for _ in range(3))
    image = Image.new("RGB", SIZE, ground)
    draw = ImageDraw.Draw(image)
    scale, x, y = rng.uniform(0.6, 1), rng.uniform(0, 60), rng.uniform(0, 40)
    for method, places, width in FIGURES[figure]:
        at = [(x if n % 2 == 0 else y) + 20 + place * scale for n, place in enumerate(places)]
        drawn = {"fill": ink} if not width or method == "line" else {"outline": ink}
        getattr(draw, method)(at, **drawn, **({"width": int(width * scale)} if width else {}))
    return jpeg(image, 90)


def jpeg(image: Image.Image, quality: int) -> bytes:
    file = io.BytesIO()
    image.save(file, "JPEG", quality=quality)
    return file.getvalue()


def another(given: str, choices: list[str], rng: random.Random) -> str:
    return rng.choice([one for one in choices if one != given])


def typo(number: str, rng: random.Random) -> str:
    at = rng.choice([n for n, char in enumerate(number) if char.isalnum()])
    pool = "3479" if number[at].isdigit() else "CDEFGHKMNPTUVWXY"
    return number[:at] + another(number[at], list(pool), rng) + number[at + 1 :]


def plant(part: Part, kind: str, others: list[Part], rng: random.Random) -> bool:
    """Make a part wrong in one way; False where it cannot be."""
    free = [o for o in others if o.planted is None and o is not part]
    if kind in ("copy", "like"):
        alike = [o for o in free if o.category == part.category]
        if not alike:
            return False
        part.twin = rng.choice(alike)
        part.photo = part.twin.photo if kind == "copy" else saved_anew(part.twin.photo)
    elif kind == "category":
        part.category = another(part.category, NAMES, rng)
    elif kind == "no plate":
        part.has_plate, part.says_plate = False, True
    elif not part.has_plate:
        return False
    else:
        plant_on_plate(part, kind, [o for o in free if o.has_plate], rng)
    part.planted = kind
    return True


def plant_on_plate(part: Part, kind: str, free: list[Part], rng: random.Random) -> None:
    match kind:
        case "number":
            partner = free[0]
            part.part_number, partner.part_number = partner.part_number, part.part_number
            partner.planted = kind
        case "typo":
            part.part_number = typo(part.part_number, rng)
        case "maker":
            part.maker = another(part.maker, list(MAKERS), rng)
        case "plate":
            part.says_plate = False
        case "poor":
            width, height = part.plate.size
            small = part.plate.resize((width // 5, height // 5), Image.Resampling.BOX)
            part.plate = noisy(small.resize((width, height)), rng, 30)


def saved_anew(photo: bytes) -> bytes:
    """A picture a tenth smaller, saved again."""
    image = Image.open(io.BytesIO(photo))
    return jpeg(image.resize((288, 216), Image.Resampling.LANCZOS), 70)


def planted(n: int, seed: int) -> list[Part]:
    """Draw parts, a fifth of them wrong."""
    rng = random.Random(seed)
    drawn = [Part(number, plate, rng) for number, plate in enumerate(plates(n, seed))]
    order = rng.sample(drawn, n)
    kinds = itertools.cycle(KINDS)
    kind = next(kinds)
    for part in order:
        if sum(p.planted is not None for p in drawn) >= n * WRONG:
            break
        if part.planted is None and plant(part, kind, order, rng):
            kind = next(kinds)
    return drawn


def judged(conn: psycopg.Connection[Any]) -> dict[str, dict[str, Any]]:
    """Evidence by rule and part."""
    found: dict[str, dict[str, Any]] = defaultdict(dict)
    rows = fetch(conn, sql.contradictions(collection=COLLECTION, limit=10_000))
    for row in rows:
        found[row.rule][row.external_id] = row.evidence
    return found


def report(
    drawn: list[Part], found: Mapping[str, Mapping[str, Any]], console: Console, *, shown: bool
) -> None:
    recalls = tabled("planted", "kind", "rule", "parts", "recall")
    for kind, rule in KINDS.items():
        wanted = [part for part in drawn if part.planted == kind]
        named = found.get(rule, {}).keys() | found.get(ALSO.get(kind, rule), {}).keys()
        missed = [part.key for part in wanted if not keys(part) & named]
        recalls.add_row(
            kind, rule, str(len(wanted)), f"{1 - len(missed) / max(1, len(wanted)):.2f}"
        )
        if shown and missed:
            console.print(f"missed, {kind}: {', '.join(missed)}", highlight=False)
    console.print(recalls)
    precisions = tabled("named", "rule", "parts", "precision")
    for rule in dict.fromkeys(KINDS.values()):
        named = found.get(rule, {})
        kinds = {k for k, r in KINDS.items() if rule in (r, ALSO.get(k))}
        allowed = {k for p in drawn if p.planted in kinds for k in keys(p)}
        right = len(named.keys() & allowed) / max(1, len(named))
        precisions.add_row(rule, str(len(named)), f"{right:.2f}")
        for key in sorted(named.keys() - allowed) if shown else ():
            console.print(f"wrong, {rule}: {key} {named[key]}", markup=False, highlight=False)
    console.print(precisions)


def keys(part: Part) -> set[str]:
    """The parts that may be named for what was planted."""
    return {part.key} | ({part.twin.key} if part.twin else set())


def timed(work: Callable[[], Any]) -> tuple[Any, float]:
    started = time.perf_counter()
    done = work()
    return done, time.perf_counter() - started


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--n", type=int, default=400)
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--shown", action="store_true")
    args = parser.parse_args()
    console = Console(width=110)
    with database() as conn, tempfile.TemporaryDirectory() as folder:
        url = make_conninfo(connect.database_url(read(DbSettings)), dbname=DATABASE)
        settings = parts.RECIPE.collection
        images = {"image": settings.vector_sources["image"]}  # type: ignore[index]
        settings = type(settings)(
            identifier_fields=settings.identifier_fields,
            picture_readers=settings.picture_readers,
            vector_sources=images,  # type: ignore[arg-type]
        )
        fetch(conn, create_collection(name=COLLECTION, settings=settings))
        drawn = planted(args.n, args.seed)
        manifest = Path(folder) / "manifest.jsonl"
        with manifest.open("w", encoding="utf-8") as out:
            for part in drawn:
                out.write(json.dumps(part.record(Path(folder)), ensure_ascii=False) + "\n")
        run = ingested(conn, url, manifest)
        local = Local(conn, read(EncoderSettings))
        _, seconds = timed(lambda: local.run(quality.judge_all(COLLECTION)))
        found = judged(conn)
        console.print(
            f"{args.n} parts loaded and read in {run.seconds:.0f} s, judged in {seconds:.2f} s"
        )
        report(drawn, found, console, shown=args.shown)


if __name__ == "__main__":
    main()
