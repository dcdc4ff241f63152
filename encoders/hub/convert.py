"""Rewrite pickled weights as safetensors, once: `python -m encoders.hub.convert FOLDER`.

Some models are published as `pytorch_model.bin` only. torch reads such a file with an unpickler
that builds tensors and nothing else; what it reads is written as `model.safetensors`.
"""

from __future__ import annotations

import pickle
import sys
from pathlib import Path

from encoders.errors import WeightsInvalid
from encoders.hub.specs import EXTRA
from encoders.runtime.optional import require

PICKLED = "pytorch_model.bin"
CONVERTED = "model.safetensors"


def to_safetensors(folder: Path) -> Path:
    """Write the safetensors file beside the pickled one, which stays.

    Returns:
        The file written.

    Raises:
        EncoderNotInstalled: If torch is absent.
        WeightsInvalid: If there is no pickled file, or it holds more than tensors.
    """
    source = folder / PICKLED
    if not source.is_file():
        raise WeightsInvalid(source, "there is no such file to convert")
    torch = require("torch", EXTRA)
    try:
        state = torch.load(source, map_location="cpu", weights_only=True)
    except (RuntimeError, ValueError, EOFError, pickle.UnpicklingError) as exc:
        raise WeightsInvalid(source, f"it holds something else than tensors: {exc}") from exc
    # Tied weights share memory, which the format has no way to say.
    tensors = {name: value.detach().clone().contiguous() for name, value in state.items()}
    target = folder / CONVERTED
    require("safetensors.torch", EXTRA).save_file(tensors, target, metadata={"format": "pt"})
    return target


if __name__ == "__main__":
    print(f"wrote {to_safetensors(Path(sys.argv[1]))}")
