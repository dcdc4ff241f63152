"""Training of a projection: pairs to frozen vectors, maps, figures on unseen items, a model folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from encoders import registry
from encoders.errors import EncoderUnfit
from encoders.training import frozen, log, projected, runfolder
from encoders.training.export import MODEL
from encoders.training.projection import fit, precision
from jobs.training import sight
from jobs.training.picturequality import Quality, measured, refuse_taken
from jobs.types import OnStep, silent

if TYPE_CHECKING:
    from pathlib import Path

    from encoders.settings import EncoderSettings
    from encoders.spec import EncoderSpec
    from encoders.training.frozen import LookedAt
    from encoders.training.projection import FittedMaps, Linked, ProjectionSettings
    from jobs.training.sight import PicturePairs, PictureParts


class ProjectionResult(msgspec.Struct, frozen=True, kw_only=True):
    """Result of a run.

    Attributes:
        folder: `file:` before it names the encoder.
        pictures: learned from.
        texts: learned from.
        joined: groups that were joined, because they show the same picture or nearly.
        refused: pictures that could not be read.
        leaked: held-out pairs that were left out, because they show what was learned from.
        ridge: strength of the regression.
        epochs: contrastive passes that are in the model.
        regression: precision on the valid pairs after the regression.
        valid: the same of the model.
        test: on items that neither were learned from nor chosen by; None where none were held out.
    """

    folder: str
    pictures: int
    texts: int
    joined: int
    refused: int
    leaked: int
    ridge: float
    epochs: int
    regression: float
    valid: float
    test: Quality | None


def train(
    chosen: ProjectionSettings,
    given: PicturePairs,
    held: PicturePairs | None,
    *,
    fraction: float,
    encoders: EncoderSettings,
    out: Path,
    tell: OnStep = silent,
) -> ProjectionResult:
    """Learn a projection from pairs, measure it on held-out items, and write it to `out/model`.

    Without held-out pairs, a fraction of the groups is held out; of the others the settings' `valid` share
    is what the maps are chosen by.

    Raises:
        NoPairs: there are too few pictures, or none can be read.
        FolderTaken: the folder holds a model.
        EncoderError: a frozen encoder is absent, or is no such one.
    """
    refuse_taken(out)
    text, picture = _specs(chosen, encoders)
    args = (encoders.models_path, encoders.threads, lambda line: tell(line, 0, 0))
    eyes = registry.build_images(picture, *args)
    names, load = sight.either(given, held)
    looked = frozen.look_at(names, load, eyes, lambda n: tell("encoding pictures", n, len(names)))
    shares = {"fraction": fraction, "valid": chosen.valid}
    parts = sight.parts(given, held, looked, **shares, seed=chosen.seed)
    tell("encoding texts", 0, 0)
    said = [pair.text for pair in (*parts.learned, *parts.valid, *parts.test)]
    texts = frozen.encode_texts(said, registry.build(text, *args))
    learned, valid, test = (
        frozen.link(pairs, texts, looked.vectors)
        for pairs in (parts.learned, parts.valid, parts.test)
    )
    fitted = _fit(chosen, learned, valid, out, tell)
    result = _result(out, looked, parts, (learned, test), fitted, chosen.seed)
    projected.write(out / MODEL, fitted, (text, picture), chosen, _about(result))
    (out / runfolder.RESULT).write_bytes(msgspec.json.format(msgspec.json.encode(result)))
    return result


def _specs(
    chosen: ProjectionSettings, encoders: EncoderSettings
) -> tuple[EncoderSpec, EncoderSpec]:
    text = registry.spec(chosen.text_encoder, encoders.models_path)
    picture = registry.spec(chosen.image_encoder, encoders.models_path)
    for spec, other, needed in ((text, "image", "texts"), (picture, "text", "pictures")):
        if spec.modality == other or spec.family == "projection":
            raise EncoderUnfit(f"{spec.name} is no frozen encoder of {needed}.")
    return text, picture


def _fit(
    chosen: ProjectionSettings, learned: Linked, valid: Linked, out: Path, tell: OnStep
) -> FittedMaps:
    out.mkdir(parents=True, exist_ok=True)
    written = msgspec.json.format(msgspec.json.encode(chosen), indent=2)
    (out / runfolder.SETTINGS).write_bytes(written)
    journal = log.JsonLog(out / log.LOG, silent)
    journal.resume(0)

    def on_epoch(epoch: int, lost: float, reached: float | None) -> None:
        journal.add(epoch, float(epoch), {"loss": lost})
        about = "" if reached is None else f", precision {reached:.3f}"
        tell(f"loss {lost:.4f}{about}", epoch, chosen.epochs)

    return fit(chosen, learned, valid, on_epoch)


def _result(
    out: Path,
    looked: LookedAt,
    parts: PictureParts,
    given: tuple[Linked, Linked],
    fitted: FittedMaps,
    seed: int,
) -> ProjectionResult:
    """Measure the maps on the test pairs; `given` are the vectors to learn from and to test by."""
    learned, test = given
    quality = None
    if parts.test:
        quality = measured(precision(fitted.text, fitted.picture, test), test, parts, seed)
    return ProjectionResult(
        folder=str((out / MODEL).resolve()),
        pictures=len(learned.pictures),
        texts=len(learned.texts),
        joined=parts.joined,
        refused=len(looked.refused),
        leaked=parts.leaked,
        ridge=fitted.ridge,
        epochs=fitted.epochs,
        regression=fitted.start,
        valid=fitted.best,
        test=quality,
    )


def _about(result: ProjectionResult) -> dict[str, str]:
    told = {
        "pictures": f"{result.pictures:,}",
        "texts": f"{result.texts:,}",
        "precision on the valid items": f"{result.valid:.3f}",
    }
    return told | ({} if result.test is None else {"unseen items": str(result.test)})
