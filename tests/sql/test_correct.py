"""search.correct: typing errors, keyboards, spaces; right words and numbers stay as they are."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import psycopg
import pytest

from tests.conftest import fresh_database
from tests.sql.helpers import column, make_collection, put

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.sql.helpers import Conn

TITLES = (
    "진공 펌프 오일",
    "진공 펌프 소음기",
    "크라이오펌프 압축기",
    "질화알루미늄 세라믹 히터",
    "손해배상의 책임",
    "위원회의 구성과 운영",
    "dry vacuum pump with mechanical booster",
    "vacuum gauge controller",
    "turbomolecular pump HD1800-S7",
    "end effector blade for wafers",
    "water cooled baffle",
)


def count(db: Conn, collection: str = "parts", batch_n: int = 100) -> int:
    """Count words until nothing is left; returns the number of documents counted."""
    counted = 0
    while n := column(db, "SELECT impl.vocabulary_step(%s, %s)", (collection, batch_n))[0]:
        counted += n
    return counted


def fill(db: Conn, analyzer: str = "korean") -> None:
    make_collection(db, "parts", analyzer=analyzer)
    put(db, {f"P{at}": {"title": title} for at, title in enumerate(TITLES)})


def corrected(db: Conn, query: str, collection: str = "parts") -> str | None:
    (row,) = db.execute("SELECT corrected FROM search.correct(%s, %s)", (collection, query))
    return row[0]  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def filled(server_url: str, template: str) -> Iterator[Conn]:
    """One database for all that only read."""
    with (
        fresh_database(server_url, template) as url,
        psycopg.connect(url, autocommit=True) as conn,
    ):
        fill(conn)
        assert count(conn) == len(TITLES)
        yield conn


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("진공 펑프", "진공 펌프"),  # a letter replaced
        ("짖공 펌프", "진공 펌프"),
        ("진공 퍼프", "진공 펌프"),  # left out
        ("진공 펌ㅍ", "진공 펌프"),
        ("진공 펌픞", "진공 펌프"),  # put in
        ("진고ㅇ 펌프", "진공 펌프"),  # as an input method leaves it
        ("진공 펖므", "진공 펌프"),  # exchanged
        ("세라믹 히커", "세라믹 히터"),
        ("손해배상의 책입", "손해배상의 책임"),
        ("위언회의 구성", "위원회의 구성"),
        ("vacum pump", "vacuum pump"),
        ("vaccum pmup", "vacuum pump"),  # two mistyped words
        ("turbomolucelar pump", "turbomolecular pump"),  # two edits in one word
        ("wlsrhd vjavm", "진공 펌프"),  # the other keyboard
        ("WLSRHD", "진공"),
        ("ㅍㅁ쳐ㅕㅡ ㅔㅕㅡㅔ", "vacuum pump"),
        ("진공펌프", "진공 펌프"),  # words typed as one
        ("세라믹히터", "세라믹 히터"),
        ("vacuumpump", "vacuum pump"),
        ("진 공 펌프", "진공 펌프"),  # one as several
        ("소음 기", "소음기"),
        ("vac uum pump", "vacuum pump"),
        ("Vacum PUMP", "Vacuum PUMP"),  # as it was typed otherwise
        ("VACUM pump?!", "VACUUM pump?!"),
        ("vacum, ㆍ pump HD1800-S7", "vacuum, ㆍ pump HD1800-S7"),
    ],
)
def test_mistyped_words_are_corrected(filled: Conn, typed: str, meant: str) -> None:
    assert corrected(filled, typed) == meant


@pytest.mark.parametrize(
    "query",
    [
        *TITLES,
        "펌프",
        "펌프를 펌프에서는 펌프의",  # particles
        "위원회에서 구성하였음을",  # endings
        "pumps gauges controllers",  # inflected
        "water cooler",
        "the pump of a wafer",  # stop words
        "HD1800-S8",  # part numbers
        "HD18O0S7 pomp7",
        "제750조 민법 제2조",  # citations
        "220V 1000mm 3.5kw",
        "2024년 1,000원",
        "TMP",  # an abbreviation
        "ㅋㅋ",
        "ㄷ자형 히터",
        "a b",
        "x^2 - 3x = 0",
        "!!! ???",
        "vacuum@pump.com",
        "",
        "   ",
    ],
)
def test_right_words_and_numbers_stay(filled: Conn, query: str) -> None:
    assert corrected(filled, query) is None


def test_a_text_in_other_words_is_left_alone(filled: Conn) -> None:
    """Unknown words among unknown ones are no slips, however near some are to known ones."""
    query = "small thing that must blame the wafer when somebody bends it"
    assert corrected(filled, query) is None
    assert corrected(filled, "blape") == "blade"


def test_changes_say_what_was_done(filled: Conn) -> None:
    (row,) = filled.execute("SELECT * FROM search.correct('parts', 'vacum wlsrhd 소음 기')")
    assert row == (
        "vacuum 진공 소음기",
        [
            {"typed": "vacum", "meant": "vacuum", "how": "typing", "items": 2},
            {"typed": "wlsrhd", "meant": "진공", "how": "keyboard", "items": 2},
            {"typed": "소음 기", "meant": "소음기", "how": "spacing", "items": 1},
        ],
        0,
        0,
    )


def test_a_pasted_text_is_left_alone_and_counted(filled: Conn) -> None:
    query = "pump " * 20 + "wlsrhd vjavm"
    (row,) = filled.execute("SELECT corrected, unchecked FROM search.correct('parts', %s)", [query])
    assert row == (None, 22)


@pytest.mark.parametrize("analyzer", ["simple", "english"])
def test_other_analyzers(db: Conn, analyzer: str) -> None:
    fill(db, analyzer)
    count(db)
    assert corrected(db, "진공 펑프") == "진공 펌프"
    assert corrected(db, "vacum pump") == "vacuum pump"
    assert corrected(db, "vacuum gauge") is None


def test_counts_follow_the_collection(db: Conn) -> None:
    """New items at the next step; after deletions all is counted anew, beside the counts in use."""
    fill(db)
    (before,) = db.execute("SELECT corrected, uncounted FROM search.correct('parts', 'vacum')")
    assert before == (None, len(TITLES))
    count(db)
    put(db, {"new": {"title": "ionizer blower"}})
    (late,) = db.execute(
        "SELECT corrected, uncounted FROM search.correct('parts', 'ionizer bloewr')"
    )
    assert late == (None, 1)
    assert count(db) == 1
    assert corrected(db, "ionizer bloewr") == "ionizer blower"
    db.execute("DELETE FROM core.item WHERE external_id <> 'new'")
    assert count(db, batch_n=1) == 1
    assert column(db, "SELECT word FROM core.word ORDER BY word") == ["blower", "ionizer"]
    assert column(db, "SELECT live FROM core.vocabulary") == [True]


def test_frequencies_equal_a_plain_count(db: Conn) -> None:
    fill(db)
    count(db, batch_n=3)
    plain: dict[str, int] = {}
    for title in TITLES:
        for word in {word for word in title.lower().split() if len(word) > 1 and word.isalpha()}:
            plain[word] = plain.get(word, 0) + 1
    assert dict(db.execute("SELECT word, n FROM core.word").fetchall()) == plain


def test_fields_without_weight_are_no_vocabulary(db: Conn) -> None:
    make_collection(db, "parts", field_weights={"note": 0})
    put(db, {"A": {"title": "vacuum pump", "note": "secret remark"}})
    count(db)
    assert sorted(column(db, "SELECT word FROM core.word")) == ["pump", "vacuum"]


def test_a_collection_takes_its_words_with_it(db: Conn) -> None:
    fill(db)
    count(db)
    db.execute("SELECT ops.delete_collection('parts')")
    for table in ("word", "word_pair", "vocabulary"):
        assert column(db, f"SELECT count(*) FROM core.{table}".encode()) == [0]


def test_an_unknown_collection_is_named(db: Conn) -> None:
    with pytest.raises(psycopg.Error) as caught:
        corrected(db, "pump", "nope")
    assert caught.value.sqlstate == "SG001"


def near(a: str, b: str) -> bool:
    """Whether two words are at most one edit apart; plain Python."""
    if a == b:
        return True
    if abs(len(a) - len(b)) > 1:
        return False
    head = next(
        (at for at, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b))
    )
    x, y = a[head:], b[head:]
    return x[1:] == y[1:] or x[1:] == y or x == y[1:] or (x[:2] == y[1::-1] and x[2:] == y[2:])


def test_no_word_one_edit_apart_is_missed(db: Conn) -> None:
    """Deletion keys against a comparison with every word."""
    rng = random.Random(7)
    words = {"".join(rng.choices("abc", k=rng.randint(4, 14))) for _ in range(400)}
    words |= {
        word[:at] + rng.choice("abc") + word[at:]
        for word in list(words)
        for at in (0, 5, len(word))
    }
    make_collection(db)
    put(db, {str(at): {"title": word} for at, word in enumerate(sorted(words))})
    count(db, batch_n=1000)
    vocabulary = column(db, "SELECT (impl.live_vocabulary('parts')).id")[0]
    for word in rng.sample(sorted(words), 40):
        found = column(
            db, "SELECT word FROM impl.near_words(%s, %s) WHERE edits = 1", (vocabulary, word)
        )
        assert sorted(found) == sorted(o for o in words if o != word and near(word, o))


SCANS = """
    SELECT relname, seq_scan FROM pg_stat_xact_user_tables WHERE relname IN ('word', 'word_pair', 'document')
    UNION ALL SELECT indexrelname, pg_stat_get_xact_numscans(indexrelid) FROM pg_stat_user_indexes
    WHERE indexrelname = 'word_typo_idx'"""


def test_a_correction_reads_no_table_from_end_to_end(db: Conn) -> None:
    rng = random.Random(3)
    words = ["".join(rng.choices("abcdefghijklmnop", k=9)) for _ in range(5000)]
    make_collection(db, analyzer="korean")
    put(db, {str(at): {"title": " ".join([*words[at::100], "진공 펌프"])} for at in range(100)})
    count(db)
    for table in ("word", "word_pair", "document"):
        db.execute(f"VACUUM (ANALYZE) core.{table}".encode())
    db.execute("SET random_page_cost = 1.1")  # as `seogo db check` asks of every server
    query = f"{words[7][:4]}{words[7][5:]} vjavm 진공펌프 펑프를 {words[8][:3]} {words[8][3:]} nosuchword"
    with db.transaction():
        before = dict(db.execute(SCANS).fetchall())
        (row,) = db.execute("SELECT changes FROM search.correct('parts', %s)", [query])
        after = dict(db.execute(SCANS).fetchall())
    assert {change["how"] for change in row[0]} == {"keyboard", "spacing"}
    assert after["word_typo_idx"] > before["word_typo_idx"]
    assert {name: after[name] - before[name] for name in ("word", "word_pair", "document")} == {
        "word": 0,
        "word_pair": 0,
        "document": 0,
    }
