"""Model folder of a projection: maps as NPZ without pickled objects, and what they were learned over."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Final

import msgspec
import numpy as np

from encoders.errors import WeightsInvalid
from encoders.projection.maps import Map
from encoders.spec import EncoderSpec

FAMILY: Final = "projection"
POOLING: Final = "projection-halfway"
SPEC_FILE: Final = "projection.json"
MAPS_FILE: Final = "projection.npz"


class Base(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A frozen encoder: its name, and the identity of the vectors that were learned from."""

    encoder: str
    identity: str


class Described(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Contents of the spec file: the two bases, and the parts of the encoder's own identity."""

    text: Base
    picture: Base
    dim: int
    query_template: str
    passage_template: str
    max_tokens: int
    window_overlap: int
    preparation: str


def described(text: EncoderSpec, picture: EncoderSpec, dim: int) -> Described:
    """Describe a projection over two frozen encoders."""
    return Described(
        text=Base(text.name, text.identity),
        picture=Base(picture.name, picture.identity),
        dim=dim,
        query_template=text.query_template,
        passage_template=text.passage_template,
        max_tokens=text.max_tokens,
        window_overlap=text.window_overlap,
        preparation=picture.preparation,
    )


def write(folder: Path, about: Described, text: Map, picture: Map) -> None:
    """Write the maps and the spec file; the caller adds a card and the manifest."""
    arrays = {
        f"{side}_{name}": np.asarray(array, dtype=np.float32)
        for side, one in (("text", text), ("picture", picture))
        for name, array in one._asdict().items()
    }
    np.savez(folder / MAPS_FILE, allow_pickle=False, **arrays)
    (folder / SPEC_FILE).write_bytes(msgspec.json.format(msgspec.json.encode(about)))


def describe(folder: Path) -> Described:
    """Read what a projection was learned over.

    Raises:
        WeightsInvalid: If the file is absent or not such a one.
    """
    path = folder / SPEC_FILE
    try:
        return msgspec.json.decode(path.read_bytes(), type=Described)
    except (OSError, msgspec.DecodeError) as exc:
        raise WeightsInvalid(path, f"it is not one that `seogo train` wrote: {exc}") from exc


def spec(name: str, source: str, revision: str, folder: Path) -> EncoderSpec:
    """Spec of the projection of a folder; the revision, a digest of the files, pins the bases too.

    Raises:
        WeightsInvalid: If the folder holds none.
    """
    about = describe(folder)
    return EncoderSpec(
        name=name,
        family=FAMILY,
        modality="multimodal",
        dim=about.dim,
        revision=revision,
        pooling=POOLING,
        query_template=about.query_template,
        passage_template=about.passage_template,
        max_tokens=about.max_tokens,
        window_overlap=about.window_overlap,
        preparation=about.preparation,
        source=source,
    )


def maps(folder: Path, dim: int) -> tuple[Map, Map]:
    """Read the maps of texts and of pictures.

    Raises:
        WeightsInvalid: If the file is damaged, or its arrays do not fit each other.
    """
    path = folder / MAPS_FILE
    try:
        with np.load(path, allow_pickle=False) as arrays:
            found = [
                Map(*(arrays[f"{side}_{name}"] for name in Map._fields))
                for side in ("text", "picture")
            ]
    except (OSError, KeyError, ValueError, zipfile.BadZipFile) as exc:
        raise WeightsInvalid(path, f"it does not hold the maps: {exc}") from exc
    if not all(_fits(one, dim) for one in found):
        raise WeightsInvalid(path, f"its arrays do not make vectors of {dim} dimensions")
    return found[0], found[1]


def _fits(one: Map, dim: int) -> bool:
    width = (one.centre.size,)
    hidden = one.down.shape[1:]
    return (
        one.centre.shape == one.scale.shape == width
        and one.linear.shape == (*width, dim)
        and one.down.shape == (*width, *hidden)
        and one.up.shape == (*hidden, dim)
    )
