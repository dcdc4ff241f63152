"""Captions from any server that speaks OpenAI's chat protocol: vLLM, llama.cpp, Ollama, a vendor."""

from __future__ import annotations

import base64
import time
from typing import TYPE_CHECKING, Any

from encoders.captioning.base import Caption, CaptionFailed, one_line
from encoders.captioning.budget import budget
from encoders.chat import ChatClient, ChatFailed
from encoders.pictures import decoding

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from encoders.base import Picture
    from encoders.captioning.base import Prompt
    from encoders.chat import OpenAiSettings

# Larger pictures cost the server tokens, and labels are legible at this size.
_LONGEST_SIDE = 1024


class OpenAiCaptioner:
    """Asks a server; safe to call from several threads. Close it when done."""

    def __init__(
        self, settings: OpenAiSettings, *, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._settings = settings
        self._client = ChatClient(settings, sleep=sleep)

    @property
    def name(self) -> str:
        """Kind and model; a server does not tell its revision."""
        return f"openai:{self._settings.model}"

    def close(self) -> None:
        """See `Captioner.close`."""
        self._client.close()

    def caption(
        self, images: Sequence[Picture], prompt: Prompt, metadata: str = "", tokens: int = 0
    ) -> Caption:
        """See `Captioner.caption`."""
        if not images:
            raise ValueError("there is no picture to describe")
        decoding.check(images)
        limit = tokens or budget(images, metadata, prompt.max_tokens)
        started = time.monotonic()
        try:
            answer = self._client.ask(self._body(images, prompt.rendered(metadata), limit))
        except ChatFailed as exc:
            raise CaptionFailed(str(exc)) from exc
        said = answer.choices[0]
        return Caption(
            text=one_line(said.message.content or "", cut=said.finish_reason == "length"),
            captioner=self.name,
            prompt=prompt.identity,
            tokens=answer.usage.completion_tokens if answer.usage else 0,
            latency_ms=round((time.monotonic() - started) * 1000),
        )

    def _body(self, images: Sequence[Picture], text: str, limit: int) -> dict[str, Any]:
        urls = (_data_url(image) for image in images)
        content: list[dict[str, Any]] = [
            {"type": "image_url", "image_url": {"url": url}} for url in urls
        ]
        content.append({"type": "text", "text": text})
        return {
            "messages": [{"role": "user", "content": content}],
            "max_tokens": limit,
            "temperature": 0,
        }


def _data_url(image: Picture) -> str:
    encoded = base64.b64encode(decoding.thumbnail(image, _LONGEST_SIDE, "jpeg")).decode()
    return f"data:image/jpeg;base64,{encoded}"
