"""Who lost what: constructed cases of every verdict, and the tables against counting in Python."""

from __future__ import annotations

from collections import Counter
from itertools import count
from typing import TYPE_CHECKING, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg.types.json import Jsonb

from db.calls.query import fetch
from db.evaluation import evals, proof, query_sets
from db.evaluation.rows import QueryIn
from tests.evaluation.support import foreign_run, items, make_set
from tests.sql.helpers import column

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tests.sql.helpers import Conn

DOCS = [f"D{n}" for n in range(8)]
LEGS = ("lexical", "text")
Ranks = dict[str, list[int | None]]
fresh_name = map("set{}".format, count())


class Listed(NamedTuple):
    """An answer: its items in order, and per leg the rank of each."""

    docs: list[str]
    ranks: Ranks


def store(db: Conn, run_id: int, query_id: int, listed: Listed) -> None:
    """Write an answer as `eval.answer` does."""
    scores = [1 / (1 + at) for at in range(len(listed.docs))]
    db.execute(
        "INSERT INTO eval.run_query (run_id, query_id, external_ids, scores) VALUES (%s, %s, %s, %s)",
        (run_id, query_id, listed.docs, scores),
    )
    for leg, ranks in listed.ranks.items():
        given = [None if rank is None else 1.0 for rank in ranks]
        db.execute(
            "INSERT INTO eval.run_leg VALUES (%s, %s, %s, %s, %s, %s)",
            (run_id, query_id, leg, ranks, given, given),
        )


def verdicts(db: Conn, run_id: int, k: int) -> dict[tuple[str, str], str]:
    rows = fetch(db, evals.blame(run_id=run_id, k=k))
    return {(row.query, row.external_id): row.verdict for row in rows}


def test_each_verdict(db: Conn) -> None:
    items(db, dict.fromkeys(DOCS, "pump"))
    relevant = {doc: 1 for doc in ("D0", "D2", "D3", "D4", "elsewhere")}
    qrels = {"q": relevant | {"D1": 0}, "refused": {"D0": 1}, "unasked": {"D0": 2}}
    ids = make_set(db, ["q", "refused", "unasked"], qrels)
    run_id = foreign_run(db, {})
    # k is 2: D2 stands first in a leg and third in the answer.
    listed = Listed(["D0", "D1", "D2", "D3"], {"lexical": [2, 1, None, 3], "text": [None, 2, 1, 4]})
    store(db, run_id, ids["q"], listed)
    fetch(db, query_sets.refuse(run_id=run_id, query_id=ids["refused"], error="no vector"))
    assert verdicts(db, run_id, 2) == {
        ("q", "D0"): "found",
        ("q", "D2"): "fusion",
        ("q", "D3"): "depth",
        ("q", "D4"): "legs",
        ("q", "elsewhere"): "absent",
        ("refused", "D0"): "unanswered",
        ("unasked", "D0"): "unanswered",
    }
    fusion = next(r for r in fetch(db, evals.blame(run_id=run_id, k=2)) if r.verdict == "fusion")
    assert (fusion.rank, fusion.leg, fusion.leg_rank) == (3, "text", 1)
    assert fusion.legs == {"lexical": None, "text": 1}
    assert {r.external_id for r in fetch(db, evals.blame(run_id=run_id, min_grade=2))} == {"D0"}
    assert [refused.error for refused in fetch(db, query_sets.refused(run_id=run_id))] == [
        "no vector"
    ]


@st.composite
def answers(draw: st.DrawFn) -> Listed:
    docs = draw(st.lists(st.sampled_from(DOCS), unique=True))
    ranks: Ranks = {}
    for leg in LEGS:
        having = draw(st.lists(st.booleans(), min_size=len(docs), max_size=len(docs)))
        places = iter(draw(st.permutations(range(1, sum(having) + 1))))
        ranks[leg] = [next(places) if has else None for has in having]
    return Listed(docs, ranks)


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    listed=st.lists(answers(), min_size=2, max_size=2),
    relevant=st.lists(
        st.sets(st.sampled_from([*DOCS, "elsewhere"]), min_size=1), min_size=2, max_size=2
    ),
    k=st.integers(1, 4),
)
def test_the_tables_count_right(
    db: Conn, listed: Sequence[Listed], relevant: Sequence[set[str]], k: int
) -> None:
    if not column(db, "SELECT 1 FROM core.collection"):
        items(db, dict.fromkeys(DOCS, "pump"))
    name = next(fresh_name)
    qrels = {f"q{at}": dict.fromkeys(docs, 1) for at, docs in enumerate(relevant)}
    ids = make_set(db, list(qrels), qrels, name=name)
    run_id = foreign_run(db, {}, query_set=name)
    expected: Counter[str] = Counter()
    legs = {leg: Counter[str]() for leg in LEGS}
    firsts: list[tuple[set[str], bool]] = []  # of each relevant item: its legs, whether it is found
    for query, answer, docs in zip(ids, listed, relevant, strict=True):
        store(db, run_id, ids[query], answer)
        for doc in docs:
            expected[judge(answer, doc, k)] += 1
            having = {leg for leg, at in places(answer, doc).items() if range_of(at, k) == "first"}
            firsts.append((having, doc in answer.docs[:k]))
            for leg, place in places(answer, doc).items():
                others = {range_of(p, k) for o, p in places(answer, doc).items() if o != leg}
                mine = range_of(place, k)
                legs[leg][mine] += 1
                legs[leg]["alone"] += mine == "first" and "first" not in others
    found = fetch(db, evals.blame_table(run_id=run_id, k=k))
    assert {row.verdict: row.pairs for row in found} == dict(expected)
    assert sum(row.share for row in found) == pytest.approx(1)
    assert [row.pairs for row in found] == sorted((row.pairs for row in found), reverse=True)
    for row in fetch(db, evals.leg_table(run_id=run_id, k=k)):
        counted = legs[row.leg]
        wanted = (counted["first"], counted["deeper"], counted["lost"], counted["alone"])
        assert (row.first_k, row.deeper, row.lost, row.alone) == wanted
        assert row.pairs == sum(map(len, relevant))
    for pair in fetch(db, proof.leg_overlap(run_id=run_id, k=k)):
        shared = sum({pair.leg, pair.other} <= having for having, _ in firsts)
        mine = sum(pair.leg in having for having, _ in firsts)
        assert (pair.found, pair.shared, pair.apart) == (mine, shared, mine - shared)
    whole = fetch(db, proof.complementarity(run_id=run_id, k=k))[0]
    counts = Counter(min(len(having), 2) for having, _ in firsts)
    assert (whole.nowhere, whole.alone, whole.several) == (counts[0], counts[1], counts[2])
    assert whole.oracle == whole.alone + whole.several == len(firsts) - whole.nowhere
    assert whole.found == sum(found for _, found in firsts)
    assert whole.missed == sum(bool(having) and not found for having, found in firsts)
    assert whole.lifted == sum(found and not having for having, found in firsts)


def places(answer: Listed, doc: str) -> Mapping[str, int | None]:
    at = answer.docs.index(doc) if doc in answer.docs else None
    return {leg: None if at is None else ranks[at] for leg, ranks in answer.ranks.items()}


def range_of(place: int | None, k: int) -> str:
    if place is None:
        return "lost"
    return "first" if place <= k else "deeper"


def judge(answer: Listed, doc: str, k: int) -> str:
    if doc in answer.docs[:k]:
        return "found"
    if doc == "elsewhere":
        return "absent"
    if "first" in [range_of(place, k) for place in places(answer, doc).values()]:
        return "fusion"
    return "depth" if doc in answer.docs else "legs"


def show(db: Conn, item: int, readers: Sequence[str], *, read: bool = True) -> int:
    """Give an item a picture of its own, read or not; returns the picture's id."""
    wanted = Jsonb({reader: "any" for reader in readers})
    db.execute("UPDATE core.collection SET picture_readers = %s", (wanted,))
    made = (
        "INSERT INTO core.picture (media_type, width, height, bytes)"
        " VALUES ('image/png', 9, 9, %s) RETURNING id"
    )
    picture = int(column(db, made, (f"picture of {item}".encode(),))[0])
    db.execute("INSERT INTO core.media (item_id, picture_id) VALUES (%s, %s)", (item, picture))
    if read:
        done = "UPDATE core.reading SET read_at = now(), reader = 'any' WHERE picture_id = %s"
        db.execute(done, (picture,))
    return picture


def said(db: Conn, picture: int, line: str) -> None:
    db.execute(
        "INSERT INTO core.ocr_line (picture_id, line_no, box, text, normalized, confidence, engine)"
        " VALUES (%s, 1, %s, %s, %s, 0.9, 'any')",
        (picture, [0.0] * 8, line, line),
    )


def captioned(db: Conn, picture: int, caption: str) -> None:
    db.execute(
        "INSERT INTO core.caption (picture_id, text, captioner, prompt) VALUES (%s, %s, 'any', '')",
        (picture, caption),
    )


def test_readers_of_pictures_are_blamed_for_what_they_did_not_read(db: Conn) -> None:
    names = (
        *("pending", "missing", "misread", "unlabelled", "labelled", "in-a-field", "no-picture"),
        *("vague", "apt", "blank"),
    )
    ids = items(db, dict.fromkeys(names, "-"), identifier_fields=["no"])
    both = ("ocr", "caption")
    show(db, ids["pending"], both, read=False)
    db.execute("INSERT INTO core.media (item_id, error) VALUES (%s, 'lost')", (ids["missing"],))
    said(db, show(db, ids["misread"], both), "HD18 S")
    said(db, show(db, ids["unlabelled"], both), "MODEL HD1800-S7")
    labelled = show(db, ids["labelled"], both)
    said(db, labelled, "MODEL HD1800-S7")
    db.execute(
        "INSERT INTO core.picture_identifier VALUES (%s, 'model', 'HD1800-S7', 0.9)", (labelled,)
    )
    show(db, ids["in-a-field"], both)
    db.execute(
        'UPDATE core.item SET fields = fields || \'{"no": "HD1800-S7"}\' WHERE id = %s',
        (ids["in-a-field"],),
    )
    captioned(db, show(db, ids["vague"], both), "a machine on a table")
    captioned(db, show(db, ids["apt"], both), "낡은 밸브")
    show(db, ids["blank"], ("ocr",))
    by_number = {
        "pending": "unread",
        "missing": "unread",
        "misread": "ocr",
        "unlabelled": "identifier",
        "labelled": "legs",
        "in-a-field": "legs",
        "no-picture": "legs",
    }
    by_words = {"vague": "caption", "apt": "legs", "blank": "ocr", "no-picture": "legs"}
    queries = [
        QueryIn(external_id="number", text="hd1800s7"),
        QueryIn(external_id="words", text="밸브 seal"),
    ]
    qrels = {"number": dict.fromkeys(by_number, 1), "words": dict.fromkeys(by_words, 1)}
    make_set(db, queries, qrels)
    found = verdicts(db, foreign_run(db, {"number": {}, "words": {}}), 10)
    assert {doc: v for (query, doc), v in found.items() if query == "number"} == by_number
    assert {doc: v for (query, doc), v in found.items() if query == "words"} == by_words
