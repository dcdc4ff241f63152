from __future__ import annotations

import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import huggingface_hub
import pytest

from encoders.errors import CacheNotWritable, EncoderNotPulled
from encoders.hub import models as hub_models
from encoders.hub.download import PullFailed
from encoders.hub.models import AdoptRefused, ModelDamaged
from encoders.hub.selection import select_files
from encoders.runtime import manifest
from tests.unit.encoders.hub_server import COMMIT, Hub

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

SOURCE = "org/tiny"
WEIGHTS = os.urandom(50_000)
FILES = {
    "1_Pooling/config.json": b'{"pooling_mode_mean_tokens": true}',
    "README.md": b"# A model",
    "config.json": b'{"model_type": "tiny"}',
    "model.safetensors": WEIGHTS,
    "onnx/model.onnx": b"o" * 3000,
    "pytorch_model.bin": b"p" * 3000,
    "tokenizer.json": b"{}" * 1000,
}
TAKEN = ["1_Pooling/config.json", "config.json", "model.safetensors", "tokenizer.json"]


@pytest.fixture
def hub() -> Iterator[Hub]:
    with Hub(dict(FILES)) as server:
        yield server


@pytest.fixture
def models(tmp_path: Path, hub: Hub) -> Path:
    """A cache with the model pulled."""
    hub_models.pull(SOURCE, tmp_path, endpoint=hub.url)
    return tmp_path


def names(folder: Path) -> list[str]:
    paths = (path for path in folder.rglob("*") if path.is_file())
    return sorted(path.relative_to(folder).as_posix() for path in paths)


def test_what_is_pulled_is_there_whole_and_pinned(hub: Hub, models: Path) -> None:
    folder = hub_models.folder(SOURCE, models)
    assert names(folder) == sorted([*TAKEN, manifest.MANIFEST])
    assert all((folder / name).read_bytes() == FILES[name] for name in TAKEN)
    assert hub_models.revision(SOURCE, models) == COMMIT
    hub_models.verify(SOURCE, models)
    (known,) = hub_models.pulled(models)
    assert (known.source, known.revision, known.folder) == (SOURCE, COMMIT, folder)
    assert known.size == sum(len(FILES[name]) for name in TAKEN)
    assert names(models / "hub") == [
        ".org--tiny.lock",
        *(f"org--tiny/{name}" for name in names(folder)),
    ]
    assert hub.downloads() == TAKEN


def test_progress_tells_files_and_bytes(hub: Hub, tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    hub_models.pull(SOURCE, tmp_path, progress=lambda *now: told.append(now), endpoint=hub.url)
    total = sum(len(FILES[name]) for name in TAKEN)
    assert [name for name, _, _ in told] == TAKEN
    assert [done for _, done, _ in told] == sorted(done for _, done, _ in told)
    assert told[-1][1:] == (total, total)


def test_a_model_that_is_here_is_not_downloaded_again(hub: Hub, models: Path) -> None:
    for revision in (None, "main", COMMIT):
        hub_models.pull(SOURCE, models, revision, endpoint=hub.url)
    assert hub.downloads() == TAKEN


def test_a_commit_that_is_here_needs_no_hub(hub: Hub, models: Path) -> None:
    asked = len(hub.asked)
    folder = hub_models.pull(SOURCE, models, COMMIT, endpoint=hub.url)
    assert folder == hub_models.folder(SOURCE, models)
    assert len(hub.asked) == asked


def test_a_new_commit_takes_the_place_of_the_old(hub: Hub, models: Path) -> None:
    hub.commit = "f" * 40
    hub.files["model.safetensors"] = b"w" * 4000
    folder = hub_models.pull(SOURCE, models, endpoint=hub.url)
    assert hub_models.revision(SOURCE, models) == hub.commit
    assert (folder / "model.safetensors").read_bytes() == b"w" * 4000
    assert hub_models.folder(SOURCE, models) == folder
    assert len(hub_models.pulled(models)) == 1


def test_a_broken_connection_is_resumed_where_it_broke(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(huggingface_hub.constants, "DOWNLOAD_CHUNK_SIZE", 4096)
    hub.cut["model.safetensors"] = [20_480]
    folder = hub_models.pull(SOURCE, tmp_path, endpoint=hub.url)
    assert (folder / "model.safetensors").read_bytes() == WEIGHTS
    ranges = [asked for how, path, asked in hub.asked if how == "GET" and asked]
    assert ranges == ["bytes=20480-"]


def test_an_interrupted_pull_goes_on_with_the_next_file(hub: Hub, tmp_path: Path) -> None:
    def stop(name: str, done: int, total: int) -> None:
        if name == "model.safetensors":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        hub_models.pull(SOURCE, tmp_path, progress=stop, endpoint=hub.url)
    with pytest.raises(EncoderNotPulled):
        hub_models.folder(SOURCE, tmp_path)
    assert hub_models.pulled(tmp_path) == []
    hub.asked.clear()
    hub_models.pull(SOURCE, tmp_path, endpoint=hub.url)
    assert hub.downloads() == ["model.safetensors", "tokenizer.json"]
    assert names(tmp_path / "hub" / "org--tiny") == sorted([*TAKEN, manifest.MANIFEST])


@pytest.mark.parametrize("name", ["model.safetensors", "config.json"])
def test_a_file_that_arrives_damaged_is_named_and_fetched_anew(
    name: str, hub: Hub, tmp_path: Path
) -> None:
    hub.spoiled = {name}
    with pytest.raises(PullFailed, match=rf"{name} arrived damaged"):
        hub_models.pull(SOURCE, tmp_path, endpoint=hub.url)
    assert hub_models.pulled(tmp_path) == []
    hub.spoiled = set()
    folder = hub_models.pull(SOURCE, tmp_path, endpoint=hub.url)
    assert (folder / name).read_bytes() == FILES[name]


def test_threads_that_pull_at_once_download_once(hub: Hub, tmp_path: Path) -> None:
    with ThreadPoolExecutor(3) as pool:
        pulls = [pool.submit(hub_models.pull, SOURCE, tmp_path, endpoint=hub.url) for _ in range(3)]
        assert len({pull.result() for pull in pulls}) == 1
    assert hub.downloads() == TAKEN


def test_failures_say_what_to_do(hub: Hub, tmp_path: Path) -> None:
    cases = {
        ("org/none", None, hub.url): ("org/none: RepositoryNotFoundError", "check the name"),
        (SOURCE, "v9", hub.url): ("RevisionNotFoundError", "look up its revisions"),
        (SOURCE, None, "http://127.0.0.1:9"): ("ConnectError", "check the network"),
    }
    for (source, revision, endpoint), (message, hint) in cases.items():
        with pytest.raises(PullFailed, match=message) as info:
            hub_models.pull(source, tmp_path, revision, endpoint=endpoint)
        assert info.value.hint.startswith(hint)
        assert "\n" not in str(info.value)


def test_pickled_weights_are_refused(hub: Hub, tmp_path: Path) -> None:
    del hub.files["model.safetensors"]
    with pytest.raises(PullFailed, match=r"pickled only \(pytorch_model\.bin\)"):
        hub_models.pull(SOURCE, tmp_path, endpoint=hub.url)
    assert hub.downloads() == []


def test_offline_nothing_is_asked(hub: Hub, tmp_path: Path) -> None:
    code = f"""
from pathlib import Path
from encoders.hub import models as hub_models
try:
    hub_models.pull("org/tiny", Path({str(tmp_path)!r}), endpoint={hub.url!r})
except hub_models.EncoderError as exc:
    print(type(exc).__name__, exc.hint)
"""
    environment = os.environ | {"HF_HUB_OFFLINE": "1"}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    assert done.stdout.startswith(
        "PullFailed unset HF_HUB_OFFLINE, or take the model from a folder"
    )
    assert hub.asked == []


DAMAGE: dict[str, Callable[[Path], object]] = {
    "config.json is missing": lambda folder: (folder / "config.json").unlink(),
    "model.safetensors has changed: its sha256 is another": lambda folder: (
        folder / "model.safetensors"
    ).write_bytes(WEIGHTS[::-1]),
    "model.safetensors has 3 bytes instead of 50000": lambda folder: (
        folder / "model.safetensors"
    ).write_bytes(b"abc"),
    "1_Pooling/evil.py is not part of the model": lambda folder: (
        folder / "1_Pooling" / "evil.py"
    ).write_text("import os"),
    "manifest.json is missing": lambda folder: (folder / manifest.MANIFEST).unlink(),
}


@pytest.mark.parametrize("told", DAMAGE)
def test_damage_is_named_and_refused_until_pulled_again(told: str, hub: Hub, models: Path) -> None:
    DAMAGE[told](hub_models.folder(SOURCE, models))
    for check in (hub_models.folder, hub_models.verify):
        with pytest.raises(ModelDamaged, match=told) as info:
            check(SOURCE, models)
        assert info.value.hint == "pull it again: seogo models pull org/tiny"
    hub_models.pull(SOURCE, models, endpoint=hub.url)
    assert names(hub_models.folder(SOURCE, models)) == sorted([*TAKEN, manifest.MANIFEST])


def test_all_faults_are_told_at_once(models: Path) -> None:
    folder = hub_models.folder(SOURCE, models)
    for damage in list(DAMAGE.values())[:4]:
        damage(folder)
    with pytest.raises(ModelDamaged) as info:
        hub_models.verify(SOURCE, models)
    assert [fault.partition(" ")[0] for fault in info.value.faults] == [
        "1_Pooling/evil.py",
        "config.json",
        "model.safetensors",
    ]


def test_what_was_never_pulled_says_how_to_get_it(tmp_path: Path) -> None:
    for ask in (hub_models.folder, hub_models.revision, hub_models.verify):
        with pytest.raises(EncoderNotPulled, match="Get it with: seogo models pull org/tiny"):
            ask(SOURCE, tmp_path)


def test_a_copy_of_a_pulled_folder_keeps_its_commit(models: Path, tmp_path: Path) -> None:
    stick, other = tmp_path / "stick", tmp_path / "other"
    shutil.copytree(hub_models.folder(SOURCE, models), stick)
    adopted = hub_models.adopt(SOURCE, stick, other)
    assert hub_models.folder(SOURCE, other) == adopted
    assert hub_models.revision(SOURCE, other) == COMMIT
    shutil.rmtree(stick)
    hub_models.verify(SOURCE, other)

    shutil.copytree(adopted, stick)
    with pytest.raises(AdoptRefused, match="holds org/tiny, not org/other"):
        hub_models.adopt("org/other", stick, other)
    (stick / "config.json").write_bytes(b"{}")
    with pytest.raises(AdoptRefused, match=r"config\.json has 2 bytes"):
        hub_models.adopt(SOURCE, stick, other)


def test_any_folder_is_adopted_under_a_digest_of_its_contents(tmp_path: Path) -> None:
    for name in ("a", "b"):
        for path, body in FILES.items():
            target = tmp_path / name / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(body)
    hub_models.adopt(SOURCE, tmp_path / "a", tmp_path)
    named = hub_models.revision(SOURCE, tmp_path)
    assert named.startswith("sha256-")
    assert names(hub_models.folder(SOURCE, tmp_path)) == sorted([*TAKEN, manifest.MANIFEST])
    hub_models.adopt(SOURCE, tmp_path / "b", tmp_path)
    assert hub_models.revision(SOURCE, tmp_path) == named
    (tmp_path / "b" / "config.json").write_bytes(b"{ }")
    hub_models.adopt(SOURCE, tmp_path / "b", tmp_path)
    assert hub_models.revision(SOURCE, tmp_path) != named
    hub_models.adopt(SOURCE, tmp_path / "b", tmp_path, revision="v1.2")
    assert hub_models.revision(SOURCE, tmp_path) == "v1.2"


def test_a_folder_with_pickles_only_is_not_adopted(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "pytorch_model.bin").write_bytes(b"p")
    with pytest.raises(AdoptRefused, match="pickled only"):
        hub_models.adopt(SOURCE, tmp_path / "a", tmp_path)


def test_a_folder_of_the_user_is_used_where_it_is(models: Path, tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    (own / "model.safetensors").write_bytes(b"w")
    assert hub_models.folder(str(own), models) == own
    before = hub_models.revision(str(own), models)
    assert before.startswith("sha256-")
    (own / "model.safetensors").write_bytes(b"v")
    assert hub_models.revision(str(own), models) != before
    with pytest.raises(EncoderNotPulled):
        hub_models.folder(str(tmp_path / "absent"), models)

    pulled = hub_models.folder(SOURCE, models)
    assert hub_models.revision(str(pulled), tmp_path / "elsewhere") == COMMIT
    (pulled / "config.json").unlink()
    with pytest.raises(ModelDamaged, match=r"config\.json is missing"):
        hub_models.folder(str(pulled), tmp_path / "elsewhere")


def test_a_cache_that_cannot_be_written_is_named(hub: Hub, models: Path, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    with pytest.raises(CacheNotWritable, match="file/hub/org--tiny"):
        hub_models.pull(SOURCE, blocked, endpoint=hub.url)
    with pytest.raises(CacheNotWritable, match="file/hub/org--tiny"):
        hub_models.adopt(SOURCE, hub_models.folder(SOURCE, models), blocked)


def test_a_cache_that_only_reads_is_enough(models: Path) -> None:
    before = names(models)
    hub_models.folder(SOURCE, models)
    hub_models.verify(SOURCE, models)
    assert names(models) == before


@pytest.mark.parametrize(
    ("names", "taken"),
    [
        (["a.onnx", "a.onnx_data", "config.json"], ["a.onnx", "a.onnx_data", "config.json"]),
        (["model.safetensors", "a.onnx", "b.bin"], ["model.safetensors"]),
        (["m-1.safetensors", "sub/m-2.safetensors"], ["m-1.safetensors", "sub/m-2.safetensors"]),
        (["m.safetensors", "sparse_linear.pt", "x.pt"], ["m.safetensors", "sparse_linear.pt"]),
        (["inference.pdiparams", "inference.yml"], ["inference.pdiparams", "inference.yml"]),
        (["m.safetensors", "../evil.json", "/etc/x.json", ".git/x.json"], ["m.safetensors"]),
        (["m.safetensors", "modeling.py", "run.sh", "LICENSE"], ["LICENSE", "m.safetensors"]),
    ],
)
def test_safe_files_are_wanted(names: list[str], taken: list[str]) -> None:
    assert select_files(names) == (taken, "")


@pytest.mark.parametrize(
    ("names", "problem"),
    [
        (["config.json"], "holds no weights"),
        (["sparse_linear.pt"], "holds no weights"),
        (["pytorch_model.bin", "onnx/model.onnx", "sparse_linear.pt"], "pickled only"),
        (["../model.safetensors"], "holds no weights"),
    ],
)
def test_without_safe_weights_nothing_is_wanted(names: list[str], problem: str) -> None:
    taken, told = select_files(names)
    assert taken == []
    assert problem in told
