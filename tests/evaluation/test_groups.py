"""Whom search serves: languages of query and item, frequent and rare values, and what reports say of it."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

import pytest
from psycopg.types.json import Jsonb

from db.calls.query import fetch
from db.errors import UnknownName
from db.evaluation import evals
from db.evaluation.rows import QueryIn
from db.search.rows import Leg
from jobs.evaluation import report, reportdata
from tests.evaluation.support import foreign_run, items, make_set, own_run
from tests.sql.helpers import column

if TYPE_CHECKING:
    from tests.sql.helpers import Conn

TITLES = {
    "k1": "진공 펌프",
    "k2": "iXH1210 펌프 수리 안내",
    "e1": "dry vacuum pump",
    "e2": "seal kit for HD1800",
    "n": "4711-0815",
}
QRELS = {
    "펌프": {"k1": 1, "e1": 2, "e2": 0, "gone": 1},
    "pump": {"k1": 1, "k2": 1, "e1": 1},
    "like e2": {"e1": 1, "n": 1, "e2": 1},
}


@pytest.fixture
def run_id(db: Conn) -> int:
    items(db, TITLES)
    queries = [QueryIn(external_id=q, text=q) for q in ("펌프", "pump")]
    make_set(db, [*queries, QueryIn(external_id="like e2", item="e2")], QRELS)
    return foreign_run(
        db, {"펌프": {"k1": 2, "k2": 1}, "pump": {"e1": 9, "k1": 8}, "like e2": {"e1": 1}}
    )


@pytest.mark.parametrize(
    ("words", "language"),
    [
        ("진공 펌프", "ko"),
        ("Edwards iXH1210 펌프 교체", "ko"),
        ("vacuum pump installation manual 펌프", "en"),
        ("déjà vu", "en"),
        ("4711-0815", "other"),
        ("", "other"),
        ("日本", "other"),
    ],
)
def test_the_language_of_a_text(plain: Conn, words: str, language: str) -> None:
    assert column(plain, "SELECT impl.language_of(%s)", (words,)) == [language]


def test_languages_are_counted_by_query_and_item(db: Conn, run_id: int) -> None:
    rows = fetch(db, evals.language_table(run_id=run_id))
    assert {(r.query_language, r.item_language): (r.pairs, r.queries, r.found) for r in rows} == {
        ("ko", "ko"): (1, 1, 1),
        ("ko", "en"): (1, 1, 0),
        ("en", "ko"): (2, 1, 1),
        ("en", "en"): (2, 2, 2),  # one of them asked by the item e2
        ("en", "other"): (1, 1, 0),
    }
    assert all(r.share == pytest.approx(r.found / r.pairs) for r in rows)
    first = fetch(db, evals.language_table(run_id=run_id, k=1))
    assert sum(r.found for r in first) == 3
    with pytest.raises(UnknownName):
        fetch(db, evals.language_table(run_id=4711))


def test_sub_groups_come_by_frequency(db: Conn) -> None:
    makers = {"A": 10, "B": 5, "C": 3, "D": 1, "E": 1}
    ids = [f"{maker}{n}" for maker, many in makers.items() for n in range(many)]
    items(db, dict.fromkeys([*ids, "none"], "pump"))
    for maker in makers:
        db.execute(
            "UPDATE core.item SET metadata = %s WHERE external_id LIKE %s",
            (Jsonb({"made": {"by": maker}}), f"{maker}_"),
        )
    qrels = {"q": {"A0": 1, "A1": 1, "C0": 1, "D0": 1, "none": 1}, "r": {"A0": 1, "E0": 0}}
    make_set(db, ["q", "r"], qrels)
    run = foreign_run(db, {"q": {"A0": 3.0, "D0": 2.0}, "r": {"B0": 1.0, "A0": 0.5}})
    rows = fetch(db, evals.group_table(run_id=run, path="made.by", k=2))
    assert [(r.value, r.band, r.items, r.pairs, r.queries, r.found) for r in rows] == [
        ("A", "frequent", 10, 3, 2, 2),
        ("C", "middle", 3, 1, 1, 0),
        ("D", "rare", 1, 1, 1, 1),
    ]
    assert fetch(db, evals.group_table(run_id=run, path="made.where")) == []
    html = report.render(reportdata.collect(db, [run], group_by="made.by"))
    assert "By sub-group" in html
    assert "하위 집단별" in html
    assert "made.by" in html
    assert "By sub-group" not in report.render(reportdata.collect(db, [run]))


def test_a_report_shows_languages_where_there_are_several(db: Conn, run_id: int) -> None:
    assert "Across languages" in report.render(reportdata.collect(db, [run_id]))


def test_the_item_that_is_the_query_moves_nothing_down(db: Conn) -> None:
    """The leg has the relevant item right behind the query itself: that is its first hit."""
    items(db, {"A": "pump pump", "B": "pump valve", "C": "pump motor seal"})
    make_set(db, [QueryIn(external_id="like A", item="A")], {"like A": {"B": 1, "C": 1}})
    found = fetch(db, evals.blame(run_id=own_run(db, legs=[Leg(kind="lexical")]), k=1))
    assert {row.external_id: (row.leg_rank, row.legs) for row in found} == {
        "B": (1, {"lexical": 1}),
        "C": (2, {"lexical": 2}),
    }


@pytest.mark.parametrize(
    ("words", "language"),
    [
        (r"부등식 $\left|\frac{\alpha}{\beta}\right|\leq\sqrt{\gamma}$ 의 해", "ko"),
        (r"해 \left|\frac{\alpha}{\beta}\right|\leq\sqrt{\gamma}", "ko"),
        (r"다음 \[ \int_{a}^{b} f(x)\,dx = F(b) - F(a) \] 값", "ko"),
        (r"값 \begin{align*} velocity &= distance / time \end{align*}", "ko"),
        (r"$$ speed = distance / time $$ 식", "ko"),
        (r"$\text{높이} = height$", "ko"),
        (r"Solve $x^2 + y^2 = z^2$ for every integer, 정수", "en"),
        (r"$\alpha \leq \beta$", "other"),
        (r"\overline{ABCDEFGH} = \frac{PQRSTUV}{XYZW} 값", "ko"),
        (r"\textbf{Pump} 10", "en"),
        (r"A pump for $5 and a valve for $10", "en"),
        ("<div class='important note'><b>펌프</b>&nbsp;소음</div>", "ko"),
        ("<script>var pump = 'vacuum';</script><style>p { color: red }</style>펌프", "ko"),
        ("<!-- a comment of many English words -->펌프", "ko"),
        ("<p>The pump</p>", "en"),
        ("설명서 https://www.example.com/manuals/vacuum/pumps/dry?lang=english", "ko"),
        ("문의 somebody.somewhere@example-company.com", "ko"),
        ("[설명](manuals/vacuum-pumps-english.pdf)", "ko"),
        ("a < b and c > d", "en"),
        ("https://example.com/", "other"),
        ("", "other"),
    ],
)
def test_markup_does_not_tell_the_language(plain: Conn, words: str, language: str) -> None:
    assert column(plain, "SELECT impl.language_of(%s)", (words,)) == [language]


def test_decomposed_hangul_is_hangul(plain: Conn) -> None:
    words = unicodedata.normalize("NFD", "펌프 소음")
    assert column(plain, "SELECT impl.language_of(%s)", (words,)) == ["ko"]
