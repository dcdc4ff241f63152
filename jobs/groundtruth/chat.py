"""A chat model as judge, with the cost of its answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import msgspec

from encoders.chat import ChatClient, Usage

if TYPE_CHECKING:
    from encoders.chat import OpenAiSettings


class Prices(msgspec.Struct, frozen=True, kw_only=True):
    """Prices of a million tokens, in the server's currency."""

    read: float = 0.0
    written: float = 0.0


class Chat:
    """A chat client that counts all tokens; use it in `with`."""

    def __init__(
        self,
        settings: OpenAiSettings,
        prices: Prices | None = None,
        client: ChatClient | None = None,
    ) -> None:
        self.model = settings.model
        self.usage = Usage()
        self._prices = prices or Prices()
        self._client = client or ChatClient(settings)

    @property
    def cost(self) -> float:
        """Cost of the tokens so far."""
        usage, prices = self.usage, self._prices
        paid = prices.read * usage.prompt_tokens + prices.written * usage.completion_tokens
        return paid / 1_000_000

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def ask(self, content: list[dict[str, Any]], max_tokens: int) -> str:
        """Ask with one message of text and picture parts.

        Raises:
            ChatFailed: refused, or out of reach as often as the settings allow.
        """
        answer = self._client.ask(content, max_tokens)
        if answer.usage is not None:
            self.usage.prompt_tokens += answer.usage.prompt_tokens
            self.usage.completion_tokens += answer.usage.completion_tokens
        return answer.text
