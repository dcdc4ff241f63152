"""Captions by a server with OpenAI's chat protocol."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable, Sequence
from typing import Any

from encoders.base import Picture
from encoders.captioning.base import Caption, CaptionFailed, Prompt, checked_limit
from encoders.chat import ChatClient, ChatFailed, OpenAiSettings
from encoders.pictures import decoding

# Larger pictures cost the server tokens, and labels are legible at this size.
_LONGEST_SIDE = 1024


class OpenAiCaptioner:
    """Describes pictures with a server's model; safe to call from several threads."""

    def __init__(
        self, settings: OpenAiSettings, *, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self.name = f"openai:{settings.model}"  # a server does not tell its revision
        self._client = ChatClient(settings, sleep=sleep)

    def close(self) -> None:
        """See `Captioner.close`."""
        self._client.close()

    def caption(
        self, images: Sequence[Picture], prompt: Prompt, metadata: str = "", tokens: int = 0
    ) -> Caption:
        """See `Captioner.caption`."""
        limit = checked_limit(images, prompt, metadata, tokens)
        content: list[dict[str, Any]] = [
            {"type": "image_url", "image_url": {"url": data_url(image)}} for image in images
        ]
        content.append({"type": "text", "text": prompt.rendered(metadata)})
        started = time.monotonic()
        try:
            answer = self._client.ask(content, limit)
        except ChatFailed as exc:
            raise CaptionFailed(str(exc)) from exc
        return Caption(
            text=prompt.cleaned(answer.text, cut=answer.cut),
            captioner=self.name,
            prompt=prompt.identity,
            tokens=answer.usage.completion_tokens if answer.usage else 0,
            latency_ms=round((time.monotonic() - started) * 1000),
        )


def data_url(image: Picture) -> str:
    """A picture as a chat server takes it: a JPEG of at most 1,024 pixels, within the request."""
    encoded = base64.b64encode(decoding.thumbnail(image, _LONGEST_SIDE, "jpeg")).decode()
    return f"data:image/jpeg;base64,{encoded}"
