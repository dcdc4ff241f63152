"""Speed and memory of large models of pictures and texts, by their shape alone: random weights.

  python bench/shapes.py                     # tiny, on the processor: does it all fit together? half a minute
  python bench/shapes.py --size 2b --batches 1 8 32 64 --sides 256 512 1024 --json shapes.json
  python bench/shapes.py --size 2b --formats bfloat16 float16 int8 --captions

The shape of Qwen3-VL-Embedding-2B (`--size 2b`) is written once as a checkpoint with random weights and
loaded as any pulled model is, so what is timed is the path that `seogo embed` takes, with its preparation of
pictures and its batches. Speed does not depend on what the weights are; vectors and captions mean nothing,
and how long a caption gets is up to chance. Its tokenizer is tiny: a word is some five tokens here.

Rows: per number format, resolution (pictures of that many pixels a side) and batch, pictures a second, the
most memory, and the 95th percentile of one query of words. On CUDA memory is the accelerator's, else the
process's since its start. `int8` (and of captions `int4`) needs CUDA and the package bitsandbytes. A cell
that does not fit is named and left out. With --captions the model writes of one picture and of three.

On a lent GPU: the second and the third line above, each a few minutes, most of which is writing the
checkpoint; `--keep FOLDER` keeps it. Not run there yet for want of one.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from rich.console import Console
from rich.table import Table

from encoders import registry
from encoders.base import MultimodalEncoder, Picture
from encoders.captioning import vlm
from encoders.captioning.base import Prompt
from encoders.errors import EncoderError
from encoders.runtime.limits import peak_memory
from tests.unit.encoders.hub import checkpoints

GIB = 2**30
QUERIES = 40
# Of the configuration files of Qwen3-VL-2B.
SHAPES: dict[str, dict[str, dict[str, Any]]] = {
    "tiny": {"text": {}, "vision": {}},
    "2b": {
        "text": {
            "vocab_size": 151_936, "hidden_size": 2048, "intermediate_size": 6144,
            "num_hidden_layers": 28, "num_attention_heads": 16, "num_key_value_heads": 8,
            "head_dim": 128, "initializer_range": 0.02,
            "rope_parameters": {
                "rope_type": "default", "rope_theta": 5e6, "mrope_section": [24, 20, 20],
                "mrope_interleaved": True,
            },
        },
        "vision": {
            "depth": 24, "hidden_size": 1024, "intermediate_size": 4096, "num_heads": 16,
            "out_hidden_size": 2048, "num_position_embeddings": 2304,
            "deepstack_visual_indexes": [5, 11, 17],
        },
    },
}  # fmt: skip
PROMPT = Prompt(name="shape", version=1, text="Describe: {metadata}", max_tokens=64)
console = Console(width=120)


def picture(side: int, seed: int) -> Picture:
    """A square picture that has something everywhere."""
    rng = np.random.default_rng(seed)
    blots = rng.integers(0, 256, (side // 16, side // 16, 3), dtype=np.uint8)
    return np.repeat(np.repeat(blots, 16, axis=0), 16, axis=1)


def timed(call: Callable[[], object], seconds: float) -> list[float]:
    """Seconds of calls, the first left out, for some time and at least three."""
    call()
    spent: list[float] = []
    while len(spent) < 3 or sum(spent) < seconds:
        _wait()
        started = time.perf_counter()
        call()
        _wait()
        spent.append(time.perf_counter() - started)
    return spent


def _wait() -> None:
    if torch.cuda.is_available():
        torch.cuda.synchronize()


def most_memory() -> float:
    """GiB: of the accelerator since the last call, else of the process since its start."""
    if not torch.cuda.is_available():
        return peak_memory() / GIB
    most = torch.cuda.max_memory_allocated() / GIB
    torch.cuda.reset_peak_memory_stats()
    return most


def query_ms(encoder: MultimodalEncoder) -> float:
    """95th percentile of one query of some words, in milliseconds."""
    texts = [f"vacuum pump {number} leaking" for number in range(QUERIES)]
    encoder.encode_queries(texts[:1])
    spent = []
    for text in texts:
        started = time.perf_counter()
        encoder.encode_queries([text])
        _wait()
        spent.append(time.perf_counter() - started)
    return float(np.percentile(spent, 95) * 1000)


def encoding(args: argparse.Namespace, folder: Path) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for kind in args.formats:
        for side in args.sides:
            try:
                spec = registry.spec(f"file:{folder}+{side}px+{kind}", folder)
                encoder = registry.build_multimodal(spec, folder, args.threads, console.print)
            except EncoderError as exc:
                console.print(f"{kind} {side}px left out: {exc}", markup=False)
                continue
            rows += of_encoder(encoder, kind, side, args)
    return rows


def of_encoder(
    encoder: MultimodalEncoder, kind: str, side: int, args: argparse.Namespace
) -> list[dict[str, Any]]:
    rows = []
    asked = query_ms(encoder)
    for batch in args.batches:
        pictures = [picture(side, number) for number in range(batch)]
        try:
            spent = timed(lambda given=pictures: encoder.encode_images(given), args.seconds)
        except RuntimeError as exc:
            console.print(f"{kind} {side}px, {batch} at once: {exc}", markup=False)
            break
        row = {"format": kind, "side": side, "batch": batch, "per_s": batch / np.median(spent)}
        rows.append(row | {"gib": most_memory(), "query_p95_ms": asked})
    return rows


def captions(args: argparse.Namespace, folder: Path) -> list[dict[str, Any]]:
    rows = []
    for kind in args.formats:
        try:
            captioner = vlm.load(str(folder), folder, threads=args.threads, asked=kind)
        except EncoderError as exc:
            console.print(f"captions in {kind} left out: {exc}", markup=False)
            continue
        for shown in (1, 3):
            pictures = [picture(args.sides[0], number) for number in range(shown)]

            def say(given: list[Picture] = pictures, by: vlm.VlmCaptioner = captioner) -> object:
                try:
                    return by.caption(given, PROMPT, tokens=PROMPT.max_tokens)
                except EncoderError:  # random weights may end at once, or write blanks alone
                    return None

            spent = float(np.median(timed(say, args.seconds)))
            row = {"format": kind, "pictures": shown, "seconds": spent}
            rows.append(row | {"tokens": PROMPT.max_tokens, "gib": most_memory()})
    return rows


def show(title: str, rows: list[dict[str, Any]]) -> None:
    if not rows:
        return
    table = Table(title=title, title_justify="left")
    for column in rows[0]:
        table.add_column(column, justify="right")
    for row in rows:
        table.add_row(*(f"{v:.2f}" if isinstance(v, float) else str(v) for v in row.values()))
    console.print(table)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--size", choices=list(SHAPES), default="tiny")
    parser.add_argument("--formats", nargs="+", default=["float32", "bfloat16"])
    parser.add_argument("--sides", nargs="+", type=int, default=[128, 256])
    parser.add_argument("--batches", nargs="+", type=int, default=[1, 4])
    parser.add_argument("--seconds", type=float, default=1.0, help="per cell")
    parser.add_argument("--threads", type=int)
    parser.add_argument("--captions", action="store_true")
    parser.add_argument("--keep", type=Path, help="folder of the checkpoint, made if absent")
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = (args.keep or Path(scratch) / "shape").resolve()
        if not folder.exists():
            started = time.perf_counter()
            checkpoints.qwen3_vl(folder, **SHAPES[args.size])
            console.print(f"checkpoint written in {time.perf_counter() - started:.0f} s")
        found = {"encoding": encoding(args, folder)}
        if args.captions:
            found["captions"] = captions(args, folder)
    where = torch.cuda.get_device_name() if torch.cuda.is_available() else "processor"
    for kind, rows in found.items():
        show(f"{kind}, shape {args.size}, {where}", rows)
    if args.json:
        args.json.write_text(json.dumps({"size": args.size, "where": where, **found}, indent=2))


if __name__ == "__main__":
    main()
