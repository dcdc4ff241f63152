"""A chat model behind any server that speaks OpenAI's protocol, and what its answers cost."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Self

import httpx
import msgspec

from jobs.errors import JobError

if TYPE_CHECKING:
    from collections.abc import Callable

BUSY = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 529})
FIRST_WAIT_S = 0.5
SHOWN = 200


class ChatFailed(JobError):
    """The server gave no answer that can be used."""


class ChatSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Which server; prices are per million tokens, in whatever currency it bills.

    Attributes:
        url: up to and including the version, such as `http://127.0.0.1:8000/v1`.
        model: the model's name there.
        key: sent as bearer token; empty for none. Never shown.
        timeout_s: longest wait for one answer, in seconds.
        retries: how often it is asked again when it is busy or out of reach.
        price_in: of what it reads.
        price_out: of what it writes.
    """

    url: str
    model: str
    key: str = ""
    timeout_s: float = 60.0
    retries: int = 3
    price_in: float = 0.0
    price_out: float = 0.0

    def __repr__(self) -> str:
        return f"ChatSettings(url={self.url!r}, model={self.model!r}, key=...)"


class Usage(msgspec.Struct):
    """Tokens, as the server counts them."""

    prompt_tokens: int = 0
    completion_tokens: int = 0


class _Message(msgspec.Struct):
    content: str | None = None


class _Choice(msgspec.Struct):
    message: _Message


class _Answer(msgspec.Struct):
    choices: list[_Choice]
    usage: Usage | None = None


class Chat:
    """Asks a server and counts tokens, of answers that were of no use too; use it in `with`."""

    def __init__(
        self, settings: ChatSettings, *, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._settings = settings
        self._sleep = sleep
        headers = {"Authorization": f"Bearer {settings.key}"} if settings.key else {}
        self._client = httpx.Client(timeout=settings.timeout_s, headers=headers)
        self.usage = Usage()

    @property
    def model(self) -> str:
        """The model's name at the server."""
        return self._settings.model

    @property
    def cost(self) -> float:
        """What the tokens so far cost by the prices in the settings."""
        settings, usage = self._settings, self.usage
        paid = (
            settings.price_in * usage.prompt_tokens + settings.price_out * usage.completion_tokens
        )
        return paid / 1_000_000

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def ask(self, content: list[dict[str, Any]], max_tokens: int) -> str:
        """The answer to one message of text and picture parts.

        Raises:
            ChatFailed: refused, or out of reach as often as the settings allow.
        """
        body = {
            "model": self._settings.model,
            "messages": [{"role": "user", "content": content}],
            "max_tokens": max_tokens,
            "temperature": 0,
        }
        answer = self._parsed(self._posted(body))
        if answer.usage is not None:
            self.usage.prompt_tokens += answer.usage.prompt_tokens
            self.usage.completion_tokens += answer.usage.completion_tokens
        return (answer.choices[0].message.content or "") if answer.choices else ""

    def _posted(self, body: dict[str, Any]) -> bytes:
        url, why = f"{self._settings.url.rstrip('/')}/chat/completions", ""
        for attempt in range(self._settings.retries + 1):
            if attempt:
                self._sleep(FIRST_WAIT_S * 2 ** (attempt - 1))
            try:
                response = self._client.post(url, json=body)
            except httpx.TransportError as exc:
                why = f"{type(exc).__name__}: {exc}"
                continue
            if response.is_success:
                return response.content
            why = f"status {response.status_code}: {response.text[:SHOWN]}"
            if response.status_code not in BUSY:
                break
        raise self._failed(why)

    def _parsed(self, content: bytes) -> _Answer:
        try:
            return msgspec.json.decode(content, type=_Answer)
        except msgspec.DecodeError as exc:
            shown = content[:SHOWN].decode(errors="replace")
            raise self._failed(f"the answer is not of this protocol ({exc}): {shown}") from exc

    def _failed(self, why: str) -> ChatFailed:
        told = f"{self._settings.url}: {why}"
        # Servers like to repeat a key that they refuse.
        return ChatFailed(told.replace(self._settings.key, "...") if self._settings.key else told)
