"""Search by picture: how often the ten nearest pictures show the same thing, and what a picture costs.

  python bench/images.py                       the picture encoders that are ready here; a minute each
  python bench/images.py --encoder siglip2-base --threads 4
  python bench/images.py --choices             how pooling and preparation of the offline one were chosen

No database is needed. Precision is macro-averaged over queries, by exact cosine. On clothing, dev is the
194 queries against the gallery of 900, and loo the gallery against itself, each picture left out of its
own results. On magnetic-tile the test pictures are searched among themselves, without those of the same
tile; 62 of 219 have no defect. --choices needs torch (the extra `models`).
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps
from rich.console import Console
from rich.progress import track
from rich.table import Table

from db.settings import read
from encoders import inventory, registry
from encoders.base import ImageEncoder, Picture, Vectors
from encoders.image import lite0
from encoders.image.lite0.encoder import GRAPH_FILE, fitted
from encoders.image.lite0.weights import locate
from encoders.pictures.decoding import decode, resized
from encoders.settings import EncoderSettings

TIMED = 100
console = Console()


class Clothing(NamedTuple):
    """Files and labels, the gallery first, then the queries."""

    files: list[Path]
    labels: NDArray[np.str_]
    gallery: int


class Tiles(NamedTuple):
    files: list[Path]
    labels: NDArray[np.str_]
    groups: NDArray[np.str_]


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def clothing(data: Path) -> Clothing:
    folder = data / "clothing"
    gallery, queries = rows(folder / "gallery.jsonl"), rows(folder / "queries.dev.jsonl")
    files = [folder / row["image"] for row in gallery + queries]
    return Clothing(files, np.array([row["label"] for row in gallery + queries]), len(gallery))


def tiles(data: Path) -> Tiles:
    folder = data / "magnetic-tile"
    kept = [row for row in rows(folder / "manifest.dev.jsonl") if row["split"] == "test"]
    files = [folder / row["image"] for row in kept]
    named = (np.array([row[key] for row in kept]) for key in ("class", "group"))
    return Tiles(files, *named)


def same_among_nearest(similar: Vectors, labels: Any, targets: Any, k: int) -> NDArray[np.float64]:
    """Share of the k most similar columns that have the row's label; one number per row."""
    nearest = np.argsort(-similar, axis=1, kind="stable")[:, :k]
    found: NDArray[np.float64] = (targets[nearest] == labels[:, np.newaxis]).mean(axis=1)
    return found


def clothing_precision(vectors: Vectors, data: Clothing) -> tuple[NDArray[Any], NDArray[Any]]:
    """precision@10 per gallery picture among the others, and per query."""
    gallery, n = vectors[: data.gallery], data.gallery
    among = gallery @ gallery.T
    np.fill_diagonal(among, -2)
    loo = same_among_nearest(among, data.labels[:n], data.labels[:n], 10)
    dev = same_among_nearest(vectors[n:] @ gallery.T, data.labels[n:], data.labels[:n], 10)
    return loo, dev


def tile_precision(vectors: Vectors, data: Tiles) -> float:
    similar = vectors @ vectors.T
    similar[data.groups[:, np.newaxis] == data.groups] = -2
    return float(same_among_nearest(similar, data.labels, data.labels, 5).mean())


def encoded(encoder: ImageEncoder, files: Sequence[Path], title: str) -> Vectors:
    batches = [files[start : start + 32] for start in range(0, len(files), 32)]
    parts = [
        encoder.encode_images([decode(file.read_bytes()) for file in batch])
        for batch in track(batches, title, console=console)
    ]
    return np.concatenate(parts)


def median_ms(call: Callable[[Any], object], given: Sequence[Any]) -> float:
    """Median milliseconds of a call, the first few left out."""
    spent = []
    for one in given:
        started = time.perf_counter()
        call(one)
        spent.append(time.perf_counter() - started)
    return float(np.median(spent[3:]) * 1000)


def report(name: str, data: Path, threads: Sequence[int]) -> None:
    """Quality and cost of one encoder."""
    settings = read(EncoderSettings)
    spec = registry.spec(name, settings.models_path)
    made = {n: registry.build_images(spec, settings.models_path, n) for n in threads}
    clothes, surfaces = clothing(data), tiles(data)
    best = made[max(threads)]
    loo, dev = clothing_precision(encoded(best, clothes.files, f"{name} clothing"), clothes)
    surface = tile_precision(encoded(best, surfaces.files, f"{name} magnetic-tile"), surfaces)
    table = Table("label", title=f"{name}: clothing, precision@10", title_justify="left")
    for column in ("queries", "dev", "loo"):
        table.add_column(column, justify="right")
    labels, n = clothes.labels, clothes.gallery
    for label in sorted(set(labels)):
        own, other = labels[n:] == label, labels[:n] == label
        table.add_row(label, str(own.sum()), f"{dev[own].mean():.3f}", f"{loo[other].mean():.3f}")
    table.add_section()
    table.add_row("all", str(len(dev)), f"{dev.mean():.3f}", f"{loo.mean():.3f}")
    console.print(table)
    console.print(f"{name}: magnetic-tile, precision@5 by class {surface:.3f}")
    files = clothes.files[: TIMED + 3]
    images = [decode(file.read_bytes()) for file in files]
    console.print(f"decoding {median_ms(lambda f: decode(f.read_bytes()), files):.1f} ms a picture")
    for count, encoder in made.items():
        spent = median_ms(encoder.encode_images, [[image] for image in images])
        console.print(f"{name}: {spent:.1f} ms a picture with {count} threads")


def build_cost() -> None:
    """Time and size of what the first use of the offline encoder builds."""
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        registry.build_images(lite0.SPEC, Path(folder), 1)
        spent = time.perf_counter() - started
        (built,) = Path(folder).glob(f"*/{GRAPH_FILE}")
        size = built.stat().st_size / 1e6
    wheel = locate().stat().st_size / 1e6
    console.print(f"efficientnet-lite0: built in {spent:.1f} s, {size:.1f} MB from {wheel:.1f} MB")


def prepared(image: Picture, how: str) -> Picture:
    """A picture scaled one of the ways that were compared."""
    side, whole = 224, Image.fromarray(image)
    match how:
        case "whole, aspect kept":
            return resized(image, *fitted(image.shape[1], image.shape[0]))
        case "squeezed":
            return resized(image, side, side)
        case "middle square":
            return np.array(ImageOps.fit(whole, (side, side), Image.Resampling.BICUBIC))
        case "padded, white":
            pad = ImageOps.pad(whole, (side, side), Image.Resampling.BICUBIC, color=(255,) * 3)
            return np.array(pad)
        case _:
            raise ValueError(how)


def choices(data: Path) -> None:
    """Every pooling under every preparation, by the torch module that the tests compare with."""
    import torch

    from tests.unit.encoders import lite0_torch

    torch.set_num_threads(1)
    model = lite0_torch.load(locate())
    last: list[Any] = []
    model._bn1.register_forward_hook(lambda *call: last.append(call[2].clamp(0, 6)))
    clothes, surfaces = clothing(data), tiles(data)
    table = Table("preparation", "pooling", title="efficientnet-lite0", title_justify="left")
    for column in ("clothing loo", "clothing dev", "tiles"):
        table.add_column(column, justify="right")
    for how in ("whole, aspect kept", "middle square", "squeezed", "padded, white"):
        found: dict[str, list[Any]] = {"mean": [], "gem3": [], "max": []}
        for file in track([*clothes.files, *surfaces.files], how, console=console):
            pixels = torch.from_numpy(prepared(decode(file.read_bytes()), how)[np.newaxis])
            with torch.inference_mode():
                found["gem3"].append(model(pixels)[2].numpy())
            places = last.pop()
            found["mean"].append(places.mean((2, 3)).numpy())
            found["max"].append(places.amax((2, 3)).numpy())
        for pooling, parts in found.items():
            vectors = np.concatenate(parts)
            vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
            cut = len(clothes.files)
            loo, dev = clothing_precision(vectors[:cut], clothes)
            tile = tile_precision(vectors[cut:], surfaces)
            table.add_row(how, pooling, f"{loo.mean():.3f}", f"{dev.mean():.3f}", f"{tile:.3f}")
    console.print(table)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=os.environ.get("SEOGO_DATA", "../shared/data"))
    parser.add_argument("--encoder", action="append", help="repeatable; all ready ones without it")
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--choices", action="store_true")
    args = parser.parse_args()
    if args.choices:
        choices(args.data)
        return
    models_path = read(EncoderSettings).models_path
    ready = [
        spec.name
        for spec in registry.SPECS.values()
        if spec.modality != "text"
        and inventory.entry(spec, models_path).state in ("ready", "to build")
    ]
    build_cost()
    for name in args.encoder or ready:
        report(name, args.data, args.threads)


if __name__ == "__main__":
    main()
