"""Statements by a server with OpenAI's chat protocol."""

from __future__ import annotations

import time
from collections.abc import Callable

from encoders.chat import ChatClient, ChatFailed, OpenAiSettings
from encoders.cited.base import CitedSource, Tell, WritingFailed, WritingTask, WrittenStatements
from encoders.cited.checked import Checker, prompt, schema


class OpenAiWriter:
    """Writes statements with a server's model, as JSON of a schema; safe to call from several threads."""

    def __init__(
        self, settings: OpenAiSettings, *, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self.name = f"openai:{settings.model}"
        self._client = ChatClient(settings, sleep=sleep)

    def close(self) -> None:
        """See `Writer.close`."""
        self._client.close()

    def write(
        self, task: WritingTask, sources: list[CitedSource], tell: Tell | None = None
    ) -> WrittenStatements:
        """See `Writer.write`."""
        checker = Checker(task, sources, self.name, tell)
        told = schema(task, sources)
        try:
            answer = self._client.ask_json(
                prompt(task, sources),
                task.max_tokens,
                task.name,
                told,
                on_text=checker.take if tell else None,
            )
        except ChatFailed as exc:
            return checker.so_far(exc)
        if tell is None:
            checker.take(answer.text)
        try:
            return checker.whole()
        except WritingFailed as exc:
            return checker.so_far(exc)
