"""The page of data: archives and folders of pictures, and settings of a collection with what they cost."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zipfile import ZIP_DEFLATED, ZipFile

from playwright.sync_api import Page, expect

from tests.service.browser import Site, expect_text, needs_chromium
from tests.service.conftest import png
from tests.service.test_browser_shows import barriers

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = needs_chromium


def archive(path: Path) -> Path:
    """Three pictures, one that is broken, one that unpacks to too much, a table, a file of a system."""
    with ZipFile(path, "w") as made:
        for colour in ("red", "green", "blue"):
            made.writestr(f"@@/@@_{colour}.png", png(colour))
        made.writestr("a/list.csv", "id,title")
        made.writestr("a/broken.png", b"no picture")
        made.writestr("__MACOSX/._x.png", b"")
        made.writestr("vast.png", bytes(65 << 20), ZIP_DEFLATED)
    # Names as Korean Windows writes them: in CP949, without a flag.
    path.write_bytes(path.read_bytes().replace(b"@@", "펌".encode("cp949")))
    return path


def test_an_archive_of_pictures_is_loaded_and_what_is_none_is_named(
    visit: Callable[..., Page], site: Site, tmp_path: Path
) -> None:
    page = visit("/data", "ko-KR")
    page.locator("#file").set_input_files(archive(tmp_path / "Pictures.zip"))
    expect_text(page, "#counted", "사진 5장을 찾았습니다. 다른 파일 1개는")
    expect(page.locator("#preview img[src^=data]")).to_have_count(3)
    expect(page.locator("#name")).to_have_value("pictures")
    assert barriers(page) == []
    page.locator("#load [type=submit]").click()
    # Taken and named together are all that was put in; the broken picture's item is there without it.
    expect_text(page, "#outcome", "4건 추가, 0건 갱신, 0건 그대로, 2건 거절. 1건은 사진 없이")
    for named in ("a/list.csv", "a/broken.png", "vast.png"):
        expect_text(page, "#refused", named)
    kept = site.db.execute(
        "SELECT i.external_id, i.fields ->> 'title' FROM search.items AS i JOIN core.media AS m"
        " USING (item_id) WHERE i.collection = 'pictures' AND m.picture_id IS NOT NULL ORDER BY 1"
    ).fetchall()
    assert len(kept) == 3
    assert kept[0] == ("펌/펌_blue.png", "펌 blue")
    site.db.execute("SELECT ops.delete_collection('pictures')")
    folder = tmp_path / "Folder"
    folder.mkdir()
    (folder / "one.png").write_bytes(png("red"))
    (folder / "read.me").write_text("no picture")
    page.locator("#folder").set_input_files(folder)
    expect_text(page, "#counted", "사진 1장을 찾았습니다. 다른 파일 1개는")
    expect_text(page, "#preview", "Folder/one.png")
