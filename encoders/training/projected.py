"""Model folder of a trained projection: maps, spec, card and checksums."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec

from encoders.projection import files
from encoders.spec import EncoderSpec
from encoders.training.export import CARD, seal, table_rows
from encoders.training.projection import FittedMaps, ProjectionSettings

_CARD = """\
# Projection of {picture} and {text}

Texts and pictures in one space of {dim} dimensions, by maps over two frozen encoders. It needs both of
them as they were; nothing else. A picture is found by what its frozen encoder sees in it: not by small
print.

| | |
|---|---|
{about}

## Settings

| setting | value |
|---|---|
{settings}

## Use

    seogo train activate /path/to/this/folder --space sight --feed COLLECTION=@photo
"""


def write(
    folder: Path,
    fitted: FittedMaps,
    bases: tuple[EncoderSpec, EncoderSpec],
    settings: ProjectionSettings,
    about: Mapping[str, str],
) -> None:
    """Write the model into an empty folder; its revision is the digest of its files.

    Args:
        folder: made if absent.
        fitted: the maps.
        bases: specs of the frozen encoders of texts and of pictures.
        settings: of the run.
        about: lines of the card: data and quality.
    """
    folder.mkdir(parents=True)
    text, picture = bases
    dim = fitted.text.linear.shape[1]
    files.write(folder, files.described(text, picture, dim), fitted.text, fitted.picture)
    card = _CARD.format(
        text=text.name,
        picture=picture.name,
        dim=dim,
        about=table_rows(about),
        settings=table_rows(msgspec.to_builtins(settings)),
    )
    (folder / CARD).write_text(card, encoding="utf-8")
    seal(folder)
