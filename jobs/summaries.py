"""Summaries of very long texts, embedded in place of their windows where a chat server is set."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import msgspec

from db.calls.query import fetch
from db.spaces import summaries
from encoders.chat import ChatClient, ChatFailed, chat_server

if TYPE_CHECKING:
    from collections.abc import Sequence

    from db.spaces.rows import Claimed, Space
    from encoders.base import TextEncoder
    from encoders.settings import SummarySettings
    from flows.encoding import Encoder
    from jobs.types import Conn

PROMPT = "summary@1"
INSTRUCTION = """\
Summarise the text below for a search engine, in the language it is written in, in at most 150 words. Name \
what it is about, the makers, part numbers, terms and quantities that somebody would search for. Add nothing \
that is not in it. Answer with the summary alone.

"""
# Of an answer; what is longer than the encoder reads at once is cut.
MAX_TOKENS = 400
# Of a text that is sent: servers refuse what is longer than their model reads.
MAX_CHARS = 60_000


class Summarizer:
    """Replaces texts above a number of tokens by a summary, which is kept and not asked for twice."""

    def __init__(self, settings: SummarySettings, client: ChatClient | None = None) -> None:
        self._least = settings.summary_tokens
        self._model = settings.summary_model
        self._client = client or ChatClient(chat_server(settings, "summary"))

    def shorten(
        self, conn: Conn, space: Space, encoder: Encoder, rows: Sequence[Claimed]
    ) -> list[Claimed]:
        """Replace the content of rows that are too long; hashes stay those of the whole texts.

        Pictures, and texts that the model reads in one window, are left as they are.

        Raises:
            ChatFailed: the server gave no usable answer; the message names no text.
        """
        if space.modality != "text":
            return list(rows)
        reader = cast("TextEncoder", encoder)
        return [self._shortened(conn, space, reader, row) for row in rows]

    def _shortened(self, conn: Conn, space: Space, encoder: TextEncoder, row: Claimed) -> Claimed:
        about = {"space_id": space.space_id, "item_id": row.item_id, "source": row.source}
        tokens = 0 if row.content is None else count_tokens(encoder, row.content)
        if row.content is None or tokens <= self._least:
            fetch(conn, summaries.drop(**about))
            return row
        asked = {"content_hash": row.content_hash, "model": self._model, "prompt": PROMPT}
        known = fetch(conn, summaries.known(**asked))
        text = known[0].text if known else self._ask(row.content)
        text = encoder.windows(text)[0].text
        fetch(conn, summaries.keep(**about, **asked, text=text, tokens=tokens))
        return msgspec.structs.replace(row, content=text)

    def _ask(self, text: str) -> str:
        answer = self._client.ask(INSTRUCTION + text[:MAX_CHARS], MAX_TOKENS)
        if not (found := answer.text.replace("\0", "").strip()):
            raise ChatFailed("the summary is empty")
        return found


def count_tokens(encoder: TextEncoder, text: str) -> int:
    """Count the tokens of a text over its windows, about; 0 where the model reads it in one."""
    windows = encoder.windows(text)
    if len(windows) == 1:
        return 0
    read = encoder.token_count([window.text for window in windows], "{text}")
    return read - encoder.spec.window_overlap * (len(windows) - 1)


def build(settings: SummarySettings) -> Summarizer | None:
    """Build the summarizer that is set; None where there is none, as by default."""
    return Summarizer(settings) if settings.summary_url else None
