"""One answer for several pictures: what models make of it is told apart, and what is missing is known."""

from __future__ import annotations

from contextlib import closing

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from encoders.captioning.base import CaptionFailed, Prompt
from encoders.captioning.chain import ChainCaptioner
from encoders.captioning.openai import OpenAiCaptioner
from encoders.captioning.several import Captions, SeveralPrompt, caption_several
from encoders.chat import OpenAiSettings
from tests.unit.encoders.captioning.chat_server import ANSWER, ChatServer, answer

PROMPT = Prompt(name="p", version=2, text="Describe it. Known: {metadata}.", max_tokens=96)
NOISE = np.random.default_rng(0).integers(0, 256, (90, 160, 3), dtype=np.uint8)
PLAIN = np.full((120, 160, 3), 180, np.uint8)


def several(*bodies: bytes, places: tuple[int, ...] = (0, 2)) -> tuple[Captions, list[str]]:
    """Ask servers one after the other about three pictures; the captions, and the texts that were sent."""
    servers = [ChatServer([body]) for body in bodies]
    asked = [OpenAiCaptioner(OpenAiSettings(url=one.url, model="m")) for one in servers]
    for one in servers:
        one.__enter__()
    try:
        with closing(ChainCaptioner(asked)) as chain:
            images = [NOISE, PLAIN, PLAIN]
            captions = caption_several(chain, images, places, PROMPT, "maker SMC")
    finally:
        for one in servers:
            one.__exit__(None, None, None)
    contents = [body["messages"][0]["content"] for one in servers for body in one.bodies]
    assert all(len(content) == 4 for content in contents)
    limits = [body["max_tokens"] for one in servers for body in one.bodies]
    texts = [content[-1]["text"] for content in contents]
    return captions, [f"{limit}|{text}" for limit, text in zip(limits, texts, strict=True)]


def test_each_picture_that_lacks_one_and_all_together_are_asked_for_in_one_call() -> None:
    said = "1: a pump, front\n3: its nameplate,\nNRY-1KH\nall: a dry pump with its plate"
    captions, (sent,) = several(answer(said, tokens=40))
    assert captions.texts == {0: "a pump, front", 2: "its nameplate, NRY-1KH"}
    assert captions.whole == "a dry pump with its plate"
    assert (captions.answer.prompt, captions.answer.tokens) == ("p@2", 40)
    # The budget of a noisy picture, of a plain one, and of all, with their labels.
    limit = 95 + 24 + 95 + 3 * 6
    assert sent.startswith(f"{limit}|Describe it. Known: maker SMC.")
    assert sent.endswith("\n1: …\n3: …\nall: …")


def test_with_captions_of_their_own_only_that_of_all_is_asked_for_as_ever() -> None:
    captions, (sent,) = several(answer(ANSWER), places=())
    assert (captions.texts, captions.whole) == ({}, ANSWER)
    assert sent == "95|" + PROMPT.rendered("maker SMC")


@pytest.mark.parametrize(
    ("said", "texts", "whole"),
    [
        ("Sure!\n**Picture 1:** a\n- 3. b\n**All:** c", {0: "a", 2: "b"}, "c"),
        ("사진 1: 펌프\n사진 3: 명판\n전체: 펌프와 명판", {0: "펌프", 2: "명판"}, "펌프와 명판"),
        ('{"1": "a",\n"3": "b",\n"all": "c"}', {0: "a", 2: "b"}, "c"),
        ('```json\n{"1": "a", "2": "?", "ALL": "c"}\n```', {0: "a"}, "c"),
        ("1: a\n2: not asked for\nall: c", {0: "a"}, "c"),
        ("3: b", {2: "b"}, None),
        ("1: \n3: b\n3: again\nall: c", {2: "b"}, "c"),
    ],
)
def test_labels_are_found_however_they_are_adorned(
    said: str, texts: dict[int, str], whole: str | None
) -> None:
    captions, _ = several(answer(said))
    assert (captions.texts, captions.whole) == (texts, whole)


def test_a_cut_answer_keeps_what_came_before_it() -> None:
    captions, _ = several(answer("1: a pump\n3: its namepl", finish="length"))
    assert (captions.texts, captions.whole) == ({0: "a pump", 2: "its"}, None)


def test_who_gives_no_line_is_followed_by_the_next_captioner() -> None:
    captions, _ = several(answer("It is a pump."), answer("1: a\n3: b\nall: c"))
    assert captions.whole == "c"
    assert "no line for any" in captions.answer.tried[0].error
    with pytest.raises(CaptionFailed, match="no line for any"):
        several(answer("It is a pump."))


@given(st.lists(st.text(alphabet="ab: .12", max_size=8), max_size=6), st.booleans())
def test_whatever_is_said_the_labels_are_those_asked_for(lines: list[str], cut: bool) -> None:
    prompt = SeveralPrompt(name="p", version=1, text="x", max_tokens=9, places=(0, 1), n=2)
    try:
        cleaned = prompt.cleaned("\n".join(lines), cut=cut)
    except CaptionFailed:
        return
    labels = [line.partition(": ")[0] for line in cleaned.split("\n")]
    assert set(labels) <= {"1", "2", "all"}
    assert len(set(labels)) == len(labels)
    assert all(line.partition(": ")[2] for line in cleaned.split("\n"))
