"""One call for an item with several pictures: captions of each and of all, and those that are missing."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from db.calls.query import fetch
from db.operations import item_captions, readings
from db.settings import DbSettings
from encoders.settings import CaptionSettings, EncoderSettings
from jobs.stages.config import PipelineSettings
from jobs.stages.item_captions import release
from jobs.stages.pipeline import Pipeline
from tests.jobs import drawn
from tests.sql.helpers import column, found, make_collection, put, put_picture, show
from tests.sql.test_pictures import said
from tests.unit.encoders.captioning.chat_server import ANSWER, ChatServer, answer

if TYPE_CHECKING:
    import psycopg

    Conn = psycopg.Connection[Any]

ENCODERS = EncoderSettings(text_encoder="dummy", models=os.environ.get("SEOGO_MODELS"), threads=1)


@pytest.fixture
def pictures(db: Conn) -> list[int]:
    """Five pictures, of which the item P1 (id 1) of the collection `parts` shows the first three."""
    make_collection(db, picture_readers={"caption": "parts-en"})
    put(db, {"P1": {"title": "pump"}})
    made = [put_picture(db, drawn.encoded(drawn.plain(at))) for at in range(5)]
    show(db, 1, *made[:3])
    return made


def captioned(url: str, *behaviours: Any, most: int = 8) -> tuple[list[str], int]:
    """Run the pipeline with a server that behaves so; what was asked for, and how many pictures were done.

    Captions of items are counted apart, as done or failed.
    """
    with ChatServer([*behaviours]) as server:
        captions = CaptionSettings(
            captioners="openai",
            caption_url=server.url,
            caption_model="x",
            caption_pictures=most,
        )
        settings = PipelineSettings(
            db=DbSettings(database_url=url), encoders=ENCODERS, captions=captions
        )
        pipeline = Pipeline(settings, [])
        pipeline.run()
    asked = []
    for body in server.bodies:
        *images, text = body["messages"][0]["content"]
        labels = text["text"].split("exactly as here:")[1:]
        asked.append(
            f"{len(images)} pictures" + "".join(labels).replace(": …", "").replace("\n", " ")
        )
    now = pipeline.meters["item_caption"].read()
    wholes = sum(text.endswith("all") or not text.startswith("1 ") for text in asked)
    assert (now.done + now.failed, now.waiting) == (wholes, 0)
    return asked, pipeline.meters["caption"].read().done


def state(db: Conn) -> tuple[Any, ...]:
    shown = "SELECT state, searched, pictures, of_pictures, pictures_beyond, unanswered FROM"
    row = db.execute(f"{shown} search.item_captions".encode()).fetchone()
    assert row is not None
    return row


def test_one_call_describes_an_item_and_its_pictures_and_the_missing_are_asked_for_singly(
    db: Conn, db_url: str, pictures: list[int]
) -> None:
    group = answer("1: front\n3: plate\nall: dry pump from all sides")
    assert captioned(db_url, group, "ok") == (["3 pictures 1 2 3 all", "1 pictures"], 3)
    lines = ["dry pump from all sides", "front", ANSWER, "plate"]
    assert said(db) == {"caption": "\n".join(lines)}
    assert found(db, "sides") == ["P1"]
    assert state(db) == ("made", True, 3, 3, 0, 1)
    assert column(db, "SELECT count(*) FROM search.prompts WHERE captions = 3") == [1]
    # One more: the old text stays until there is a new one, and only the new picture is asked for alone.
    show(db, 1, *pictures[:4])
    assert said(db)["caption"].startswith(lines[0])
    assert state(db)[:2] == ("waiting", True)
    asked, _ = captioned(db_url, answer("4: back\nall: pump with its back"))
    assert asked == ["4 pictures 4 all"]
    assert said(db)["caption"].split("\n") == ["pump with its back", *lines[1:], "back"]
    # One less: what was said of it is not searched any more, and those left are described together.
    show(db, 1, *pictures[1:4])
    assert said(db)["caption"].split("\n") == [*lines[2:], "back"]
    assert captioned(db_url, answer("without its front"))[0] == ["3 pictures"]
    assert said(db)["caption"].startswith("without its front\n")
    show(db, 1, pictures[1])
    assert said(db) == {"caption": ANSWER}
    assert column(db, "SELECT count(*) FROM core.item_caption") == [0]


def test_a_model_that_knows_no_lines_gives_captions_one_by_one_and_the_item_follows(
    db: Conn, db_url: str, pictures: list[int]
) -> None:
    assert captioned(db_url, "ok") == (["3 pictures 1 2 3 all", *["1 pictures"] * 3], 3)
    (failure,) = fetch(db, readings.failures(shown=9))
    assert (failure.stage, failure.example) == ("caption", "P1")
    assert "no line for any of the pictures" in failure.reason
    assert state(db)[:2] == ("failed", False)
    assert column(db, "SELECT picture_id FROM search.failed") == [None]
    assert column(db, "SELECT ops.retry_failed('parts', kind => 'caption')") == [1]
    assert captioned(db_url, answer("all of it")) == (["3 pictures"], 0)
    assert said(db)["caption"].split("\n") == ["all of it", *[ANSWER] * 3]


def test_pictures_beyond_the_limit_are_counted_and_described_singly(
    db: Conn, db_url: str, pictures: list[int]
) -> None:
    show(db, 1, *pictures)
    # Singles are asked for at the same time: each request gets the same answer.
    asked, done = captioned(db_url, answer("1: a\n2: b\nall: both"), most=2)
    assert (sorted(asked), done) == (sorted(["2 pictures 1 2 all", *["1 pictures"] * 3]), 5)
    assert state(db) == ("made", True, 5, 2, 3, 0)


def test_without_room_for_two_there_are_no_captions_of_items(
    db: Conn, db_url: str, pictures: list[int]
) -> None:
    assert captioned(db_url, "ok", most=1) == (["1 pictures"] * 3, 3)
    assert state(db)[:2] == ("waiting", False)
    assert [(row.kind, row.n) for row in fetch(db, item_captions.wanted())] == [("item_caption", 1)]


def test_a_picture_that_cannot_be_read_leaves_the_others_their_caption(
    db: Conn, db_url: str, pictures: list[int]
) -> None:
    show(db, 1, *pictures[:2], put_picture(db, b"no picture"))
    asked, done = captioned(db_url, answer("1: a\n2: b\nall: both"))
    # The third picture is no one's any more, and had been queued.
    assert (sorted(asked), done) == (["1 pictures", "2 pictures 1 2 all"], 3)
    assert state(db) == ("made", True, 3, 2, 1, 0)
    assert column(db, "SELECT count(*) FROM core.reading WHERE error IS NOT NULL") == [1]


def test_another_prompt_has_items_described_anew(
    db: Conn, db_url: str, pictures: list[int]
) -> None:
    captioned(db_url, answer("1: a\n2: b\n3: c\nall: abc"))
    assert column(db, "SELECT ops.read_again('parts', 'caption', 'parts-en')") == [0]
    assert state(db)[0] == "made"
    assert column(db, "SELECT ops.read_again('parts', 'caption', 'parts-ko')") == [3]
    assert state(db)[:2] == ("waiting", True)
    assert captioned(db_url, answer("1: a\n2: b\n3: c\n전체: 모두"))[0] == ["3 pictures 1 2 3 all"]
    assert said(db)["caption"].split("\n") == ["모두", "a", "b", "c"]


@pytest.mark.usefixtures("pictures")
def test_what_a_stopped_worker_had_claimed_is_free_again_as_if_untouched(db: Conn) -> None:
    (claimed,) = fetch(db, item_captions.claim(batch_n=9, most=2))
    assert (claimed.pictures, claimed.lacking, len(claimed.files)) == ([1, 2, 3], [1, 2], 2)
    assert fetch(db, item_captions.claim(batch_n=9, most=2)) == []
    assert fetch(db, item_captions.due())[0].n == 0
    assert [one.picture_id for one in fetch(db, readings.claim_readings(kind="caption"))] == [3]
    release(db, [claimed])
    assert fetch(db, item_captions.due())[0].n == 1
    attempts = "SELECT attempts FROM core.reading ORDER BY picture_id LIMIT 3"
    assert column(db, attempts) == [0, 0, 1]
    assert column(db, "SELECT attempts FROM core.item_caption") == [0]
