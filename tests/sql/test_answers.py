"""Sentences and passages that answer a question, and the extract that cites them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.sql.helpers import make_collection, put

if TYPE_CHECKING:
    from tests.sql.helpers import Conn

WORDS = st.sampled_from(
    [
        "펌프를",
        "끈다.",
        "valve",
        "Open!",
        "2020.",
        "1.",
        "가.",
        "e.g.",
        "Fig.",
        "3",
        "닫는다?",
        "\n",
        "(참고)",
        "。",
    ]
)
PUMP = "펌프의 베어링이 닳으면 쇳소리가 난다. 그때는 베어링을 바꾼다. 냉각수는 분당 4리터를 흘린다."


def rows(db: Conn, query: str, *args: Any) -> list[Any]:
    return db.execute(query.encode(), args).fetchall()


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(WORDS, max_size=30).map(" ".join))
def test_sentences_are_where_they_say_and_leave_no_word_out(db: Conn, text: str) -> None:
    found = rows(db, "SELECT * FROM impl.sentences(%s) ORDER BY 1", text)
    behind = 0
    for no, (number, start, content) in enumerate(found, 1):
        assert number == no
        assert text[start - 1 : start - 1 + len(content)] == content
        assert not any(map(str.isalnum, text[behind : start - 1]))
        behind = start - 1 + len(content)
    assert not any(map(str.isalnum, text[behind:]))


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("펌프를 끈다. 밸브를 닫는다!", ["펌프를 끈다.", "밸브를 닫는다!"]),
        ("2020. 1. 1. 시행한다. 가. 첫째", ["2020. 1. 1. 시행한다.", "가. 첫째"]),
        ("See Fig. 3 first. Then open.", ["See Fig. 3 first.", "Then open."]),
        ("one\n\n- two", ["one", "- two"]),
        ("止める。次に開く。", ["止める。", "次に開く。"]),
    ],
)
def test_where_sentences_end(db: Conn, text: str, sentences: list[str]) -> None:
    assert [row[0] for row in rows(db, "SELECT content FROM impl.sentences(%s)", text)] == sentences


@pytest.fixture
def asked(db: Conn) -> Conn:
    make_collection(db, "parts", analyzer="korean")
    law = "① 펌프를 설치한 자는 다음을 지킨다. 1. 베어링을 점검한다. ② 과태료는 50만원이다."
    copy = "그때는 베어링을 바꾼다. 끝까지 조여서 새지 않게 한다."
    items = {
        "pump": {"title": "진공 펌프", "body": PUMP, "maker": "SMC"},
        "copy": {"title": "다른 것", "body": copy},
        "gauge": {"title": "Vacuum gauge", "body": "A digital gauge for bearings and pumps."},
        "law": {"law": "펌프법", "heading": "제3조(점검)", "text": law},
    }
    put(db, items)
    return db


def ids(db: Conn) -> list[int]:
    known = dict(rows(db, "SELECT external_id, id FROM core.item"))
    return [known[name] for name in ("pump", "copy", "gauge", "law")]


def test_passages_are_whole_sentences_of_texts_and_parts(asked: Conn) -> None:
    found = rows(
        asked,
        "SELECT external_id, field, part, content, score, sentences, scores"
        " FROM search.passages('parts', '베어링 점검', %s, 5, 100)",
        ids(asked)[::-1],
    )
    assert [row[:3] for row in found] == [
        ("law", "text", "①"), ("gauge", "body", None), ("copy", "body", None), ("pump", "body", None),
    ]  # fmt: skip
    law, gauge, copy, pump = found
    assert law[4] == pytest.approx(1.0)
    assert law[3].startswith("① 펌프를 설치한 자는")
    assert gauge[4] == 0  # by meaning it may be near
    assert 0 < copy[4] == pytest.approx(pump[4])
    for row in found:
        assert " ".join(row[5]) == row[3]
        assert max(row[6]) <= row[4] + 1e-9


def test_a_sentence_of_two_items_cites_both_and_labels_do_not_win(asked: Conn) -> None:
    found = rows(
        asked,
        "SELECT sentence, cites FROM search.cited_sentences('parts', '베어링을 언제 바꾼다', %s,"
        " language => 'ko')",
        ids(asked),
    )
    assert found[0] == ("그때는 베어링을 바꾼다.", [1, 2])
    nothing = "SELECT * FROM search.cited_sentences('parts', 'capital of France', %s)"
    assert rows(asked, nothing, ids(asked)) == []


def test_long_texts_are_read_as_far_as_is_said(asked: Conn) -> None:
    item = put(asked, {"long": {"body": "베어링 하나. " + "x " * 20_100}})["long"]
    found = rows(
        asked, "SELECT unread, content FROM search.passages('parts', '베어링', %s, 1)", [item]
    )
    assert found[0][0] == len("베어링 하나. ") + 40_200 - 40_000
    assert found[0][1].startswith("베어링 하나.")


def test_items_of_other_collections_are_not_read(asked: Conn) -> None:
    make_collection(asked, "others")
    assert rows(asked, "SELECT * FROM search.passages('others', '베어링', %s)", ids(asked)) == []
    with pytest.raises(psycopg.Error) as caught:
        asked.execute("SELECT * FROM search.passages('nowhere', 'x', '{1}')")
    assert caught.value.sqlstate == "SG001"
