"""The page of data: archives and folders of pictures, and settings of a collection with what they cost."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zipfile import ZIP_DEFLATED, ZipFile

from playwright.sync_api import Dialog, Page, expect

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


def test_settings_are_changed_and_say_what_that_costs(
    visit: Callable[..., Page], site: Site
) -> None:
    site.db.execute(
        "SELECT ops.create_collection('tuned', 'simple', vector_sources => %s)",
        ('{"text": {"item": ["title"]}}',),
    )
    item = '[{"external_id": "a", "fields": {"title": "pump", "code": "EV-S20N"}, "metadata": {"kind": "x"}}]'
    site.db.execute("SELECT count(*) FROM ops.upsert_items('tuned', %s)", (item,))
    asked: list[str] = []

    def agree(dialog: Dialog) -> None:
        asked.append(dialog.message)
        dialog.accept()

    page = visit("/data", "ko-KR", apart=True)
    page.on("dialog", agree)
    page.get_by_role("button", name="tuned의 설정").click()
    settings = page.locator("#settings")
    entries = settings.get_by_label("내용 (한 줄에 하나)")
    expect(entries).to_have_value("title")
    entries.fill("title\n[code] {code}")
    settings.locator("fieldset").get_by_role("button", name="바꾸기").click()
    expect_text(page, "#settings-told", "바꿨습니다. 항목 1건이 작업자를 기다립니다.")
    settings.get_by_text("품번이 있는 필드").click()
    settings.get_by_label("필드나 속성의 이름").fill("code")
    settings.locator("#numbers").get_by_role("button", name="바꾸기").click()
    expect_text(page, "#settings-told", "품번을 모두 다시 읽었습니다")
    settings.get_by_text("화면에 보이는 이름").click()
    settings.get_by_label("title: 영어", exact=True).fill("what it is")
    settings.get_by_role("button", name="저장: title").click()
    expect_text(page, "#settings-told", "title의 이름을 저장했습니다")
    settings.get_by_text("동의어 (관리자)").click()
    settings.get_by_label("뜻이 같은 말").fill("pump, 펌프")
    settings.get_by_role("button", name="추가", exact=True).click()
    expect_text(page, "#synonyms-list", "pump = 펌프")
    settings.locator("#synonyms-list").get_by_role("button", name="고치기").click()
    settings.get_by_label("뜻이 같은 말").fill("pump, 양수기")
    settings.get_by_role("button", name="고친 것 저장").click()
    expect(page.locator("#synonyms-list li")).to_contain_text(["pump = 양수기"])
    settings.get_by_text("질의별 고정·내림").click()
    settings.get_by_label("질의", exact=True).fill("water")
    settings.get_by_label("항목 id").fill("a")
    settings.get_by_role("button", name="고정하기").click()
    expect_text(page, "#pins-list", "1번째 자리")
    settings.locator("#pins-list").get_by_role("button", name="고치기").click()
    settings.get_by_label("질의", exact=True).fill("waters")
    settings.get_by_label("자리").fill("2")
    settings.get_by_role("button", name="고친 것 저장").click()
    expect(page.locator("#pins-list li")).to_contain_text(["waters → a 2번째 자리"])
    assert barriers(page) == []
    settings.get_by_role("button", name="이 공간 그만 쓰기").click()
    expect_text(page, "#settings-told", "그만 씁니다. 항목 0건의 벡터를 지웠습니다.")
    vectors, numbers, stopped = asked
    assert "항목 1건의 벡터를 새로 만들어야" in vectors
    assert "항목 1건에서 품번을 다시 읽습니다" in numbers
    assert "항목 0건의 벡터가 지워지고" in stopped
    kept = site.db.execute(
        "SELECT c.vector_sources, c.identifier_fields, c.labels, (SELECT array_agg(d.raw)"
        " FROM core.identifier AS d JOIN search.items AS i USING (item_id) WHERE i.collection = 'tuned')"
        " FROM search.collections AS c WHERE c.collection = 'tuned'"
    ).fetchone()
    assert kept == ({}, ["code"], {"title": {"en": "what it is"}}, ["EV-S20N"])
    site.db.execute("SELECT ops.delete_collection('tuned')")
