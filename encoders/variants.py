"""Options of an encoder behind its name: resolution of pictures, number format (`name+512px+bfloat16`).

Both are part of the name, and so of a space's identity: vectors of two resolutions are not comparable, and
what was made in 8 bits is not mixed with what was not. Without an option the number format is chosen by
memory where the model loads (`encoders.runtime.device`), and the resolution is the model's own, or, where one
picture of that size would not fit, the largest that does (`by_memory`).
"""

from __future__ import annotations

import re
from typing import Final, get_args

import msgspec

from encoders.errors import EncoderUnfit
from encoders.image import lite0
from encoders.multi import pooling
from encoders.runtime.device import USABLE, Format, Machine
from encoders.spec import EncoderSpec
from encoders.text.portable import graphs

_OPTION: Final = r"\+(?:[0-9]{1,6}px|pool[1-9]|float32|bfloat16|float16|int8)"
_NAME: Final = re.compile(rf"(.+?)((?:{_OPTION})+)(?:@[a-z]+)?(?::[0-9]+)?")
# The family whose pictures keep their number of pixels, up to a limit.
QWEN: Final = "qwen3-vl"
# Sides in pixels; below, nothing is left to see, and above, a picture takes minutes.
_LEAST, _MOST = 64, 2048
# Sides that are tried where memory is short, largest first.
_SIDES: Final = (1024, 768, 512, 384, 256)
# Numbers alive at once per place and unit of width while a layer of Qwen3-VL runs, in its two parts: the
# vision tower sees 16 x 16 pixels a place and is 1,024 wide, the language model four times as many.
_ALIVE: Final = 24
_VISION_WIDTH: Final = 1024


def split(name: str) -> tuple[str, tuple[str, ...]]:
    """Split a name from its options, `("siglip2-base", ("bfloat16",))`; `@pooling`, `:dim` are left out."""
    found = _NAME.fullmatch(name)
    if found is None:
        return name, ()
    return found[1], tuple(found[2].split("+")[1:])


def applied(spec: EncoderSpec, options: tuple[str, ...]) -> EncoderSpec:
    """Apply options to the spec of a model; its name says them.

    Raises:
        EncoderUnfit: If the model has no such option, or two contradict each other.
    """
    sides = [int(option[:-2]) for option in options if option.endswith("px")]
    factors = [int(option[4:]) for option in options if option.startswith("pool")]
    formats = [o for o in options if not o.endswith("px") and not o.startswith("pool")]
    if len(sides) > 1 or len(formats) > 1 or len(factors) > 1:
        raise EncoderUnfit(f"{spec.name}: {', '.join(options)} contradict each other")
    changed = msgspec.structs.replace(spec, name="+".join((spec.name, *options)))
    if sides:
        changed = _resized(changed, spec.name, sides[0])
    if factors:
        changed = _pooling(changed, spec.name, factors[0])
    if formats:
        changed = _formatted(changed, spec.name, formats[0])
    return changed


def by_memory(spec: EncoderSpec, parameters: int, on: Machine) -> EncoderSpec:
    """Choose the resolution of a new space's encoder: the model's own where one picture of it fits.

    Args:
        spec: Of a pulled model, its name without a resolution.
        parameters: Number of its weights.
        on: The machine.

    Returns:
        The same spec, or one of the largest resolution that fits, which its name then says.
    """
    if spec.family != QWEN or any(o.endswith("px") for o in split(spec.name)[1]):
        return spec
    room = max(
        [gpu.free * USABLE - 2 * parameters for gpu in on.gpus],
        default=on.free * USABLE - 4 * parameters,
    )
    _, most = _pixels(spec)
    if _picture_bytes(spec, most) <= room:
        return spec
    fits = [side for side in _SIDES if _picture_bytes(spec, side * side) <= room]
    return applied(spec, (f"{fits[0] if fits else _SIDES[-1]}px",))


def side(spec: EncoderSpec, own: int) -> int:
    """Side of the square that a picture is scaled to about as many pixels as, in pixels."""
    chosen = next((option for option in split(spec.name)[1] if option.endswith("px")), None)
    return own if chosen is None else int(chosen[:-2])


def number_format(spec: EncoderSpec) -> Format:
    """Number format that the name asks for; auto: whatever memory allows."""
    known: tuple[Format, ...] = get_args(Format)
    options = split(spec.name)[1]
    return next((each for each in known if each in options), "auto")


def _resized(changed: EncoderSpec, name: str, pixels: int) -> EncoderSpec:
    if not _LEAST <= pixels <= _MOST:
        raise EncoderUnfit(f"{name}: {pixels}px is not {_LEAST}px to {_MOST}px")
    if changed.family == QWEN:
        least, _ = _pixels(changed)
        told = f"min_pixels={min(least, pixels**2)} max_pixels={pixels**2}"
    elif changed.family == lite0.SPEC.family:
        told = changed.preparation.replace("224x224", f"{pixels}x{pixels}")
    else:
        raise EncoderUnfit(
            f"{name} reads pictures at the one size that it was trained with, or none.",
            "efficientnet-lite0 and the models of Qwen3-VL take +320px and the like",
        )
    return msgspec.structs.replace(changed, preparation=told)


def _pooling(changed: EncoderSpec, name: str, factor: int) -> EncoderSpec:
    if changed.kind != "multi":
        raise EncoderUnfit(
            f"{name} has one vector per text: there are no tokens to pool.",
            "models of late interaction take +pool2 and the like: `seogo models list`",
        )
    return msgspec.structs.replace(changed, pooling=pooling.named(factor))


def _formatted(changed: EncoderSpec, name: str, asked: str) -> EncoderSpec:
    if not changed.source or changed.family in ("e5-onnx", "projection", *graphs.KINDS):
        raise EncoderUnfit(
            f"{name} has one number format: it has no option {asked}.",
            "models from a hub take +float32, +bfloat16, +float16 and, on CUDA, +int8",
        )
    return changed


def _pixels(spec: EncoderSpec) -> tuple[int, int]:
    """Least and most pixels of a picture, of Qwen3-VL."""
    limits = dict(limit.split("=") for limit in spec.preparation.split())
    return int(limits["min_pixels"]), int(limits["max_pixels"])


def _picture_bytes(spec: EncoderSpec, pixels: int) -> int:
    """Bytes that one picture takes while it is encoded, in float32, about."""
    return 4 * _ALIVE * (spec.dim * pixels // 32**2 + _VISION_WIDTH * pixels // 16**2)
