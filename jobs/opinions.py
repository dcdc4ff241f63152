"""A vision model as judge: whether the pictures of items contradict their fields."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any

import msgspec

from db.calls.query import fetch
from db.items import contradictions as sql
from encoders.captioning.openai import data_url
from encoders.chat import ChatClient, ChatFailed, chat_server
from encoders.errors import EncoderError
from encoders.pictures import decoding
from inputs.values import encode
from jobs.errors import JobError
from jobs.types import Conn, OnCount, silent

if TYPE_CHECKING:
    from db.items.contradictions import UnaskedItem
    from encoders.settings import CaptionSettings

PROMPT = """The pictures show one item. Its record:
{record}
Does something that can be seen or read on the pictures contradict the record: another maker, part number,
kind of thing, or a nameplate where none is said to be? What is merely missing contradicts nothing. Say it in
one sentence, in the language of the record; an empty sentence where nothing does."""
SCHEMA = {
    "type": "object",
    "properties": {"contradicts": {"type": "boolean"}, "says": {"type": "string"}},
    "required": ["contradicts", "says"],
    "additionalProperties": False,
}
MOST_TOKENS = 200
# Of a record; longer texts say nothing that a picture could contradict.
LONGEST_RECORD = 2000


class Opinion(msgspec.Struct):
    """An answer of the model."""

    contradicts: bool
    says: str = ""


class OpinionReport(msgspec.Struct):
    """Items that were looked at, contradictions open by it, and items without a usable answer, by reason."""

    asked: int = 0
    opened: int = 0
    failed: dict[str, str] = msgspec.field(default_factory=dict)


def ask(
    conn: Conn, collection: str, settings: CaptionSettings, most: int, on_item: OnCount = silent
) -> OpinionReport:
    """Have the model look at items that it has not compared with their pictures since they changed.

    Args:
        conn: autocommit.
        collection: whose items.
        settings: the chat server is the one of captions.
        most: how many items.
        on_item: gets how many were looked at.

    Raises:
        JobError: no server is set, or it cannot be reached.
    """
    if not settings.caption_url or not settings.caption_model:
        raise JobError(
            "no model is set that looks at pictures",
            "set SEOGO_CAPTION_URL and SEOGO_CAPTION_MODEL",
        )
    model = settings.caption_model
    report = OpinionReport()
    with closing(ChatClient(chat_server(settings, "caption"))) as client:
        for item in fetch(conn, sql.unasked_items(collection=collection, model=model, k=most)):
            try:
                opinion = _opinion(conn, client, item)
            except ChatFailed as exc:
                raise JobError(
                    f"after {report.asked:,} items: {exc}",
                    "those that are done are kept: try again",
                ) from exc
            except (EncoderError, msgspec.DecodeError) as exc:
                report.failed[item.external_id] = str(exc)
                continue
            report.asked += 1
            report.opened += _kept(conn, collection, model, item, opinion)
            on_item(report.asked)
    return report


def _opinion(conn: Conn, client: ChatClient, item: UnaskedItem) -> Opinion:
    pictures = [
        decoding.decode(row.bytes) for row in fetch(conn, sql.shown_pictures(ids=item.pictures))
    ]
    record = encode({**item.fields, **item.metadata}).decode()
    content: list[dict[str, Any]] = [
        {"type": "image_url", "image_url": {"url": data_url(picture)}} for picture in pictures
    ]
    content.append({"type": "text", "text": PROMPT.format(record=record[:LONGEST_RECORD])})
    answer = client.ask_json(content, MOST_TOKENS, "opinion", SCHEMA)
    return msgspec.json.decode(answer.text, type=Opinion)


def _kept(conn: Conn, collection: str, model: str, item: UnaskedItem, opinion: Opinion) -> bool:
    says = opinion.says.strip() or "it contradicts the record" if opinion.contradicts else None
    query = sql.keep_opinion(
        collection=collection,
        of_item=item.item_id,
        subject=str(item.subject),
        model=model,
        says=says,
        picture=item.pictures[0],
    )
    return fetch(conn, query)[0].done
