"""Client of servers with OpenAI's chat protocol: vLLM, llama.cpp, Ollama, a vendor."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import httpx
import msgspec

from encoders.errors import EncoderError

_BUSY = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 529})
_FIRST_WAIT_S = 0.5
_LONGEST_WAIT_S = 20.0
_SHOWN = 200
_EVENTS = "text/event-stream"


class ChatFailed(EncoderError):
    """The server gave no usable answer."""

    def __init__(self, reason: str) -> None:
        # The reason alone: callers add what the request was for.
        Exception.__init__(self, reason)


class _FormatRefused(ChatFailed):
    """The server does not know `json_schema`, by its own words."""


class OpenAiSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Address of a server, and how long to wait for it.

    Attributes:
        url: Up to and including the version, such as `http://127.0.0.1:8000/v1`.
        model: The model's name there.
        key: Sent as bearer token; empty for none. Never shown.
        timeout_s: Longest wait for one answer, in seconds.
        retries: Further requests when the server is busy or out of reach.
    """

    url: str
    model: str
    key: str = ""
    timeout_s: float = 60.0
    retries: int = 3

    def __repr__(self) -> str:
        return f"OpenAiSettings(url={self.url!r}, model={self.model!r}, key=...)"


def chat_server(settings: msgspec.Struct, name: str, *, retries: int = 3) -> OpenAiSettings:
    """Take the server `name` of some settings: their NAME_url, NAME_model, NAME_key and NAME_timeout_s."""
    given = {
        key: getattr(settings, f"{name}_{key}") for key in ("url", "model", "key", "timeout_s")
    }
    return OpenAiSettings(**given, retries=retries)


class Message(msgspec.Struct):
    """Text of an answer."""

    content: str | None = None


class ChatChoice(msgspec.Struct):
    """One alternative answer."""

    message: Message
    finish_reason: str | None = None


class Usage(msgspec.Struct):
    """Tokens, as the server counts them."""

    prompt_tokens: int = 0
    completion_tokens: int = 0


class ChatAnswer(msgspec.Struct):
    """Response of a server."""

    choices: list[ChatChoice]
    usage: Usage | None = None

    @property
    def text(self) -> str:
        """Text of the first choice; may be empty."""
        return self.choices[0].message.content or ""

    @property
    def cut(self) -> bool:
        """Whether the text ends because it reached the longest length."""
        return self.choices[0].finish_reason == "length"


class _PieceChoice(msgspec.Struct):
    """Next piece of one alternative answer."""

    delta: Message = msgspec.field(default_factory=Message)
    finish_reason: str | None = None


class _Piece(msgspec.Struct):
    """A piece of an answer that comes as server-sent events."""

    choices: list[_PieceChoice] = []


class ChatClient:
    """Sends requests to a server; safe to call from several threads. Close it when done."""

    def __init__(
        self, settings: OpenAiSettings, *, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._settings = settings
        self._sleep = sleep
        headers = {"Content-Type": "application/json"}
        if settings.key:
            headers["Authorization"] = f"Bearer {settings.key}"
        self._client = httpx.Client(timeout=settings.timeout_s, headers=headers)
        self._knows_schemas = True

    def close(self) -> None:
        """Close its connections; no request may follow."""
        self._client.close()

    def ask(
        self,
        content: str | list[dict[str, Any]],
        max_tokens: int,
        on_text: Callable[[str], None] | None = None,
        **options: Any,
    ) -> ChatAnswer:
        """Send one message; the answer has at least one choice.

        Args:
            content: Text, or parts of text and pictures.
            max_tokens: Longest answer.
            on_text: Called with each piece of the answer as it comes; without it the answer comes whole.
            options: Further keys of the request.

        Raises:
            ChatFailed: If there is no usable answer after all retries.
        """
        body = {
            "messages": [{"role": "user", "content": content}],
            "max_tokens": max_tokens,
            "temperature": 0,
            "model": self._settings.model,
        }
        streamed = {"stream": True} if on_text else {}
        answer = self._request(body | options | streamed, on_text)
        if not answer.choices:
            raise self._failed("the answer has no choices")
        return answer

    def ask_json(
        self,
        content: str | list[dict[str, Any]],
        max_tokens: int,
        name: str,
        schema: dict[str, Any],
        on_text: Callable[[str], None] | None = None,
    ) -> ChatAnswer:
        """As `ask`; the text of the answer is JSON that fits a schema.

        `json_schema` is the protocol's; llama-cpp-python's server takes `json_object` with a schema.

        Args:
            content: Text, or parts of text and pictures.
            max_tokens: Longest answer.
            name: Of the schema.
            schema: JSON schema of the answer.
            on_text: Called with each piece of the answer as it comes; a broken answer fails all the same.
        """
        if self._knows_schemas:
            named = {"name": name, "strict": True, "schema": schema}
            try:
                return self.ask(
                    content,
                    max_tokens,
                    on_text,
                    response_format={"type": "json_schema", "json_schema": named},
                )
            except _FormatRefused:
                self._knows_schemas = False
        older = {"type": "json_object", "schema": schema}
        return self.ask(content, max_tokens, on_text, response_format=older)

    def _request(
        self, body: dict[str, Any], on_text: Callable[[str], None] | None = None
    ) -> ChatAnswer:
        url = f"{self._settings.url.rstrip('/')}/chat/completions"
        content = msgspec.json.encode(body)
        why, wait = "", 0.0
        for attempt in range(self._settings.retries + 1):
            if attempt:
                self._sleep(wait)
            wait = min(_FIRST_WAIT_S * 2**attempt, _LONGEST_WAIT_S)
            try:
                with self._client.stream("POST", url, content=content) as response:
                    if response.is_success and on_text:
                        return self._streamed(response, on_text)
                    response.read()
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
            after = response.headers.get("Retry-After", "")
            wait = min(float(after), _LONGEST_WAIT_S) if after.isdigit() else wait
        raise self._failed(f"asked {self._settings.retries + 1} times: {why}")

    def _streamed(self, response: httpx.Response, on_text: Callable[[str], None]) -> ChatAnswer:
        """Read an answer as it comes; it is not asked for again, since its beginning was passed on."""
        if not response.headers.get("Content-Type", "").startswith(_EVENTS):
            answer = self._parsed(response.read())  # of a server that cannot stream
            on_text(answer.text if answer.choices else "")
            return answer
        said, finish = [], None
        try:
            for line in response.iter_lines():
                data = line.removeprefix("data:").strip()
                if not line.startswith("data:") or data == "[DONE]":
                    continue
                for choice in msgspec.json.decode(data, type=_Piece).choices[:1]:
                    finish = choice.finish_reason or finish
                    if choice.delta.content:
                        said.append(choice.delta.content)
                        on_text(choice.delta.content)
        except (httpx.TransportError, msgspec.DecodeError) as exc:
            raise self._failed(f"the answer broke off: {type(exc).__name__}: {exc}") from exc
        return ChatAnswer([ChatChoice(Message("".join(said)), finish)])

    def _parsed(self, content: bytes) -> ChatAnswer:
        try:
            return msgspec.json.decode(content, type=ChatAnswer)
        except msgspec.DecodeError as exc:
            shown = content[:_SHOWN].decode(errors="replace")
            raise self._failed(f"the answer is not of this protocol ({exc}): {shown}") from exc

    def _failed(self, why: str) -> ChatFailed:
        reason = f"{self._settings.url}: {why}"
        # Servers like to repeat a key that they refuse.
        key = self._settings.key
        return ChatFailed(reason.replace(key, "...") if key else reason)
