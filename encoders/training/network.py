"""The trained network: which weights are trained, and merging them into a plain model."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

from encoders.errors import WeightsInvalid
from encoders.runtime.optional import require
from encoders.training.settings import TrainSettings

EXTRA = "train"
LORA_TARGETS = "all-linear"
_WRAPPED = ".base_layer."


def load(library: ModuleType, folder: Path, max_tokens: int | None, device: str) -> Any:
    """Load a sentence-transformers folder as it is, in float32.

    Raises:
        WeightsInvalid: If it gives passages and queries no prompts it was trained with by name.
    """
    torch = require("torch", EXTRA)
    model = library.SentenceTransformer(
        str(folder),
        device=device,
        local_files_only=True,
        trust_remote_code=False,
        model_kwargs={"dtype": torch.float32, "use_safetensors": True},
    )
    if max_tokens is not None:
        model.max_seq_length = max_tokens
    return model


def prepare(model: Any, folder: Path, settings: TrainSettings) -> int:
    """Freeze layers and add adapters as set; returns the number of trained weights.

    Raises:
        WeightsInvalid: If the network has fewer layers than are to be frozen, or no table of words.
    """
    network = model[0].auto_model
    layers = getattr(getattr(network, "encoder", network), "layer", None)
    if layers is None:
        layers = getattr(network, "layers", [])
    if settings.frozen_layers and settings.frozen_layers >= len(layers):
        raise WeightsInvalid(folder, f"it has {len(layers)} layers, not all can be frozen")
    if settings.lora_rank:
        model.add_adapter(_lora(settings, len(layers)))
    still = [network.get_input_embeddings()] if settings.freeze_words else []
    if settings.frozen_layers and not settings.lora_rank:
        still += [*layers[: settings.frozen_layers], getattr(network, "embeddings", None)]
    for part in still:
        if part is not None:
            part.requires_grad_(False)
    return sum(p.numel() for p in model.parameters() if p.requires_grad)


def merged(library: ModuleType, trained: Any, base: Path) -> Any:
    """Base model with the trained weights, LoRA adapters merged in."""
    peft = require("peft.tuners.tuners_utils", EXTRA)
    for module in trained.modules():
        if isinstance(module, peft.BaseTunerLayer):
            module.merge()
    network = trained[0].auto_model
    state = {
        name.replace(_WRAPPED, "."): tensor
        for name, tensor in network.state_dict().items()
        if "lora_" not in name
    }
    plain = load(library, base, None, "cpu")
    plain[0].auto_model.load_state_dict(state, strict=True)
    return plain


def _lora(settings: TrainSettings, layers: int) -> Any:
    peft = require("peft", EXTRA)
    chosen = list(range(settings.frozen_layers, layers)) if settings.frozen_layers else None
    return peft.LoraConfig(
        task_type=peft.TaskType.FEATURE_EXTRACTION,
        r=settings.lora_rank,
        lora_alpha=settings.lora_alpha,
        lora_dropout=settings.lora_dropout,
        target_modules=LORA_TARGETS,
        layers_to_transform=chosen,
    )
