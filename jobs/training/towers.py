"""Training of the towers of CLIP and SigLIP models: pairs to a merged model, measured before and after."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from encoders.training import frozen, runfolder, towers
from encoders.training.export import MODEL
from encoders.training.projection import average_precision
from jobs.training import sight
from jobs.training.picturequality import Quality, measured, refuse_taken
from jobs.types import OnStep, silent

if TYPE_CHECKING:
    from pathlib import Path

    from encoders.settings import EncoderSettings
    from encoders.training.towers import TowerRun
    from encoders.training.towersettings import TowerSettings
    from jobs.training.sight import PicturePairs, PictureParts


class TowerResult(msgspec.Struct, frozen=True, kw_only=True):
    """Result of a run.

    Attributes:
        folder: `file:` before it names the encoder.
        pictures: learned from.
        texts: learned from.
        refused: pictures that could not be read.
        leaked: held-out pairs that were left out, because they show what was learned from.
        weights: how many numbers were trained.
        steps: optimiser steps done.
        passes: passes that are in the model; 0: training did not help on the held-out pairs.
        before: the base on items that were not learned from; None where none were held out.
        after: the trained model on the same.
    """

    folder: str
    pictures: int
    texts: int
    refused: int
    leaked: int
    weights: int
    steps: int
    passes: int
    before: Quality | None
    after: Quality | None


def train(
    chosen: TowerSettings,
    given: PicturePairs,
    held: PicturePairs | None,
    *,
    fraction: float,
    encoders: EncoderSettings,
    out: Path,
    tell: OnStep = silent,
) -> TowerResult:
    """Train the towers on pairs, measure them on held-out items, and write the model to `out/model`.

    Raises:
        NoPairs: there are too few pictures, or none can be read.
        FolderTaken: the folder holds a model.
        EncoderError: the base is absent or no such model, or a package is.
    """
    refuse_taken(out)
    run = towers.start(chosen, encoders.models_path, encoders.threads)
    names, load = sight.either(given, held)
    looked = frozen.look_at(names, load, None, lambda n: tell("reading pictures", n, len(names)))
    shares = {"fraction": fraction, "valid": chosen.valid}
    parts = sight.parts(given, held, looked, **shares, seed=chosen.seed)
    before = _quality(run, parts, load, chosen.seed)
    trained = towers.fit(
        chosen, run, parts.learned, parts.valid, load,
        lambda step, of, lost: tell(f"loss {lost:.4f}", step, of),
    )  # fmt: skip
    result = TowerResult(
        folder=str((out / MODEL).resolve()),
        pictures=len({pair.picture for pair in parts.learned}),
        texts=len({pair.text for pair in parts.learned}),
        refused=len(looked.refused),
        leaked=parts.leaked,
        weights=trained.weights,
        steps=trained.steps,
        passes=trained.passes,
        before=before,
        after=_quality(run, parts, load, chosen.seed),
    )
    about = {"pictures": f"{result.pictures:,}", "texts": f"{result.texts:,}"}
    if result.after is not None:
        about |= {"before": str(before), "after": str(result.after)}
    towers.export(run, trained, out / MODEL, about)
    for name, value in ((runfolder.SETTINGS, chosen), (runfolder.RESULT, result)):
        (out / name).write_bytes(msgspec.json.format(msgspec.json.encode(value), indent=2))
    return result


def _quality(run: TowerRun, parts: PictureParts, load: frozen.Load, seed: int) -> Quality | None:
    if not parts.test:
        return None
    given = towers.vectors(run, parts.test, load)
    return measured(average_precision(given), given, parts, seed)
