"""What nameplates say: invented makers and numbers, and the many ways of writing a label."""

from __future__ import annotations

import random
from typing import NamedTuple

MAKERS = (
    *("Norvac", "HANSOL PRECISION", "Kitagawa Seiki", "Bellmark Instruments", "OSTRA GmbH"),
    *("Daehan Motion", "Pacific Flow Co.", "Veltron", "MIRAE ENG", "Aldergrove Controls"),
)
CATEGORIES = (
    *(
        ("dry pump", "건식 진공펌프"),
        ("turbo pump", "터보 분자펌프"),
        ("gate valve", "게이트 밸브"),
    ),
    *(("mass flow controller", "질량유량제어기"), ("pressure gauge", "진공 게이지")),
    *(
        ("servo motor", "서보모터"),
        ("power supply", "직류 전원장치"),
        ("chiller", "냉각수 순환장치"),
    ),
)
ENGLISH = {
    "model": ("MODEL", "Model No.", "TYPE", "MODEL NO", "Type"),
    "part_number": ("P/N", "PART NO.", "Part Number", "PART NO", "ORDER NO.", "Cat. No."),
    "serial_number": ("S/N", "SERIAL NO", "Serial No.", "SER. NO.", "SERIAL NUMBER"),
    "rating": ("RATING", "INPUT", "POWER", "Supply"),
    "date": ("DATE", "MFG DATE", "YEAR", "Mfd."),
    "origin": ("MADE IN", "ORIGIN", "Country of origin"),
    "weight": ("WEIGHT", "Mass"),
}
KOREAN = {
    "model": ("형식", "모델명", "모델", "형 식"),
    "part_number": ("부품번호", "품번", "P/N", "부품 번호"),
    "serial_number": ("제조번호", "일련번호", "S/N", "제조 번호"),
    "rating": ("정격", "정격전압", "전원", "입력"),
    "date": ("제조일자", "제조년월", "제조연도"),
    "origin": ("제조국", "원산지"),
    "weight": ("중량", "질량"),
}
COUNTRIES = (("KOREA", "대한민국"), ("JAPAN", "일본"), ("GERMANY", "독일"), ("USA", "미국"))
# A letter stands for a random letter, 9 for a random digit, everything else for itself. No letter that
# the pattern leaves to chance is I, O or Q: makers of part numbers avoid them.
PART_PATTERNS = (
    *("A999-99-999", "99999-AA99-9999", "AAA9AA999", "AAA99-A-9999", "9999-99999-99", "999A99AAA"),
    *("AA-999/9", "AAAA-A999AA-AA9", "AAA99999", "99.999.99-9", "9A99-A9", "AA9999A-AA"),
)
SERIAL_PATTERNS = (
    *("99A99999", "AA9999-99999", "A9A999999", "20999999-999", "99999999", "A99-99999"),
    *("999999", "AA99AA9999"),
)
MODEL_PATTERNS = ("AAA9999", "AA-99A", "Aa 999", "AAA 99 AA", "AA999", "A9A-999")
LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"


class PlateTexts(NamedTuple):
    """The words of one plate; `rows` are (label, value) in the order they are written."""

    maker: str
    category: str
    caption: str
    part_number: str
    serial_number: str
    model: str
    rows: tuple[tuple[str, str], ...]


def code(rng: random.Random, pattern: str) -> str:
    """Fill a pattern."""
    choices = {"A": LETTERS, "9": "0123456789"}
    return "".join(rng.choice(choices.get(place, place)) for place in pattern)


def plate_texts(rng: random.Random, *, korean: bool) -> PlateTexts:
    """Make up a plate: part number, serial number and model in this or another order, and company."""
    category, korean_category = rng.choice(CATEGORIES)
    part, serial = code(rng, rng.choice(PART_PATTERNS)), code(rng, rng.choice(SERIAL_PATTERNS))
    model = code(rng, rng.choice(MODEL_PATTERNS))
    if rng.random() < 0.4:  # many part numbers begin with the model
        part = f"{model.replace(' ', '')}-{code(rng, rng.choice(('A9', '99', '9A9', 'AA')))}"
    country = rng.choice(COUNTRIES)[korean]
    values = {
        "model": model,
        "part_number": part,
        "serial_number": serial,
        "rating": _rating(rng, korean=korean),
        "date": f"20{rng.randrange(8, 26):02d}" + rng.choice(("", f".{rng.randrange(1, 13):02d}")),
        "origin": country,
        "weight": f"{rng.randrange(2, 480)} kg",
    }
    numbers = ["model", "part_number", "serial_number"]
    rng.shuffle(numbers)
    kinds = [*numbers, *rng.sample(("rating", "date", "origin", "weight"), 3)]
    labels = KOREAN if korean else ENGLISH
    rows = tuple((rng.choice(labels[kind]), values[kind]) for kind in kinds)
    caption = korean_category if korean else category.upper()
    return PlateTexts(rng.choice(MAKERS), category, caption, part, serial, model, rows)


def _rating(rng: random.Random, *, korean: bool) -> str:
    volts, watts = (
        rng.choice((24, 100, 200, 208, 220, 380, 440)),
        rng.choice((0.4, 1.5, 3.7, 7.5, 15)),
    )
    phase = ("3상 " if korean else "3PH ") if volts > 200 else ""
    return f"{phase}AC {volts} V 50/60 Hz {watts} kW"
