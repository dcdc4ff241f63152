"""Speed of the encoders that are ready here: items a second, and milliseconds for one query.

  python bench/encoding.py                              those that are ready, e5-small always
  python bench/encoding.py --encoder bge-m3 --threads 4 --batch 32
  python bench/encoding.py --encoder multilingual-e5-small --batch 1 8 64 --rounds 5

Items are the sample catalogue's: its texts (title and description, Korean and English) and its pictures,
decoded beforehand. `items/s` is the best of some rounds over all of them, handed over in batches of the
given size; `query` is the median, and the 95th percentile, of one short text or one picture at a time.
Nothing is downloaded; a model that is not here is named and left out.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from rich.console import Console
from rich.table import Table

from db.settings import read
from encoders import inventory, registry
from encoders.base import Picture
from encoders.errors import EncoderError
from encoders.pictures.decoding import decode
from encoders.settings import EncoderSettings
from encoders.spec import EncoderSpec

ALWAYS = "multilingual-e5-small"
EXAMPLES = Path("examples")
QUERIES = 40
console = Console()


class Work(NamedTuple):
    """What an encoder is given: how to encode a batch of items, and one query."""

    kind: str
    items: Sequence[Any]
    encode: Callable[[Sequence[Any]], object]
    queries: Sequence[Any]
    ask: Callable[[Sequence[Any]], object]


def texts() -> tuple[list[str], list[str]]:
    """Texts of the sample catalogue, and short ones as people type them."""
    lines = (EXAMPLES / "parts.jsonl").read_text(encoding="utf-8").splitlines()
    fields = [json.loads(line)["fields"] for line in lines]
    whole = ["\n".join(filter(None, (f.get("title"), f.get("description")))) for f in fields]
    return whole, [f["title"] for f in fields[:QUERIES]]


def pictures() -> list[Picture]:
    return [decode(path.read_bytes()) for path in sorted((EXAMPLES / "pictures").glob("*.png"))]


def works(spec: EncoderSpec, models_path: Path, threads: int) -> list[Work]:
    """Load an encoder and say what it can be given."""
    found = []
    if spec.modality in ("text", "multimodal"):
        encoder = registry.build(spec, models_path, threads, console.print)
        whole, short = texts()
        found.append(Work("texts", whole, encoder.encode_passages, short, encoder.encode_queries))
    if spec.modality in ("image", "multimodal"):
        seeing = registry.build_images(spec, models_path, threads, console.print)
        images = pictures()
        found.append(Work("pictures", images, seeing.encode_images, images, seeing.encode_images))
    return found


def items_per_second(work: Work, batch: int, rounds: int) -> float:
    spent = []
    for _ in range(rounds):
        started = time.perf_counter()
        for start in range(0, len(work.items), batch):
            work.encode(work.items[start : start + batch])
        spent.append(time.perf_counter() - started)
    return len(work.items) / min(spent)


def query_ms(work: Work) -> tuple[float, float]:
    """Median and 95th percentile over single queries, after three to warm up."""
    spent = []
    for query in [*work.queries[:3], *work.queries]:
        started = time.perf_counter()
        work.ask([query])
        spent.append((time.perf_counter() - started) * 1000)
    median, high = np.percentile(spent[3:], [50, 95])
    return float(median), float(high)


def chosen(names: Sequence[str] | None, models_path: Path) -> list[EncoderSpec]:
    if names:
        return [registry.spec(name, models_path) for name in names]
    found = [registry.spec(ALWAYS, models_path)]
    for spec in registry.SPECS.values():
        entry = inventory.entry(spec, models_path)
        if entry.state not in ("ready", "to build"):
            console.print(f"left out: {spec.name} ({entry.state}: {entry.detail})")
        elif spec.name not in (ALWAYS, "dummy"):
            found.append(registry.spec(spec.name, models_path))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--encoder", action="append", help="repeatable; all ready ones without it")
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--batch", type=int, nargs="+", default=[1, 16, 64])
    parser.add_argument("--rounds", type=int, default=2)
    args = parser.parse_args()
    models_path = read(EncoderSettings).models_path
    table = Table()
    for column in ("encoder", "items"):
        table.add_column(column, no_wrap=True)
    for column in ("threads", "batch", "items/s", "query ms", "p95"):
        table.add_column(column, justify="right")
    for spec in chosen(args.encoder, models_path):
        for threads in args.threads:
            try:
                loaded = works(spec, models_path, threads)
            except EncoderError as exc:
                console.print(f"left out: {spec.name}: {exc}", markup=False)
                break
            for work in loaded:
                median, high = query_ms(work)
                for batch in args.batch:
                    rate = items_per_second(work, batch, args.rounds)
                    told = (str(threads), str(batch), f"{rate:.1f}", f"{median:.1f}", f"{high:.1f}")
                    table.add_row(spec.name, work.kind, *told)
    console.print(table)


if __name__ == "__main__":
    main()
