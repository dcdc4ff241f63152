"""Prompts of captioners compared: tokens, milliseconds, and how far their captions agree.

  export SEOGO_CAPTIONERS=openai SEOGO_CAPTION_URL=http://127.0.0.1:8000/v1 SEOGO_CAPTION_MODEL=qwen3-vl
  python bench/prompts.py FOLDER short.txt long.txt

FOLDER holds a `manifest.jsonl` as `seogo ingest` takes it: records with `media`, each with a `path`. A
prompt is a text file; `{metadata}` in it becomes what the record's `fields` say. All pictures of an item
are shown in one call, and with --apart each in a call of its own as well. Per prompt and way: answers
and failures, tokens of an answer (mean), milliseconds of a call (median), and agreement with the first
row: words that two captions of an item share, over the words of both (Jaccard), mean of the items that
both answered.
"""

from __future__ import annotations

import argparse
import json
import statistics
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from rich.console import Console
from rich.progress import track
from rich.table import Table

from db.settings import read
from encoders.base import Picture
from encoders.captioning import registry
from encoders.captioning.base import Caption, Captioner, Prompt
from encoders.errors import EncoderError
from encoders.pictures import decoding
from encoders.settings import CaptionSettings, EncoderSettings


class Item(NamedTuple):
    """An item: its pictures, and what is known of it."""

    name: str
    pictures: list[Picture]
    metadata: str


class Answers(NamedTuple):
    """Captions of one prompt by item, and how many calls failed."""

    label: str
    captions: dict[str, list[Caption]]
    failed: int


def items(folder: Path, most: int) -> Iterator[Item]:
    with (folder / "manifest.jsonl").open(encoding="utf-8") as file:
        for _, row in zip(range(most), map(json.loads, file), strict=False):
            paths = [folder / one["path"] for one in row.get("media", ()) if "path" in one]
            known = " ".join(str(value) for value in row.get("fields", {}).values())
            if paths:
                pictures = [decoding.decode(path.read_bytes()) for path in paths]
                yield Item(row["external_id"], pictures, known)


def answered(
    captioner: Captioner, prompt: Prompt, given: Sequence[Item], *, apart: bool
) -> Answers:
    captions: dict[str, list[Caption]] = {}
    failed = 0
    label = f"{prompt.name}, {'a call a picture' if apart else 'a call an item'}"
    for item in track(given, label, transient=True):
        for pictures in [[one] for one in item.pictures] if apart else [item.pictures]:
            try:
                caption = captioner.caption(pictures, prompt, item.metadata)
            except EncoderError as exc:
                failed += 1
                Console(stderr=True).print(f"{item.name}: {exc}", markup=False)
            else:
                captions.setdefault(item.name, []).append(caption)
    return Answers(label, captions, failed)


def words(captions: Sequence[Caption]) -> set[str]:
    return {word.strip(".,;:").casefold() for one in captions for word in one.text.split()} - {""}


def agreement(
    first: Mapping[str, Sequence[Caption]], second: Mapping[str, Sequence[Caption]]
) -> float | None:
    pairs = [(words(first[name]), words(second[name])) for name in first.keys() & second.keys()]
    shares = [len(one & other) / max(1, len(one | other)) for one, other in pairs]
    return statistics.fmean(shares) if shares else None


def main() -> None:
    """Run."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("prompts", nargs="+", type=Path, help="text files")
    parser.add_argument("--items", type=int, default=50, metavar="N")
    parser.add_argument("--tokens", type=int, default=96, help="longest answer")
    parser.add_argument("--apart", action="store_true", help="also a call a picture")
    args = parser.parse_args()
    captioner = registry.build(read(CaptionSettings), read(EncoderSettings).models_path)
    if captioner is None:
        parser.error("captions are off: set SEOGO_CAPTIONERS")
    given = list(items(args.folder, args.items))
    rows = [
        answered(
            captioner,
            Prompt(
                name=file.stem,
                version=1,
                text=file.read_text(encoding="utf-8").strip(),
                max_tokens=args.tokens,
            ),
            given,
            apart=apart,
        )
        for file in args.prompts
        for apart in ((False, True) if args.apart else (False,))
    ]
    shown = Table("prompt", "answers", "failed", "tokens", "ms", "agreement")
    for row in rows:
        every = [one for captions in row.captions.values() for one in captions]
        tokens = f"{statistics.fmean(one.tokens for one in every):.1f}" if every else ""
        latency = f"{statistics.median(one.latency_ms for one in every):.0f}" if every else ""
        shared = agreement(rows[0].captions, row.captions)
        agreed = "" if shared is None else f"{shared:.2f}"
        shown.add_row(row.label, str(len(every)), str(row.failed), tokens, latency, agreed)
    Console().print(f"{len(given)} items, {captioner.name}", highlight=False)
    Console().print(shown)


if __name__ == "__main__":
    main()
