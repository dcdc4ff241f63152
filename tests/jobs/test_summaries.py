"""Summaries of long texts: off by default, asked for once, embedded instead of windows, and told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from db.calls.query import fetch
from db.spaces import embedding
from encoders import registry
from encoders.chat import ChatAnswer, ChatChoice, ChatFailed, Message
from encoders.settings import SummarySettings
from encoders.text.dummy import DummyEncoder
from jobs import embed, summaries
from tests.sql.helpers import column, make_collection, put

if TYPE_CHECKING:
    from tests.sql.helpers import Conn

SPEC = registry.spec("dummy")
LONG = " ".join(f"word{n}" for n in range(3 * SPEC.max_tokens))
SHORT = "dry pump for powder"
SUMMARY = "펌프 정비 절차의 요약"
STORED = "SELECT item_id, part_no, vec::text FROM core.embedding ORDER BY item_id, part_no"
TOLD = "SELECT external_id, source, text, tokens, model, prompt FROM search.summaries"


class Writer:
    """A chat client that answers from a list; None: it fails."""

    def __init__(self, *answers: str | None) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    def ask(self, content: str, _max_tokens: int, **_options: Any) -> ChatAnswer:
        self.asked.append(content)
        if (text := self.answers.pop(0)) is None:
            raise ChatFailed("no answer")
        return ChatAnswer(choices=[ChatChoice(message=Message(content=text))])

    def close(self) -> None:
        """Nothing is open."""


def encode(db: Conn, writer: Writer | None, tokens: int = SPEC.max_tokens) -> embed.EmbedReport:
    settings = SummarySettings(summary_url="http://x/v1", summary_model="m", summary_tokens=tokens)
    made = None if writer is None else summaries.Summarizer(settings, writer)  # type: ignore[arg-type]
    space, report = fetch(db, embedding.live_spaces())[0], embed.EmbedReport()
    while embed.batch(db, space, DummyEncoder(SPEC), report, summarizer=made):
        pass
    return report


@pytest.fixture
def texts(db: Conn, dummy_space: int) -> dict[str, int]:
    make_collection(db, vector_sources={"text": {"item": ["body"]}})
    return put(db, {"long": {"body": LONG}, "short": {"body": SHORT}})


def test_a_summary_is_embedded_in_place_of_windows_and_told(
    db: Conn, texts: dict[str, int]
) -> None:
    assert summaries.build(SummarySettings()) is None
    encode(db, None)
    assert len(db.execute(STORED).fetchall()) > 3  # windows, by default
    db.execute('UPDATE core.item SET fields = fields || \'{"other": "x"}\'')
    db.execute("DELETE FROM core.embedding")
    db.execute("SELECT ops.enqueue_stale(%s)", (fetch(db, embedding.live_spaces())[0].space_id,))
    writer = Writer(SUMMARY)
    encode(db, writer)
    assert [LONG in asked for asked in writer.asked] == [True]
    expected = DummyEncoder(SPEC).encode_passages([SUMMARY, SHORT])
    rows = db.execute(STORED).fetchall()
    assert [(item, part) for item, part, _ in rows] == [(texts["long"], 0), (texts["short"], 0)]
    for (_, _, vec), wanted in zip(rows, expected, strict=True):
        found = np.array([float(x) for x in vec.strip("[]").split(",")])
        assert np.allclose(found, wanted, atol=1e-3)
    ((name, source, text, tokens, model, prompt),) = db.execute(TOLD).fetchall()
    assert (name, source, text, model, prompt) == ("long", "item", SUMMARY, "m", "summary@1")
    assert abs(tokens - len(LONG.split())) < SPEC.max_tokens / 2
    assert column(db, "SELECT state FROM search.stale") == []  # it is the text's own hash


def test_a_text_is_asked_for_once_and_forgotten_with_it(db: Conn, texts: dict[str, int]) -> None:
    put(db, {"twin": {"body": LONG}})
    writer = Writer(SUMMARY)
    assert encode(db, writer).failed == 0
    assert len(writer.asked) == 1
    assert len(db.execute(TOLD).fetchall()) == 2
    put(db, {"twin": {"body": SHORT}})
    encode(db, writer)
    assert column(db, "SELECT count(*) FROM core.summary") == [1]
    db.execute("DELETE FROM core.item WHERE external_id = 'long'")
    assert column(db, "SELECT count(*) FROM core.summary") == [0]


def test_without_an_answer_the_item_waits_and_says_why(db: Conn, texts: dict[str, int]) -> None:
    report = encode(db, Writer(None, None, None))
    assert (report.stored, report.failed) == (1, 1)
    assert column(db, "SELECT error FROM ops.outbox") == ["ChatFailed: no answer"]
    assert column(db, "SELECT item_id FROM core.embedding") == [texts["short"]]
