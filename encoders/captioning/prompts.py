"""Prompts that come with the program."""

from __future__ import annotations

from typing import Final

from encoders.captioning.base import Prompt

PARTS_EN: Final = Prompt(
    name="parts-en",
    version=1,
    text=(
        "These pictures show one industrial part. Describe it for a search index, in English:"
        " what it is, what is written on its labels, its ports and connectors, its visible"
        " condition. Key words and short phrases separated by commas, at most 30 words. Copy"
        " letters and numbers exactly. Leave out what you cannot see, the background, and what is"
        " known already. Known already: {metadata}."
    ),
    max_tokens=96,
)
PARTS_KO: Final = Prompt(
    name="parts-ko",
    version=1,
    text=(
        "사진은 산업용 부품 하나를 보여 준다. 검색 색인에 넣을 설명을 한국어로 써라: 무엇인지, 라벨에"
        " 적힌 글자, 포트와 커넥터, 눈에 보이는 상태. 핵심어와 짧은 구를 쉼표로 나누어 30단어 이하로."
        " 영문자와 숫자는 그대로 옮긴다. 보이지 않는 것, 배경, 이미 알려진 것은 쓰지 않는다."
        " 이미 알려진 것: {metadata}."
    ),
    max_tokens=128,
)
