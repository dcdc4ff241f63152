"""Inspecting and registering over HTTP."""

from __future__ import annotations

import base64
import gc
import io
import json
import zipfile
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import msgspec
import psycopg
import pytest
from PIL import Image, ImageDraw, ImageFont

from db.calls.query import fetch
from db.defects import batches
from inputs.lines import of_lines
from jobs.defects import banks, register
from jobs.stages.settings import WorkerSettings
from jobs.stages.worker import Worker
from tests.defects.conftest import EXAMPLES, SMALL, make_product
from tests.jobs.support import pipeline_settings
from tests.service.conftest import bearer, make_key
from tests.sql.helpers import column

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from encoders.anomaly.backbones import Backbone
    from encoders.settings import EncoderSettings
    from tests.service.conftest import Client

QUERY = (EXAMPLES / "query.jpg").read_bytes()
NORMAL = (EXAMPLES / "pictures" / "n03.jpg").read_bytes()


def analyze(client: Client, data: bytes = QUERY, **request: Any) -> Any:
    return client.post(
        "/defects/analyze",
        files={"picture": ("a.jpg", data, "image/jpeg")},
        data={"request": json.dumps({"product": "plate"} | request)},
    )


def test_a_picture_is_inspected_and_kept(client: Client) -> None:
    found = analyze(client, question="How do I fix it?").json()
    assert (found["verdict"], found["defect"], found["degraded"]) == ("defect", "scratch", [])
    assert found["score"] > found["threshold"]
    assert found["nearest"][0]["defect"] == "scratch"
    assert found["sections"][0]["kind"] == "action"
    assert {n for one in found["guide"]["causes"] for n in one["cites"]} == {2}
    assert set(found["timing"]) == {"search", "anomaly", "manual", "guide"}
    kept = client.get(f"/defects/analyses/{found['analysis_id']}").json()
    assert kept["guide"] == found["guide"]
    assert [row["analysis_id"] for row in client.get("/defects/analyses").json()] == [
        found["analysis_id"]
    ]
    for kind in found["images"]:
        image = client.get(f"/defects/analyses/{found['analysis_id']}/images/{kind}")
        assert image.headers["content-type"] == "image/png"
        assert Image.open(io.BytesIO(image.content)).size[1] == 192


def test_an_unknown_product_is_404_with_the_known_ones(client: Client) -> None:
    answer = analyze(client, product="nope")
    assert answer.status_code == 404
    assert answer.json()["detail"] == "unknown product: nope"
    assert answer.json()["hint"] == "There are: plate."
    for path in ("/defects/manual?product=nope", "/defects/analyses/7"):
        assert client.get(path).status_code == 404


@pytest.mark.parametrize(("data", "status"), [(b"", 400), (b"no picture", 400), (QUERY[:300], 400)])
def test_what_is_no_picture_is_400(client: Client, data: bytes, status: int) -> None:
    answer = analyze(client, data)
    assert (answer.status_code, answer.json()["type"]) == (status, "urn:seogo:problem:bad-picture")
    assert client.get("/defects/analyses").json() == []


# What was received of a refused form is closed when it is collected: here, not in some later test.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_pictures_that_are_too_large_are_refused(make_client: Callable[..., Client]) -> None:
    bomb = io.BytesIO()
    Image.new("1", (30_000, 30_000)).save(bomb, "png")
    client = make_client(max_body_mb=1)
    assert analyze(client, bomb.getvalue()).status_code == 400
    assert analyze(client, b"x" * 2_000_000).status_code == 413
    gc.collect()


def test_requests_that_make_no_sense_are_400(client: Client) -> None:
    for request in (
        "",
        "[]",
        '{"view": "A b"}',
        '{"product": "plate", "view": "A b"}',
        '{"product": "plate", "x": 1}',
    ):
        for path in ("analyze", "specimens"):
            answer = client.post(
                f"/defects/{path}", files={"picture": ("a", QUERY)}, data={"request": request}
            )
            assert answer.status_code == 400, (request, answer.text)


def test_pictures_are_registered_by_what_is_said_of_them(
    client: Client,
) -> None:
    def send(data: bytes, name: str = "scratch_ng.jpg", **told: str) -> Any:
        request = json.dumps({"product": "plate"} | told)
        return client.post(
            "/defects/specimens", files={"picture": (name, data)}, data={"request": request}
        )

    first = send(NORMAL, label="normal").json()
    assert first["action"] == "inserted"
    assert send(NORMAL, label="normal").json() == first | {"action": "unchanged"}
    item = client.get(f"/items/{first['item_id']}").json()
    assert item["metadata"] == {"product": "plate", "label": "normal", "view": "main"}
    assert len(item["media"]) == 1
    assert (
        send(QUERY, label="defect", defect="dent")
        .json()["hint"]
        .startswith("There are: scratch, stain")
    )
    assert send(QUERY, label="defect").status_code == 400
    assert send(QUERY, label="defect", defect="scratch").status_code == 200
    (row,) = client.get("/defects/products").json()
    assert (row["normal"], row["defective"]) == (25, 11)


def test_products_and_types_are_made(client: Client) -> None:
    made = client.put("/defects/products/bolt", json={"name_ko": "볼트"}).json()
    assert (made["product"], made["name_ko"], made["defects"]) == ("bolt", "볼트", [])
    made = client.put("/defects/products/bolt/types/rust", json={"name_ko": "녹"}).json()
    assert [one["defect"] for one in made["defects"]] == ["rust"]
    assert client.put("/defects/products/nope/types/rust", json={}).status_code == 404
    assert client.put("/defects/products/not%20a%20name", json={}).status_code == 400


def test_people_contradict_and_the_picture_is_learned_from(client: Client) -> None:
    one = analyze(client).json()["analysis_id"]
    path = f"/defects/analyses/{one}"
    assert client.get("/defects/to-label").json() == []
    told = {"label": "defect", "defect": "stain", "note": "oil", "given_by": "mina"}
    assert client.post(f"{path}/feedback", json=told).status_code == 201
    (row,) = client.get("/defects/to-label").json()
    assert (row["analysis_id"], row["reason"]) == (one, "contradicted")
    (count,) = client.get("/defects/statistics").json()["counts"]
    assert (count["finding"], count["pictures"], count["with_feedback"]) == ("stain", 1, 1)
    learnt = client.post(f"{path}/register", json={"label": "defect", "defect": "stain"}).json()
    assert learnt["action"] == "inserted"
    assert client.get("/defects/to-label").json() == []
    assert client.get(path).json()["item_id"] == learnt["item_id"]
    for bad in ({"label": "defect"}, {"label": "normal", "defect": "stain"}):
        assert client.post(f"{path}/feedback", json=bad).status_code == 400
    assert client.post("/defects/analyses/99/feedback", json={"label": "normal"}).status_code == 404


def test_manuals_are_asked_in_both_languages(client: Client) -> None:
    for query, kind in (("왜 생기나요?", "cause"), ("how to fix", "action")):
        asked = {"product": "plate", "defect": "scratch", "query": query}
        found = client.get("/defects/manual", params=asked).json()
        assert found["sections"][0]["of_kind"] == kind
        assert found["degraded"] == []
    asked = {"product": "plate", "kind": "prevention"}
    assert len(client.get("/defects/manual", params=asked).json()["sections"]) == 1


def test_another_bank_is_used_as_soon_as_it_is_live(
    plates: psycopg.Connection[Any], client: Client, backbone: Backbone
) -> None:
    def version() -> tuple[int, float]:
        one = analyze(client).json()
        kept = client.get(f"/defects/analyses/{one['analysis_id']}").json()
        return kept["bank_version"], one["score"]

    first = version()
    other = type(SMALL)(size=30, side=64, seed=3)
    banks.build(plates, backbone, "plate", "main", other)
    second = version()
    assert (first[0], second[0]) == (1, 2)
    assert first[1] != second[1]
    banks.rollback(plates, "plate", "main")
    assert version() == first
    listed = client.get("/defects/banks").json()
    assert [row["status"] for row in listed] == ["live", "retired"]


def test_two_products_at_once_are_judged_by_their_own_banks(
    plates: psycopg.Connection[Any], client: Client, backbone: Backbone
) -> None:
    """The other product is a plate for which the scratched ones are normal."""
    make_product(plates, "worn")
    lines = [
        json.dumps({"product": "worn", "label": "normal", "path": f"a{number:02d}.jpg"}).encode()
        for number in range(5)
    ]
    assert (
        register.from_list(plates, of_lines(enumerate(lines, 1)), EXAMPLES / "pictures").refused
        == []
    )
    banks.build(plates, backbone, "worn", "main", SMALL)
    alone = {name: analyze(client, product=name).json()["score"] for name in ("plate", "worn")}
    assert alone["plate"] > 1.5 * alone["worn"]
    names = ["plate", "worn"] * 3
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda name: analyze(client, product=name).json(), names))
    assert [one.get("product", one) for one in answers] == names
    for one in answers:
        assert one["score"] == pytest.approx(alone[one["product"]], rel=1e-5)


@pytest.mark.usefixtures("forgetful")
def test_keys_that_see_some_collections_only_see_no_products(
    client: Client, db: psycopg.Connection[Any]
) -> None:
    limited = make_key(db, "writer", collections=["defects"])
    reader = make_key(db, "reader")
    assert client.get("/defects/products", headers=bearer(limited)).status_code == 403
    assert client.get("/defects/products", headers=bearer(reader)).status_code == 200
    answer = client.post(
        "/defects/analyze",
        files={"picture": ("a", QUERY)},
        data={"request": '{"product": "plate"}'},
        headers=bearer(reader),
    )
    assert answer.status_code == 403


def test_an_uploaded_batch_is_inspected_by_a_worker_once_each(
    client: Client, plates: psycopg.Connection[Any], db_url: str, encoders: EncoderSettings
) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.write(EXAMPLES / "query.jpg", "판/a.jpg")
        archive.writestr("notes.txt", "no picture")
    files = [
        ("pictures", ("day.zip", packed.getvalue())),
        ("pictures", ("b.jpg", (EXAMPLES / "pictures" / "n00.jpg").read_bytes())),
    ]
    ask = {"request": '{"product": "plate"}'}
    queued = client.post("/defects/batch", files=files, data=ask)
    assert (queued.status_code, queued.json()["pictures"]) == (202, 3)
    run_id = queued.json()["run_id"]
    assert client.get(f"/runs/{run_id}").json()["state"] == "running"
    # A worker that dies over a picture leaves it to the next one.
    with psycopg.connect(db_url, autocommit=True) as dies:
        assert len(fetch(dies, batches.claim(batch_n=1))) == 1
    settings = msgspec.structs.replace(pipeline_settings(db_url), encoders=encoders)
    Worker(settings, WorkerSettings(), stages=["defects"], once=True).run()
    run = client.get(f"/runs/{run_id}").json()
    assert (run["state"], run["errors"]) == ("done", 1)
    assert sum(run["counts"].values()) == 3
    rows = {row["place"]: row for row in client.get(f"/defects/batch/{run_id}").json()}
    assert rows["day.zip/판/a.jpg"]["verdict"] == "defect"
    assert rows["day.zip/notes.txt"]["state"] == "refused"
    table = client.get(f"/defects/batch/{run_id}/table").text
    assert table.count("\n") == 4
    page = client.get(f"/defects/batch/{run_id}/report")
    assert page.headers["content-type"].startswith("text/html")
    assert "sandbox" in page.headers["content-security-policy"]
    assert "가장 비정상적인 사진" in page.text
    assert "판/a.jpg" in page.text
    assert client.get("/defects/batch/99/report").status_code == 404
    assert column(plates, "SELECT count(*) FROM core.batch_picture WHERE bytes IS NOT NULL") == [0]
    unknown = client.post("/defects/batch", files=files, data={"request": '{"product": "x"}'})
    assert unknown.status_code == 404
    twice = client.post("/defects/batch", files=[files[1], files[1]], data=ask)
    assert twice.status_code == 400
    writer = bearer(make_key(plates, "writer"))
    assert client.post("/defects/batch", files=files, data=ask, headers=writer).status_code == 202


def test_a_list_of_pictures_is_a_batch_whose_product_is_guessed(
    client: Client, db_url: str, encoders: EncoderSettings
) -> None:
    noise = io.BytesIO()
    Image.effect_noise((200, 200), 90).save(noise, "PNG")
    listed = [
        {"name": name, "base64": base64.b64encode(data).decode()}
        for name, data in (("a.jpg", QUERY), ("noise.png", noise.getvalue()))
    ]
    body = {"pictures": [*listed, {"name": "b.jpg", "base64": "?"}]}
    once = {"idempotency-key": "shift 17"}
    queued = client.post("/defects/batch", json=body, headers=once)
    assert queued.status_code == 202, queued.text
    again = client.post("/defects/batch", json=body, headers=once)
    assert again.json() == queued.json() | {"fresh": False}
    run_id = queued.json()["run_id"]
    settings = msgspec.structs.replace(pipeline_settings(db_url), encoders=encoders)
    Worker(settings, WorkerSettings(), stages=["defects"], once=True).run()
    rows = {row["place"]: row for row in client.get(f"/defects/batch/{run_id}").json()}
    guessed = rows["a.jpg"]
    assert (guessed["product"], guessed["verdict"]) == ("plate", "defect")
    assert guessed["guess"] == {"product": 1.0, "view": None, "neighbours": 10}
    errors = {one["place"]: one["reason"] for one in client.get(f"/runs/{run_id}/errors").json()}
    assert "like no registered picture" in errors["noise.png"]
    assert set(errors) == {"noise.png", "b.jpg"}
    assert "product 100%" in client.get(f"/defects/batch/{run_id}/table").text
    assert client.post("/defects/batch", json={"pictures": []}).status_code == 400
    assert client.post("/defects/batch", json={"pictures": [{"name": ""}]}).status_code == 400
    assert (
        client.post(
            "/defects/batch", content=b"a", headers={"content-type": "text/plain"}
        ).status_code
        == 415
    )


def test_statistics_by_day_with_scores(client: Client) -> None:
    analyze(client)
    found = client.get("/defects/statistics?product=plate").json()
    assert [(one["finding"], one["pictures"]) for one in found["counts"]] == [("scratch", 1)]
    (day,) = found["days"]
    assert (day["view"], day["defective"], day["guessed"]) == ("main", 1, 0)
    assert day["median"] > 1
    assert found["drift"] == client.get("/defects/drift").json() == []
    assert client.get("/defects/statistics?product=nope").status_code == 404


def test_manuals_are_uploaded_by_version_and_scans_are_read(
    client: Client, plates: psycopg.Connection[Any], tmp_path: Path
) -> None:
    def upload(name: str, data: bytes, product: str = "plate", **headers: str) -> Any:
        request = {"request": json.dumps({"product": product})}
        files = {"document": (name, data, "application/octet-stream")}
        return client.post("/defects/manuals", files=files, data=request, headers=headers)

    page = Image.new("RGB", (1000, 700), "white")
    draw = ImageDraw.Draw(page)
    font = ImageFont.load_default(size=40)
    words = ("Scratch", "Causes", "- chips stick to the roller", "Actions", "- clean the roller")
    for at, line in enumerate(words):
        draw.text((80, 60 + 90 * at), line, fill="black", font=font)
    page.save(tmp_path / "scan.pdf", resolution=100)
    done = upload("긁힘 scan.pdf", (tmp_path / "scan.pdf").read_bytes())
    assert done.status_code == 201, done.text
    made = done.json()
    assert (made["document"], made["version"], made["live"]) == ("긁힘 scan.pdf", 1, True)
    assert (made["defects"], made["without"], made["read_by_ocr"]) == (["scratch"], ["stain"], 1)
    told = [(one["kind"], one["page"], one["body"]) for one in made["parts"]]
    assert told == [("cause", 1, "chips stick to the roller"), ("action", 1, "clean the roller")]
    upload("a.txt", b"Stain\nCauses\n- hard water\n")
    again = upload("a.txt", b"An overview\nStain\nCauses\n- hard water\n- old oil\n").json()
    assert (again["version"], again["left_out"]) == (2, ["An overview"])
    listed = client.get("/defects/manuals?product=plate").json()
    versions = [(one["version"], one["live"]) for one in listed if one["document"] == "a.txt"]
    assert versions == [(2, True), (1, False)]
    old = next(one["manual_id"] for one in listed if not one["live"])
    back = client.post(f"/defects/manuals/{old}/restore").json()
    assert (back["version"], back["parts"][0]["body"]) == (3, "hard water")
    assert client.get(f"/defects/manuals/{old}").json()["replaced_at"] is not None
    assert client.get("/defects/manuals/999").status_code == 404
    assert upload("a.exe", b"MZ").json()["type"] == "urn:seogo:problem:bad-document"
    assert upload("a.txt", b"x", product="nope").status_code == 404
    writer = bearer(make_key(plates, "writer"))
    assert upload("a.txt", b"x", **writer).status_code == 403


def test_archives_of_pictures_are_registered_by_a_list_or_by_what_is_said_of_all(
    client: Client, plates: psycopg.Connection[Any]
) -> None:
    def send(files: dict[str, bytes], request: dict[str, Any] | None = None) -> Any:
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            for name, data in files.items():
                archive.writestr(name, data)
        given = None if request is None else {"request": json.dumps(request)}
        sent = {"archive": ("a.zip", packed.getvalue(), "application/zip")}
        return client.post("/defects/specimens/archive", files=sent, data=given)

    made = []
    for shade in (40, 90, 140):
        file = io.BytesIO()
        Image.effect_noise((80, 60), shade).save(file, "PNG")
        made.append(file.getvalue())
    lines_ = [
        {"path": "긁힘.png", "product": "plate", "label": "defect", "defect": "scratch"},
        {"path": "gone.png", "product": "plate", "label": "normal"},
    ]
    listed = "\n".join(json.dumps(one) for one in lines_).encode()
    files = {"set/list.jsonl": listed, "set/긁힘.png": made[0]}
    done = send(files)
    assert done.status_code == 200, done.text
    found = done.json()
    assert (found["inserted"], found["updated"]) == (1, 0)
    assert [(one["line"], one["path"]) for one in found["refused"]] == [(2, "gone.png")]
    assert send(files).json()["unchanged"] == 1
    about = {"product": "plate", "label": "normal", "view": "top"}
    alike = send({"a.png": made[1], "b/c.png": made[2], "notes.txt": b"x"}, about).json()
    assert (alike["inserted"], [one["path"] for one in alike["refused"]]) == (2, ["notes.txt"])
    assert column(plates, "SELECT count(*) FROM search.specimens WHERE view = 'top'") == [2]
    assert send({"a.png": made[1]}).status_code == 400
    assert send({}, {"product": "plate"}).status_code == 400
