"""Export of encoders to ONNX, compared with what they were exported from before anybody serves them."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from encoders import registry
from encoders.errors import EncoderUnfit
from encoders.hub import models
from encoders.sparse.files import FAMILY
from encoders.text.portable import export

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from encoders.text.portable.export import Parity

FAMILIES = ("sentence-transformers", "multi-vector", FAMILY)
# Of both languages, short and long, for those who give none of their own.
TEXTS = (
    "진공 펌프에서 기름이 샌다",
    "계약은 서면으로 해지할 수 있다. 다만, 상대방이 동의한 때에는 그러하지 아니하다.",
    "고의 또는 과실로 인한 위법행위로 타인에게 손해를 가한 자는 그 손해를 배상할 책임이 있다.",
    "두 점 A(2, 3), B(-1, 4)를 지나는 일차함수의 그래프의 기울기를 구하시오.",
    "hydraulic pump, 24 V",
    "The reagent was stored at 4 °C for two weeks and lost half of its activity.",
    "A dry vacuum pump evacuates the load lock; replace the tip seal when the base pressure rises.",
    "Patients with elevated serum lactate had a higher mortality than those without.",
)


def checked_export(name: str, into: Path, models_path: Path, texts: Sequence[str] = ()) -> Parity:
    """Export an encoder and compare its vectors; a folder that differs too much is removed.

    Raises:
        EncoderUnfit: it is no sentence-transformers model, cannot be exported, or differs too much.
        EncoderError: the model is not here, or a package is absent.
    """
    spec = registry.spec(name, models_path)
    if spec.family not in FAMILIES:
        raise EncoderUnfit(
            f"{name} is of the family {spec.family}; {', '.join(FAMILIES)} models are exported.",
            "the offline models are ONNX already",
        )
    export.export(models.folder(spec.source, models_path), spec, into)
    made = registry.spec(f"file:{into.resolve()}", models_path)
    exported = registry.build(made, models_path)
    found = export.parity(
        exported, registry.build(spec, models_path, device="cpu"), list(texts or TEXTS)
    )
    if not found.good:
        shutil.rmtree(into)
        raise EncoderUnfit(
            f"the vectors of the export differ too much and it was removed: {found}.",
            "serve the model with torch as it is",
        )
    return found
