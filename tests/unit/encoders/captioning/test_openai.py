from __future__ import annotations

import base64
import logging
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from encoders.captioning.base import CaptionFailed, Prompt
from encoders.captioning.chain import ChainCaptioner
from encoders.captioning.openai import OpenAiCaptioner
from encoders.chat import OpenAiSettings
from encoders.pictures.decoding import decode
from tests.unit.encoders.captioning.chat_server import ANSWER, ChatServer, answer

if TYPE_CHECKING:
    from collections.abc import Iterator

PROMPT = Prompt(name="p", version=1, text="Describe it. Known: {metadata}.", max_tokens=96)
KEY = "sk-very-secret"
IMAGE = np.random.default_rng(0).integers(0, 256, (90, 160, 3), dtype=np.uint8)


@contextmanager
def captioner(
    url: str, waits: list[float] | None = None, **options: Any
) -> Iterator[OpenAiCaptioner]:
    settings = OpenAiSettings(url=url, model="qwen", key=KEY, **options)
    made = OpenAiCaptioner(settings, sleep=(waits if waits is not None else []).append)
    with closing(made):
        yield made


def test_pictures_and_prompt_are_sent_and_the_answer_kept() -> None:
    large = np.zeros((500, 3000, 3), np.uint8)
    with ChatServer(["ok"]) as server, captioner(server.url) as asked:
        caption = asked.caption([IMAGE, large], PROMPT, "maker SMC", tokens=40)
    assert (caption.text, caption.captioner, caption.prompt) == (
        ANSWER,
        "openai:qwen",
        PROMPT.identity,
    )
    assert (caption.tokens, caption.tried) == (9, ())
    assert caption.latency_ms >= 0
    (body,) = server.bodies
    assert (body["path"], body["model"], body["max_tokens"]) == ("/v1/chat/completions", "qwen", 40)
    *sent, text = body["messages"][0]["content"]
    assert text == {"type": "text", "text": PROMPT.rendered("maker SMC")}
    shapes = []
    for part in sent:
        head, _, data = part["image_url"]["url"].partition(",")
        assert head == "data:image/jpeg;base64"
        shapes.append(decode(base64.b64decode(data)).shape)
    assert shapes == [(90, 160, 3), (171, 1024, 3)]
    assert server.headers[0]["Authorization"] == f"Bearer {KEY}"


def test_without_a_number_the_budget_is_asked_for() -> None:
    with ChatServer(["ok"]) as server, captioner(server.url) as asked:
        asked.caption([np.full((50, 50, 3), 9, np.uint8)], PROMPT)
        asked.caption([IMAGE], PROMPT)
    assert [body["max_tokens"] for body in server.bodies] == [24, 96]


def test_without_a_key_none_is_sent() -> None:
    with ChatServer(["ok"]) as server:
        made = OpenAiCaptioner(OpenAiSettings(url=f"{server.url}/", model="m"))
        made.caption([IMAGE], PROMPT)
        made.close()
    assert "Authorization" not in server.headers[0]
    assert server.bodies[0]["path"] == "/v1/chat/completions"


@pytest.mark.parametrize("trouble", [429, 500, 503, "break"])
def test_a_busy_server_is_asked_again_after_longer_and_longer_waits(trouble: int | str) -> None:
    waits: list[float] = []
    behaviours = [trouble, trouble, trouble, "ok"]
    with ChatServer(behaviours) as server, captioner(server.url, waits) as asked:
        assert asked.caption([IMAGE], PROMPT).text == ANSWER
    assert waits == [0.5, 1.0, 2.0]


def test_a_server_says_how_long_to_wait_within_reason() -> None:
    waits: list[float] = []
    with ChatServer([429, "ok"], "7") as server, captioner(server.url, waits) as asked:
        asked.caption([IMAGE], PROMPT)
    with ChatServer([429, "ok"], "86400") as server, captioner(server.url, waits) as asked:
        asked.caption([IMAGE], PROMPT)
    assert waits == [7, 20]


@pytest.mark.parametrize(
    ("behaviour", "told", "requests"),
    [
        (500, "asked 3 times: status 500", 3),
        ("break", "asked 3 times: RemoteProtocolError", 3),
        (400, "status 400", 1),
        (401, r"status 401: refused, your key was Bearer \.\.\.", 1),
        (b"<html>hello</html>", "not of this protocol .*<html>hello", 1),
        (b'{"choices": []}', "has no choices", 1),
        (b'{"error": "x"}', "not of this protocol", 1),
        (answer(""), "The answer is empty", 1),
        (answer("<think>well, "), "still thinking", 1),
        (b'{"choices": [{"message": {"content": null}}]}', "The answer is empty", 1),
    ],
)
def test_what_goes_wrong_is_told_without_the_key(
    behaviour: int | bytes | str, told: str, requests: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with ChatServer([behaviour]) as server, captioner(server.url, retries=2) as asked:
        with pytest.raises(CaptionFailed, match=told) as info:
            asked.caption([IMAGE], PROMPT)
        assert len(server.bodies) == requests
        for shown in (str(info.value), repr(asked._client._settings), caplog.text):
            assert KEY not in shown


def test_a_slow_server_is_given_up() -> None:
    with ChatServer(["slow"]) as server, captioner(server.url, timeout_s=0.1, retries=1) as asked:
        with pytest.raises(CaptionFailed, match="asked 2 times: ReadTimeout"):
            asked.caption([IMAGE], PROMPT)
        assert len(server.bodies) == 2


def test_a_cut_answer_ends_with_a_whole_word() -> None:
    cut = answer("dry pump, stainl", finish="length")
    with ChatServer([cut]) as server, captioner(server.url) as asked:
        assert asked.caption([IMAGE], PROMPT).text == "dry pump"


def test_no_picture_is_no_question() -> None:
    with captioner("http://127.0.0.1:9/v1") as asked:
        with pytest.raises(ValueError, match="no picture"):
            asked.caption([], PROMPT)
        with pytest.raises(ValueError, match=r"images\[0\]"):
            asked.caption([np.zeros((3, 3), np.uint8)], PROMPT)


def test_a_chain_keeps_who_failed_and_why() -> None:
    with (
        ChatServer([503]) as busy,
        ChatServer([b"?"]) as odd,
        ChatServer(["ok"]) as good,
        captioner(busy.url, retries=0) as first,
        captioner(odd.url) as second,
        captioner(good.url) as third,
    ):
        caption = ChainCaptioner([first, second, third]).caption([IMAGE], PROMPT)
        assert caption.text == ANSWER
        assert [attempt.captioner for attempt in caption.tried] == ["openai:qwen"] * 2
        assert "status 503" in caption.tried[0].error
        assert "not of this protocol" in caption.tried[1].error
        with pytest.raises(CaptionFailed, match=r"Nobody answered\. .*503.*; .*protocol"):
            ChainCaptioner([first, second]).caption([IMAGE], PROMPT)
        assert ChainCaptioner([third, first]).caption([IMAGE], PROMPT).tried == ()
    with pytest.raises(ValueError, match="needs a captioner"):
        ChainCaptioner([])
