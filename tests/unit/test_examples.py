"""The example catalogue: its counts, its languages, and pictures that match the data."""

from __future__ import annotations

import importlib.util
import json
import re
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

pytest.importorskip("PIL", reason="Pillow comes with seogo[examples]")

from PIL import Image, ImageChops

if TYPE_CHECKING:
    from types import ModuleType

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
LINES = (EXAMPLES / "parts.jsonl").read_text(encoding="utf-8").splitlines()
PARTS: list[dict[str, Any]] = [json.loads(line) for line in LINES]
PICTURED = [part for part in PARTS if "media" in part]
FIELDS = ["title", "description", "maker", "part_number", "category"]
ALWAYS = ["maker", "category", "language", "year", "in_stock", "stock_qty", "lead_time_days"]
HANGUL = re.compile("[가-힣]")


def picture_of(part: dict[str, Any]) -> Path:
    [medium] = part["media"]
    return EXAMPLES / medium["path"]


def by_nameplate(wanted: bool) -> dict[str, Any]:
    return next(part for part in PICTURED if part["metadata"]["has_nameplate"] is wanted)


@pytest.fixture(scope="module")
def renderer() -> ModuleType:
    spec = importlib.util.spec_from_file_location(
        "render_nameplates", EXAMPLES / "render_nameplates.py"
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def font(renderer: ModuleType) -> Path:
    try:
        return renderer.find_korean_font()
    except renderer.FontMissingError as error:
        pytest.skip(str(error))


def test_the_catalogue_is_large_and_varied() -> None:
    assert len(PARTS) >= 130
    assert len({part["fields"]["maker"] for part in PARTS}) >= 15
    assert len({part["fields"]["category"] for part in PARTS}) >= 12


@pytest.mark.parametrize("key", ["title", "description", "part_number"])
def test_texts_are_unique(key: str) -> None:
    seen = Counter(part["fields"][key] for part in PARTS)
    assert [value for value, count in seen.items() if count > 1] == []


def test_external_ids_count_up_without_gaps() -> None:
    wanted = [f"P{number:04d}" for number in range(1, len(PARTS) + 1)]
    assert [part["external_id"] for part in PARTS] == wanted


def test_each_language_has_a_large_share() -> None:
    languages = Counter(part["metadata"]["language"] for part in PARTS)
    assert set(languages) == {"ko", "en"}
    assert min(languages.values()) >= 0.4 * len(PARTS)


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part["external_id"])
def test_language_says_what_the_description_is_written_in(part: dict[str, Any]) -> None:
    korean = part["metadata"]["language"] == "ko"
    text = part["fields"]["title"] + part["fields"]["description"]
    assert bool(HANGUL.search(text)) is korean


def test_lines_keep_one_key_order_and_are_not_escaped() -> None:
    for line, part in zip(LINES, PARTS, strict=True):
        top = ["external_id", "fields", "metadata", *(["media"] if "media" in part else [])]
        assert list(part) == top
        assert list(part["fields"]) == FIELDS
        assert list(part["metadata"])[: len(ALWAYS)] == ALWAYS
        assert "\\u" not in line


def test_metadata_is_typed_and_agrees_with_the_fields() -> None:
    for part in PARTS:
        meta, fields = part["metadata"], part["fields"]
        assert (meta["maker"], meta["category"]) == (fields["maker"], fields["category"])
        assert meta["in_stock"] is (meta["stock_qty"] > 0)
        assert type(meta["year"]) is int
        assert 2010 <= meta["year"] <= 2025
        assert type(meta.get("voltage_v", 0)) is int


def test_thirty_pictures_of_which_ten_have_no_nameplate() -> None:
    plates = Counter(part["metadata"]["has_nameplate"] for part in PICTURED)
    assert plates == {True: 20, False: 10}
    for part in PICTURED:
        role = "nameplate" if part["metadata"]["has_nameplate"] else "photo"
        assert part["media"][0]["role"] == role


def test_the_folder_holds_the_named_pictures_and_no_others() -> None:
    named = sorted(picture_of(part) for part in PICTURED)
    assert sorted((EXAMPLES / "pictures").iterdir()) == named


def test_pictures_are_small_readable_pngs() -> None:
    for path in map(picture_of, PICTURED):
        with Image.open(path) as image:
            image.load()
            assert (image.format, image.size) == ("PNG", (800, 500))
        assert path.stat().st_size < 60_000
    assert sum(picture_of(part).stat().st_size for part in PICTURED) < 1_500_000


def test_serial_numbers_are_on_the_plates_only(renderer: ModuleType) -> None:
    whole = "\n".join(LINES)
    plated = [part for part in PICTURED if part["metadata"]["has_nameplate"]]
    serials = {renderer.serial_number(part) for part in plated}
    assert len(serials) == len(plated)
    assert [serial for serial in serials if serial in whole] == []


def test_a_drawing_comes_out_the_same_twice(renderer: ModuleType) -> None:
    part = by_nameplate(False)
    first = renderer.png_bytes(renderer.render(part))
    assert renderer.png_bytes(renderer.render(part)) == first


def test_a_nameplate_comes_out_the_same_twice(renderer: ModuleType, font: Path) -> None:
    part = by_nameplate(True)
    first = renderer.png_bytes(renderer.render(part, font))
    assert renderer.png_bytes(renderer.render(part, font)) == first


def test_a_nameplate_shows_its_part_number(renderer: ModuleType, font: Path) -> None:
    part = by_nameplate(True)
    other = {**part, "fields": {**part["fields"], "part_number": "A000-00-000"}}
    drawn, changed = renderer.render(part, font), renderer.render(other, font)
    box = ImageChops.difference(drawn, changed).getbbox()
    assert box is not None
    assert box[3] - box[1] < 60  # one line of the plate, nothing else


def strongly_differing(first: Image.Image, second: Image.Image) -> int:
    gap = ImageChops.difference(first.convert("L"), second.convert("L"))
    return sum(gap.histogram()[50:])


@pytest.mark.parametrize("part", PICTURED, ids=lambda part: part["external_id"])
def test_committed_picture_shows_what_the_data_says(
    renderer: ModuleType, part: dict[str, Any], request: pytest.FixtureRequest
) -> None:
    font = None
    if part["metadata"]["has_nameplate"]:
        font = request.getfixturevalue("font")
        if font.name != "NanumGothicBold.ttf":
            pytest.skip("the committed plates are written in another font")
    with Image.open(picture_of(part)) as committed:
        # the palette costs none; one changed character makes 80 and more
        assert strongly_differing(committed, renderer.render(part, font)) < 40


def test_no_korean_font_is_reported_with_the_remedy(
    renderer: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    monkeypatch.setattr(renderer, "FONT_CANDIDATES", ())
    monkeypatch.setattr(renderer.shutil, "which", lambda _: None)
    assert renderer.main(["--out", str(tmp_path)]) == 1
    assert "apt-get install fonts-nanum" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_wrong_number_of_pictures_is_refused(renderer: ModuleType, tmp_path: Path) -> None:
    short = tmp_path / "parts.jsonl"
    short.write_text("\n".join(LINES[:10]), encoding="utf-8")
    with pytest.raises(ValueError, match="not 30"):
        renderer.render_all(short, tmp_path / "pictures", None)
