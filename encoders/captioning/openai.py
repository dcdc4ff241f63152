"""Captions from any server that speaks OpenAI's chat protocol: vLLM, llama.cpp, Ollama, a vendor."""

from __future__ import annotations

import base64
import time
from typing import TYPE_CHECKING, Any

import httpx
import msgspec

from encoders import pictures
from encoders.captioning.base import Caption, CaptionFailed, one_line
from encoders.captioning.budget import budget

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from encoders.base import Picture
    from encoders.captioning.base import Prompt

# Larger pictures cost the server tokens, and labels are legible at this size.
_LONGEST_SIDE = 1024
_BUSY = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 529})
_FIRST_WAIT_S = 0.5
_LONGEST_WAIT_S = 20.0
_SHOWN = 200


class OpenAiSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Which server, and how long to be patient with it.

    Attributes:
        url: Up to and including the version, such as `http://127.0.0.1:8000/v1`.
        model: The model's name there.
        key: Sent as bearer token; empty for none. Never shown.
        timeout_s: Longest wait for one answer, in seconds.
        retries: How often it is asked again when it is busy or out of reach.

    """

    url: str
    model: str
    key: str = ""
    timeout_s: float = 60.0
    retries: int = 3

    def __repr__(self) -> str:
        return f"OpenAiSettings(url={self.url!r}, model={self.model!r}, key=...)"


class _Message(msgspec.Struct):
    content: str | None = None


class _Choice(msgspec.Struct):
    message: _Message
    finish_reason: str | None = None


class _Usage(msgspec.Struct):
    completion_tokens: int = 0


class _Answer(msgspec.Struct):
    choices: list[_Choice]
    usage: _Usage | None = None


class OpenAiCaptioner:
    """Asks a server; safe to call from several threads. Close it when done."""

    def __init__(
        self, settings: OpenAiSettings, *, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._settings = settings
        self._sleep = sleep
        headers = {"Authorization": f"Bearer {settings.key}"} if settings.key else {}
        self._client = httpx.Client(timeout=settings.timeout_s, headers=headers)

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
        pictures.check(images)
        limit = tokens or budget(images, metadata, prompt.max_tokens)
        started = time.monotonic()
        answer = self._asked(self._body(images, prompt.rendered(metadata), limit))
        if not answer.choices:
            raise self._failed("the answer has no choices")
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
            "model": self._settings.model,
            "messages": [{"role": "user", "content": content}],
            "max_tokens": limit,
            "temperature": 0,
        }

    def _asked(self, body: dict[str, Any]) -> _Answer:
        """The answer, after as many attempts as the settings allow."""
        url = f"{self._settings.url.rstrip('/')}/chat/completions"
        content = msgspec.json.encode(body)
        headers = {"Content-Type": "application/json"}
        why, wait = "", 0.0
        for attempt in range(self._settings.retries + 1):
            if attempt:
                self._sleep(wait)
            wait = min(_FIRST_WAIT_S * 2**attempt, _LONGEST_WAIT_S)
            try:
                response = self._client.post(url, content=content, headers=headers)
            except httpx.TransportError as exc:  # refused, broken off, or too slow
                why = f"{type(exc).__name__}: {exc}"
                continue
            if response.is_success:
                return self._parsed(response.content)
            why = f"status {response.status_code}: {response.text[:_SHOWN]}"
            if response.status_code not in _BUSY:
                raise self._failed(why)
            wait = _told_wait(response, wait)
        raise self._failed(f"asked {self._settings.retries + 1} times: {why}")

    def _parsed(self, content: bytes) -> _Answer:
        try:
            return msgspec.json.decode(content, type=_Answer)
        except msgspec.DecodeError as exc:
            shown = content[:_SHOWN].decode(errors="replace")
            raise self._failed(f"the answer is not of this protocol ({exc}): {shown}") from exc

    def _failed(self, why: str) -> CaptionFailed:
        told = f"{self._settings.url}: {why}"
        # Servers like to repeat a key that they refuse.
        return CaptionFailed(
            told.replace(self._settings.key, "...") if self._settings.key else told
        )


def _data_url(image: Picture) -> str:
    encoded = base64.b64encode(pictures.thumbnail(image, _LONGEST_SIDE, "jpeg")).decode()
    return f"data:image/jpeg;base64,{encoded}"


def _told_wait(response: httpx.Response, otherwise: float) -> float:
    """Seconds the server asks to wait, within reason."""
    asked = response.headers.get("Retry-After", "")
    return min(float(asked), _LONGEST_WAIT_S) if asked.isdigit() else otherwise
