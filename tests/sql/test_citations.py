"""Citations of Korean law: parsed, resolved to articles of the collection, never to another law's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg.types.json import Jsonb

from db.calls.query import fetch
from db.search import functions
from tests.sql.helpers import column, make_collection

if TYPE_CHECKING:
    from tests.sql.helpers import Conn

LAWS = {
    "민법": "",
    "상법": "",
    "상법 시행령": "",
    "정보통신망 이용촉진 및 정보보호 등에 관한 법률": "정보통신망법",
    "남녀고용평등과 일ㆍ가정 양립 지원에 관한 법률": "남녀고용평등법",
    "금융회사 지배구조 감독규정": "",
}
ARTICLES = ("1", "2", "3", "3의2", "4", "5", "11", "340의4", "395", "750", "2-1")


def cite(law: str, article: str) -> str:
    number, _, branch = article.partition("의")
    return f"{law} 제{number}조" + (f"의{branch}" if branch else "")


@pytest.fixture
def laws(db: Conn) -> Conn:
    """Every article of every law, known by the name and the abbreviation."""
    make_collection(db, "laws", identifier_fields=["citation"])
    rows = [
        {
            "external_id": f"{law}|{article}",
            "fields": {},
            "metadata": {"citation": "\n".join(cite(n, article) for n in (law, short) if n)},
        }
        for law, short in LAWS.items()
        for article in ARTICLES
    ]
    db.execute("SELECT FROM ops.upsert_items('laws', %s)", (Jsonb(rows),))
    return db


def found(db: Conn, body: str, law: str | None = None) -> list[str]:
    rows = fetch(db, functions.citations(collection="laws", body=body, law=law))
    names = dict(db.execute("SELECT id, external_id FROM core.item").fetchall())
    return [names[row.item_id] for row in rows]


CASES = [
    ("민법 제750조", ["민법|750"]),
    ("민법제750조", ["민법|750"]),
    ("민법 750조", ["민법|750"]),
    ("「민법」 제750조제1항", ["민법|750"]),
    ("그 이사가 대표이사의 이름으로 행위한 경우상법 제395조가 적용되는지", ["상법|395"]),
    ("상법 제340조의4 제1항", ["상법|340의4"]),
    ("상법 시행령 제3조", ["상법 시행령|3"]),
    ("상법 제1조, 제2조 및 제5조", ["상법|1", "상법|2", "상법|5"]),
    ("상법 제3조부터 제5조까지", ["상법|3", "상법|4", "상법|5"]),
    ("상법 제3조 내지 제5조", ["상법|3", "상법|4", "상법|5"]),
    ("상법 제1조 제1항 제3호, 제2조 제2항", ["상법|1", "상법|2"]),
    ("민법 제1조에 관한 것으로서 같은 법 제11조", ["민법|1", "민법|11"]),
    ("민법 제1조에 관한 것으로서 동법 제11조", ["민법|1", "민법|11"]),
    ("상법 제1조와 같은 법 시행령 제2조", ["상법|1", "상법 시행령|2"]),
    ("정보통신망법 제2조", ["정보통신망 이용촉진 및 정보보호 등에 관한 법률|2"]),
    (
        "남녀고용평등과 일·가정 양립 지원에 관한 법률 제11조",
        ["남녀고용평등과 일ㆍ가정 양립 지원에 관한 법률|11"],
    ),
    ("금융회사 지배구조 감독규정 제2-1조", ["금융회사 지배구조 감독규정|2-1"]),
    ("국가배상법 제2조", []),
    ("난민법 제2조", []),
    ("부동산등기법 제3조", []),
    ("민법 제999조", []),
    ("상법 제3조원", []),
    ("예산 750조 원", []),
    ("", []),
]


def test_what_is_cited_is_found(laws: Conn) -> None:
    assert [(body, found(laws, body)) for body, _ in CASES] == CASES


def test_a_law_cites_itself_without_its_name(laws: Conn) -> None:
    assert found(laws, "제750조에 따라", "민법") == ["민법|750"]
    assert found(laws, "이 법 제1조", "상법") == ["상법|1"]
    assert found(laws, "법 제1조와 영 제2조", "상법 시행령") == ["상법|1", "상법 시행령|2"]
    assert found(laws, "민법 제1조", "상법") == ["민법|1"]
    assert found(laws, "제750조") == []


def test_a_law_as_it_was_counts_less(laws: Conn) -> None:
    def scores(body: str) -> list[float]:
        return [r.score for r in fetch(laws, functions.citations(collection="laws", body=body))]

    assert scores("구 상법 제395조") == [0.7]
    assert scores("친구 집에서 맺은 계약에 상법 제395조") == [1.0]


def test_the_identifier_leg_finds_it_and_not_its_neighbour(laws: Conn) -> None:
    hits = fetch(
        laws, functions.identifier(collection="laws", query="민법 제750조의 손해배상", k=5)
    )
    assert [(h.matched, h.score) for h in hits] == [("민법 제750조", 1.0)]
    filtered = functions.identifier(collection="laws", query="민법 제750조", filter="$.year > 1")
    assert fetch(laws, filtered) == []
    legs = column(
        laws, "SELECT h.legs ? 'identifier' FROM search.hybrid('laws', '민법 제750조') AS h"
    )
    assert legs == [True]


def test_paragraphs_are_found_by_their_article_and_by_themselves(db: Conn) -> None:
    make_collection(db, "laws", identifier_fields=["citation"])
    rows = [
        {"external_id": n, "fields": {}, "metadata": {"citation": f"민법 제750조 제{n}항"}}
        for n in "12"
    ]
    db.execute("SELECT FROM ops.upsert_items('laws', %s)", (Jsonb(rows),))

    def scored(body: str) -> dict[str, float]:
        rows = fetch(db, functions.citations(collection="laws", body=body))
        return {row.matched[-2]: row.score for row in rows}

    assert scored("민법 제750조") == {"1": 1.0, "2": 1.0}
    assert scored("민법 제750조 제2항") == {"1": 0.8, "2": 1.0}


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    law=st.sampled_from([name for pair in LAWS.items() for name in pair if name]),
    article=st.sampled_from(ARTICLES),
    paragraph=st.none() | st.integers(1, 20),
    before=st.sampled_from(["", "이 경우", "피고가 ", "「", "다음, "]),
    after=st.sampled_from(["", "에 따라", "의 취지", "」", ", 그리고"]),
    space=st.sampled_from(["", " "]),
)
def test_what_is_written_as_a_citation_is_read_back(
    laws: Conn, law: str, article: str, paragraph: int | None, before: str, after: str, space: str
) -> None:
    written = cite(law, article).replace(" 제", f"{space}제")
    written += f"{space}제{paragraph}항" if paragraph else ""
    full = next(name for name, short in LAWS.items() if law in (name, short))
    assert found(laws, f"{before}{written}{after}") == [f"{full}|{article}"]


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.text(max_size=120))
def test_any_text_can_be_parsed(db: Conn, body: str) -> None:
    column(db, "SELECT count(*) FROM impl.citations_in(%s)", (body.replace("\0", ""),))


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(first=st.integers(1, 900), more=st.integers(0, 150))
def test_ranges_hold_every_number_once(db: Conn, first: int, more: int) -> None:
    body = f"민법 제{first}조부터 제{first + more}조까지"
    numbers = [int(n) for n in column(db, "SELECT article FROM impl.citations_in(%s)", (body,))]
    assert numbers[0] == first
    assert len(numbers) == len(set(numbers)) if more else numbers == [first, first]
    if 0 < more <= 100:
        assert numbers == list(range(first, first + more + 1))
