"""Products, registered pictures, banks, manuals and analyses in SQL alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from psycopg.types.json import Jsonb

from tests.sql.helpers import column
from tests.sql.test_grants import acting_as

if TYPE_CHECKING:
    Conn = psycopg.Connection[Any]

BANK = {
    "backbone": "b", "identity": "b@1", "side": 64, "seed": 0, "centre": [0, 0], "spread": [1, 1],
    "threshold": 2.0, "pixel_threshold": 1.0,
}  # fmt: skip
VIEWS = (
    "products", "specimens", "patch_banks", "patches", "analyses", "to_label", "defect_counts",
    "defect_regions",
)  # fmt: skip
SECTIONS = [
    ("m1", "긁힘", "칩이 끼임", "scratch", "cause", 3),
    ("m2", "긁힘", "롤러 세척", "scratch", "action", 4),
    ("m3", "얼룩", "절삭유 마름", "stain", "cause", 1),
]


def item(db: Conn, key: str = "a", collection: str = "defects") -> int:
    rows = Jsonb([{"external_id": key, "metadata": {"line": 3}}])
    return int(column(db, "SELECT item_id FROM ops.upsert_items(%s, %s)", (collection, rows))[0])


def bank(db: Conn, patches: int = 2, **made: Any) -> int:
    (made_id,) = column(db, "SELECT ops.start_bank('plate', 'main', %s)", (Jsonb(BANK | made),))
    for number in range(patches):
        db.execute("INSERT INTO core.patch VALUES (%s, %s, NULL, 0, 0, '[1,2]')", (made_id, number))
    return int(made_id)


def analysis(db: Conn, score: float | None, nearest: str = "[]", defect: str | None = None) -> int:
    return int(
        column(
            db,
            "INSERT INTO core.analysis (product_id, view, score, threshold, nearest, defect_type_id)"
            " SELECT p.id, 'main', %s, 2, %s, impl.defect_type_id(p, %s) FROM core.product AS p"
            " RETURNING id",
            (score, nearest, defect),
        )[0]
    )


def section_rows() -> list[dict[str, Any]]:
    return [
        {
            "external_id": key,
            "fields": {"title": title, "text": text},
            "metadata": {
                "document": "m.pdf", "page": page, "product": "plate", "defect": defect, "kind": kind,
            },
        }
        for key, title, text, defect, kind, page in SECTIONS
    ]  # fmt: skip


@pytest.fixture
def manual(product: Conn) -> Conn:
    product.execute("SELECT ops.create_collection('manuals')")
    product.execute(
        "SELECT ops.replace_manual('manuals', 'plate', 'm.pdf', %s)", (Jsonb(section_rows()),)
    )
    return product


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("SELECT ops.register_specimen(1, 'nope')", "plate"),
        ("SELECT ops.register_specimen(1, NULL)", "plate"),
        ("SELECT ops.register_specimen(1, 'plate', 'dent')", "scratch, stain"),
        ("SELECT ops.add_defect_type('nope', 'x')", "plate"),
        ("SELECT * FROM search.manual('nope')", "plate"),
        ("SELECT * FROM search.manual('plate', 'dent')", "scratch, stain"),
        ("SELECT * FROM search.similar_defects('nope', '[1,2]')", "plate"),
        ("SELECT ops.start_bank('nope', 'main', '{}')", "plate"),
        ("SELECT ops.switch_bank(99)", "search.patch_banks"),
        ("SELECT ops.give_feedback(99, NULL)", "search.analyses"),
    ],
)
def test_what_is_not_there_is_an_error_that_names_what_is(
    product: Conn, statement: str, named: str
) -> None:
    with pytest.raises(psycopg.Error) as caught:
        product.execute(statement.encode())
    assert caught.value.sqlstate == "SG001"
    assert named in str(caught.value.diag.message_hint)


def test_a_product_is_renamed_and_stays_in_its_collection(product: Conn) -> None:
    product.execute("SELECT ops.add_product('plate', NULL, 'sheet')")
    names = product.execute("SELECT name_ko, name_en FROM search.products").fetchone()
    assert names == ("판재", "sheet")
    product.execute("SELECT ops.create_collection('other')")
    with pytest.raises(psycopg.Error, match="another collection"):
        product.execute("SELECT ops.add_product('plate', collection => 'other')")


def test_a_registered_picture_can_be_filtered_by_and_registered_otherwise(product: Conn) -> None:
    one = item(product)
    product.execute("SELECT ops.register_specimen(%s, 'plate', 'scratch', 'top', 'p1')", (one,))
    told = column(product, "SELECT metadata FROM search.items")[0]
    assert told == {
        "line": 3, "product": "plate", "label": "defect", "defect": "scratch", "view": "top",
    }  # fmt: skip
    product.execute("SELECT ops.register_specimen(%s, 'plate')", (one,))
    told = column(product, "SELECT metadata FROM search.items")[0]
    assert told == {"line": 3, "product": "plate", "label": "normal", "view": "main"}
    row = product.execute("SELECT label, defect, view, piece FROM search.specimens").fetchone()
    assert row == ("normal", None, "main", None)


def test_items_of_other_collections_and_odd_views_are_refused(product: Conn) -> None:
    product.execute("SELECT ops.create_collection('other')")
    with pytest.raises(psycopg.Error, match="not in the collection"):
        product.execute("SELECT ops.register_specimen(%s, 'plate')", (item(product, "x", "other"),))
    with pytest.raises(psycopg.Error, match="a view cannot be named Top"):
        product.execute(
            "SELECT ops.register_specimen(%s, 'plate', view => 'Top')", (item(product),)
        )


def test_a_defect_of_another_product_cannot_be_given(product: Conn) -> None:
    product.execute("SELECT ops.add_product('bolt')")
    product.execute("SELECT ops.add_defect_type('bolt', 'rust')")
    one = item(product)
    product.execute("SELECT ops.register_specimen(%s, 'plate', 'stain')", (one,))
    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        product.execute(
            "UPDATE core.specimen SET defect_type_id ="
            " (SELECT id FROM core.defect_type WHERE name = 'rust')"
        )


def test_banks_change_places_and_can_go_back(product: Conn) -> None:
    first, empty = bank(product), None
    column(product, "SELECT ops.switch_bank(%s)", (first,))
    second = bank(product)
    states = "SELECT status FROM search.patch_banks ORDER BY version"
    assert column(product, states) == ["live", "building"]
    assert column(product, "SELECT ops.switch_bank(%s)", (second,)) == [2]
    third = bank(product)
    assert column(product, "SELECT ops.switch_bank(%s)", (third,)) == [3]
    counts = "SELECT patches FROM search.patch_banks ORDER BY version"
    assert column(product, counts) == [0, 2, 2]  # the one before stays whole, older ones do not
    assert column(product, "SELECT ops.switch_bank(%s)", (second,)) == [2]
    assert column(product, states) == ["retired", "live", "retired"]
    assert column(product, counts) == [0, 2, 2]
    with pytest.raises(psycopg.Error, match="no patches"):
        product.execute("SELECT ops.switch_bank(%s)", (first,))
    empty = bank(product, patches=0)
    with pytest.raises(psycopg.Error, match="no patches"):
        product.execute("SELECT ops.switch_bank(%s)", (empty,))


def test_an_unfinished_bank_is_swept_away_by_the_next(product: Conn) -> None:
    first, second = bank(product), bank(product)
    assert column(product, "SELECT bank_id FROM search.patch_banks") == [second]
    assert column(product, "SELECT DISTINCT bank_id FROM core.patch") == [second]
    assert first != second


def test_patches_of_the_live_bank_can_be_compared(product: Conn) -> None:
    product.execute("SELECT ops.switch_bank(%s)", (bank(product),))
    nearest = "SELECT patch_no, vec <-> '[1,3]' AS far FROM search.patches ORDER BY 2, 1 LIMIT 1"
    assert product.execute(nearest).fetchone() == (0, 1.0)


def test_a_manual_is_told_apart_by_defect_kind_and_words(manual: Conn) -> None:
    found = """
        SELECT document || ' ' || page || ' ' || of_kind
        FROM search.manual('plate', %s, %s, 5, %s) ORDER BY rank"""
    cause, action = "m.pdf 3 cause", "m.pdf 4 action"
    assert column(manual, found, ("scratch", "롤러 세척", None)) == [action, cause]
    assert column(manual, found, ("scratch", "칩", None)) == [cause, action]
    assert column(manual, found, ("scratch", None, "action")) == [action]
    assert len(column(manual, found, (None, None, None))) == 3
    assert column(manual, found, (None, "절삭유", None))[0] == "m.pdf 1 cause"


def test_sections_that_no_leg_finds_follow_in_the_order_of_pages(manual: Conn) -> None:
    rows = manual.execute(
        "SELECT page, score FROM search.manual('plate', 'scratch', 'zzzz') ORDER BY rank"
    ).fetchall()
    assert rows == [(3, 0.0), (4, 0.0)]
    one = manual.execute("SELECT page FROM search.manual('plate', 'scratch', 'zzzz', 1)")
    assert one.fetchall() == [(3,)]


def test_a_document_again_replaces_its_sections(manual: Conn) -> None:
    rows = section_rows()[:2]
    rows[1]["fields"]["text"] = "롤러 교체"
    done = manual.execute(
        "SELECT * FROM ops.replace_manual('manuals', 'plate', 'm.pdf', %s)", (Jsonb(rows),)
    ).fetchone()
    assert done is not None
    assert done[:2] == (1, 1)
    assert column(manual, "SELECT count(*) FROM search.manual('plate')") == [2]
    # The version before stays, and can be put back.
    rows_ = manual.execute(
        "SELECT version, live, sections, defects, without FROM search.manuals ORDER BY version"
    ).fetchall()
    assert rows_ == [
        (1, False, 3, ["scratch", "stain"], []),
        (2, True, 2, ["scratch"], ["stain"]),
    ]
    first = column(manual, "SELECT manual_id FROM search.manuals WHERE version = 1")[0]
    parts = manual.execute(
        "SELECT place, defect, kind, page, body FROM search.manual_sections(%s)", (first,)
    ).fetchall()
    assert parts[1:] == [
        (2, "scratch", "action", 4, "롤러 세척"),
        (3, "stain", "cause", 1, "절삭유 마름"),
    ]
    manual.execute("SELECT ops.restore_manual(%s)", (first,))
    assert column(manual, "SELECT count(*) FROM search.manual('plate')") == [3]
    assert column(manual, "SELECT version FROM search.manuals WHERE live") == [3]
    # The same sections again are no version.
    manual.execute(
        "SELECT * FROM ops.replace_manual('manuals', 'plate', 'm.pdf', %s)",
        (Jsonb(section_rows()),),
    )
    assert column(manual, "SELECT max(version) FROM search.manuals") == [3]
    other = manual.execute(
        "SELECT * FROM ops.replace_manual('manuals', 'plate', 'n.pdf', '[]')"
    ).fetchone()
    assert other is not None
    assert other[:2] == (0, 0)
    # The same document on another product has sections of its own.
    with pytest.raises(psycopg.Error, match="unknown product: bolt"):
        manual.execute("SELECT * FROM ops.replace_manual('manuals', 'bolt', 'm.pdf', '[]')")


@pytest.mark.parametrize(
    ("score", "nearest", "said", "reason"),
    [
        (5.0, '[{"label": "defect"}]', None, None),
        (2.1, '[{"label": "defect"}]', None, "uncertain"),
        (1.0, '[{"label": "defect"}]', None, "disagreement"),
        (5.0, '[{"label": "normal"}]', None, "disagreement"),
        (1.0, "[]", None, None),
        (None, "[]", None, "uncertain"),
        (2.1, "[]", "scratch", None),
        (5.0, "[]", "stain", "contradicted"),
        (5.0, "[]", "", "contradicted"),
        (1.0, "[]", "", None),
    ],
)
def test_who_is_to_be_looked_at(
    product: Conn, score: float | None, nearest: str, said: str | None, reason: str | None
) -> None:
    one = analysis(product, score, nearest, "scratch")
    if said is not None:
        product.execute("SELECT ops.give_feedback(%s, %s)", (one, said or None))
    assert column(product, "SELECT reason FROM search.to_label") == ([reason] if reason else [])


def test_the_latest_word_counts_and_a_registered_picture_is_done(product: Conn) -> None:
    one = analysis(product, 5.0, defect="scratch")
    for said in ("scratch", "stain"):
        product.execute("SELECT ops.give_feedback(%s, %s)", (one, said))
    assert column(product, "SELECT said_defect FROM search.analyses") == ["stain"]
    assert column(product, "SELECT reason FROM search.to_label") == ["contradicted"]
    product.execute("UPDATE core.analysis SET item_id = %s", (item(product),))
    assert column(product, "SELECT reason FROM search.to_label") == []


def test_the_most_telling_come_first(product: Conn) -> None:
    uncertain = analysis(product, 2.1)
    less = analysis(product, 2.15)
    contradicted = analysis(product, 5.0)
    product.execute("SELECT ops.give_feedback(%s, NULL)", (contradicted,))
    order = column(product, "SELECT analysis_id FROM search.to_label ORDER BY place")
    assert order == [contradicted, uncertain, less]


def test_counts_take_the_word_of_people(product: Conn) -> None:
    analysis(product, 5.0, defect="scratch")
    told = analysis(product, 5.0, defect="scratch")
    product.execute("SELECT ops.give_feedback(%s, NULL)", (told,))
    analysis(product, 1.0)
    analysis(product, None)
    rows = product.execute(
        "SELECT finding, pictures, with_feedback, agreed FROM search.defect_counts ORDER BY finding"
    ).fetchall()
    assert rows == [("normal", 2, 1, 0), ("scratch", 1, 0, 0), ("unknown", 1, 0, 0)]


def test_a_reader_looks_and_writes_nothing(manual: Conn) -> None:
    analysis(manual, 2.1)
    with acting_as(manual, "seogo_reader"):
        for view in VIEWS:
            manual.execute(f"SELECT count(*) FROM search.{view}".encode())
        assert column(manual, "SELECT count(*) FROM search.manual('plate')") == [3]
        for statement in ("SELECT ops.add_product('x')", "DELETE FROM core.product"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                manual.execute(statement.encode())


def test_a_writer_registers_and_banks(product: Conn) -> None:
    one = item(product)
    with acting_as(product, "seogo_writer"):
        product.execute("SELECT ops.register_specimen(%s, 'plate', 'stain')", (one,))
        product.execute("SELECT ops.switch_bank(%s)", (bank(product),))
        product.execute("SELECT ops.give_feedback(%s, NULL)", (analysis(product, 2.1),))
    assert column(product, "SELECT status FROM search.patch_banks") == ["live"]


def test_deleting_a_picture_keeps_the_bank(product: Conn) -> None:
    one = item(product)
    made = bank(product)
    product.execute("UPDATE core.patch SET item_id = %s", (one,))
    product.execute("SELECT ops.switch_bank(%s)", (made,))
    product.execute("DELETE FROM core.item WHERE id = %s", (one,))
    assert column(product, "SELECT count(*) FROM search.patches WHERE item_id IS NULL") == [2]


def test_deleting_the_collection_takes_everything(manual: Conn) -> None:
    analysis(manual, 2.1, defect="scratch")
    bank(manual)
    manual.execute("DELETE FROM core.collection WHERE name = 'defects'")
    assert column(manual, "SELECT count(*) FROM core.product") == [0]
    assert column(manual, "SELECT count(*) FROM core.patch") == [0]


def test_regions_and_the_detectors_that_spoke(product: Conn) -> None:
    levels = [
        (3.0, {"patches": 0.2, "lines": 2.5, "blobs": 1.0}, ["lines", "blobs"]),
        (3.0, {"patches": 0.8, "lines": 0.9}, ["lines"]),
        (1.0, {"patches": 1.5}, []),
        (3.0, None, []),
    ]
    region = {"box": [5, 6, 7, 8], "outline": [[5, 6], [11, 13]], "area": 0.01, "peak": 1.5}
    for score, given, expected in levels:
        one = analysis(product, score)
        product.execute(
            "UPDATE core.analysis SET levels = %s, regions = %s WHERE id = %s",
            (Jsonb(given) if given else None, Jsonb([region, region]), one),
        )
        told = "SELECT spoke FROM search.analyses WHERE analysis_id = %s"
        assert column(product, told, (one,)) == [expected]
    rows = product.execute(
        "SELECT region_no, x, y, width, height, area, peak, detector, in_defect"
        " FROM search.defect_regions WHERE analysis_id = %s ORDER BY region_no",
        (one,),
    ).fetchall()
    assert rows == [(at, 5, 6, 7, 8, 0.01, 1.5, None, True) for at in (1, 2)]
