"""The trained network: which weights are trained, and merging them into a plain model."""

from __future__ import annotations

import re
from pathlib import Path
from types import ModuleType
from typing import Any

from encoders.errors import WeightsInvalid
from encoders.runtime.optional import require
from encoders.training.heads.classes import CLASSES
from encoders.training.settings import TrainSettings

EXTRA = "train"
LORA_TARGETS = "all-linear"
# The pooler comes with BERT's architecture; vectors are pooled without it, so nothing there can be learned.
# Heads of words are trained themselves.
_UNUSED = r".*pooler.*|.*\.?(cls|lm_head)\..*"
# Names of the linear layers of a transformer that IA3 scales the outputs of: keys, values, and the
# widened layer of the feed-forward part, as BERT, XLM-RoBERTa, MPNet and Qwen call them.
_SCALED = r".*\.(key|value|k|v|k_proj|v_proj|intermediate\.dense|up_proj)"
_WIDENED = r".*\.(intermediate\.dense|up_proj)"
_WRAPPED = ".base_layer."
_ADDED = ("lora_", "ia3_", "ranknum")


def load(
    library: ModuleType,
    folder: Path,
    max_tokens: int | None,
    device: str,
    kind: str = "single",
    **kept: Any,
) -> Any:
    """Load a folder of sentence-transformers as it is, in float32; `kept` says otherwise.

    Raises:
        WeightsInvalid: If it gives passages and queries no prompts it was trained with by name.
    """
    torch = require("torch", EXTRA)
    model = CLASSES[kind].pick(library, "model")(
        str(folder),
        device=device,
        local_files_only=True,
        trust_remote_code=False,
        model_kwargs={"dtype": torch.float32, "use_safetensors": True, **kept},
    )
    if max_tokens is not None:
        model.max_seq_length = max_tokens
    return model


def load_trained(library: ModuleType, folder: Path, settings: TrainSettings, device: str) -> Any:
    """Load the network to train: for `qlora` its weights in 4 bits, else as `load`."""
    if settings.adapter != "qlora" or not settings.lora_rank:
        return load(library, folder, settings.max_tokens, device, settings.kind)
    torch = require("torch", EXTRA)
    four = require("transformers", EXTRA).BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=torch.bfloat16,
    )
    return load(
        library, folder, settings.max_tokens, device, settings.kind, quantization_config=four
    )


def prepare(model: Any, folder: Path, settings: TrainSettings, steps: int) -> int:
    """Freeze layers and add adapters as set; returns the number of trained weights.

    Args:
        model: the loaded network.
        folder: where it is from, for errors.
        settings: of the run.
        steps: of the whole run, over which `adalora` gives ranks to where they help.

    Raises:
        WeightsInvalid: If the network has fewer layers than are to be frozen, or no table of words.
    """
    network = model[0].auto_model
    body = getattr(network, "base_model", network)
    layers = _layers(body)
    if settings.frozen_layers and settings.frozen_layers >= len(layers):
        raise WeightsInvalid(folder, f"it has {len(layers)} layers, not all can be frozen")
    if settings.adapts:
        model.add_adapter(_adapter(settings, len(layers), steps))
    still = [network.get_input_embeddings()] if settings.freeze_words else []
    if settings.frozen_layers and not settings.adapts:
        still += [*layers[: settings.frozen_layers], getattr(body, "embeddings", None)]
    for part in still:
        if part is not None:
            part.requires_grad_(False)
    words = {id(p) for p in network.get_input_embeddings().parameters()}
    for name, weight in model.named_parameters():  # adapters froze them
        if is_head(name, settings) and id(weight) not in words:
            weight.requires_grad_(True)
    return sum(p.numel() for p in model.parameters() if p.requires_grad)


def is_head(name: str, settings: TrainSettings) -> bool:
    """Whether a parameter is of the layers that are new over a base."""
    pattern = CLASSES[settings.kind].head
    return bool(pattern) and re.search(pattern, name) is not None


def merged(library: ModuleType, trained: Any, base: Path, settings: TrainSettings) -> Any:
    """Base model with the trained weights, additions merged in.

    The 4-bit weights of `qlora` are not what is merged into: the additions are, into the base as it is.
    """
    peft = require("peft.tuners.tuners_utils", EXTRA)
    plain = load(library, base, None, "cpu", settings.kind)
    if settings.adapter == "qlora" and settings.lora_rank:
        state = trained[0].auto_model.get_adapter_state_dict()
        own = plain[0].auto_model
        plain.add_adapter(_adapter(settings, len(_layers(getattr(own, "base_model", own))), 1))
        own.load_state_dict({**own.state_dict(), **_named(state)}, strict=True)
        _copy_heads(trained, plain)
        trained, plain = plain, load(library, base, None, "cpu", settings.kind)
    for module in trained.modules():
        if isinstance(module, peft.BaseTunerLayer):
            module.merge()
    network = trained[0].auto_model
    state = {
        name.replace(_WRAPPED, "."): tensor
        for name, tensor in network.state_dict().items()
        if not any(added in name for added in _ADDED)
    }
    plain[0].auto_model.load_state_dict(state, strict=True)
    _copy_heads(trained, plain)
    return plain


def _copy_heads(trained: Any, plain: Any) -> None:
    """Copy the weights of the modules behind the network."""
    for ours, theirs in zip(list(plain)[1:], list(trained)[1:], strict=True):
        ours.load_state_dict(theirs.state_dict())


def _layers(network: Any) -> Any:
    """The layers of a network, as BERT or as decoders call them; empty where there are none."""
    found = getattr(getattr(network, "encoder", network), "layer", None)
    return getattr(network, "layers", []) if found is None else found


def _named(state: dict[str, Any]) -> dict[str, Any]:
    """Names of additions as a network has them, with the adapter's own."""
    return {name.replace(".weight", ".default.weight"): value for name, value in state.items()}


def _adapter(settings: TrainSettings, layers: int, steps: int) -> Any:
    """Build the configuration of the additions, as peft has it."""
    peft = require("peft", EXTRA)
    chosen = list(range(settings.frozen_layers, layers)) if settings.frozen_layers else None
    task = peft.TaskType.FEATURE_EXTRACTION
    if settings.adapter == "ia3":
        return peft.IA3Config(task_type=task, target_modules=_SCALED, feedforward_modules=_WIDENED)
    about: dict[str, Any] = {
        "task_type": task,
        "lora_alpha": settings.lora_alpha,
        "lora_dropout": settings.lora_dropout,
        "target_modules": LORA_TARGETS,
        "exclude_modules": _UNUSED,
        "layers_to_transform": chosen,
    }
    if settings.adapter == "adalora":
        # All ranks in the first tenth of the steps, the final ones in the last third.
        return peft.AdaLoraConfig(
            init_r=settings.lora_rank + settings.lora_rank // 2 + 1,
            target_r=settings.lora_rank,
            tinit=steps // 10,
            tfinal=steps // 3,
            total_step=steps,
            **about,
        )
    return peft.LoraConfig(r=settings.lora_rank, use_dora=settings.adapter == "dora", **about)
