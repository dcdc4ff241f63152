"""Text-to-picture search by a projection: how well words find pictures that nobody described.

  python bench/sight.py                        # clothing and drawn nameplates; two minutes on one core
  python bench/sight.py --only clothing --seeds 5

No database is needed. A projection over efficientnet-lite0 and multilingual-e5-small learns from the 900
pictures of the gallery of clothing, each with its English label, and is chosen on a share of them; the 194
dev pictures, which come from the data set's own test split, are searched by ten texts. Those that copy a
picture of the gallery are left out and counted. Besides the labels they are searched by other English words
and by Korean words for the same classes, none of which was learned, and by labels of two classes that were
left out while learning (in turns). Figures are mean average precision, over seeds of the choice and of the
order.

Nameplates are drawn (bench/nameplates.py); learned is what is known of an item: its category, its maker and
its language. Small print is beyond an encoder that sees 224 pixels, and the table says so.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from images import clothing, clothing_precision
from nameplates import plates
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from db.settings import read
from encoders import registry
from encoders.anomaly import copies
from encoders.base import ImageEncoder, TextEncoder, Vectors
from encoders.pictures.decoding import decode
from encoders.settings import EncoderSettings
from encoders.training.projection import (
    FittedMaps,
    Linked,
    ProjectionSettings,
    average_precision,
    fit,
    precision,
)

# Words for the classes that nobody learned from.
WORDS: dict[str, dict[str, str]] = {
    "other English words": {
        "dress": "gown", "hat": "cap", "longsleeve": "long sleeve top", "outwear": "coat",
        "pants": "trousers", "shirt": "button-down shirt", "shoes": "sneakers",
        "shorts": "short trousers", "skirt": "miniskirt", "t-shirt": "tee",
    },
    "Korean words": {
        "dress": "원피스", "hat": "모자", "longsleeve": "긴팔 티셔츠", "outwear": "외투", "pants": "바지",
        "shirt": "셔츠", "shoes": "신발", "shorts": "반바지", "skirt": "치마", "t-shirt": "반팔 티셔츠",
    },
}  # fmt: skip
console = Console(width=130)


class Shown(NamedTuple):
    """Pictures: frozen vectors, and the class of each."""

    vectors: Vectors
    labels: NDArray[np.str_]

    def of(self, rows: Any) -> Shown:
        return Shown(self.vectors[rows], self.labels[rows])

    def linked(self, *said: Mapping[str, Vectors]) -> Linked:
        """Pictures with the texts of their class; classes without a picture are left out."""
        there = [
            (label, vec) for words in said for label, vec in words.items() if label in self.labels
        ]
        positive = self.labels[:, np.newaxis] == np.array([label for label, _ in there])
        return Linked(self.vectors, np.stack([vec for _, vec in there]), positive)


def learned(shown: Shown, *said: Mapping[str, Vectors], seed: int, **changes: Any) -> FittedMaps:
    """Learn from most of the pictures, choose by the rest."""
    chosen = ProjectionSettings(seed=seed, **changes)
    valid = np.random.default_rng(seed).random(len(shown.labels)) < chosen.valid
    return fit(chosen, shown.of(~valid).linked(*said), shown.of(valid).linked(*said))


def reached(maps: FittedMaps, shown: Shown, said: Mapping[str, Vectors]) -> float:
    return float(precision(maps.text, maps.picture, shown.linked(said)).mean())


def spread(values: Sequence[float]) -> str:
    return (
        f"{np.mean(values):.3f} ± {np.std(values):.3f}" if len(values) > 1 else f"{values[0]:.3f}"
    )


def chance(shown: Shown, said: Mapping[str, Vectors], seeds: int = 20) -> float:
    given = shown.linked(said)
    drawn = []
    for seed in range(seeds):
        vectors = np.random.default_rng(seed).normal(
            size=(len(given.pictures), given.texts.shape[1])
        )
        random = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        drawn.append(average_precision(given._replace(pictures=random.astype(np.float32))).mean())
    return float(np.mean(drawn))


def report_clothing(data: Path, eyes: ImageEncoder, reader: TextEncoder, seeds: int) -> None:
    found = clothing(data)
    pictures = [decode(file.read_bytes()) for file in found.files]
    started = time.perf_counter()
    vectors = np.concatenate([eyes.encode_images([one]) for one in pictures])
    console.print(
        f"clothing: {len(pictures)} pictures encoded in {time.perf_counter() - started:.0f} s"
    )
    signed = [copies.signature(one) for one in pictures]
    n = found.gallery
    copied = {other for one, other in copies.linked(signed) if one < n <= other}
    rows = [row for row in range(n, len(pictures)) if row not in copied]
    console.print(f"{len(copied)} dev pictures copy one of the gallery and are left out")
    gallery, dev = Shown(vectors[:n], found.labels[:n]), Shown(vectors[rows], found.labels[rows])
    names = sorted(set(found.labels))
    said = dict(zip(names, reader.encode_queries(names), strict=True))
    others = {
        title: dict(zip(names, reader.encode_queries([words[name] for name in names]), strict=True))
        for title, words in WORDS.items()
    }
    table = Table(title="clothing, words to 194 unseen pictures, mAP", title_justify="left")
    for column in ("learned", "labels", *WORDS, "seconds"):
        table.add_column(column, justify="left" if column == "learned" else "right")
    variants: dict[str, dict[str, Any]] = {
        "regression alone": {"epochs": 0},
        "+ contrastive (the default)": {},
        "+ contrastive, hidden layer of 256": {"hidden": 256},
        "+ contrastive, texts as they are": {"learn_texts": False},
    }
    for title, changes in variants.items():
        started = time.perf_counter()
        maps = [learned(gallery, said, seed=seed, **changes) for seed in range(seeds)]
        spent = (time.perf_counter() - started) / seeds
        cells = [
            spread([reached(m, dev, words) for m in maps]) for words in (said, *others.values())
        ]
        table.add_row(title, *cells, f"{spent:.1f}")
    for count in (50, 100, 300):
        maps = [learned(_some(gallery, count, seed), said, seed=seed) for seed in range(seeds)]
        cells = [
            spread([reached(m, dev, words) for m in maps]) for words in (said, *others.values())
        ]
        table.add_row(f"the default, {count} pictures", *cells, "")
    maps = [learned(gallery, said, others["Korean words"], seed=seed) for seed in range(seeds)]
    cells = [spread([reached(m, dev, words) for m in maps]) for words in (said, *others.values())]
    table.add_row("the default, labels in English and Korean", *cells, "")
    table.add_section()
    table.add_row("chance", f"{chance(dev, said):.3f}", "", "", "")
    console.print(table)
    _left_out(gallery, dev, said)
    _pictures(gallery, dev, learned(gallery, said, seed=0))


def _some(shown: Shown, count: int, seed: int) -> Shown:
    return shown.of(np.random.default_rng(100 + seed).permutation(len(shown.labels))[:count])


def _left_out(gallery: Shown, dev: Shown, said: Mapping[str, Vectors]) -> None:
    """Words for classes without any picture to learn from, two at a time, among all dev pictures."""
    names = list(said)
    found = []
    for at in range(0, len(names), 2):
        out = names[at : at + 2]
        maps = learned(gallery.of(~np.isin(gallery.labels, out)), said, seed=0)
        every = precision(maps.text, maps.picture, dev.linked(said))
        found += [float(every[names.index(name)]) for name in out]
    told = ", ".join(f"{name} {value:.2f}" for name, value in zip(names, found, strict=True))
    console.print(f"classes without a picture to learn from: mAP {np.mean(found):.3f} ({told})")


def _pictures(gallery: Shown, dev: Shown, maps: FittedMaps) -> None:
    """Pictures that ask for pictures, before and after the map."""
    labels = np.concatenate([gallery.labels, dev.labels])
    for name, made in (
        ("efficientnet-lite0", lambda rows: rows),
        ("projected", maps.picture.apply),
    ):
        vectors = np.concatenate([made(gallery.vectors), made(dev.vectors)])
        _, precise = clothing_precision(
            vectors, _Clothes(files=[], labels=labels, gallery=len(gallery.labels))
        )
        console.print(f"picture to picture, precision@10 of dev: {name} {precise.mean():.3f}")


class _Clothes(NamedTuple):
    files: list[Path]
    labels: NDArray[Any]
    gallery: int


def report_plates(eyes: ImageEncoder, reader: TextEncoder, n: int, seeds: int) -> None:
    drawn = list(plates(n, 22))
    vectors = np.concatenate([eyes.encode_images([plate.picture]) for plate in drawn])
    signed = copies.linked([copies.signature(plate.picture) for plate in drawn])
    unlike = np.setdiff1d(np.arange(n), [other for _, other in signed])
    cut = int(0.75 * n)
    texts = {
        "category": [plate.category for plate in drawn],
        "maker": [plate.maker for plate in drawn],
        "nameplate or part": ["nameplate" if plate.has_plate else "part" for plate in drawn],
        "language of the plate": [
            {"ko": "한국어 명판", "en": "English nameplate"}[plate.language] for plate in drawn
        ],
    }
    table = Table(title=f"{n} drawn nameplates, a quarter unseen, mAP", title_justify="left")
    for column in ("text", "texts", "mAP", "chance"):
        table.add_column(column, justify="left" if column == "text" else "right")
    for title, values in texts.items():
        shown = Shown(vectors, np.array(values))
        rows = unlike[shown.labels[unlike] != ""]
        known, test = shown.of(rows[rows < cut]), shown.of(rows[rows >= cut])
        names = sorted(set(known.labels))
        said = dict(zip(names, reader.encode_queries(names), strict=True))
        test = test.of(np.isin(test.labels, names))
        maps = [learned(known, said, seed=seed) for seed in range(seeds)]
        cell = spread([reached(m, test, said) for m in maps])
        table.add_row(title, str(len(names)), cell, f"{chance(test, said):.3f}")
    console.print(table)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=os.environ.get("SEOGO_DATA", "../shared/data"))
    parser.add_argument("--only", choices=["clothing", "plates"])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--plates", type=int, default=400)
    parser.add_argument("--picture-encoder", default="efficientnet-lite0")
    args = parser.parse_args()
    settings = read(EncoderSettings)
    spec = registry.spec(args.picture_encoder, settings.models_path)
    eyes = registry.build_images(spec, settings.models_path, 1)
    text = registry.spec("multilingual-e5-small")
    reader = registry.build(text, settings.models_path, 1)
    if args.only != "plates":
        report_clothing(args.data, eyes, reader, args.seeds)
    if args.only != "clothing":
        report_plates(eyes, reader, args.plates, args.seeds)


if __name__ == "__main__":
    main()
