"""Settings of models as data; the rooms above read them from the environment."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, assert_never

import msgspec
import platformdirs

Seconds = Annotated[float, msgspec.Meta(gt=0, le=86_400)]


class EncoderSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Settings of encoders.

    Attributes:
        models: folder of built models (`SEOGO_MODELS`); None = the user's cache folder.
        text_encoder: encoder of text spaces that do not exist yet (`SEOGO_TEXT_ENCODER`).
        image_encoder: the same for spaces of pictures (`SEOGO_IMAGE_ENCODER`).
        multimodal_encoder: the same for spaces of texts and pictures together
            (`SEOGO_MULTIMODAL_ENCODER`); no such model works without being pulled first.
        threads: threads one encode call may use (`SEOGO_THREADS`); None = one per core.
    """

    models: str | None = None
    text_encoder: str = "multilingual-e5-small"
    image_encoder: str = "efficientnet-lite0"
    multimodal_encoder: str = "qwen3-vl-embedding-2b"
    threads: Annotated[int, msgspec.Meta(ge=1)] | None = None

    def encoder_for(self, modality: Literal["text", "image", "multimodal"]) -> str:
        """Name of the encoder for new spaces of a modality."""
        match modality:
            case "text":
                return self.text_encoder
            case "image":
                return self.image_encoder
            case "multimodal":
                return self.multimodal_encoder
            case _:
                assert_never(modality)

    @property
    def models_path(self) -> Path:
        """Folder of built models."""
        if self.models:
            return Path(self.models).expanduser()
        return Path(platformdirs.user_cache_dir("seogo")) / "models"


class CaptionSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Settings of captions; none are made by default.

    Attributes:
        captioners: in the order of their use, separated by commas: `openai`, and local models as
            `vlm:org/name`. Empty: no captions.
        caption_url: of the server for `openai`, including its version.
        caption_model: name of the model there.
        caption_key: its API key, if it needs one; never shown.
        caption_timeout_s: longest wait for one answer, in seconds.
        caption_pictures: pictures of an item in one call at most; 1: each by itself, and no captions
            of items.
    """

    captioners: str = ""
    caption_url: str = ""
    caption_model: str = ""
    caption_key: str = ""
    caption_timeout_s: Seconds = 60.0
    caption_pictures: Annotated[int, msgspec.Meta(ge=1, le=64)] = 8

    def __repr__(self) -> str:
        return f"CaptionSettings(captioners={self.captioners!r}, caption_url={self.caption_url!r})"


class SummarySettings(msgspec.Struct, frozen=True, kw_only=True):
    """Settings of summaries of long texts; none are made by default.

    Attributes:
        summary_url: of a server with OpenAI's chat interface, including its version; empty: long
            texts are embedded window by window.
        summary_model: name of the model there.
        summary_key: its API key, if it needs one; never shown.
        summary_timeout_s: longest wait for one answer, in seconds.
        summary_tokens: texts of more tokens are summarised.
    """

    summary_url: str = ""
    summary_model: str = ""
    summary_key: str = ""
    summary_timeout_s: Seconds = 60.0
    summary_tokens: Annotated[int, msgspec.Meta(ge=1)] = 4000

    def __repr__(self) -> str:
        return f"SummarySettings(summary_url={self.summary_url!r}, summary_model={self.summary_model!r})"


class GuideSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Settings of guides to defects.

    Attributes:
        guide: `extractive` (the statements of the sections themselves, no model), `openai`, or a
            pulled language model as `local:org/name`.
        guide_url: of the server for `openai`, including its version.
        guide_model: name of the model there.
        guide_key: its API key, if it needs one; never shown.
        guide_timeout_s: longest wait for one answer, in seconds.
        look_url: of a server with OpenAI's chat interface whose model looks at abnormal pictures,
            including its version; empty: none does.
        look_model: name of the model there.
        look_key: its API key, if it needs one; never shown.
        look_timeout_s: longest wait for one answer, in seconds.
    """

    guide: str = "extractive"
    guide_url: str = ""
    guide_model: str = ""
    guide_key: str = ""
    guide_timeout_s: Seconds = 60.0
    look_url: str = ""
    look_model: str = ""
    look_key: str = ""
    look_timeout_s: Seconds = 60.0

    def __repr__(self) -> str:
        named = ("guide", "guide_url", "look_url")
        return f"GuideSettings({', '.join(f'{name}={getattr(self, name)!r}' for name in named)})"


class AnomalySettings(msgspec.Struct, frozen=True, kw_only=True):
    """Settings of new memory banks.

    Attributes:
        anomaly_backbone: `efficientnet-lite0` (offline), `efficientnet-lite0:mid`, or a pulled model
            that the transformers library knows as a backbone, `hf:org/name` or `file:/folder`.
    """

    anomaly_backbone: str = "efficientnet-lite0"
