"""Inspecting, on the sample plates and the offline models."""

from __future__ import annotations

import json
from contextlib import closing
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import pytest

from db.calls.query import fetch
from db.defects import products
from db.errors import UnknownName
from encoders.anomaly.regions import Region
from encoders.pictures.decoding import PictureInvalid, decode
from encoders.settings import GuideSettings
from flows.guessing import Guess, NotGuessed
from flows.inspection import AnalyzeIn, inspect
from flows.local import Local
from jobs.defects import evaluate
from tests.defects.conftest import EXAMPLES, make_product
from tests.unit.encoders.captioning.chat_server import ChatServer, answer

if TYPE_CHECKING:
    import psycopg

    from encoders.settings import EncoderSettings
    from flows.inspection import Inspection

    Conn = psycopg.Connection[Any]

QUERY = (EXAMPLES / "query.jpg").read_bytes()
NORMAL = (EXAMPLES / "pictures" / "n03.jpg").read_bytes()


def lines(*given: dict[str, Any]) -> list[bytes]:
    return [json.dumps({"product": "plate", "label": "normal"} | one).encode() for one in given]


def inspected(
    conn: Conn,
    encoders: EncoderSettings,
    data: bytes,
    product: str,
    question: str = "",
    guide: GuideSettings | None = None,
) -> Inspection:
    """Inspect as the command line does."""
    with closing(Local(conn, encoders, guide)) as local:
        return local.run(inspect(AnalyzeIn(product=product, question=question), data))


def test_the_live_bank_is_measured_on_what_it_does_not_hold(
    plates: Conn, encoders: EncoderSettings
) -> None:
    rows = {row.defect: row for row in evaluate.run(plates, encoders, "plate", "main")}
    assert set(rows) == {evaluate.NORMAL, "scratch", "stain"}
    assert rows["scratch"].auroc == 1.0
    assert rows["scratch"].found == 1.0
    assert rows[evaluate.NORMAL].found == 0.0


def test_an_inspection_goes_all_the_way(plates: Conn, encoders: EncoderSettings) -> None:
    found = inspected(plates, encoders, QUERY, "plate", question="어떻게 조치하나요?")
    assert (found.verdict, found.defect, found.degraded) == ("defect", "scratch", [])
    assert found.nearest[0].defect == "scratch"
    assert [one.kind for one in found.sections] == ["action", "cause"]
    assert found.guide is not None
    assert [one.cites for one in found.guide.actions] == [[1], [1]]
    assert set(found.timing) == {"search", "anomaly", "manual", "guide"}
    (kept,) = fetch(plates, products.analyses())
    assert (kept.analysis_id, kept.verdict, kept.defect) == (found.analysis_id, "defect", "scratch")
    assert kept.patch_scores is not None
    assert np.array(kept.patch_scores).shape == (4, 4)
    assert kept.levels == found.levels
    assert msgspec.convert(kept.regions, list[Region]) == found.regions
    assert kept.spoke == sorted(
        [name for name, level in kept.levels.items() if level >= 1],
        key=lambda one: -kept.levels[one],
    )
    assert kept.scale is not None
    assert kept.scale["threshold"] < kept.scale["high"]
    assert (kept.height, kept.width) == decode(QUERY).shape[:2]
    x, y, width, height = found.regions[0].box
    assert 0 <= x < x + width <= found.width
    assert 0 <= y < y + height <= found.height
    images = {one.kind for one in fetch(plates, products.images(analysis_id=kept.analysis_id))}
    assert images == {"picture", "heatmap", "mask", "overlay", "compared"}


def test_a_normal_picture_is_given_no_defect(plates: Conn, encoders: EncoderSettings) -> None:
    found = inspected(plates, encoders, NORMAL, "plate")
    assert (found.verdict, found.defect, found.sections, found.guide) == ("normal", None, [], None)
    assert found.degraded == []
    (kept,) = fetch(plates, products.analyses())
    assert set(kept.levels) == {"patches", "lines", "blobs", "change"}
    assert kept.spoke == []


def test_a_server_that_makes_things_up_is_not_believed(
    plates: Conn, encoders: EncoderSettings
) -> None:
    made_up = answer('{"causes": [{"text": "moonlight", "cites": [42]}], "actions": []}')
    with ChatServer([made_up]) as server:
        guide = GuideSettings(guide="openai", guide_url=server.url, guide_model="m")
        found = inspected(plates, encoders, QUERY, "plate", guide=guide)
    assert found.guide is not None
    assert found.guide.writer == "extractive"
    assert "No statement of openai:m cites" in found.degraded[0]
    assert "긁힘" in server.bodies[0]["messages"][0]["content"]


def test_an_unknown_product_is_never_judged_by_anothers_bank(
    plates: Conn, encoders: EncoderSettings
) -> None:
    with pytest.raises(UnknownName) as caught:
        inspected(plates, encoders, QUERY, "nope")
    assert caught.value.hint == "There are: plate."
    make_product(plates, "bolt")
    found = inspected(plates, encoders, QUERY, "bolt")
    assert (found.score, found.nearest, found.defect) == (None, [], None)


@pytest.mark.parametrize("data", [b"", b"text", QUERY[:200]])
def test_what_is_no_picture_is_refused_and_nothing_kept(
    plates: Conn, encoders: EncoderSettings, data: bytes
) -> None:
    with pytest.raises(PictureInvalid):
        inspected(plates, encoders, data, "plate")
    assert fetch(plates, products.analyses()) == []


def test_product_and_view_are_guessed_and_told_or_refused(
    plates: Conn, encoders: EncoderSettings
) -> None:
    with closing(Local(plates, encoders)) as local:
        found = local.run(inspect(AnalyzeIn(), QUERY))
        assert (found.product.product, found.view, found.verdict) == ("plate", "main", "defect")
        assert found.guess == Guess(product=1.0, view=None, neighbours=10)
        assert "guess" in found.timing
        (kept,) = fetch(plates, products.analyses())
        assert kept.guess == msgspec.to_builtins(found.guess)
        # The only view of a product is no guess.
        assert local.run(inspect(AnalyzeIn(product="plate"), QUERY)).guess is None
        # Half of the pictures are of another product and seen from above: nobody agrees.
        make_product(plates, "sheet")
        plates.execute(
            "SELECT ops.register_specimen(s.item_id, 'sheet', NULL, 'top') FROM core.specimen AS s"
            " WHERE s.item_id % 2 = 0"
        )
        with pytest.raises(NotGuessed, match="the product is not clear") as caught:
            local.run(inspect(AnalyzeIn(), QUERY))
        assert "register more" in str(caught.value.hint)
        plates.execute(
            "SELECT ops.register_specimen(s.item_id, 'plate', NULL, 'top') FROM core.specimen AS s"
            " WHERE s.item_id % 2 = 0"
        )
        with pytest.raises(NotGuessed, match="the view is not clear"):
            local.run(inspect(AnalyzeIn(product="plate"), QUERY))
        plates.execute("DELETE FROM core.specimen")
        with pytest.raises(NotGuessed, match="too few"):
            local.run(inspect(AnalyzeIn(), QUERY))


def test_a_model_may_look_and_is_cited_and_changes_no_verdict(
    plates: Conn, encoders: EncoderSettings
) -> None:
    said = "A long bright scratch.\n\n  The plate is fine. "
    with ChatServer([answer(said), 404]) as server:
        looks = GuideSettings(look_url=server.url, look_model="vlm")
        found = inspected(plates, encoders, QUERY, "plate", guide=looks)
        parts = server.bodies[0]["messages"][0]["content"]
        assert [part["type"] for part in parts] == ["image_url", "image_url", "text"]
        assert (found.verdict, found.defect, found.degraded) == ("defect", "scratch", [])
        look = found.sections[-1]
        assert (look.kind, look.document, look.item_id) == ("look", "openai:vlm", None)
        assert look.text == "A long bright scratch.\nThe plate is fine."
        assert found.guide is not None
        assert [one.cites for one in found.guide.more] == [[look.number], [look.number]]
        # Normal pictures are shown to nobody; a server that fails changes nothing else.
        assert inspected(plates, encoders, NORMAL, "plate", guide=looks).verdict == "normal"
        assert len(server.bodies) == 1
        without = inspected(plates, encoders, QUERY, "plate", guide=looks)
    assert {one.kind for one in without.sections} == {"action", "cause"}
    assert "no model looked at the picture" in without.degraded[0]
