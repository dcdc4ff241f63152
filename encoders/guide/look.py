"""Descriptions of an abnormal picture by a vision model, behind a server with OpenAI's chat protocol."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from encoders.captioning.openai import data_url
from encoders.chat import ChatClient, ChatFailed, OpenAiSettings, chat_server
from encoders.errors import EncoderError, EncoderUnknown
from encoders.guide.base import Case
from encoders.pictures import decoding
from encoders.settings import GuideSettings

MAX_TOKENS = 300
# Characters of an answer that are kept.
LONGEST = 1200
_PROMPTS = {
    "ko": (
        "첫 번째 그림은 제품({product})의 사진이고, 두 번째 그림은 검사 장치가 비정상이라고 잰 곳을"
        " 표시한 것이다. 표시된 곳에 보이는 것을 짧은 문장 한두 개로 설명하라. 보이는 것만 쓰고,"
        " 정상인지 불량인지 판정하지 마라.{asked}"
    ),
    "en": (
        "The first picture shows a product ({product}), the second marks where an inspection measured"
        " it as abnormal. Say in one or two short sentences what is to be seen there. Write only what"
        " is visible; do not judge whether the product is good.{asked}"
    ),
}


class LookFailed(EncoderError):
    """No description was given."""


class PictureLook(NamedTuple):
    """A description of a picture, a sentence per line, and the model that gave it."""

    text: str
    model: str


class Looker:
    """Describes pictures with a server's model; safe to call from several threads."""

    def __init__(
        self, settings: OpenAiSettings, *, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self.name = f"openai:{settings.model}"
        self._client = ChatClient(settings, sleep=sleep)

    def close(self) -> None:
        """Close its connections; no call may follow."""
        self._client.close()

    def look(self, case: Case, images: Sequence[bytes]) -> PictureLook:
        """Describe a picture by it and its map, files of pictures in this order.

        Raises:
            LookFailed: If there is no answer.
        """
        asked = f"\n{case.question.strip()}" if case.question.strip() else ""
        text = _PROMPTS[case.language].format(product=case.product, asked=asked)
        content: list[dict[str, Any]] = [
            {"type": "image_url", "image_url": {"url": data_url(decoding.decode(image))}}
            for image in images
        ]
        content.append({"type": "text", "text": text})
        try:
            answer = self._client.ask(content, MAX_TOKENS)
        except ChatFailed as exc:
            raise LookFailed(str(exc)) from exc
        said = "\n".join(filter(None, map(str.strip, answer.text.splitlines())))[:LONGEST]
        if not said:
            raise LookFailed("the answer is empty")
        return PictureLook(said, self.name)


def build(settings: GuideSettings) -> Looker | None:
    """Build what looks at pictures; None where the settings name nothing.

    Raises:
        EncoderUnknown: There is an address and no model.
    """
    if not settings.look_url:
        return None
    if not settings.look_model:
        raise EncoderUnknown("", ("SEOGO_LOOK_MODEL with SEOGO_LOOK_URL",))
    return Looker(chat_server(settings, "look", retries=1))
