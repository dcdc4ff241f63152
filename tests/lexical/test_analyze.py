"""search.analyze: what becomes a token, properties that hold for any text, independence of locale."""

from __future__ import annotations

import unicodedata
import uuid
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import sql
from psycopg.conninfo import make_conninfo

from db import migrate
from tests.conftest import fresh_database
from tests.lexical import support

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.lexical.support import Conn

ANALYZERS = ("simple", "english", "korean")

# Text, then the tokens of simple, english and korean; one list where all three agree.
Row = tuple[str, list[str]] | tuple[str, list[str], list[str], list[str]]

LATIN: list[Row] = [
    ("pump", ["pump"]),
    ("Pumps and Seals", ["pumps", "and", "seals"], ["pump", "seal"], ["pump", "seal"]),
    ("The of AND", ["the", "of", "and"], [], []),
    ("running runs", ["running", "runs"], ["run", "run"], ["run", "run"]),
    ("don't", ["don", "t"], [], []),
    ("foo_bar", ["foo", "bar"]),
    ("C++ C# C", ["c++", "c", "c#", "c", "c"]),
    (
        "A+B i++; C++17 C#으로",
        ["a", "b", "i++", "i", "c++", "c", "17", "c#", "c", "으로"],
        *[["b", "i++", "c++", "c", "17", "c#", "c", "으로"]] * 2,
    ),
    ("007 42", ["007", "42"]),
    ("x" * 65, ["x" * 64]),
    ("7" * 1000, ["7" * 64]),
]

CODES: list[Row] = [
    ("TMP1KH000", ["tmp1kh000"], *[["tmp1kh000", "tmp", "1", "kh", "000"]] * 2),
    ("X-1KH", ["x", "1kh"], ["x", "1kh", "1", "kh"], ["x", "1kh", "1", "kh"]),
    ("한글abc123", ["한글", "abc123"], *[["한글", "abc123", "abc", "123"]] * 2),
    ("m²", ["m2"], ["m2", "m", "2"], ["m2", "m", "2"]),
    ("3.14", ["3.14"], *[["3.14", "3", "14"]] * 2),
    ("3.5mm", ["3.5mm"], *[["3.5mm", "3.5", "3", "5", "mm"]] * 2),
    ("M3.5x10", ["m3.5x10"], *[["m3.5x10", "m", "3.5", "3", "5", "x", "10"]] * 2),
    ("2024.01.05. 끝", ["2024.01.05", "끝"], *[["2024.01.05", "2024", "01", "05", "끝"]] * 2),
    ("1,000 12,345,678 1,0000 10,20", ["1000", "12345678", "1", "0000", "10", "20"]),
    ("1,000.5kg", ["1000.5kg"], *[["1000.5kg", "1000.5", "1000", "5", "kg"]] * 2),
    ("１，０００", ["1000"]),
    (
        "Cells, e.g. (p=0.05). 3,000 runs…",
        ["cells", "e", "g", "p", "0.05", "3000", "runs"],
        *[["cell", "e", "g", "p", "0.05", "0", "05", "3000", "run"]] * 2,
    ),
    ("제3조,제4항.", *[["제", "3", "조", "제", "4", "항"]] * 3),
    ("z" * 70 + "9", ["z" * 64], *[["z" * 64, "z" * 64, "9"]] * 2),
]

HANGUL: list[Row] = [
    ("펌", ["펌"]),
    ("펌프", ["펌프"]),
    ("진공펌프", ["진공펌프"], ["진공펌프"], ["진공", "공펌", "펌프"]),
    ("진공 펌프를", ["진공", "펌프를"], ["진공", "펌프를"], ["진공", "펌프", "프를"]),
    (
        "가나다라마바사아",
        *[["가나다라마바사아"]] * 2,
        ["가나", "나다", "다라", "라마", "마바", "바사", "사아"],
    ),
    (
        "가나다라마바사아자",
        *[["가나다라마바사아자"]] * 2,
        ["가나", "나다", "다라", "라마", "마바", "바사", "사아", "아자"],
    ),
    ("펌프seal밸브", ["펌프", "seal", "밸브"]),
    ("(주)진공", ["주", "진공"]),
    ("㈜진공", ["주", "진공"]),
    (unicodedata.normalize("NFD", "펌프"), ["펌프"]),
    ("ㄱㅏ", ["가"]),
    ("ㅋㅋ", ["ᄏᄏ"]),
    ("한" * 70, ["한" * 64], ["한" * 64], ["한한"] * 69),
]

CJK: list[Row] = [
    ("東", ["東"]),
    ("東京都", ["東京都"], ["東京都"], ["東京", "京都"]),
    ("カナかな", ["カナかな"], ["カナかな"], ["カナ", "ナか", "かな"]),
    ("ｶﾞｽ", ["ガス"]),
    ("漢字、한글。", ["漢字", "한글"]),
    ("人々", ["人々"]),
    ("\U00020000\U00020001", ["\U00020000", "\U00020001"]),
]

SYMBOLS: list[Row] = [
    ("", []),
    (" \t\r\n\u00a0\u3000\u200b", []),
    ("...!? -- '\"\\ «»", []),
    ("、。「」・", ["・"], ["・"], ["・"]),
    ("👍", ["👍"]),
    ("👍🏽 ok", ["👍", "🏽", "ok"]),
    ("👨\u200d👩\u200d👧", ["👨", "👩", "👧"]),
    ("❤\ufe0f", ["❤"]),
    ("pu\u00admp 진\u200b공 pu\ufeffmp 온\u2060도", ["pump", "진공", "pump", "온도"]),
    ("🇰🇷", ["🇰", "🇷"]),
    ("∠ABC = 90°", ["∠", "abc", "90"]),
    ("√2 × 3", ["√", "2", "3"]),
]

FOLDED: list[Row] = [
    ("ＡＢＣ", ["abc"]),
    ("１２３", ["123"]),
    ("ﬁne ™", ["fine", "tm"]),
    ("㎏ ㎜", ["kg", "mm"]),
    ("①②", ["12"]),
    (
        "½ 1½ 2⅔",
        ["0.5", "1.5", "2.6667"],
        *[["0.5", "0", "5", "1.5", "1", "5", "2.6667", "2", "6667"]] * 2,
    ),
    ("10² 10⁻³ 2₁₀ 3① １０²", ["10", "2", "10", "3", "2", "10", "3", "1", "10", "2"]),
    ("2²3", ["2", "2", "3"]),
    ("H₂O", ["h2o"], *[["h2o", "h", "2", "o"]] * 2),
    ("cafe\u0301 café", ["café", "café"]),
    ("αβγ мир", ["αβγ", "мир"]),
    ("straße", ["straße"]),
]

LATEX: list[Row] = [
    (
        r"\frac{a}{x} \left( z \right) \mathrm{km}",
        ["a", "x", "z", "km"],
        ["x", "z", "km"],
        ["x", "z", "km"],
    ),
    (r"\alpha_{1}^{2}", ["α", "1", "2"]),
    (r"\leftarrow \textstylish", ["←", "textstylish"]),
    (
        r"\begin{cases} y \\ z \end{cases}",
        ["y", "z"],
    ),
    (r"수열 \{a_n\}의 합", ["수열", "a", "n", "의", "합"], *[["수열", "n", "의", "합"]] * 2),
    (r"\text{펌프}", ["펌프"]),
    # One formula as LaTeX, as converters write it, as it is pasted, as it is typed.
    (r"\dfrac{1}{2} \frac12 {\frac{{1}}{{2}}} ½ 1/2", ["0.5"] * 5, *[["0.5", "0", "5"] * 5] * 2),
    (r"2\frac{1}{4} 2 1/4", ["2.25"] * 2, *[["2.25", "2", "25"] * 2] * 2),
    (r"${\overline{BC}}$ \vec{BC} BC", ["bc"] * 3),
    (r"\angle BC $∠BC$ \angleBC", ["∠", "bc"] * 3),
    (r"90^\circ, 90^{\circ}, 90°", ["90"] * 3),
    (r"$13 ~cm$ 13\,cm 13 cm", ["13cm", "13", "cm"] * 3),
    (r"0.\dot{3} 0.3̇", ["0.3̇"] * 2, *[["0.3̇", "0.3", "0", "3", "̇"] * 2] * 2),
    (r"x\leqb x\leq b x≤b", ["x", "≤", "b"] * 3),
    (r"\frac{\frac{3}{7}}{k^{2}} \sin k", ["3", "7", "k", "2", "sin", "k"]),
    (r"\begin{array}{ll} y & z \\ k \end{array}", ["y", "z", "k"]),
    (
        r"\u200b C:\temp\new 50\%",
        ["u200b", "c", "temp", "new", "50"],
        *[["u200b", "u", "200", "b", "c", "temp", "new", "50"]] * 2,
    ),
]

# lower() of these is the business of the database's locale.
CAPITALS: list[Row] = [
    ("CAFÉ ÀÎ", ["café", "àî"]),
    ("ΑΒΓ", ["αβγ"]),
    ("МОСКВА", ["москва"]),
]

QUANTITIES: list[Row] = [
    ("1/2 .5 0.5 ½", ["0.5"] * 4, *[["0.5", "0", "5"] * 4] * 2),
    ("1½ 1 1/2 1-1/2 1.5", ["1.5"] * 4, *[["1.5", "1", "5"] * 4] * 2),
    ("11/2 24/7 3/2", ["11", "2", "24", "7", "3", "2"]),
    ("2024/05/01 ERK1/2 TMP3403/3404", ["2024", "05", "01", "erk1", "2", "tmp3403", "3404"], *[
        ["2024", "05", "01", "erk1", "erk", "1", "2", "tmp3403", "tmp", "3403", "3404"]] * 2),
    ("10um 10 µm 10μm 10\u00a0μm", ["10um", "10um", "10", "um", "10um", "10um", "10", "um"],
     *[["10um", "10", "um"] * 4] * 2),
    ("10-mm 1,000 mm", ["10mm", "10", "mm", "1000mm", "1000", "mm"],
     *[["10mm", "10", "mm", "1000mm", "1000", "mm"]] * 2),
    ("1½ inch", ["1.5inch", "1.5", "inch"], *[["1.5inch", "1.5", "1", "5", "inch"]] * 2),
    ("10 mmol 5 a 3 km2", ["10", "mmol", "5", "a", "3", "km2"],
     *[["10", "mmol", "5", "3", "km2", "km", "2"]] * 2),
    ("10kΩ 10 kohm", ["10kohm", "10kohm", "10", "kohm"], *[["10kohm", "10", "kohm"] * 2] * 2),
    ("3천만원 3,000만원 30,000,000원", ["30000000", "원"] * 3),
    ("3천 2만 5억", ["3000", "20000", "500000000"]),
    ("1천5백만원 제3조", *[["1", "천", "5", "백만원", "제", "3", "조"]] * 2,
     ["1", "천", "5", "백만", "만원", "제", "3", "조"]),
    (".NET dotnet x.net ASP.NET", ["dotnet", "net", "dotnet", "x", "net", "asp", "dotnet", "net"]),
    ("Node.js nodejs", ["nodejs", "node", "js", "nodejs"], *[["nodej", "node", "js", "nodej"]] * 2),
    ("3.5.1 v3.5.1", ["3.5.1", "v3.5.1"],
     *[["3.5.1", "3", "5", "1", "v3.5.1", "v", "3.5.1", "3", "5", "1"]] * 2),
    ("1 ½\n1\n1/2", ["1.5", "1", "0.5"], *[["1.5", "1", "5", "1", "0.5", "0", "5"]] * 2),
    ("p<.05", ["p", "0.05"], *[["p", "0.05", "0", "05"]] * 2),
]  # fmt: skip

TABLE = [*LATIN, *CODES, *HANGUL, *CJK, *SYMBOLS, *FOLDED, *LATEX, *QUANTITIES]


def analyze(conn: Conn, analyzer: str, text: str | None) -> list[str]:
    tokens = support.one(conn, "SELECT search.analyze(%s, %s)", (analyzer, text))
    assert isinstance(tokens, list)
    return tokens


@pytest.mark.parametrize("row", [*TABLE, *CAPITALS], ids=lambda row: ascii(row[0])[1:40])
def test_tokens(shared: Conn, row: Row) -> None:
    for at, analyzer in enumerate(ANALYZERS):
        want = row[1] if len(row) == 2 else row[1 + at]
        assert analyze(shared, analyzer, row[0]) == want, analyzer


def test_the_last_syllable_of_a_word_is_a_token_where_a_collection_asks_for_it(
    shared: Conn,
) -> None:
    for text, more in [
        ("모니터암", ["암"]),
        ("베어링을 펌프", ["링"]),
        ("볼베어링", ["링"]),
        ("펌프 암 seal 1,000", []),
        ("東京都", []),
        ("진공의", []),
    ]:
        tokens = analyze(shared, "korean_syllables", text)
        rest = analyze(shared, "korean", text)
        for token in more:
            assert token not in rest
            tokens.remove(token)
        assert tokens == rest


def test_tokens_do_not_depend_on_how_the_session_reads_backslashes(shared: Conn) -> None:
    shared.execute("SET standard_conforming_strings = off")
    try:
        for row in TABLE:
            want = row[1] if len(row) == 2 else row[3]
            assert analyze(shared, "korean", row[0]) == want
    finally:
        shared.execute("RESET standard_conforming_strings")


def test_null_has_no_tokens_and_an_unknown_analyzer_is_an_error(shared: Conn) -> None:
    for analyzer in ANALYZERS:
        assert analyze(shared, analyzer, None) == []
    for unknown in ("french", "", None):
        with pytest.raises(psycopg.Error, match="unknown analyzer") as caught:
            shared.execute("SELECT search.analyze(%s, 'x')", (unknown,))
        assert caught.value.sqlstate == "SG004"


def test_a_part_of_a_code_is_found_as_the_word_it_is(shared: Conn) -> None:
    for code, word in [("SERIES7", "series"), ("NRY1", "nry"), ("PUMPS2", "pumps")]:
        for analyzer in ("english", "korean"):
            [token] = analyze(shared, analyzer, word)
            assert token in analyze(shared, analyzer, code)


@pytest.mark.parametrize(
    "unit",
    ["한글", "漢字", "a1", "ab", "é", "👍", "\\\\left", "1", "\\\\frac{1}{2}", "\\\\frac{{", "$~"],
)
def test_time_grows_with_the_text_and_not_with_its_square(shared: Conn, unit: str) -> None:
    """A text without a space is one run: 60,000 characters of it must not take long."""
    with shared.transaction():
        shared.execute("SET LOCAL statement_timeout = '5s'")
        for analyzer in ANALYZERS:
            analyze(shared, analyzer, unit * (60_000 // len(unit)))


# Properties. Characters beyond what Python's tables know may be normalised differently there.
PIECES = [
    "펌프", unicodedata.normalize("NFD", "진공"), "ㄱ", "ㅏ", "ᆨ", "東京", "ｶﾞ", "e\u0301", "É", "ﬃ", "Σ", "ß",
    "İ", "①", "\\", "\\left", "\\frac{", "'", '"', "-", " ", "\n", "\u00a0", "\u1680", "\u2028", "\ufeff",
    "👍🏽", "\u200d", "\ufe0f", "NRY1KH000", "pumps", "the", "9" * 70, "x" * 70, "한" * 70, "\uffff",
    "\U0010ffff", "∠", "c++", "3.5mm", "1,000", "+", ",", ".", "1", "½", "1/2", " mm", "µm", "천만", ".net",
    "/",
]  # fmt: skip
any_text = st.one_of(
    st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",)), max_size=40),
    st.lists(st.sampled_from(PIECES), max_size=12).map("".join),
)
analyzers = st.sampled_from(ANALYZERS)
many = settings(
    max_examples=300,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@many
@given(analyzer=analyzers, text=any_text)
def test_tokens_of_any_text_are_fit_for_a_tsvector(shared: Conn, analyzer: str, text: str) -> None:
    tokens = analyze(shared, analyzer, text)
    for token in tokens:
        assert 1 <= len(token) <= 64
        assert not set(token) & set("'\"\\ \t\n\r\v\f\x1c\x1d\x1e\x1f")
    quoted = " ".join(f"'{token}':{at + 1}" for at, token in enumerate(tokens[:200]))
    assert support.one(
        shared, "SELECT coalesce(array_length(tsvector_to_array(%s::tsvector), 1), 0)", (quoted,)
    ) == len(set(tokens[:200]))


@many
@given(analyzer=analyzers, text=any_text)
def test_composed_and_decomposed_text_have_the_same_tokens(
    shared: Conn, analyzer: str, text: str
) -> None:
    tokens = analyze(shared, analyzer, text)
    for form in ("NFC", "NFD"):
        assert analyze(shared, analyzer, unicodedata.normalize(form, text)) == tokens


@many
@given(analyzer=analyzers, a=any_text, b=any_text)
def test_texts_side_by_side_have_the_tokens_of_each(
    shared: Conn, analyzer: str, a: str, b: str
) -> None:
    together = analyze(shared, analyzer, f"{a}\n{b}")  # a space may join a number and its unit
    assert together == analyze(shared, analyzer, a) + analyze(shared, analyzer, b)


@pytest.mark.parametrize("backslash", ["\\", "＼", "﹨"])
def test_a_layout_command_is_dropped_whatever_its_backslash(shared: Conn, backslash: str) -> None:
    assert analyze(shared, "simple", f"{backslash}left x") == ["x"]


# Default_Ignorable_Code_Point of Unicode 16, as ranges.
IGNORABLE = [
    (0xAD, 0xAD), (0x34F, 0x34F), (0x61C, 0x61C), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F),
    (0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F), (0x3164, 0x3164), (0xFE00, 0xFE0F),
    (0xFEFF, 0xFEFF), (0xFFA0, 0xFFA0), (0xFFF0, 0xFFF8), (0x1BCA0, 0x1BCA3), (0x1D173, 0x1D17A),
    (0xE0000, 0xE0FFF),
]  # fmt: skip


@pytest.mark.parametrize(("first", "last"), IGNORABLE)
def test_what_nobody_sees_does_not_exist(shared: Conn, first: int, last: int) -> None:
    wrong = support.column(
        shared,
        "SELECT c FROM generate_series(%s::int, %s::int) AS c WHERE"
        " search.analyze('korean', chr(c) || 'pu' || chr(c) || 'mp 진' || chr(c) || '공 1' || chr(c) || '0')"
        " <> ARRAY['pump', '진공', '10']"
        " OR NOT EXISTS (SELECT FROM impl.identifiers_in('NRY' || chr(c) || '-1K' || chr(c) || 'H') AS i"
        "     WHERE i.normalized = 'NRY1KH')"
        " OR NOT EXISTS (SELECT FROM impl.citations_in('민법 제75' || chr(c) || '0조') AS a"
        "     WHERE a.article = '750')",
        (first, last),
    )
    assert wrong == []


def test_a_nul_is_refused_by_the_server(shared: Conn) -> None:
    with pytest.raises(psycopg.DataError):
        shared.execute("SELECT search.analyze('simple', %s)", ("a\0b",))


@pytest.fixture(scope="module")
def shared(server_url: str, template: str) -> Iterator[Conn]:
    """One database for all: nothing here writes."""
    with (
        fresh_database(server_url, template) as url,
        psycopg.connect(url, autocommit=True) as conn,
    ):
        conn.execute("SET default_transaction_read_only = on")
        yield conn


LOCALES = {
    "libc C": "LOCALE_PROVIDER libc LOCALE 'C'",
    "libc C.UTF-8": "LOCALE_PROVIDER libc LOCALE 'C.UTF-8'",
    "libc en_US": "LOCALE_PROVIDER libc LOCALE 'en_US.utf8'",
    "builtin C.UTF-8": "LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' LOCALE 'C'",
    "builtin full": "LOCALE_PROVIDER builtin BUILTIN_LOCALE 'PG_UNICODE_FAST' LOCALE 'C'",
    "icu": "LOCALE_PROVIDER icu ICU_LOCALE 'und' LOCALE 'C'",
    "icu tr": "LOCALE_PROVIDER icu ICU_LOCALE 'tr' LOCALE 'C'",
}


@pytest.fixture(params=LOCALES)
def elsewhere(request: pytest.FixtureRequest, server_url: str) -> Iterator[tuple[str, Conn]]:
    """A database of another locale, and the name of that."""
    name = f"seogo_test_{uuid.uuid4().hex[:12]}"
    create: Any = (
        f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8' {LOCALES[request.param]}"
    )
    with psycopg.connect(server_url, autocommit=True) as admin:
        try:
            admin.execute(create)
        except psycopg.Error as exc:
            pytest.skip(f"this server has no such locale: {exc}")
        try:
            url = make_conninfo(server_url, dbname=name)
            migrate.upgrade(url)
            with psycopg.connect(url, autocommit=True) as conn:
                yield request.param, conn
        finally:
            admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def test_tokens_do_not_depend_on_the_locale_of_the_database(elsewhere: tuple[str, Conn]) -> None:
    locale, conn = elsewhere
    for row in TABLE:
        for at, analyzer in enumerate(ANALYZERS):
            want = row[1] if len(row) == 2 else row[1 + at]
            assert analyze(conn, analyzer, row[0]) == want, (analyzer, row[0])
    for row in CAPITALS:
        tokens = analyze(conn, "simple", row[0])
        if locale == "libc C":
            # Nothing but A to Z has a lower case there: such words must be typed as they stand.
            assert tokens != row[1]
        else:
            assert tokens == row[1]
