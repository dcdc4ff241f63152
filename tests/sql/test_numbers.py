"""Part numbers among others: what was typed first, nothing better cut, and bounded work."""

from __future__ import annotations

import itertools
import random
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from psycopg.types.json import Jsonb

from db.calls.query import fetch
from db.search import functions
from db.search.rows import Leg
from tests.sql.helpers import column, make_collection, put, put_vectors, text_of, unit
from tests.sql.test_identifier import edits_between

if TYPE_CHECKING:
    from db.search.rows import IdentifierHit
    from tests.sql.helpers import Conn

ALIKE = [
    ("SY5120", "SYS120"),
    ("1.05-A1", "10.5-A1"),
    ("12가3456", "12나3456"),
    ("A1-12", "A11-2"),
    ("AB-O01", "AB-001"),
    ("ΔΨ-1000", "ΩΨ-1000"),
    ("АБ-1234", "ВБ-1234"),
    ("PU1-8X", "PU1-BX"),
    ("Q-2Z1", "Q-221"),
    ("ab-1234", "AB-1234"),
    ("12.5/30-A", "1.25/30-A"),
    ("6ES7", "6ES7 214-1AG40"),
    ("서울12가3456", "부산12가3456"),
]


def ask(db: Conn, query: str, k: int = 10) -> list[IdentifierHit]:
    return fetch(db, functions.identifier(collection="parts", query=query, k=k))


def first_of_hybrid(db: Conn, query: str, **how: str) -> int:
    return fetch(db, functions.hybrid(collection="parts", query=query, **how))[0].item_id  # type: ignore[arg-type]


def numbered(db: Conn, numbers: list[str]) -> dict[str, int]:
    """One item per number, which only the metadata has; keyed by it."""
    make_collection(db, identifier_fields=["no"])
    texts = {number: {"title": "pump"} for number in numbers}
    return put(db, texts, metadata={number: {"no": number} for number in numbers})


@pytest.mark.parametrize("pair", ALIKE, ids=lambda pair: pair[0])
@pytest.mark.parametrize("turned", [False, True])
def test_what_was_typed_is_first(db: Conn, pair: tuple[str, str], turned: bool) -> None:
    """In whatever order it was written, alone and in a sentence, whatever the method of fusion."""
    ids = numbered(db, list(pair)[:: -1 if turned else 1])
    for number in pair:
        best = ask(db, number)[0]
        assert (best.matched, best.score) == (number, 1.0)
        assert ask(db, f"the pump with {number} on it")[0].matched == number
        assert first_of_hybrid(db, number) == ids[number]
        assert first_of_hybrid(db, number, method="weighted") == ids[number]
        assert first_of_hybrid(db, f"the pump with {number} on it") == ids[number]


@pytest.mark.parametrize(
    ("a", "b", "steps"),
    [
        ("AB-1", "AB-1", 0),
        ("ＡＢ-1", "AB-1", 0),
        ("ab-1", "AB-1", 1),
        ("вг-1", "ВГ-1", 1),
        ("AB/1", "ab 1", 2),
        ("AB-12", "AB1-2", 3),
        ("10.5A", "10.5-A", 3),
        ("ABO", "A-B0", 4),
        ("1.05", "10.5", 5),
        ("105", "10.5", 5),
    ],
)
def test_steps_of_spelling(plain: Conn, a: str, b: str, steps: int) -> None:
    assert column(plain, "SELECT impl.spelling_steps(%s, %s)", (a, b)) == [steps]


@pytest.mark.parametrize(
    ("raw", "folded"),
    [
        ("nry-1kh/OOO", "NRY1KH000"),
        ("12가 3456", "12가3456"),
        ("вг-12", "ВГ12"),
        ("Ω-1", "Ω1"),
        ("품번 A_1", "품번A1"),
        ("×·°±", ""),
        ("A\u00ad1\u200b2", "A12"),
    ],
)
def test_letters_of_all_scripts_stay(plain: Conn, raw: str, folded: str) -> None:
    assert column(plain, "SELECT impl.fold_identifier(%s)", (raw,)) == [folded]


def test_numbers_are_found_with_korean_around_them(db: Conn) -> None:
    numbered(db, ["펌프 HD1800-S7", "서울 12가3456", "AB-888"])
    for query, found in (
        ("HD1800-S7의 실링", "펌프 HD1800-S7"),
        ("모델HD1800-S7용 오일", "펌프 HD1800-S7"),
        ("HD1800 S7", "펌프 HD1800-S7"),
        ("HD1800–S7", "펌프 HD1800-S7"),
        ("12가3456은 누구 차", "서울 12가3456"),
        ("서울 12가 3456", "서울 12가3456"),
        ("모델AB-777과AB-888", "AB-888"),
    ):
        best = ask(db, query)[0]
        assert best.matched == found, query
        assert best.score > 0.99, query


def without_common_ends(a: str, b: str) -> tuple[str, str]:
    """Leave out what both begin and end with, which costs no edit."""
    for _ in range(2):
        pairs = enumerate(zip(a, b, strict=False))
        same = next((at for at, (x, y) in pairs if x != y), min(len(a), len(b)))
        a, b = a[same:][::-1], b[same:][::-1]
    return a, b


def typos(rng: random.Random, number: str) -> str:
    """One or two random edits."""
    typed = list(number)
    for _ in range(rng.randint(1, 2)):
        at = rng.randrange(len(typed) - 1)
        letter = rng.choice("ACF0123456789")
        match rng.randint(0, 3):
            case 0:
                typed[at] = letter
            case 1:
                typed.insert(at, letter)
            case 2:
                del typed[at]
            case _:
                typed[at], typed[at + 1] = typed[at + 1], typed[at]
    return "".join(typed)


@pytest.mark.parametrize(
    "family",
    [
        [f"NN{n:06d}" for n in range(0, 3000, 5)],
        [f"{n:04d}-ACCA" for n in range(600)],
        [f"KKTT{n:03d}WWXXYYKK" for n in range(600)],
        [f"{n:03d}" + "ACCAVVWWXXYYTTK" * 5 for n in range(50)],
        [f"{'ACCAVVWWXXYYTTK' * 6}{n:04d}" for n in range(50)],
    ],
    ids=["end", "beginning", "middle", "long", "longest"],
)
def test_no_better_number_is_cut(db: Conn, family: list[str]) -> None:
    """Against comparing with every number of a family, with typing errors."""
    ids = numbered(db, family)
    bare = {number: number.replace("-", "") for number in family}
    rng = random.Random(19)
    for _ in range(8):
        typed = typos(rng, bare[rng.choice(family)])
        allowed = 2 if len(typed) >= 8 else 1
        scores = {}
        for number, plain in bare.items():
            edits = edits_between(*without_common_ends(typed, plain))
            if edits <= allowed:
                scores[ids[number]] = 1 - edits / len(typed)
        wanted = sorted(scores.items(), key=lambda item: (-item[1], item[0]))[:10]
        assert [(hit.item_id, hit.score) for hit in ask(db, typed)] == [
            (item_id, pytest.approx(score)) for item_id, score in wanted
        ]


def test_neighbours_exchanged_are_one_edit(db: Conn) -> None:
    numbered(db, ["6204ZZ", "TMP303", "A533-46-945"])
    for typed, number in (
        ("6240ZZ", "6204ZZ"),
        ("TPM303", "TMP303"),
        ("62O4ZZ", "6204ZZ"),
        ("TMP330", "TMP303"),
        ("A533469A5", "A533-46-945"),
    ):
        assert ask(db, typed)[0].matched == number, typed


def test_a_mistyped_number_comes_first_whatever_other_legs_say(db: Conn, dummy_space: int) -> None:
    """Pieces of the number in other items, and vectors that agree with them."""
    make_collection(db, identifier_fields=["no"], analyzer="korean")
    numbers = ["LUXM9Z424", "M9Z42", "LUXM 9 Z 42 valve", "LUXN7Z42", "A533-46-945", "A533469"]
    ids = put(db, {n: {"no": n, "title": f"pump {n} {n}"} for n in numbers})
    vecs = unit(np.random.default_rng(3), len(numbers))
    put_vectors(db, dummy_space, [(i, "item", 0) for i in ids.values()], vecs)
    for typed, meant, other in [
        ("LUXM9Z42A", "LUXM9Z424", "LUXM 9 Z 42 valve"),
        ("LUXM9Z4244", "LUXM9Z424", "M9Z42"),
        ("A533469A5", "A533-46-945", "A533469"),
    ]:
        vec = text_of(vecs[numbers.index(other)])
        legs = [
            Leg(kind="lexical"),
            Leg(kind="identifier"),
            Leg(kind="vector", space="text", vec=vec),
        ]
        for method in ("rrf", "weighted"):
            hit = fetch(
                db, functions.hybrid(collection="parts", query=typed, legs=legs, method=method)
            )[0]
            assert hit.item_id == ids[meant], typed
            told = [leg.contribution or 0 for leg in hit.legs.values() if leg]
            assert hit.score == pytest.approx(sum(told))


def test_a_number_that_stands_in_a_text_is_no_typo(db: Conn) -> None:
    """Whoever asks for it gets the text, not first a number that is nearly the same."""
    make_collection(db, identifier_fields=["no"], analyzer="korean")
    texts = {"near": {"title": "pump"}, "text": {"body": "how to clean the HD1800-S7"}}
    ids = put(db, texts, metadata={"near": {"no": "HD1800-S8"}})
    found = fetch(db, functions.hybrid(collection="parts", query="HD1800-S7"))
    assert [hit.item_id for hit in found] == [ids["text"], ids["near"]]
    found = fetch(db, functions.hybrid(collection="parts", query="HD1800-S9"))
    assert [hit.item_id for hit in found] == [ids["near"], ids["text"]]


WAYS = tuple(itertools.product(("rrf", "weighted"), ("minmax", "zscore", "none")))


def test_an_exact_number_is_first_whatever_the_weights(db: Conn, dummy_space: int) -> None:
    """The other legs agree on another item; only a leg that weighs nothing leads nothing."""
    make_collection(db, identifier_fields=["no"])
    texts = {n: {"title": f"AB 12 34 {n}"} for n in ("AB-1234", "AB-1235", "AB-1236")}
    ids = put(db, texts, metadata={n: {"no": n} for n in texts})
    vecs = unit(np.random.default_rng(5), 3)
    vecs[0] = -vecs[1]
    put_vectors(db, dummy_space, [(i, "item", 0) for i in ids.values()], vecs)
    others = [
        Leg(kind="lexical", weight=5.0),
        Leg(kind="vector", space="text", vec=text_of(vecs[1]), weight=5.0),
    ]
    for (method, normalization), (weight, first) in itertools.product(
        WAYS,
        (
            (0.001, "AB-1234"),
            (1.0, "AB-1234"),
            (2.5, "AB-1234"),
            (None, "AB-1234"),
            (0.0, "AB-1235"),
        ),
    ):
        legs = [*others, Leg(kind="identifier", weight=weight)]
        how: Any = {"method": method, "normalization": normalization, "legs": legs}
        found = fetch(db, functions.hybrid(collection="parts", query="ab1234", **how))
        assert found[0].item_id == ids[first], (method, normalization, weight)


def test_an_exact_number_is_first_under_trees(db: Conn) -> None:
    """One tree that likes items without a number."""
    make_collection(db, identifier_fields=["no"])
    texts = {n: {"title": f"AB1234 {n}"} for n in ("AB-1234", "XX-9999", "YY-9999")}
    ids = put(db, texts, metadata={n: {"no": n} for n in texts})
    model = {
        "legs": ["identifier"], "width": 4, "roots": [1], "feature": [1, 0, 0],
        "threshold": [0.5, 0, 0], "left": [2, 0, 0], "right": [3, 0, 0], "missing": [2, 0, 0],
        "value": [0, 5, -5],
    }  # fmt: skip
    db.execute(
        "INSERT INTO eval.profile (collection_id, name, active, method, model)"
        " VALUES (1, 'trees', true, 'lambdamart', %s)",
        (Jsonb(model),),
    )
    assert first_of_hybrid(db, "AB 1234") == ids["AB-1234"]
    found = fetch(db, functions.hybrid(collection="parts", query="AB1234 pump of the kitchen"))
    assert found[0].item_id != ids["AB-1234"]  # a text: the trees decide


@pytest.mark.parametrize("plate", ["12가3456", "123나4567", "가-1234", "서울-1234", "12-가-3456"])
def test_hangul_in_plates_counts(db: Conn, plate: str) -> None:
    make_collection(db, identifier_fields=["no"], analyzer="korean")
    others = [plate.replace("가", "다").replace("나", "라").replace("서울", "부산"), "1234", "3456"]
    ids = put(
        db,
        {n: {"title": f"차 {n}"} for n in [*others, plate]},
        metadata={n: {"no": n} for n in [*others, plate]},
    )
    assert fetch(db, functions.query_kind(query=plate))[0].kind == "identifier"
    for query in (plate, plate.replace("-", ""), plate.replace("-", " ")):
        assert ask(db, query)[0].matched == plate
    assert first_of_hybrid(db, plate) == ids[plate]


@pytest.mark.parametrize(
    ("build", "step"),
    [
        (lambda n: f"{n // 100:02d}ACVVWWXX{n % 100:02d}", 5),
        (lambda n: f"{n // 100:02d}{'ACCAVVWWXXYYTTK' * 3}{n % 100:02d}", 50),
        (lambda n: f"{'ACCAVVWWXX' * 2}{n:04d}{'YYTTKVWWXXA' * 2}", 25),
    ],
    ids=["both ends", "both ends, 49", "middle, 46"],
)
def test_no_better_number_is_cut_in_a_dense_family(db: Conn, build: Any, step: int) -> None:
    """Numbers alike but for four digits, 2,000 short or some hundred long ones; twenty are asked for."""
    db.execute("SET LOCAL synchronous_commit = off")
    family = [build(n) for n in range(0, 10_000, step)]
    numbered(db, family)
    rng = random.Random(3)
    asked = []
    for number in rng.sample(family, 20):
        at = rng.choice([at for at, c in enumerate(number) if c.isdigit()])
        asked.append(number[:at] + "Q" + number[at + 1 :])
    for typed in asked[:3]:
        wanted = {n for n in family if edits_between(*without_common_ends(typed, n)) == 1}
        best = {hit.matched for hit in ask(db, typed, len(wanted))}
        assert best == wanted
    found = column(db, "SELECT asked FROM impl.near_numbers(1, %s) WHERE edits = 1", (asked,))
    assert set(found) == set(asked)


def test_long_serials_are_found_exactly_and_nearly(db: Conn) -> None:
    rng = random.Random(40)
    serials = ["".join(rng.choices("ACDEFGHJKM34679", k=n)) + "7" for n in (40, 55, 70, 99)]
    ids = numbered(db, serials)
    for serial in serials:
        assert first_of_hybrid(db, serial.lower()) == ids[serial]
        for at in (0, 20, len(serial) - 2):
            swapped = serial[:at] + serial[at + 1] + serial[at] + serial[at + 2 :]
            for typed in (swapped, serial[:at] + serial[at + 1 :], serial[:at] + "X" + serial[at:]):
                if len(typed) <= 100:
                    assert ask(db, typed)[0].matched == serial


def test_a_measure_beside_other_words_is_no_candidate(db: Conn) -> None:
    numbered(db, ["2023", "500", "500-MM", "10KW", "10", "0.5", "3000", "220V", "1/2"])
    for query in (
        "2023년 매출",
        "500 mm 파이프",
        "10 kW motor",
        "1/2 inch valve",
        "3천만원 과태료",
        "220V 모터",
    ):
        assert fetch(db, functions.hybrid(collection="parts", query=query)) == [], query
