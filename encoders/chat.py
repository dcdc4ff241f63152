"""Any server that speaks OpenAI's chat protocol: vLLM, llama.cpp, Ollama, a vendor."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import httpx
import msgspec

from encoders.errors import EncoderError

if TYPE_CHECKING:
    from collections.abc import Callable

_BUSY = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 529})
_FIRST_WAIT_S = 0.5
_LONGEST_WAIT_S = 20.0
_SHOWN = 200


class ChatFailed(EncoderError):
    """The server gave no answer that can be used."""

    def __init__(self, reason: str) -> None:
        # The reason alone: those who ask say what it was for.
        Exception.__init__(self, reason)


class _FormatRefused(ChatFailed):
    """The server does not know `json_schema`, by its own words."""


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


class Message(msgspec.Struct):
    """What was said."""

    content: str | None = None


class ChatChoice(msgspec.Struct):
    """One answer of those asked for."""

    message: Message
    finish_reason: str | None = None


class Usage(msgspec.Struct):
    """Tokens, as the server counts them."""

    prompt_tokens: int = 0
    completion_tokens: int = 0


class ChatAnswer(msgspec.Struct):
    """What a server answers."""

    choices: list[ChatChoice]
    usage: Usage | None = None


class ChatClient:
    """Asks a server; safe to call from several threads. Close it when done."""

    def __init__(
        self, settings: OpenAiSettings, *, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._settings = settings
        self._sleep = sleep
        headers = {"Authorization": f"Bearer {settings.key}"} if settings.key else {}
        self._client = httpx.Client(timeout=settings.timeout_s, headers=headers)
        self._knows_schemas = True

    def close(self) -> None:
        """Close its connections; it is not asked again."""
        self._client.close()

    def ask(self, body: dict[str, Any]) -> ChatAnswer:
        """The answer, with at least one choice, after as many attempts as the settings allow.

        Args:
            body: The request, without the model's name.

        Raises:
            ChatFailed: If there is none.
        """
        answer = self._asked(body | {"model": self._settings.model})
        if not answer.choices:
            raise self._failed("the answer has no choices")
        return answer

    def ask_json(self, body: dict[str, Any], name: str, schema: dict[str, Any]) -> ChatAnswer:
        """The answer as JSON of a schema, in the way of the protocol or in that of older servers.

        `json_schema` is the protocol's; llama-cpp-python's server takes `json_object` with a schema.

        Args:
            body: The request, without the model's name and the format.
            name: Of the schema.
            schema: JSON schema of the answer.

        Raises:
            ChatFailed: If there is none.
        """
        if self._knows_schemas:
            told = {"name": name, "strict": True, "schema": schema}
            by_protocol = {"type": "json_schema", "json_schema": told}
            try:
                return self.ask(body | {"response_format": by_protocol})
            except _FormatRefused:
                self._knows_schemas = False
        return self.ask(body | {"response_format": {"type": "json_object", "schema": schema}})

    def _asked(self, body: dict[str, Any]) -> ChatAnswer:
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
            if "json_schema" in response.text:
                raise _FormatRefused(str(self._failed(why)))
            if response.status_code not in _BUSY:
                raise self._failed(why)
            wait = _told_wait(response, wait)
        raise self._failed(f"asked {self._settings.retries + 1} times: {why}")

    def _parsed(self, content: bytes) -> ChatAnswer:
        try:
            return msgspec.json.decode(content, type=ChatAnswer)
        except msgspec.DecodeError as exc:
            shown = content[:_SHOWN].decode(errors="replace")
            raise self._failed(f"the answer is not of this protocol ({exc}): {shown}") from exc

    def _failed(self, why: str) -> ChatFailed:
        told = f"{self._settings.url}: {why}"
        # Servers like to repeat a key that they refuse.
        return ChatFailed(told.replace(self._settings.key, "...") if self._settings.key else told)


def _told_wait(response: httpx.Response, otherwise: float) -> float:
    """Seconds the server asks to wait, within reason."""
    asked = response.headers.get("Retry-After", "")
    return min(float(asked), _LONGEST_WAIT_S) if asked.isdigit() else otherwise
