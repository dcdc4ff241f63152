"""Registry of captioners: builds the chain that the settings name."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from encoders.captioning import openai
from encoders.captioning.base import Captioner
from encoders.captioning.chain import ChainCaptioner, LazyCaptioner
from encoders.chat import chat_server
from encoders.errors import EncoderUnfit, EncoderUnknown
from encoders.runtime.device import Format
from encoders.settings import CaptionSettings

SERVER = "openai"
LOCAL = "vlm:"
_FORMATS: dict[str, Format] = {"+8bit": "int8", "+4bit": "int4", "+bfloat16": "bfloat16"}


def build(
    settings: CaptionSettings,
    models_path: Path,
    *,
    threads: int | None = None,
    progress: Callable[[str], None] | None = None,
) -> ChainCaptioner | None:
    """Build the chain of captioners; each loads at its first use.

    Args:
        settings: Names of captioners, and the server.
        models_path: The model cache.
        threads: Threads a local model may use; None to decide.
        progress: Called with a line of text before slow work.

    Returns:
        The chain; None where captions are off.

    Raises:
        EncoderUnknown: If there is no captioner of such a name.
        EncoderUnfit: If `openai` is asked for without a URL and a model.
    """
    captioners: list[Captioner] = []
    for name in filter(None, map(str.strip, settings.captioners.split(","))):
        if name == SERVER:
            captioners.append(_by_server(settings))
        elif name.startswith(LOCAL):
            from encoders.captioning import vlm

            source, asked = _format(name.removeprefix(LOCAL))
            how = {"threads": threads, "progress": progress, "asked": asked}
            load = partial(vlm.load, source, models_path, **how)
            captioners.append(LazyCaptioner(name, load))
        else:
            raise EncoderUnknown(name, [SERVER, f"{LOCAL}org/name", f"{LOCAL}org/name+4bit"])
    return ChainCaptioner(captioners) if captioners else None


def _format(name: str) -> tuple[str, Format]:
    """Source of a local model, and the number format that its name ends in."""
    for suffix, asked in _FORMATS.items():
        if name.endswith(suffix):
            return name.removesuffix(suffix), asked
    return name, "auto"


def _by_server(settings: CaptionSettings) -> Captioner:
    if not settings.caption_url or not settings.caption_model:
        raise EncoderUnfit(
            "the captioner openai needs the server's URL and a model's name",
            "set SEOGO_CAPTION_URL and SEOGO_CAPTION_MODEL, or take openai out of SEOGO_CAPTIONERS",
        )
    return openai.OpenAiCaptioner(chat_server(settings, "caption"))
