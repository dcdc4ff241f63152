"""`seogo embed-text` and `seogo export-vectors`: vectors for other tools."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import msgspec
import numpy as np
import typer

from db.calls.query import fetch
from db.errors import UnknownName
from db.settings import read
from db.spaces import embedding, vectors
from encoders import registry
from encoders.settings import EncoderSettings
from inputs import lines
from inputs.errors import Bad
from inputs.lines import Text
from jobs import vector_files
from jobs.cli.console import database, err, out, progress
from jobs.cli.outputs import writable_file
from jobs.errors import BadRecord, JobError
from jobs.vector_files import Numbers, VectorTable

BATCH = 64
SHOWN = 10
Output = Annotated[
    Path,
    typer.Argument(
        callback=writable_file, help="NPZ, Parquet or HDF5, as its name ends: .npz, .parquet, .h5."
    ),
]

NumbersOption = Annotated[
    Numbers,
    typer.Option(
        "--numbers",
        help="float16 is what the database has (halfvec); int8 comes with a scale for each vector.",
    ),
]


class InputText(msgspec.Struct, frozen=True):
    """A text of a JSONL file."""

    id: str
    text: str


def embed_text(
    texts: Annotated[
        Path,
        typer.Argument(exists=True, help='A text per line; JSONL: {"id": "a", "text": "…"}.'),
    ],
    output: Output,
    encoder: Annotated[
        str | None, typer.Option(help="See seogo models list; file:FOLDER is a trained one.")
    ] = None,
    queries: Annotated[
        bool, typer.Option("--queries", help="Encode as queries, not as texts to be found.")
    ] = False,
    numbers: NumbersOption = "float32",
) -> None:
    """Encode the texts of a file and write their vectors to another; no database is needed.

    Texts to be found that are longer than the encoder takes become several windows, queries are cut.
    A line that cannot be read is named, and nothing is written.
    """
    vector_files.check(output)
    given = _lines(texts)
    settings = read(EncoderSettings)
    spec = registry.spec(encoder or settings.text_encoder, settings.models_path)
    if spec.kind != "single":
        raise JobError(
            f"{spec.name} has a vector or a weight per token, and these files hold one vector per text",
            "feed a space with it: seogo reembed start --help",
        )
    built = registry.build(spec, settings.models_path, settings.threads, err.print)
    pieces = [
        (line.id, at, text)
        for line in given
        for at, text in enumerate(
            [line.text] if queries else [window.text for window in built.windows(line.text)]
        )
    ]
    encode = built.encode_queries if queries else built.encode_passages
    found = np.empty((len(pieces), spec.dim), np.float32)
    with progress() as bar:
        for start in bar.track(range(0, len(pieces), BATCH), description="batches"):
            found[start : start + BATCH] = encode([p[2] for p in pieces[start : start + BATCH]])
    table = VectorTable(
        ids=[key for key, _, _ in pieces],
        sources=["query" if queries else "text"] * len(pieces),
        parts=np.array([at for _, at, _ in pieces], np.int32),
        vectors=found,
        about={"encoder": spec.name, "identity": spec.identity},
    )
    _write(output, table, numbers)


def export_vectors(
    output: Output,
    collection: Annotated[str, typer.Option("--collection", "-c", help="Whose items.")],
    space: Annotated[str, typer.Option(help="Which of its live spaces.")] = "text",
    numbers: NumbersOption = "float32",
) -> None:
    """Write the stored vectors of a collection to a file: ids, sources, windows and vectors.

    A quarter as large:  seogo export-vectors parts.npz -c parts --numbers int8
    """
    vector_files.check(output)
    with database() as conn:
        live = {one.space: one for one in fetch(conn, embedding.live_spaces(collection=collection))}
        if space not in live:
            known = ", ".join(live) or "none"
            raise UnknownName(f"{collection} has no live space {space}", f"There are: {known}.")
        if live[space].kind == "sparse":
            raise JobError(
                f"{space} has weights of tokens, and these files hold one vector per text",
                "in SQL: SELECT item_id, token_weights FROM core.embedding",
            )
        rows = fetch(conn, vectors.stored(collection=collection, space_id=live[space].space_id))
    dim = live[space].dim
    table = VectorTable(
        ids=[row.external_id for row in rows],
        sources=[row.source for row in rows],
        parts=np.array([row.part_no for row in rows], np.int32),
        vectors=np.array([row.vec.to_numpy() for row in rows], np.float32).reshape(-1, dim),
        about={"space": live[space].pinned, "identity": live[space].identity},
    )
    _write(output, table, numbers)


def _lines(path: Path) -> list[InputText]:
    found, faults = list[InputText](), list[str]()
    for line in lines.records(path) if path.suffix == ".jsonl" else lines.texts(path):
        try:
            if isinstance(line, Bad):
                raise BadRecord(line.reason)
            if isinstance(line, Text):
                found.append(InputText(str(line.line), line.text))
            else:
                found.append(msgspec.convert(line.value, InputText))
        except (BadRecord, msgspec.ValidationError) as exc:
            faults.append(f"{path}:{line.line}: {exc}")
    if faults:
        more = [f"… and {len(faults) - SHOWN:,} more lines"][: len(faults) > SHOWN]
        raise BadRecord("\n".join(faults[:SHOWN] + more), "mend the lines: nothing was written")
    return found


def _write(path: Path, table: VectorTable, numbers: Numbers) -> None:
    vector_files.write(path, vector_files.shrunk(table, numbers))
    n, dim = table.vectors.shape
    out.print(f"{path}: {n:,} vectors of {dim} dimensions, {numbers}", highlight=False)
