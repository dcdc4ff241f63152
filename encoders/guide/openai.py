"""Guides by a server with OpenAI's chat protocol."""

from __future__ import annotations

import time
from collections.abc import Callable

from encoders.chat import ChatClient, ChatFailed, OpenAiSettings
from encoders.guide.base import Case, Guide, GuideFailed, GuideSource
from encoders.guide.checked import MAX_TOKENS, guide, prompt, schema


class OpenAiWriter:
    """Writes guides with a server's model, as JSON of a schema; safe to call from several threads."""

    def __init__(
        self, settings: OpenAiSettings, *, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self.name = f"openai:{settings.model}"
        self._client = ChatClient(settings, sleep=sleep)

    def close(self) -> None:
        """See `Writer.close`."""
        self._client.close()

    def write(self, case: Case, sources: list[GuideSource]) -> Guide:
        """See `Writer.write`."""
        try:
            answer = self._client.ask_json(
                prompt(case, sources), MAX_TOKENS, "guide", schema(sources)
            )
        except ChatFailed as exc:
            raise GuideFailed(str(exc)) from exc
        return guide(answer.text, sources, self.name)
