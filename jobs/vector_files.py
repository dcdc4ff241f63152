"""Export of vectors as NPZ, Parquet or HDF5, by the file's suffix."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from encoders.runtime.optional import require
from jobs.errors import JobError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

EXTRA = "export"
Numbers = Literal["float32", "float16", "int8"]


class UnknownFormat(JobError):
    """Vectors cannot be written in that format."""


class VectorTable(NamedTuple):
    """Vectors and their sources, by row.

    `parts` are windows of a source, from 0, int32 (n,); vectors (n, dim) of a type of `Numbers`; `about` is
    metadata. `scales`, float32 (n,), is there with int8: a vector is its numbers times its scale.
    """

    ids: Sequence[str]
    sources: Sequence[str]
    parts: NDArray[np.int32]
    vectors: NDArray[np.float32 | np.float16 | np.int8]
    about: dict[str, str]
    scales: NDArray[np.float32] | None = None


def shrunk(table: VectorTable, numbers: Numbers) -> VectorTable:
    """The table with numbers of another type: half of float32's bytes, or a quarter.

    float16 is what the database has (halfvec), so that nothing is lost of what is exported from it. int8 is
    rounded to 127 steps of each vector's largest number: an error of at most 1/254 of that. Cosines need no
    scales; whoever wants the vectors themselves multiplies by them.
    """
    about = table.about | {"numbers": numbers}
    if numbers != "int8":
        return table._replace(vectors=table.vectors.astype(numbers), about=about)
    scales = np.abs(table.vectors).max(axis=1, initial=0.0).astype(np.float32) / np.float32(127)
    divisors = np.where(scales > 0, scales, np.float32(1))[:, None]
    vectors = np.rint(table.vectors / divisors).astype(np.int8)
    return table._replace(vectors=vectors, about=about, scales=scales)


def check(path: Path) -> None:
    """Check that a file of this format can be written.

    Raises:
        UnknownFormat: its suffix is unknown.
        EncoderNotInstalled: the package of its format is missing.
    """
    _writer(path)


def write(path: Path, table: VectorTable) -> None:
    """Write a file, all or nothing.

    Raises:
        UnknownFormat: its suffix is unknown.
        EncoderNotInstalled: the package of its format is missing.
    """
    part = path.with_name(f".{path.name}.part")
    try:
        _writer(path)(part, table)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _writer(path: Path) -> Callable[[Path, VectorTable], None]:
    match path.suffix:
        case ".npz":
            return _npz
        case ".parquet":
            require("pyarrow", EXTRA)
            return _parquet
        case ".h5" | ".hdf5":
            require("h5py", EXTRA)
            return _hdf5
        case _:
            raise UnknownFormat(
                f"{path}: there is no such format", "end its name with .npz, .parquet or .h5"
            )


def _npz(path: Path, table: VectorTable) -> None:
    about = {f"about_{name}": np.array(value) for name, value in table.about.items()}
    with path.open("wb") as file:
        np.savez_compressed(
            file,
            allow_pickle=False,
            ids=np.array(table.ids, dtype=np.str_),
            sources=np.array(table.sources, dtype=np.str_),
            parts=table.parts,
            vectors=table.vectors,
            **({} if table.scales is None else {"scales": table.scales}),
            **about,
        )


def _parquet(path: Path, table: VectorTable) -> None:
    pa, parquet = require("pyarrow", EXTRA), require("pyarrow.parquet", EXTRA)
    flat = pa.array(table.vectors.ravel())
    columns = {
        "id": pa.array(table.ids, pa.string()),
        "source": pa.array(table.sources, pa.string()),
        "part": pa.array(table.parts),
        "vector": pa.FixedSizeListArray.from_arrays(flat, table.vectors.shape[1]),
    }
    if table.scales is not None:
        columns["scale"] = pa.array(table.scales)
    parquet.write_table(pa.table(columns).replace_schema_metadata(table.about), path)


def _hdf5(path: Path, table: VectorTable) -> None:
    h5py = require("h5py", EXTRA)
    text = h5py.string_dtype("utf-8")
    with h5py.File(path, "w") as file:
        file.create_dataset("vectors", data=table.vectors)
        if table.scales is not None:
            file.create_dataset("scales", data=table.scales)
        file.create_dataset("parts", data=table.parts)
        file.create_dataset("ids", data=list(table.ids), dtype=text)
        file.create_dataset("sources", data=list(table.sources), dtype=text)
        file.attrs.update(table.about)
