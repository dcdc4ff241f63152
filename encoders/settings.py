"""Which encoders to use, as data; the rooms above read it from the environment."""

from __future__ import annotations

from pathlib import Path

import msgspec
import platformdirs


class EncoderSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Settings shared by everything that encodes.

    Attributes:
        models: folder of built models (`SEOGO_MODELS`); None = the user's cache folder.
        text_encoder: encoder of text spaces that do not exist yet (`SEOGO_TEXT_ENCODER`).
        threads: threads one encode call may use (`SEOGO_THREADS`); None = one per core.

    """

    models: str | None = None
    text_encoder: str = "multilingual-e5-small"
    threads: int | None = None

    @property
    def models_path(self) -> Path:
        """Folder of built models."""
        if self.models:
            return Path(self.models).expanduser()
        return Path(platformdirs.user_cache_dir("seogo")) / "models"
