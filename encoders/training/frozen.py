"""Frozen vectors of the texts and pictures of pairs, and signatures by which copies are told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from encoders.anomaly import copies
from encoders.anomaly.copies import Signature
from encoders.base import ImageEncoder, Picture, TextEncoder, Vectors
from encoders.pictures.decoding import PictureInvalid, decode
from encoders.training.pairs import PicturePair
from encoders.training.projection import Linked

# Pictures that are decoded at a time, and texts that are encoded at a time.
_PICTURES, _TEXTS = 8, 256

Load = Callable[[str], bytes]


class LookedAt(NamedTuple):
    """Pictures by name: signatures, vectors where there is an encoder, and why others were left out."""

    signatures: dict[str, Signature]
    vectors: dict[str, Vectors]
    refused: dict[str, str]


def look_at(
    names: Sequence[str],
    load: Load,
    encoder: ImageEncoder | None = None,
    on_picture: Callable[[int], None] = lambda _done: None,
) -> LookedAt:
    """Decode each picture once, sign it, and encode it where there is an encoder.

    A picture that cannot be read is left out with the reason.
    """
    found = LookedAt({}, {}, {})
    for start in range(0, len(names), _PICTURES):
        decoded: dict[str, Picture] = {}
        for name in names[start : start + _PICTURES]:
            try:
                decoded[name] = decode(load(name))
            except (OSError, PictureInvalid) as exc:
                found.refused[name] = str(exc)
        found.signatures.update({n: copies.signature(one) for n, one in decoded.items()})
        if encoder is not None and decoded:
            rows = encoder.encode_images(list(decoded.values()))
            found.vectors.update(zip(decoded, rows, strict=True))
        on_picture(min(start + _PICTURES, len(names)))
    return found


def copied(found: LookedAt) -> list[tuple[str, str]]:
    """Names of pictures that are near-duplicates of each other."""
    names = list(found.signatures)
    pairs = copies.linked(list(found.signatures.values()))
    return [(names[one], names[other]) for one, other in pairs]


def encode_texts(texts: Sequence[str], encoder: TextEncoder) -> dict[str, Vectors]:
    """Encode distinct texts as queries, which is what asks for pictures later."""
    distinct = list(dict.fromkeys(texts))
    found: dict[str, Vectors] = {}
    for start in range(0, len(distinct), _TEXTS):
        part = distinct[start : start + _TEXTS]
        found.update(zip(part, encoder.encode_queries(part), strict=True))
    return found


def link(
    pairs: Sequence[PicturePair], texts: dict[str, Vectors], pictures: dict[str, Vectors]
) -> Linked:
    """Put the vectors of pairs together, each picture and each text once.

    Raises:
        KeyError: If a vector is missing.
    """
    shown = {name: at for at, name in enumerate(dict.fromkeys(pair.picture for pair in pairs))}
    said = {text: at for at, text in enumerate(dict.fromkeys(pair.text for pair in pairs))}
    positive = np.zeros((len(shown), len(said)), dtype=bool)
    for pair in pairs:
        positive[shown[pair.picture], said[pair.text]] = True
    return Linked(
        _rows([pictures[name] for name in shown]), _rows([texts[text] for text in said]), positive
    )


def _rows(vectors: Sequence[Vectors]) -> Vectors:
    return np.stack(vectors) if vectors else np.empty((0, 0), dtype=np.float32)
