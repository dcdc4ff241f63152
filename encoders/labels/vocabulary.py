"""Vocabulary of labels on nameplates, packing slips and data sheets, in English and Korean."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal, NamedTuple

from encoders.labels.normalize import label_key

Kind = Literal[
    "part_number", "serial_number", "model", "maker", "rating", "date", "origin", "other"
]

# One kind a paragraph, labels between commas.
_SPELLINGS: dict[Kind, str] = {
    "part_number": """
        P/N, PART, PART NO, PART NUM, PART NUMBER, PARTS NO, PART #, MFR P/N, ORDER NO,
        ORDER CODE, ORDER NUMBER, ORDERING CODE, CAT NO, CATALOG NO, CATALOGUE NO, CATALOG NUMBER,
        ITEM NO, ITEM NUMBER, ARTICLE NO, ART NO, MATERIAL NO, MAT NO, PRODUCT NO, PRODUCT NUMBER,
        PROD NO, REF NO, MPN, SPARE PART NO, STOCK NO, MODEL/PART NO, PRODUCT CODE, CODE NO,
        부품번호, 부품 코드, 품번, 파트번호, 품목번호, 품목코드, 자재번호, 자재코드, 제품번호,
        제품코드, 주문번호, 물품번호, 도번
    """,
    "serial_number": """
        S/N, SERIAL, SERIAL NO, SERIAL NUM, SERIAL NUMBER, SER NO, SER NUMBER, SERIAL #,
        SERIAL ID, MFG NO, MFG NUMBER, PRODUCTION NO, FABR NO, PROD S/N,
        제조번호, 일련번호, 시리얼번호, 시리얼넘버, 시리얼, 기기번호, 제품일련번호, 기번
    """,
    "model": """
        MODEL, MODEL NO, MODEL NAME, MODEL NUMBER, TYPE, TYPE NO, MODEL TYPE,
        형식, 형식명, 형식번호, 모델, 모델명, 모델번호, 기종, 형명, 제품형식, 형번
    """,
    "maker": """
        MAKER, MANUFACTURER, MANUFACTURED BY, MFR, MFG BY, BRAND, VENDOR,
        제조사, 제조자, 제조원, 제조업체, 제조회사, 메이커, 제작사, 수입원
    """,
    "rating": """
        RATING, RATINGS, RATED, INPUT, OUTPUT, POWER, SUPPLY, POWER SUPPLY, VOLTAGE, VOLT,
        CURRENT, FREQUENCY, RATED VOLTAGE, RATED POWER, RATED CURRENT, INPUT VOLTAGE, RATED INPUT,
        RATED OUTPUT, CAPACITY,
        정격, 정격전압, 정격전류, 정격출력, 정격입력, 전압, 전류, 주파수, 용량, 전원, 입력, 출력,
        입력전압, 출력전압, 소비전력, 사용전압, 상수
    """,
    "date": """
        DATE, MFG, MFD, MFG DATE, DATE OF MFG, DATE OF MANUFACTURE, YEAR, MANUFACTURED,
        MANUFACTURING DATE, PRODUCTION DATE, MFG YEAR, YEAR OF MFG, DATE CODE, BUILT, EXP,
        EXP DATE,
        제조일, 제조일자, 제조연월, 제조년월, 제조연월일, 제조년월일, 제조연도, 제조년도, 제작일,
        제작일자, 생산일, 생산일자, 연식, 일자, 날짜, 유효기간
    """,
    "origin": """
        MADE IN, ORIGIN, COUNTRY OF ORIGIN, COUNTRY, MANUFACTURED IN, ASSEMBLED IN, PRODUCT OF,
        제조국, 제조국가, 원산지, 생산지
    """,
    "other": """
        WEIGHT, MASS, NET WEIGHT, GROSS WEIGHT, SIZE, DIMENSIONS, PRESSURE, FLOW, MAX PRESSURE,
        TEMP, TEMPERATURE, SPEED, RPM, TORQUE, REV, REVISION, VERSION, QTY, QUANTITY, LOT, LOT NO,
        BATCH, BATCH NO, DESCRIPTION, DESC, PRODUCT, NAME, PRODUCT NAME, IP, CLASS, INSULATION,
        DUTY, GAS, RANGE, DWG NO, DRAWING NO, COLOR, TEL, PHONE, FAX, ADDRESS, REMARK, REMARKS,
        중량, 질량, 무게, 크기, 치수, 압력, 최고압력, 유량, 온도, 회전수, 수량, 품명, 제품명,
        명칭, 규격, 로트번호, 비고, 사용가스, 재질, 보호등급, 절연등급, 인증번호, 전화, 전화번호,
        주소, 팩스, 색상
    """,
}
_LONGEST = 24


class Label(NamedTuple):
    """Meaning of a spelling; `certainty` is 1 for a known spelling, less for a near one."""

    kind: Kind
    certainty: float


VOCABULARY: Final[Mapping[str, Kind]] = MappingProxyType(
    {label_key(text): kind for kind, texts in _SPELLINGS.items() for text in texts.split(",")}
)
_NEAR = 0.9
_JAMO_PER_ERROR = 6
_NUMBERS: Final[frozenset[Kind]] = frozenset({"part_number", "serial_number", "model"})
# Labels in Hangul by their letters (jamo). Many words of two syllables are near one: of those only
# the labels of numbers may be misread.
_JAMO: Final[Mapping[str, Kind]] = MappingProxyType(
    {
        unicodedata.normalize("NFD", key): kind
        for key, kind in VOCABULARY.items()
        if "가" <= key[0] <= "힣" and (len(key) > 2 or kind in _NUMBERS)
    }
)


def known(text: str) -> Label | None:
    """Look up a label without its colon; None if it is none.

    In a Korean label one letter in six may be misread, if that leaves a single meaning.
    """
    key = label_key(text)
    if not key or len(key) > _LONGEST:
        return None
    if (kind := VOCABULARY.get(key)) is not None:
        return Label(kind, 1.0)
    if len(key) < 2 or not all("가" <= char <= "힣" for char in key):
        return None
    jamo = unicodedata.normalize("NFD", key)
    errors = max(1, len(jamo) // _JAMO_PER_ERROR)
    near = {kind for spelling, kind in _JAMO.items() if _differ(jamo, spelling) <= errors}
    return Label(near.pop(), _NEAR) if len(near) == 1 else None


def _differ(first: str, second: str) -> float:
    """Number of places where two spellings of the same length differ; infinite for other lengths."""
    if len(first) != len(second):
        return math.inf
    return sum(a != b for a, b in zip(first, second, strict=True))
