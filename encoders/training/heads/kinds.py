"""Start of a run by kind: the base itself, or one with new layers over it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from encoders.errors import EncoderError
from encoders.hub import describe
from encoders.sparse.files import FAMILY
from encoders.training.heads import expansion, tokens, vocabulary
from encoders.training.settings import TrainSettings

START = "start"
# Families of `encoders.hub.describe` by kind.
_FAMILIES = {"single": "sentence-transformers", "multi": "multi-vector", "sparse": FAMILY}


class WrongKind(EncoderError):
    """The base is of another kind than is to be trained."""

    def __init__(self, detail: str, hint: str) -> None:
        self.hint = hint
        super().__init__(detail)


def refuse_another(settings: TrainSettings, folder: Path) -> None:
    """Refuse a base that is of another kind than the settings; reads configuration files only.

    Raises:
        WrongKind: If it is.
        WeightsInvalid: If it is no model of texts known here.
    """
    found = describe.family(folder)
    kind = next((kind for kind, family in _FAMILIES.items() if family == found), "single")
    if kind not in ("single", settings.kind):
        raise WrongKind(
            f"{folder} is a model of kind {kind}, and {settings.kind} is to be trained",
            f"--kind {kind}, or another base",
        )
    if settings.kind == "sparse" and kind == "single":
        vocabulary.refuse_unfit(folder, settings)


def start(
    settings: TrainSettings, base: Path, out: Path, passages: Sequence[str], texts: Sequence[str]
) -> Path:
    """Folder that training starts from: the base, or one with new layers over it in `out/start`.

    Args:
        settings: of the run.
        base: folder of a model, of this kind or of single vectors.
        out: folder of the run.
        passages: texts to learn from, by which new layers are set before the first step.
        texts: all that the vocabulary of kind sparse is to hold.
    """
    if settings.kind == "single" or describe.family(base) == _FAMILIES[settings.kind]:
        return base
    folder = out / START
    if settings.kind == "multi":
        tokens.write(base, folder, settings, passages)
    else:
        expansion.write(base, folder, settings, passages, texts)
    return folder
