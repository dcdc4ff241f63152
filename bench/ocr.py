"""How fast and how well each OCR engine reads receipts and nameplates.

  python bench/ocr.py                                        receipts and plates with rapidocr and auto
  python bench/ocr.py plates --engines auto --plates 600     some of it, more of it

receipts: 40 scanned receipts of `SEOGO_DATA`, receipts-sroie. A line read belongs to the line of the truth
that it shares the most area with, if that is half of the smaller one; lines read that belong to the same
one are joined from left to right. Order does not matter. Case is ignored: the truth has capitals only.
  CER     characters to insert, delete or replace, over characters of the truth; a line that was not found
          counts as all deleted. Without spaces, and with them.
  found   share of the lines of the truth that a line read belongs to.
  exact   share of the lines that are read without an error, spaces ignored.
  extra   characters read outside every line of the truth, over characters of the truth.

plates: pictures of `nameplates.py`, one in eight without writing. The answer is the best identifier of a
kind, compared with the truth as written but for case and spaces. Per language and difficulty:
  P/N F1  an answer that is right is a true positive, any other a false positive; a number without the
          right answer a false negative. S/N F1 likewise.
  folded  share of the part numbers that some identifier of the picture equals once the characters that
          OCR confuses are folded: what the identifier search of the database can find.
  lines   share of the lines whose text, spaces ignored, stands in what was read at its place.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from nameplates import Plate, plates
from numpy.typing import NDArray
from ocrscore import Truth, assigned, bare, distance, shared
from PIL import Image
from rich.console import Console
from rich.progress import track
from rich.table import Table

from encoders.labels.reading import Reading, interpret
from encoders.ocr.base import OcrEngine, OcrResult
from encoders.ocr.registry import NAMES, build_ocr
from encoders.ocr.settings import OcrOptions

HANGUL = re.compile("[가-힣]")
FOLD = str.maketrans("OILSBZ", "011582")


class Answer(NamedTuple):
    """A plate, what was read on it, and what that was taken for."""

    plate: Plate
    result: OcrResult
    reading: Reading


def receipts(folder: Path) -> list[tuple[NDArray[np.uint8], list[Truth]]]:
    with (folder / "gt.dev.jsonl").open(encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    found = []
    for row in rows:
        picture = np.asarray(Image.open(folder / row["image"]).convert("RGB"))
        lines = row["lines"]
        truths = [Truth(x["text"], np.array(x["box"], np.float32).reshape(4, 2)) for x in lines]
        found.append((picture, truths))
    return found


class Speed(NamedTuple):
    """Milliseconds per picture: by the clock, and of processors, those of child processes included."""

    clock: float
    processors: float


def timed(
    engine: OcrEngine, pictures: Sequence[NDArray[np.uint8]], label: str
) -> tuple[list[OcrResult], Speed]:
    """Results and speed; the first picture is read once before, to warm up."""
    engine.read(pictures[:1])
    results = []
    clock = processors = 0.0
    for picture in track(pictures, label, transient=True):
        start, before = time.perf_counter(), sum(os.times()[:4])
        results += engine.read([picture])
        clock += time.perf_counter() - start
        processors += sum(os.times()[:4]) - before
    per_picture = 1000 / len(pictures)
    return results, Speed(clock * per_picture, processors * per_picture)


def receipts_row(engine: OcrEngine, folder: Path) -> list[str]:
    given = receipts(folder)
    results, speed = timed(
        engine, [picture for picture, _ in given], f"receipts, {engine.spec.name}"
    )
    total: Counter[str] = Counter()
    for (_, truths), result in zip(given, results, strict=True):
        texts, elsewhere = assigned([line for line in result.lines if line.text], truths)
        total["extra"] += len(bare(elsewhere))
        for truth, text in zip(truths, texts, strict=True):
            errors = distance(bare(truth.text), bare(text))
            total["lines"] += 1
            total["characters"] += len(bare(truth.text))
            total["spaced"] += len(truth.text)
            total["errors"] += errors
            total["spaced errors"] += distance(truth.text.casefold(), text.casefold())
            total["found"] += bool(text)
            total["exact"] += errors == 0
    characters, lines = total["characters"], total["lines"]
    return [
        *(engine.spec.name, f"{speed.clock:.0f}", f"{speed.processors:.0f}"),
        f"{1000 / speed.clock:.2f}",
        *(f"{total['errors'] / characters:.4f}", f"{total['spaced errors'] / total['spaced']:.4f}"),
        *(f"{total['found'] / lines:.3f}", f"{total['exact'] / lines:.3f}"),
        f"{total['extra'] / characters:.4f}",
    ]


def best(reading: Reading, kind: str) -> str:
    return next((bare(one.raw) for one in reading.identifiers if one.kind == kind), "")


def f1(answers: Sequence[Answer], kind: str, truth: Callable[[Plate], str]) -> float:
    counts: Counter[str] = Counter()
    for answer in answers:
        given, wanted = best(answer.reading, kind), bare(truth(answer.plate))
        right = bool(given) and given == wanted
        counts["right"] += right
        counts["wrong"] += bool(given) and not right
        counts["missed"] += bool(wanted) and not right
    return 2 * counts["right"] / max(1, 2 * counts["right"] + counts["wrong"] + counts["missed"])


def folded(text: str) -> str:
    return re.sub("[^0-9A-Z]", "", text.upper()).translate(FOLD)


def findable(answers: Sequence[Answer]) -> float:
    asked = [answer for answer in answers if answer.plate.part_number]
    found = [
        folded(a.plate.part_number) in {folded(one.raw) for one in a.reading.identifiers}
        for a in asked
    ]
    return sum(found) / max(1, len(found))


def lines_right(answers: Sequence[Answer], *, hangul: bool) -> tuple[Counter[str], int]:
    """Lines read right, by the engine that read them, and how many there are."""
    right: Counter[str] = Counter()
    total = 0
    for answer in answers:
        for line in answer.plate.lines:
            if bool(HANGUL.search(line.text)) is not hangul:
                continue
            total += 1
            here = [one for one in answer.result.lines if shared(one.polygon, line.box) >= 0.5]
            here.sort(key=lambda one: float(one.polygon[:, 0].min()))
            if bare(line.text) in bare("".join(one.text for one in here)):
                right[here[0].engine] += 1
    return right, total


def share(answers: Sequence[Answer], *, hangul: bool) -> str:
    right, total = lines_right(answers, hangul=hangul)
    return f"{sum(right.values()) / total:.3f}" if total else ""


def answered(engine: OcrEngine, given: Sequence[Plate]) -> tuple[list[Answer], Speed]:
    """What an engine makes of each plate, and how fast."""
    results, speed = timed(
        engine, [plate.picture for plate in given], f"plates, {engine.spec.name}"
    )
    return [Answer(p, r, interpret(r.lines)) for p, r in zip(given, results, strict=True)], speed


def plate_rows(answers: Sequence[Answer]) -> Iterable[list[str]]:
    shown = [answer for answer in answers if answer.plate.has_plate]
    groups = {name: [a for a in shown if a.plate.language == name] for name in ("en", "ko")}
    for difficulty in sorted({answer.plate.difficulty for answer in shown}):
        groups[difficulty] = [a for a in shown if a.plate.difficulty == difficulty]
    groups["all"] = list(answers)
    for label, group in groups.items():
        if group:
            part = f1(group, "part_number", lambda plate: plate.part_number)
            serial = f1(group, "serial_number", lambda plate: plate.serial_number)
            yield [
                *(label, str(len(group)), f"{part:.3f}", f"{serial:.3f}", f"{findable(group):.3f}"),
                *(share(group, hangul=False), share(group, hangul=True)),
            ]


def told(answers: Sequence[Answer]) -> str:
    """Which engine read the Korean lines, and what was read where nothing is written."""
    right, total = lines_right(answers, hangul=True)
    by = ", ".join(f"{name} {count}" for name, count in right.most_common()) or "none"
    empty = [answer for answer in answers if not answer.plate.has_plate]
    false = sum(any(one.kind != "unlabelled" for one in a.reading.identifiers) for a in empty)
    return (
        f"of {total} Korean lines right, by the engine that read them: {by}\n"
        f"of {len(empty)} pictures without writing, with a labelled number: {false}"
    )


def table(title: str, columns: Sequence[str], rows: Iterable[list[str]]) -> Table:
    shown = Table(title=title, title_justify="left")
    for at, column in enumerate(columns):
        shown.add_column(column, justify="left" if at == 0 else "right")
    for row in rows:
        shown.add_row(*row)
    return shown


def main() -> None:
    """Run."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="of receipts, plates")
    parser.add_argument("--engines", nargs="+", default=["rapidocr", "auto"], choices=NAMES)
    parser.add_argument("--data", type=Path, default=os.environ.get("SEOGO_DATA", "../shared/data"))
    parser.add_argument("--plates", type=int, default=300, metavar="N")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1, help="of one model call")
    args = parser.parse_args()
    names = args.names or ["receipts", "plates"]
    if unknown := set(names) - {"receipts", "plates"}:
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    out = Console()
    engines = [build_ocr(name, OcrOptions(threads=args.threads)) for name in args.engines]
    for engine in engines:
        out.print(engine.spec.identity, highlight=False)
    if "receipts" in names:
        rows = [receipts_row(engine, args.data / "receipts-sroie") for engine in engines]
        columns = (
            "engine",
            "pictures",
            "ms",
            "per s",
            "CER",
            "CER spaced",
            "found",
            "exact",
            "extra",
        )
        out.print(table("receipts-sroie, 40 receipts", columns, rows))
    if "plates" in names:
        given = list(track(plates(args.plates, args.seed), "drawing", args.plates, transient=True))
        headings = ("plates", "n", "P/N F1", "S/N F1", "folded", "lines", "Korean lines")
        for engine in engines:
            answers, speed = answered(engine, given)
            took = f"{speed.clock:.0f} ms ({speed.processors:.0f} CPU ms) each"
            title = f"{engine.spec.name}, {len(given)} pictures, seed {args.seed}, {took}"
            out.print(table(title, headings, plate_rows(answers)))
            out.print(told(answers), highlight=False)


if __name__ == "__main__":
    main()
