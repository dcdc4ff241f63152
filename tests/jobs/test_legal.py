"""Files of law.go.kr become passages: what is cited how, what is gone, what is wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from db.calls.query import fetch
from db.evaluation.rows import Judgment, QueryIn
from db.items import articles
from db.items.items import create_collection, upsert_items
from db.search import functions
from encoders.settings import EncoderSettings
from jobs.errors import BadRecord
from jobs.evaluation.load import import_set
from jobs.legal import citing, load, quality, shapes, tuned
from jobs.legal import relate as relating
from jobs.legal.documents import passages
from jobs.legal.relate import RelateReport
from jobs.recipes import registry as recipes
from jobs.recipes.legal import Passage, fields
from jobs.tuning import lexical, validation

if TYPE_CHECKING:
    import psycopg

    Conn = psycopg.Connection[Any]

STATUTE: dict[str, Any] = {
    "법령": {
        "기본정보": {
            "법령ID": "009999",
            "법령명_한글": "서고 이용에 관한 법률",
            "법령명약칭": "서고법",
            "시행일자": "20250101",
            "법종구분": {"content": "법률", "법종구분코드": "A0002"},
        },
        "조문": {
            "조문단위": [
                {"조문번호": "1", "조문여부": "전문", "조문내용": "        제1장 총칙"},
                {
                    "조문번호": "1",
                    "조문여부": "조문",
                    "조문제목": "목적",
                    "조문내용": "제1조(목적) 이 법은 서고의 이용을 정한다. <개정 2020.1.1>",
                    "조문시행일자": "20240101",
                },
                {"조문번호": "2", "조문여부": "조문", "조문내용": "제2조 삭제 <2021. 3. 2.>"},
                {"조문번호": "3", "조문여부": "전문", "조문내용": "제2장 이용 <개정 2020.1.1>"},
                {
                    "조문번호": "3",
                    "조문가지번호": "2",
                    "조문여부": "조문",
                    "조문제목": "대출",
                    "조문내용": "제3조의2(대출)",
                    "항": [
                        {
                            "항번호": "①",
                            "항내용": "① 누구나 책을 빌릴 수 있다. 다만 다음은 그러하지 아니하다.",
                            "호": [
                                {
                                    "호번호": "1.",
                                    "호내용": "1. 귀중본",
                                    "목": {"목번호": "가.", "목내용": "가. 필사본"},
                                },
                                {"호번호": "2.", "호내용": "2. 참고서"},
                            ],
                        },
                        {"항번호": "②", "항내용": "② 기간은 제1조에 따라 정한다."},
                    ],
                },
                {
                    "조문번호": "4",
                    "조문여부": "조문",
                    "조문제목": "반납",
                    "조문내용": "제4조(반납)",
                    "항": {"호": [{"호번호": "1.", "호내용": "1. 제때에 돌려준다."}]},
                },
            ]
        },
    }
}
RULE: dict[str, Any] = {
    "AdmRulService": {
        "행정규칙기본정보": {
            "행정규칙일련번호": "2100000000001",
            "행정규칙명": "서고운영규정",
            "행정규칙종류": "고시",
            "시행일자": "20230701",
        },
        "조문내용": [
            "제1장 총칙",
            "제1-1조(목적) 이 규정은 서고의 운영을 정한다.",
            "제1-2조 삭제 <2022.1.1>",
            "제1-2조의2(휴관) 월요일은 쉰다. [본조신설 2022.1.1]",
        ],
    }
}
CASE: dict[str, Any] = {
    "판례일련번호": "777",
    "사건명": "도서반환",
    "사건번호": "2020다1",
    "법원명": "대법원",
    "판결유형": "판결",
    "선고일자": "2020.05.06",
    "판시사항": "[1] 책을 돌려주지 않은 경우의 책임<br/>[2] 필사본의 대출<br/>",
    "판결요지": "[1] 배상하여야 한다.<br/>",
    "참조조문": "[1][2]서고법 제4조 / [3]민법 제750조<br/>",
}


def by_id(record: dict[str, Any], **options: int) -> dict[str, Passage]:
    return {p.id: p for p in passages(record, "x.json", **options).passages}


def test_a_statute_by_article() -> None:
    found = passages(STATUTE, "x.json")
    assert found.deleted == 1
    first, loan, back = found.passages
    assert [p.id for p in found.passages] == ["LAW_009999_1", "LAW_009999_3-2", "LAW_009999_4"]
    assert (first.article, first.title, first.effective) == ("제1조", "목적", "20240101")
    assert first.text == "제1조(목적) 이 법은 서고의 이용을 정한다."
    assert (first.chapter, loan.chapter) == ("제1장 총칙", "제2장 이용")
    assert (loan.article, loan.effective, loan.abbr, loan.type) == (
        "제3조의2",
        "20250101",
        "서고법",
        "법률",
    )
    assert "1. 귀중본 가. 필사본 2. 참고서" in loan.text
    assert back.text == "제4조(반납) 1. 제때에 돌려준다."
    assert fields(first)["heading"] == "제1조(목적)"
    assert fields(first)["text"] == "이 법은 서고의 이용을 정한다."


def test_a_long_article_by_paragraph_keeps_its_context() -> None:
    found = by_id(STATUTE, split_from=20)
    second = found["LAW_009999_3-2_2"]
    assert second.paragraph == 2
    item = recipes.get("legal").to_item(json.loads(json.dumps(to_dict(second))))
    assert item.fields["heading"] == "제3조의2(대출) 제2항"
    assert item.fields["law"] == "서고 이용에 관한 법률"
    assert (
        item.metadata["citation"] == "서고 이용에 관한 법률 제3조의2 제2항\n서고법 제3조의2 제2항"
    )
    assert item.metadata["valid_from"] == "2025-01-01"


def to_dict(passage: Passage) -> dict[str, Any]:
    return {name: getattr(passage, name) for name in passage.__struct_fields__}


def test_a_rule_by_article() -> None:
    found = passages(RULE, "x.json")
    assert found.deleted == 1
    assert [(p.article, p.title, p.text[-8:].strip()) for p in found.passages] == [
        ("제1-1조", "목적", "운영을 정한다."),
        ("제1-2조의2", "휴관", "월요일은 쉰다."),
    ]
    assert found.passages[1].id == "ADM_2100000000001_1-2-2"


@pytest.mark.parametrize("record", [CASE, {"PrecService": CASE}])
def test_a_decision_by_issue(record: dict[str, Any]) -> None:
    found = by_id(record)
    assert found["PREC_777_1"].text == "책을 돌려주지 않은 경우의 책임\n배상하여야 한다."
    assert (found["PREC_777_1"].doc, found["PREC_777_1"].effective) == (
        "대법원 2020다1",
        "20200506",
    )
    assert [found[f"PREC_777_{n}"].cites for n in (1, 2)] == ["서고법 제4조", "서고법 제4조"]


@pytest.mark.parametrize(
    ("record", "missing"),
    [
        ({}, "neither 법령"),
        ({"법령": {"조문": {}}}, "기본정보"),
        ({"법령": {"기본정보": {"법령ID": "1"}, "조문": {}}}, "법령명_한글"),
        ({"AdmRulService": {"행정규칙기본정보": {}}}, "행정규칙일련번호"),
        ({"판시사항": "", "사건번호": "1", "판례일련번호": "1"}, "neither 판시사항"),
    ],
)
def test_what_is_missing_is_named(record: dict[str, Any], missing: str) -> None:
    with pytest.raises(BadRecord, match=missing):
        passages(record, "x.json")


def test_bad_files_and_repeated_ids_are_named_and_the_rest_goes_on(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps(STATUTE), encoding="utf-8")
    (tmp_path / "b.json").write_text(json.dumps(STATUTE), encoding="utf-8")
    (tmp_path / "c.json").write_text("{", encoding="utf-8")
    (tmp_path / "d.json").write_text('{"법령": 3}', encoding="utf-8")
    (tmp_path / "e.jsonl").write_text(
        '{"id": "X", "kind": "law", "doc": "d", "text": "t"}\n{"id": 1}\n'
    )
    found = load.load([tmp_path])
    assert [p.id for p in found.passages] == ["LAW_009999_1", "LAW_009999_3-2", "LAW_009999_4", "X"]
    assert [Path(error.split(":")[0]).name for error in found.errors] == ["b.json"] * 3 + [
        "c.json",
        "d.json",
        "e.jsonl",
    ]
    told = quality.report(found.passages, found.deleted)
    assert (told.passages, told.undated, told.short) == (4, 1, ["X"])
    load.write(tmp_path / "out.jsonl", found.passages)
    assert load.load([tmp_path / "out.jsonl"]).passages == found.passages


def law(*units: Any, **info: Any) -> dict[str, Any]:
    about = {"법령ID": "000001", "법령명_한글": "민법", "시행일자": "20250101"} | info
    return {"법령": {"기본정보": about, "조문": {"조문단위": list(units)}}}


def unit(number: int, text: str, **more: Any) -> dict[str, Any]:
    return {"조문번호": str(number), "조문여부": "조문", "조문내용": text, **more}


def test_parts_that_are_texts_are_read_and_nulls_say_nothing() -> None:
    record = law(
        None,
        unit(
            1,
            "제1조(x)",
            항=[{"항내용": "① 가", "호": ["1. 나", {"호내용": "2. 다", "목": ["가. 라"]}]}],
        ),
        unit(2, "제2조(y)", 항=["① 마", None, {"항내용": "② 바", "호": None}]),
    )
    found = passages(record, "x.json").passages
    assert [passage.text for passage in found] == [
        "제1조(x) ① 가 1. 나 2. 다 가. 라",
        "제2조(y) ① 마 ② 바",
    ]


@pytest.mark.parametrize(
    "record",
    [
        law("제1조"),
        law(5),
        law([]),
        {"법령": {"기본정보": [], "조문": {}}},
        {"법령": None},
        {"PrecService": "x"},
        {"PrecService": {"판례정보일련번호": 1, "사건번호": None}},
        {"AdmRulService": {"행정규칙기본정보": {"행정규칙일련번호": {}, "행정규칙명": "x"}}},
        [],
        None,
    ],
)
def test_shapes_that_are_none_name_their_file_and_the_rest_goes_on(
    tmp_path: Path, record: Any
) -> None:
    (tmp_path / "a.json").write_text(json.dumps(record), encoding="utf-8")
    (tmp_path / "b.json").write_bytes(b"\xef\xbb\xbf" + json.dumps(STATUTE).encode())
    (tmp_path / "c.json").write_bytes(json.dumps(STATUTE, ensure_ascii=False).encode("cp949"))
    (tmp_path / "d.json").write_bytes(json.dumps(STATUTE).encode("utf-16"))
    (tmp_path / "e.json").write_bytes(b'{"a": 1, "a": 2}')
    (tmp_path / "f.jsonl").write_bytes('{"id": "법"}\n'.encode("cp949"))
    (tmp_path / "g.JSON").write_text(json.dumps(law(unit(9, "제9조(z) 사"))), encoding="utf-8")
    found = load.load([tmp_path])
    named = [Path(error.split(":")[0].split(" seems")[0]).name for error in found.errors]
    assert named == ["a.json", "c.json", "d.json", "e.json", "f.jsonl"]
    assert "CP949" in found.errors[1]
    assert "UTF-16" in found.errors[2]
    assert "LAW_000001_9" in {passage.id for passage in found.passages}
    assert len(found.passages) == 4


def test_keys_of_passages_without_a_place_are_counted(tmp_path: Path) -> None:
    lines = [{"id": "A", "kind": "law", "doc": "d", "text": "t", "url": "u"}] * 1
    (tmp_path / "a.jsonl").write_text("\n" + json.dumps(lines[0]) + "\n")
    assert load.load([tmp_path]).unused == {"url": 1}


@pytest.mark.parametrize(
    ("told", "meant"),
    [
        ("20250101", "20250101"),
        ("2025.1.1", "20250101"),
        ("2025. 1. 31.", "20250131"),
        ("2025-12-01", "20251201"),
        ("2025년 3월 2일", "20250302"),
        (20250101, "20250101"),
        ("2025.13.1", ""),
        ("20250230", ""),
        ("2025111", ""),
        ("2025", ""),
        ("", ""),
        (None, ""),
    ],
)
def test_dates_however_they_are_written(told: Any, meant: str) -> None:
    assert shapes.day(told) == meant


def test_marks_of_pages_are_no_text() -> None:
    text = 'A <img src="/LSW/flDownload.do?flSeq=1" alt="x"> B</img><BR/>C <b>D</b> <!-- E\n --> F'
    assert shapes.clean(text) == "A B C D F"
    kept = "<별표 1>과 a<b, x > y <가>"
    assert shapes.clean(kept) == kept


def test_nothing_to_read_is_said(tmp_path: Path) -> None:
    with pytest.raises(load.NothingToRead):
        load.load([tmp_path])


def test_articles_are_found_by_citation_and_by_words(db: Conn) -> None:
    recipe = recipes.get("legal")
    fetch(db, create_collection(name="legal", settings=recipe.collection))
    made = [*passages(STATUTE, "x").passages, *passages(CASE, "y").passages]
    items = [recipe.to_item(to_dict(passage)) for passage in made]
    fetch(db, upsert_items(collection="legal", items=items))
    names = dict(db.execute("SELECT id, external_id FROM core.item").fetchall())
    hits = fetch(
        db, functions.identifier(collection="legal", query="서고법 제3조의2 제1항을 어긴 경우")
    )
    assert [names[hit.item_id] for hit in hits] == ["LAW_009999_3-2"]
    own = fetch(
        db,
        functions.citations(
            collection="legal", body="기간은 제1조에 따라", law="서고 이용에 관한 법률"
        ),
    )
    assert [names[row.item_id] for row in own] == ["LAW_009999_1"]
    words = fetch(db, functions.lexical(collection="legal", query="필사본"))
    assert {names[hit.item_id] for hit in words} == {"LAW_009999_3-2", "PREC_777_2"}
    cut = functions.lexical(collection="legal", query="필사본", filter="valid_from:2025..")
    assert {names[hit.item_id] for hit in fetch(db, cut)} == {"LAW_009999_3-2"}


def relate(db: Conn, collection: str, *, most: int = 300, **given: Any) -> RelateReport:
    points = relating.read_points(db, collection, **given)
    return relating.relate(db, collection, points, most=most)


def test_articles_are_told_what_decisions_citing_them_were_about(db: Conn) -> None:
    recipe = recipes.get("legal")
    fetch(db, create_collection(name="legal", settings=recipe.collection))
    made = [*passages(STATUTE, "x").passages, *passages(CASE, "y").passages]
    items = [recipe.to_item(to_dict(passage)) for passage in made]
    fetch(db, upsert_items(collection="legal", items=items))
    asked = [
        QueryIn(external_id="q1", text="필사본의  대출."),
        QueryIn(external_id="q2", text="휴관일"),
    ]
    import_set(db, "dev", asked[:1], [], source="us")
    judged = [Judgment(query="q2", external_id="LAW_009999_1", grade=1)]
    import_set(db, "train", asked[1:], judged, source="us")

    def told(article: str) -> str | None:
        query = "SELECT fields ->> 'decisions' FROM core.item WHERE external_id = %s"
        (row,) = db.execute(query, (article,)).fetchall()
        return row[0]

    def found(query: str) -> set[str]:
        names = dict(db.execute("SELECT id, external_id FROM core.item").fetchall())
        return {
            names[h.item_id] for h in fetch(db, functions.lexical(collection="legal", query=query))
        }

    assert "LAW_009999_4" not in found("책임")
    done = relate(db, "legal")
    assert done == RelateReport(articles=1, issues=2, changed=1, kept_out=0)
    assert told("LAW_009999_4") == "책을 돌려주지 않은 경우의 책임\n필사본의 대출"
    assert "LAW_009999_4" in found("책임")
    assert relate(db, "legal").changed == 0
    assert relate(db, "legal", most=1).changed == 1
    assert told("LAW_009999_4") == "책을 돌려주지 않은 경우의 책임"
    done = relate(db, "legal", query_set="train", not_in=["dev"])
    assert done == RelateReport(articles=2, issues=2, changed=1, kept_out=1)
    assert told("LAW_009999_1") == "휴관일"
    db.execute("DELETE FROM core.item WHERE external_id LIKE 'PREC%'")
    assert relate(db, "legal") == RelateReport(articles=0, issues=0, changed=2, kept_out=0)
    assert told("LAW_009999_4") is None
    assert "LAW_009999_4" not in found("책임")


WORDS = (
    "교통사고",
    "임대차",
    "상속",
    "보증",
    "매매",
    "이혼",
    "유언",
    "도급",
    "운송",
    "보험",
    "파산",
    "배당",
)


def test_some_decisions_are_asked_before_they_count(
    db: Conn, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = recipes.get("legal")
    fetch(db, create_collection(name="legal", settings=recipe.collection))
    articles_ = [unit(at, f"제{at}조(x) 조문 {at}") for at in range(1, len(WORDS) + 1)]
    made = passages(law(*articles_), "x").passages
    for at, word in enumerate(WORDS * 4):
        point = f"{word}에서 {at}번째로 다툰 쟁점 {'가나다라마바사아자차'[at // 12] * 9}"
        case = CASE | {"판례일련번호": str(at), "판시사항": point, "판결요지": ""}
        made += passages(case | {"참조조문": f"민법 제{at % 12 + 1}조"}, "y").passages
    items = [recipe.to_item(to_dict(passage)) for passage in made]
    fetch(db, upsert_items(collection="legal", items=items))
    points = relating.read_points(db, "legal")
    monkeypatch.setattr(lexical, "ROUNDS", 1)
    monkeypatch.setattr(validation, "REPEATS", 1)
    learned, asked = tuned.sides(points.pairs, 0.4)
    assert not {p.group for p in learned} & {p.group for p in asked}
    few = tuned.relate_tuned(db, "legal", points, EncoderSettings(), fraction=0.4)
    assert few.untuned
    assert few.related.issues == 48
    monkeypatch.setattr(tuned, "LEAST_ASKED", 10)
    found = tuned.relate_tuned(db, "legal", points, EncoderSettings(), fraction=0.4)
    assert found.asked == len({p.query_id for p in asked}) >= 10
    assert found.lexical is not None
    assert set(found.lexical.best.field_weights) >= {"decisions"}
    assert (found.related.articles, found.related.issues) == (12, 48)
    assert db.execute("SELECT count(*) FROM eval.query_set").fetchall() == [(0,)]


def test_versions_of_a_law_are_told_apart_by_their_days(tmp_path: Path, db: Conn) -> None:
    old = law(
        unit(1, "제1조(a) 같다."), unit(2, "제2조(b) ① 책. ② 다음 1. 가책 2. 나책"),
        unit(3, "제3조(c) 벌금 십만원"), 시행일자="20100101",
    )  # fmt: skip
    new = law(
        unit(1, "제1조(a) 같다."), unit(2, "제2조(b) ① 책. ② 다음 1. 가책 2. 다책 ③ 제1조에 따른다."),
        unit(4, "제4조(d) 제2조 제1항에 따라 2020. 1. 1. 연다."), 시행일자="20200101",
    )  # fmt: skip
    decree = law(unit(1, "제1조(e) 법 제2조의 책"), 법령ID="000002", 법령명_한글="민법 시행령")
    for name, record in (("b", old), ("a", new), ("c", decree)):
        (tmp_path / f"{name}.json").write_text(json.dumps(record), encoding="utf-8")
    given = load.load([tmp_path])
    assert (given.older, given.repealed, given.errors) == (1, 1, [])
    told = {p.id: (p.effective, p.until) for p in given.passages}
    assert told["LAW_000001_2@20100101"] == ("20100101", "20200101")
    assert told["LAW_000001_1"] == ("20100101", "")
    assert told["LAW_000001_3"] == ("20100101", "20200101")
    recipe = recipes.get("legal")
    fetch(db, create_collection(name="legal", settings=recipe.collection))
    items = [recipe.to_item(to_dict(passage)) for passage in given.passages]
    fetch(db, upsert_items(collection="legal", items=items))
    assert citing.read(db, "legal") == 3
    ids = {name: id_ for id_, name in db.execute("SELECT id, external_id FROM core.item")}
    now, second = ids["LAW_000001_2"], ids["LAW_000001_4"]
    assert [v.today for v in fetch(db, articles.versions(item_id=now))] == [False, True]
    changes = fetch(db, articles.changes(earlier_id=None, later_id=now))
    assert [(c.path, c.change) for c in changes if c.change != "same"] == [
        ("②/2.", "changed"),
        ("③", "added"),
    ]
    assert fetch(db, articles.changes(earlier_id=None, later_id=second)) == []
    links = fetch(db, articles.citing(item_id=now, most_n=5))
    assert [(one.way, one.external_id) for one in links] == [
        ("cited", "LAW_000001_4"),
        ("cites", "LAW_000001_1"),
        ("decree", "LAW_000002_1"),
    ]
    beside = fetch(db, articles.beside(item_id=now))
    assert [(b.way, b.external_id) for b in beside] == [
        ("before", "LAW_000001_1"),
        ("behind", "LAW_000001_4"),
    ]
    words = fetch(db, functions.lexical(collection="legal", query="벌금"))
    assert words == []
    words = fetch(
        db, functions.lexical(collection="legal", query="벌금", filter="as_of:2015-01-01")
    )
    assert [hit.item_id for hit in words] == [ids["LAW_000001_3"]]


PARTS = [
    ("", []),
    ("본문만 있다.", [(0, None, "본문만 있다.")]),
    ("제외 ① 가 ② 나", [(0, None, "제외 "), (1, "①", "① 가 "), (1, "②", "② 나")]),
    ("① 갑 1. 을 가. 병 나. 정 1의2. 무 2. 기 ② 경 1. 신",
     [(1, "①", "① 갑 "), (2, "①/1.", "1. 을 "), (3, "①/1./가.", "가. 병 "), (3, "①/1./나.", "나. 정 "),
      (2, "①/1의2.", "1의2. 무 "), (2, "①/2.", "2. 기 "), (1, "②", "② 경 "), (2, "②/1.", "1. 신")]),
    ("2020. 1. 1. 시행 3. 셋 나. 둘", [(0, None, "2020. 1. 1. 시행 3. 셋 나. 둘")]),
]  # fmt: skip


@pytest.mark.parametrize(("body", "parts"), PARTS)
def test_parts_of_an_article(db: Conn, body: str, parts: list[Any]) -> None:
    rows = db.execute(
        "SELECT level, path, content, start FROM impl.legal_parts(%s)", (body,)
    ).fetchall()
    assert [row[:3] for row in rows] == parts
    assert "".join(row[2] for row in rows) == body
    assert all(body[row[3] - 1 :].startswith(row[2]) for row in rows)
