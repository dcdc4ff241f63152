"""Shared code of models that run on torch: loading, batches, pictures, vectors."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

from PIL import Image

from encoders.base import Content, Picture, Vectors
from encoders.hub.specs import EXTRA
from encoders.pictures import decoding
from encoders.runtime import batches
from encoders.runtime.device import Choice
from encoders.runtime.optional import require

Row = TypeVar("Row")
Result = TypeVar("Result")

# Tokens of one batch, padding included: from here on throughput is flat.
_ENOUGH_TOKENS = {"cpu": 2048, "cuda": 65536}
# The libraries set the number type of the whole process while a model loads.
_loading = threading.Lock()


def batch_tokens(choice: Choice, max_tokens: int) -> int:
    """Tokens of one batch, for a model whose longest input has `max_tokens` of them.

    As many as the longest rows that fit into memory have together, if that many gain anything.
    """
    enough = _ENOUGH_TOKENS["cpu" if choice.device == "cpu" else "cuda"]
    return min(enough, choice.rows * max_tokens)


@contextmanager
def torch_for(choice: Choice) -> Iterator[ModuleType]:
    """Import torch and set it up to load a model; one model loads at a time.

    The number of threads is the process's: the model loaded last decides.

    Raises:
        EncoderNotInstalled: If torch or transformers is absent.
    """
    # Tokenizers would start a thread per core, and warn about them in every forked child.
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    with _loading:
        torch = require("torch", EXTRA)
        require("transformers.utils.logging", EXTRA).disable_progress_bar()
        torch.set_num_threads(choice.threads)
        yield torch


def load_options(torch: ModuleType, choice: Choice) -> dict[str, Any]:
    """Keyword arguments of every `from_pretrained` that loads weights."""
    options = {
        "dtype": getattr(torch, choice.dtype),
        "use_safetensors": True,
        "local_files_only": True,
        "trust_remote_code": False,
    }
    if choice.bits:
        config = require("transformers", EXTRA).BitsAndBytesConfig
        few: dict[str, Any] = {"load_in_8bit": True}
        if choice.bits == 4:
            few = {"load_in_4bit": True, "bnb_4bit_compute_dtype": options["dtype"]}
        # It quantises while it loads, and where it loads.
        options |= {"quantization_config": config(**few), "device_map": {"": choice.device}}
    return options


def pretrained(torch: ModuleType, auto_class: str, folder: Path, choice: Choice) -> Any:
    """Load a model of the transformers library, ready to encode, onto the device chosen."""
    loader = getattr(require("transformers", EXTRA), auto_class)
    model = loader.from_pretrained(folder, **load_options(torch, choice))
    # Weights in few bits are where they were loaded, and must not be moved.
    return model.eval() if choice.bits else model.eval().to(choice.device)


def sentence_model(kind: str, folder: Path, torch: ModuleType, choice: Choice) -> Any:
    """Load a `SentenceTransformer` or `CrossEncoder`, ready to run."""
    options = load_options(torch, choice)
    model = getattr(require("sentence_transformers", EXTRA), kind)(
        str(folder),
        device=choice.device,
        local_files_only=options.pop("local_files_only"),
        trust_remote_code=options.pop("trust_remote_code"),
        model_kwargs=options,
    )
    return model.eval()


def processor(auto_class: str, folder: Path, **options: Any) -> Any:
    """Load a tokenizer or a picture processor of the transformers library."""
    loader = getattr(require("transformers", EXTRA), auto_class)
    return loader.from_pretrained(folder, local_files_only=True, trust_remote_code=False, **options)


def in_batches(
    run: Callable[[Sequence[Row]], Iterable[Result]],
    rows: Sequence[Row],
    lengths: Sequence[int],
    limit: int,
) -> list[Result]:
    """Run a function over batches of rows of similar length, smaller ones where memory runs out.

    Args:
        run: Gets some of the rows, returns as many results in their order.
        rows: All rows.
        lengths: Tokens per row.
        limit: Tokens of one batch, padding included; a longer row is a batch by itself.

    Returns:
        Results in the order of the rows.
    """
    found: dict[int, Result] = {}
    for order in batches.by_length(lengths, limit):
        numbered = iter(order)
        for results in batches.shrink(run, [rows[number] for number in order], len(order)):
            found.update(zip((next(numbered) for _ in results), results, strict=True))
    return [found[row] for row in range(len(rows))]


def padded(
    torch: ModuleType, ids: Sequence[list[int]], pad_id: int, device: str, length: int | None = None
) -> dict[str, Any]:
    """Tensors `input_ids` and `attention_mask` on a device; see `batches.padded`."""
    tokens, mask = batches.padded(ids, pad_id, length)
    arrays = {"input_ids": tokens, "attention_mask": mask}
    return {name: torch.from_numpy(array).to(device) for name, array in arrays.items()}


def to_numpy(tensor: Any) -> Vectors:
    """Bring a tensor of any floating type to the processor, as float32."""
    rows: Vectors = tensor.float().cpu().numpy()
    return rows


def check_items(items: Sequence[Content]) -> None:
    """Check that each item has a text or pictures, and that pictures are valid.

    Raises:
        ValueError: If an item has neither text nor picture, or a picture is not one.
    """
    for row, item in enumerate(items):
        if not item.text.strip() and not item.images:
            raise ValueError(f"items[{row}] has neither text nor picture")
        check_pictures(item, f"items[{row}]")


def check_pictures(item: Content, where: str) -> None:
    """Check the pictures of an item.

    Raises:
        ValueError: If one is not; the error begins with `where`.
    """
    try:
        decoding.check(item.images)
    except ValueError as exc:
        raise ValueError(f"{where}.{exc}") from exc


def pil(images: Sequence[Picture]) -> list[Any]:
    """Convert pictures to Pillow images."""
    return [Image.fromarray(image) for image in images]
