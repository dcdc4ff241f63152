"""A chat model that judges, and what its answers cost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import msgspec

from encoders.chat import ChatClient, Usage

if TYPE_CHECKING:
    from encoders.chat import OpenAiSettings


class Prices(msgspec.Struct, frozen=True, kw_only=True):
    """Prices of a million tokens, in whatever currency the server bills.

    Attributes:
        read: of what it reads.
        written: of what it writes.
    """

    read: float = 0.0
    written: float = 0.0


class Chat:
    """Asks a server and counts tokens, of answers that were of no use too; use it in `with`."""

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
        """What the tokens so far cost by the prices."""
        usage = self.usage
        paid = (
            self._prices.read * usage.prompt_tokens + self._prices.written * usage.completion_tokens
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
        answer = self._client.ask(content, max_tokens)
        if answer.usage is not None:
            self.usage.prompt_tokens += answer.usage.prompt_tokens
            self.usage.completion_tokens += answer.usage.completion_tokens
        return answer.text
