"""A report needs nothing but itself, says what the database says, and shows texts as texts."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest

from db.calls.query import fetch
from db.evaluation import evals, query_sets
from db.evaluation.rows import QueryIn
from db.search.rows import Leg
from flows.evaluation.compare import NotComparable
from jobs.evaluation import report, reportdata
from jobs.evaluation.texts import TEXTS
from tests.evaluation.support import foreign_run, items, make_set, own_run

if TYPE_CHECKING:
    from tests.sql.helpers import Conn

HOSTILE = "<script>alert('x')</script> & \"$body\" 펌프"
VOID = {"meta", "br"}
# What a page could load from elsewhere; a plot refers to its own parts by #.
REFERENCES = re.compile(
    r"""(?:src|href)\s*=(?!"\#)|url\((?!\#)|@import|https?:|<(?:img|link|iframe|object|embed)\b"""
)


class Page(HTMLParser):
    """Checks that tags close as they open; keeps texts by language."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[tuple[str, str | None]] = []
        self.texts: dict[str | None, list[str]] = {"en": [], "ko": [], None: []}
        self.scripts = 0
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.scripts += tag == "script"
        if tag not in VOID:
            self.open.append((tag, None if tag == "html" else dict(attrs).get("lang")))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Leave out what closes itself."""

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop()[0] == tag

    def handle_data(self, data: str) -> None:
        language = next((lang for _, lang in reversed(self.open) if lang), None)
        if data.strip():
            self.texts[language].append(data.strip())


@pytest.fixture
def campaign(db: Conn) -> tuple[int, int]:
    """Two runs, of another system and ours, with a refused query and hostile texts."""
    items(db, {"A": HOSTILE, "B": "seal", "<C>": "pump seal"})
    queries = [
        QueryIn(external_id="q1", text=HOSTILE, categories=["<en>"]),
        QueryIn(external_id="q2", text="seal", categories=["ko"]),
        QueryIn(external_id="q3", text="&lt;", categories=["ko"]),
    ]
    ids = make_set(db, queries, {"q1": {"A": 2, "<C>": 1}, "q2": {"B": 1}, "q3": {"gone": 1}})
    theirs = foreign_run(db, {"q1": {"B": 1.0, "A": 0.5}, "q2": {"B": 1.0}}, label="<theirs>")
    ours = own_run(db, legs=[Leg(kind="lexical")], label="ours")
    drop = "DELETE FROM eval.run_query WHERE run_id = %s AND query_id = %s"
    db.execute(drop, (ours, ids["q3"]))
    fetch(db, query_sets.refuse(run_id=ours, query_id=ids["q3"], error="<nothing> to ask"))
    return theirs, ours


def test_a_report_of_two_runs(db: Conn, campaign: tuple[int, int]) -> None:
    theirs, ours = campaign
    html = report.render(reportdata.collect(db, [theirs, ours]))
    page = Page(html)
    assert page.scripts == 1
    assert REFERENCES.findall(html) == []
    assert "default-src 'none'" in html
    shown = " ".join(page.texts[None])
    for text in (HOSTILE, "<en>", "<theirs>", "<nothing> to ask", "<C>", "gone", "lexical"):
        assert text in shown, text
    for run in campaign:
        for metric in fetch(db, evals.metrics(run_id=run, measures=["nDCG@10", "RR@10"])):
            assert f"{metric.value:.4f}" in shown
    assert len(page.texts["en"]) == len(page.texts["ko"])
    english, korean = (" ".join(page.texts[language]) for language in ("en", "ko"))
    for key in (
        "quality",
        "changes",
        "latency",
        "categories",
        "blame",
        "leg_table",
        "worst",
        "refused",
    ):
        assert TEXTS[key][0] in english
        assert TEXTS[key][1] in korean


def test_a_report_of_one_run_has_no_comparison(db: Conn, campaign: tuple[int, int]) -> None:
    """And nothing of legs and latency, which a run of another system has not."""
    html = report.render(reportdata.collect(db, campaign[:1], measures=["RR@10", "AP"]))
    english = Page(html).texts["en"]
    assert {TEXTS[key][0] for key in ("quality", "worst", "blame")} <= set(english)
    absent = {TEXTS[key][0] for key in ("changes", "p_randomisation", "leg_table", "refused")}
    assert not absent & set(english)


def test_the_worst_queries_come_first_with_the_rank_of_each_leg(
    db: Conn, campaign: tuple[int, int]
) -> None:
    data = reportdata.collect(db, campaign, k=1)
    assert [bad.query.external_id for bad in data.worst] == ["q3", "q1"]
    assert data.worst[0].values == [0.0, 0.0]
    assert [(row.external_id, row.verdict, row.legs) for row in data.worst[1].relevant] == [
        ("A", "found", {"lexical": 1}),
        ("<C>", "legs", {"lexical": None}),
    ]
    assert data.titles == {"A": HOSTILE, "<C>": "pump seal"}
    ours = data.runs[1]
    verdicts = {row.verdict: row.pairs for row in ours.blame}
    assert verdicts == {"found": 2, "legs": 1, "unanswered": 1}
    legs = [(leg.leg, leg.first_k, leg.deeper, leg.lost) for leg in ours.legs]
    assert legs == [("lexical", 2, 0, 1)]
    theirs = reportdata.collect(db, campaign[::-1], k=1)
    depths = [row.verdict for row in theirs.worst[1].relevant]
    assert depths == ["depth", "legs"]


def test_only_finished_runs_are_reported(db: Conn, campaign: tuple[int, int]) -> None:
    db.execute("UPDATE eval.run SET finished_at = NULL")
    with pytest.raises(NotComparable, match="never finished"):
        reportdata.collect(db, campaign[:1])


def test_every_text_is_there_in_both_languages() -> None:
    for key, (english, korean) in TEXTS.items():
        assert english, key
        assert re.search("[가-힣]", korean) or key == "p_bootstrap", key
        assert re.findall(r"\{\w+\}", english) == re.findall(r"\{\w+\}", korean), key
