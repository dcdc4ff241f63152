"""Registering, banks and inspecting, on the sample plates and the offline models."""

from __future__ import annotations

import io
import json
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image

from db.calls.query import fetch
from db.defects import products
from db.errors import SeogoDbError, UnknownName
from db.settings import DbSettings
from encoders.anomaly.errors import TooFewPictures
from encoders.anomaly.fit import Sample, fit
from encoders.anomaly.patchcore import Scorer
from encoders.settings import EncoderSettings
from flows.banks import LoadedBank, load_judge
from flows.errors import LegUnavailable
from flows.inspection import AnalyzeIn, inspect
from flows.local import Local
from inputs.lines import of_lines, records
from jobs.defects import banks, register
from jobs.schedule.scheduler import Scheduler
from jobs.schedule.settings import ScheduleSettings
from tests.defects.conftest import EXAMPLES, SMALL
from tests.defects.test_sql import analysis, item
from tests.sql.helpers import column

if TYPE_CHECKING:
    from pathlib import Path

    import psycopg

    from encoders.anomaly.backbones import Backbone

    Conn = psycopg.Connection[Any]

QUERY = (EXAMPLES / "query.jpg").read_bytes()
NORMAL = (EXAMPLES / "pictures" / "n03.jpg").read_bytes()


def lines(*given: dict[str, Any]) -> list[bytes]:
    return [json.dumps({"product": "plate", "label": "normal"} | one).encode() for one in given]


def loaded(conn: Conn, encoders: EncoderSettings, view: str = "main") -> LoadedBank:
    """Load the live bank of the product `plate`."""
    return Local(conn, encoders).run(load_judge("plate", view))


def test_the_list_again_changes_nothing(registered: Conn) -> None:
    report = register.from_list(registered, records(EXAMPLES / "plates.jsonl"), EXAMPLES)
    assert (report.inserted, report.updated, report.unchanged, report.refused) == (0, 0, 34, [])
    assert column(registered, "SELECT count(*) FROM core.picture") == [34]
    (row,) = fetch(registered, products.products())
    assert (row.normal, row.defective) == (24, 10)


def test_bad_lines_are_named_and_the_rest_is_registered(product: Conn, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for name in ("ok.jpg", "긁힘_scratch.jpg"):
        (folder / name).write_bytes(NORMAL if name == "ok.jpg" else QUERY)
    (folder / "text.jpg").write_text("no picture")
    (tmp_path / "secret.jpg").write_bytes(NORMAL)
    given = [
        *lines({"path": "ok.jpg"}),
        b"",
        b'{"path": "ok.jpg", "note": "' + "펌프".encode("cp949") + b'"}',
        *lines(
            {"path": "none.jpg"},
            {"path": "text.jpg"},
            {"path": "../secret.jpg"},
            {"path": "ok.jpg", "label": "defect"},
            {"path": "ok.jpg", "defect": "scratch"},
            {"path": "ok.jpg", "label": "defect", "defect": "dent"},
            {"path": "ok.jpg", "product": "nope"},
            {"path": "ok.jpg", "lable": "normal"},
            {"path": "긁힘_scratch.jpg"},
        ),
    ]
    given[0] = b"\xef\xbb\xbf" + given[0] + b"\r"
    given += [b"  \t", b'{"path": "a\\u0000.jpg", "product": "plate", "label": "normal"}']
    report = register.from_list(product, of_lines(enumerate(given, 1)), folder)
    assert report.inserted == 2
    reasons = {one.line: one.reason for one in report.refused}
    assert sorted(reasons) == [3, 4, 5, 6, 7, 8, 9, 10, 11, 14]
    assert "CP949" in reasons[3]
    assert "null" in reasons[14]
    assert "none.jpg" in reasons[4]
    assert "picture" in reasons[5]
    assert "leads out" in reasons[6]
    assert "say which" in reasons[7]
    assert "one of them is wrong" in reasons[8]
    assert "There are: scratch, stain" in reasons[9]
    assert "There are: plate" in reasons[10]
    # A name says nothing: it was registered as normal.
    assert column(product, "SELECT DISTINCT label FROM search.specimens") == ["normal"]
    # What was refused has left nothing behind.
    assert column(product, "SELECT count(*) FROM search.items") == [2]


def test_a_bank_is_built_beside_the_live_one_and_goes_back(
    registered: Conn, backbone: Backbone, encoders: EncoderSettings
) -> None:
    first = banks.build(registered, backbone, "plate", "main", SMALL)
    assert (first.version, first.status, first.patches) == (1, "live", 300)
    assert (first.report["pictures"], first.report["pieces"]) == (24, 12)
    assert first.joined
    assert column(registered, "SELECT count(*) FROM core.normal_score") == [24]
    # The others find all drawn defects: nothing to win.
    assert first.labels is not None
    told = [first.labels[key] for key in ("pictures", "pieces", "joined")]
    assert told == [10, 10, False]
    assert first.detectors == ["patches", "lines", "blobs", "change"]
    assert column(registered, "SELECT count(*) FROM core.labelled_score") == [0]
    again = banks.build(registered, backbone, "plate", "main", SMALL)
    assert (again.version, again.threshold) == (2, first.threshold)
    assert loaded(registered, encoders).bank_id == again.bank_id
    assert banks.rollback(registered, "plate", "main") == 1
    assert loaded(registered, encoders).bank_id == first.bank_id


def test_what_is_stored_judges_as_what_was_built(
    registered: Conn,
    backbone: Backbone,
    encoders: EncoderSettings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Labels included, which join here without having won."""
    monkeypatch.setattr("encoders.anomaly.labels._SURE", 0.0)
    made = banks.build(registered, backbone, "plate", "main", SMALL)
    assert made.detectors[-1] == "labels"
    judge = loaded(registered, encoders).judge
    samples, defects = (
        [Sample(row.piece, partial(banks._picture, registered, row.picture_id)) for row in rows]
        for rows in banks._rows(registered, "plate", "main")
    )
    fitted = fit(backbone, samples, SMALL, labelled=defects)
    kept = {
        one.item_id: one.score for one in fetch(registered, products.judged(bank_id=made.bank_id))
    }
    assert len(kept) == 34
    assert sorted(kept.values(), key=float) == pytest.approx(
        sorted((*fitted.scores, *fitted.labelled.values())), rel=1e-4
    )
    built = judge._replace(scorer=Scorer(fitted.bank), detectors=fitted.detectors)
    picture = np.array(Image.open(io.BytesIO(QUERY)).convert("RGB"))
    found, expected = judge.scores(picture), built.scores(picture)
    assert found.image == pytest.approx(expected.image, rel=1e-5)
    assert dict(found.parts) == pytest.approx(dict(expected.parts), rel=1e-4)
    assert found.image > judge.threshold == pytest.approx(made.threshold)


def test_copies_under_other_keys_make_the_same_bank(
    product: Conn, backbone: Backbone, tmp_path: Path
) -> None:
    names = [f"n{at:02}.jpg" for at in range(5)]
    for name in names:
        shown = Image.open(EXAMPLES / "pictures" / name)
        shown.save(tmp_path / f"{name}.png")
        shown.save(tmp_path / f"{name}.bmp")
    for at, name in enumerate(names):
        same = [f"{name}.png", f"{name}.png", f"{name}.bmp"]
        given = [
            {"path": path, "external_id": f"{at}{key}", "view": "thrice"}
            for path, key in zip(same, "abc", strict=True)
        ]
        given.append({"path": same[0], "external_id": f"{at}d", "view": "once"})
        assert (
            register.from_list(product, of_lines(enumerate(lines(*given), 1)), tmp_path).inserted
            == 4
        )
    once = banks.build(product, backbone, "plate", "once", SMALL)
    thrice = banks.build(product, backbone, "plate", "thrice", SMALL)
    assert thrice.threshold == once.threshold
    assert thrice.patches == once.patches
    told = ("pictures", "pieces", "copies")
    assert [once.report[key] for key in told] == [5, 5, 0]
    assert [thrice.report[key] for key in told] == [5, 5, 10]
    keys = dict(product.execute("SELECT item_id, external_id FROM search.items").fetchall())
    copied = [keys[item_id] for item_id in thrice.report["copied_items"]]
    assert copied == [f"{at}{key}" for at in range(5) for key in "bc"]


def test_without_normal_pictures_there_is_no_bank_and_the_one_before_stays(
    product: Conn, backbone: Backbone, encoders: EncoderSettings
) -> None:
    with pytest.raises(TooFewPictures, match="0 pictures of 0 pieces"):
        banks.build(product, backbone, "plate", "main", SMALL)
    with pytest.raises(UnknownName, match="nope"):
        banks.build(product, backbone, "nope", "main", SMALL)
    with pytest.raises(LegUnavailable, match="view side of plate"):
        loaded(product, encoders, "side")
    with pytest.raises(banks.NoBank, match="no bank to go back to"):
        banks.rollback(product, "plate", "main")


def test_a_failure_while_copying_leaves_the_live_bank(
    built: Conn, backbone: Backbone, monkeypatch: pytest.MonkeyPatch
) -> None:
    built.execute("ALTER TABLE core.normal_score ADD CONSTRAINT no_more CHECK (false) NOT VALID")
    with pytest.raises(SeogoDbError):
        banks.build(built, backbone, "plate", "main", SMALL)
    states = column(built, "SELECT version || status FROM search.patch_banks")
    assert states == ["1live"]


def test_a_bank_of_another_backbone_is_not_used(built: Conn, encoders: EncoderSettings) -> None:
    built.execute("UPDATE core.patch_bank SET identity = 'older'")
    with pytest.raises(LegUnavailable, match="older"):
        loaded(built, encoders)


def test_banks_are_rebuilt_when_their_pictures_are_others(
    built: Conn, encoders: EncoderSettings
) -> None:
    (first,) = fetch(built, products.banks())
    done = banks.rebuild(built, encoders)
    assert (done.looked, done.rebuilt, done.failed) == (1, 0, 0)
    built.execute("DELETE FROM core.item WHERE external_id = 'n05'")
    done = banks.rebuild(built, encoders)
    assert (done.looked, done.rebuilt, done.failed) == (1, 1, 0)
    live = [bank for bank in fetch(built, products.banks()) if bank.status == "live"]
    assert [(bank.version, bank.side, bank.patches) for bank in live] == [(2, 128, 300)]
    assert live[0].report["normals"] != first.report["normals"]
    built.execute("DELETE FROM core.item WHERE metadata ->> 'label' = 'normal'")
    done = banks.rebuild(built, encoders)
    assert (done.looked, done.rebuilt, done.failed) == (1, 0, 1)


def test_each_stage_that_cannot_be_had_is_told(product: Conn, encoders: EncoderSettings) -> None:
    request = AnalyzeIn(product="plate", defect="scratch")
    found = Local(product, encoders).run(inspect(request, QUERY))
    told = "\n".join(found.degraded)
    assert "no known defects" in told
    assert "not judged" in told
    assert "no manual" in told
    assert found.verdict == "unknown"
    assert list(found.images) == ["picture"]
    assert column(product, "SELECT reason FROM search.to_label") == ["uncertain"]


def test_old_analyses_are_forgotten_where_the_settings_say_so(
    product: Conn, db_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, kept = analysis(product, 5.0), analysis(product, 5.0)
    product.execute("SELECT ops.give_feedback(%s, NULL)", (old,))
    product.execute(
        "INSERT INTO core.analysis_image (analysis_id, kind, png) VALUES (%s, 'mask', 'x')", (old,)
    )
    product.execute(
        "UPDATE core.analysis SET item_id = %s, created_at = now() - interval '8 days' WHERE id = %s",
        (item(product), old),
    )
    scheduler = Scheduler(DbSettings(database_url=db_url), EncoderSettings(), ScheduleSettings())
    assert scheduler.run_now("forget_analyses").counts == {"deleted": 0}
    monkeypatch.setenv("SEOGO_ANALYSIS_DAYS", "7")
    assert scheduler.run_now("forget_analyses").counts == {"deleted": 1}
    assert column(product, "SELECT id FROM core.analysis") == [kept]
    assert column(product, "SELECT count(*) FROM core.analysis_image") == [0]
    assert column(product, "SELECT count(*) FROM core.specimen") == [0]
    assert column(product, "SELECT count(*) FROM core.item") == [1]
