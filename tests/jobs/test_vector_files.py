"""Vectors come back from every format as they went in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

import h5py
import numpy as np
import pyarrow.parquet
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from typer.testing import CliRunner

from encoders import registry
from encoders.settings import EncoderSettings
from inputs.errors import InputUnusable
from jobs import vector_files
from jobs.cli import app
from jobs.cli.items.vectors import _lines
from jobs.errors import BadRecord
from jobs.vector_files import UnknownFormat, VectorTable
from tests.sql.helpers import put, put_vectors, unit

if TYPE_CHECKING:
    from pathlib import Path

    import psycopg

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=6)
FORMATS = (".npz", ".parquet", ".h5")


def read(path: Path) -> VectorTable:
    """With nothing of ours."""
    if path.suffix == ".npz":
        with np.load(path) as file:  # refuses pickled objects
            about = {k.removeprefix("about_"): str(file[k]) for k in file if k.startswith("about_")}
            ids, sources = file["ids"].tolist(), file["sources"].tolist()
            scales = file.get("scales")
            return VectorTable(ids, sources, file["parts"], file["vectors"], about, scales)
    if path.suffix == ".parquet":
        table = pyarrow.parquet.read_table(path)
        about = {k.decode(): v.decode() for k, v in table.schema.metadata.items()}
        columns = {name: table.column(name).to_pylist() for name in ("id", "source", "part")}
        numbers = table.schema.field("vector").type.value_type.to_pandas_dtype()
        vectors = np.array(table.column("vector").to_pylist(), numbers)
        parts = np.array(columns["part"], np.int32)
        scales = table.column("scale").to_numpy() if "scale" in table.column_names else None
        return VectorTable(columns["id"], columns["source"], parts, vectors, about, scales)
    with h5py.File(path) as file:
        ids, sources = (file[name].asstr()[:].tolist() for name in ("ids", "sources"))
        scales = file["scales"][:] if "scales" in file else None
        parts, vectors = file["parts"][:], file["vectors"][:]
        return VectorTable(ids, sources, parts, vectors, dict(file.attrs), scales)


@pytest.mark.parametrize("suffix", FORMATS)
@given(
    rows=st.lists(st.tuples(TEXTS, TEXTS, st.integers(0, 99)), min_size=1, max_size=5),
    numbers=st.sampled_from(get_args(vector_files.Numbers)),
    data=st.data(),
)
@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_what_is_written_is_read(
    tmp_path: Path, suffix: str, rows: Any, numbers: Any, data: Any
) -> None:
    finite = st.floats(-1, 1, width=32)
    vectors = data.draw(arrays(np.float32, (len(rows), 3), elements=finite))
    ids, sources, parts = ([row[at] for row in rows] for at in range(3))
    whole = VectorTable(ids, sources, np.array(parts, np.int32), vectors, {"identity": "x@1"})
    given_ = vector_files.shrunk(whole, numbers)
    path = tmp_path / f"v{suffix}"
    vector_files.write(path, given_)
    found = read(path)
    assert (found.ids, found.sources, found.about) == (ids, sources, given_.about)
    assert np.array_equal(found.parts, given_.parts)
    assert found.vectors.dtype == numbers
    assert np.array_equal(found.vectors, given_.vectors)
    assert found.about["numbers"] == numbers
    scales = np.ones(len(rows)) if found.scales is None else found.scales
    most = np.abs(vectors).max(axis=1, keepdims=True)
    step = {"float32": 0.0, "float16": 2**-11, "int8": 1 / 254}[numbers]
    assert np.all(np.abs(found.vectors * scales[:, None] - vectors) <= most * step * 1.01 + 1e-7)
    assert list(tmp_path.iterdir()) == [path]


def test_a_format_that_is_not_known_is_named_before_any_work(tmp_path: Path) -> None:
    with pytest.raises(UnknownFormat, match=r"v\.csv"):
        vector_files.check(tmp_path / "v.csv")


def test_texts_of_a_file_are_encoded(tmp_path: Path) -> None:
    lines = tmp_path / "texts.jsonl"
    long = "펌프 " * 2000
    lines.write_text(f'{{"id": "a", "text": "pump"}}\n\n{{"id": "b", "text": "{long}"}}\n')
    path = tmp_path / "v.npz"
    done = CliRunner().invoke(app, ["embed-text", str(lines), str(path), "--encoder", "dummy"])
    assert done.exit_code == 0, done.output
    found = read(path)
    spec = registry.spec("dummy")
    encoder = registry.build(spec, EncoderSettings().models_path)
    windows = [w.text for w in encoder.windows(long)]
    assert len(windows) > 1
    assert found.ids == ["a"] + ["b"] * len(windows)
    assert found.parts.tolist() == [0, *range(len(windows))]
    assert np.allclose(found.vectors, encoder.encode_passages(["pump", *windows]))
    assert found.about["identity"] == spec.identity
    lines.write_text('{"id": "a", "text": "pump"}\n{"id": 3}\n')
    done = CliRunner().invoke(app, ["embed-text", str(lines), str(path), "--encoder", "dummy"])
    assert isinstance(done.exception, BadRecord)
    assert "texts.jsonl:2" in str(done.exception)


@pytest.mark.parametrize("name", ["t.jsonl", "t.txt"])
def test_bad_lines_of_texts_are_all_named_and_nothing_is_written(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    good = b'{"id": "a", "text": "x"}' if name == "t.jsonl" else b"x"
    bad = ["펌프 소음".encode("cp949"), b"caf\xe9"] + (
        [b"{", b'{"id": 1}'] if name == "t.jsonl" else []
    )
    path.write_bytes(b"\xef\xbb\xbf" + b"\r\n".join([good, b"", *bad, good]))
    with pytest.raises(BadRecord) as caught:
        _lines(path)
    told = [line.split(": ")[0] for line in str(caught.value).splitlines()]
    assert told == [f"{path}:{n}" for n in range(3, 3 + len(bad))]
    path.write_bytes(b"\xef\xbb\xbf" + b"\r\n".join([good, b" ", good]))
    assert [line.text for line in _lines(path)] == ["x", "x"]
    path.write_text("x\n" * 9, encoding="utf-16")
    with pytest.raises(InputUnusable, match="UTF-16"):
        _lines(path)


def test_stored_vectors_are_exported(
    db: psycopg.Connection[Any],
    db_url: str,
    dummy_space: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    db.execute('SELECT ops.create_collection(\'c\', vector_sources => \'{"text": {"x": ["t"]}}\')')
    ids = put(db, {"P1": {"t": "a"}, "P2": {"t": "b"}}, collection="c")
    vectors = unit(np.random.default_rng(1), 2)
    put_vectors(db, dummy_space, [(i, "x", 0) for i in ids.values()], vectors)
    monkeypatch.setenv("SEOGO_DATABASE_URL", db_url)
    path = tmp_path / "v.h5"
    done = CliRunner().invoke(app, ["export-vectors", str(path), "-c", "c"])
    assert done.exit_code == 0, done.output
    found = read(path)
    assert (found.ids, found.sources, found.parts.tolist()) == (["P1", "P2"], ["x", "x"], [0, 0])
    assert np.allclose(found.vectors, vectors, atol=1e-3)  # stored as halves
    done = CliRunner().invoke(app, ["export-vectors", str(path), "-c", "c", "--space", "none"])
    assert "no live space none" in str(done.exception)
