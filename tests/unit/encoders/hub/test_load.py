"""From a name to an encoder: where models are found, what is refused, what the identity says."""

from __future__ import annotations

import json
import pickle
import shutil
import socket
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import pytest

from encoders.errors import EncoderNotInstalled, EncoderNotPulled, EncoderUnknown, WeightsInvalid
from encoders.hub import convert, files
from encoders.hub import models as hub_models
from encoders.hub.models import ModelDamaged
from encoders.registry import SPECS, build, build_multimodal, spec
from encoders.spec import UNPINNED

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from encoders.base import TextEncoder

COMMIT = "0123456789abcdef0123456789abcdef01234567"
HUB = [known.name for known in SPECS.values() if known.source]


@pytest.fixture
def copy(folders: Callable[[str], Path], tmp_path: Path) -> Callable[[str], Path]:
    """Copy a tiny checkpoint, to be spoiled."""
    return lambda name: shutil.copytree(folders(name), tmp_path / name)


@pytest.mark.parametrize("name", HUB)
def test_a_known_model_that_is_not_here_says_how_to_get_it(name: str, tmp_path: Path) -> None:
    assert spec(name).revision == UNPINNED
    with pytest.raises(EncoderNotPulled, match=f"seogo models pull {SPECS[name].source}"):
        spec(name, tmp_path)
    with pytest.raises(ValueError, match="not pinned"):
        build(spec(name), tmp_path)
    pinned = msgspec.structs.replace(spec(name), revision=COMMIT)
    with pytest.raises(EncoderNotPulled, match=f"seogo models pull {SPECS[name].source}"):
        build(pinned, tmp_path)


@pytest.mark.parametrize("name", ["hf:org/absent", "file:/absent/model"])
def test_a_model_by_its_place_that_is_not_there(name: str, tmp_path: Path) -> None:
    with pytest.raises(EncoderNotPulled, match="absent"):
        spec(name, tmp_path)
    with pytest.raises(ValueError, match="give the folder of models"):
        spec(name)


def test_a_pulled_model_is_the_folder_s_with_its_commit(
    folders: Callable[[str], Path], text_encoder: Callable[..., TextEncoder], tmp_path: Path
) -> None:
    hub_models.adopt("org/tiny", folders("qwen3-embedding"), tmp_path, COMMIT)
    known = spec("hf:org/tiny", tmp_path)
    local = text_encoder("qwen3-embedding")
    assert known.revision == COMMIT
    assert known.name == "hf:org/tiny"
    assert (
        known.query_template
        == local.spec.query_template
        == ("Instruct: find what answers\nQuery:{text}")
    )
    encoder = build(known, tmp_path, threads=1, device="cpu")
    texts = ["진공 펌프", "cat"]
    np.testing.assert_array_equal(encoder.encode_queries(texts), local.encode_queries(texts))


def test_a_known_model_is_pinned_to_the_commit_that_is_here(
    folders: Callable[[str], Path], tmp_path: Path
) -> None:
    hub_models.adopt("nlpai-lab/KURE-v1", folders("kure"), tmp_path, COMMIT)
    known = spec("kure-v1", tmp_path)
    assert known == msgspec.structs.replace(SPECS["kure-v1"], revision=COMMIT)
    # The tiny model is not what the name promises, and that is seen before anything is encoded.
    with pytest.raises(WeightsInvalid, match="32 dimensions"):
        build(known, tmp_path)


def test_another_commit_in_its_place_is_another_model(
    folders: Callable[[str], Path], tmp_path: Path
) -> None:
    hub_models.adopt("org/tiny", folders("kure"), tmp_path, COMMIT)
    known = spec("hf:org/tiny", tmp_path)
    hub_models.adopt("org/tiny", folders("mean"), tmp_path, COMMIT[::-1])
    assert spec("hf:org/tiny", tmp_path).identity != known.identity
    with pytest.raises(WeightsInvalid, match=f"holds revision {COMMIT[::-1]}, not {COMMIT}"):
        build(known, tmp_path)


def test_a_damaged_model_is_named(folders: Callable[[str], Path], tmp_path: Path) -> None:
    place = hub_models.adopt("org/tiny", folders("kure"), tmp_path, COMMIT)
    known = spec("hf:org/tiny", tmp_path)
    (place / "tokenizer.json").write_text("{}")
    with pytest.raises(ModelDamaged, match=r"tokenizer\.json"):
        build(known, tmp_path)


def test_a_changed_file_is_another_revision(copy: Callable[[str], Path], tmp_path: Path) -> None:
    place = copy("kure")
    before = spec(f"file:{place}", tmp_path)
    assert before == spec(f"file:{place}", tmp_path)
    path = place / "config_sentence_transformers.json"
    told = json.loads(path.read_text())
    told["prompts"] = {"query": "q: ", "passage": "p: "}
    path.write_text(json.dumps(told))
    after = spec(f"file:{place}", tmp_path)
    assert after.revision != before.revision
    assert (after.query_template, after.passage_template) == ("q: {text}", "p: {text}")
    with pytest.raises(WeightsInvalid, match="holds revision"):
        build(before, tmp_path)


@pytest.mark.parametrize(
    "changes",
    [
        {"pooling": "mean"}, {"dim": 8}, {"query_template": "q: {text}"}, {"revision": COMMIT},
        {"passage_template": "p: {text}"}, {"max_tokens": 512}, {"preparation": "min_pixels=1"},
    ],
)  # fmt: skip
@pytest.mark.parametrize("name", ["qwen3-vl-embedding-2b", "bge-m3"])
def test_identity_changes_with_everything_that_changes_vectors(
    name: str, changes: dict[str, Any]
) -> None:
    assert msgspec.structs.replace(SPECS[name], **changes).identity != SPECS[name].identity


def test_a_dimension_is_asked_for_by_name() -> None:
    cut = spec("qwen3-embedding-0.6b:256")
    assert (cut.dim, cut.name) == (256, "qwen3-embedding-0.6b:256")
    assert cut.identity != spec("qwen3-embedding-0.6b").identity
    for name, problem in [
        ("qwen3-embedding-0.6b:16", "32 to 1024"),
        ("qwen3-embedding-0.6b:2048", "32 to 1024"),
        ("bge-m3:256", "1024 only"),
        ("multilingual-e5-small:256", "384 only"),
    ]:
        with pytest.raises(ValueError, match=problem):
            spec(name)
    mean = spec("qwen3-vl-embedding-2b@mean:512")
    assert (mean.pooling, mean.dim, mean.name) == ("mean", 512, "qwen3-vl-embedding-2b@mean:512")
    assert " pooling=mean " in mean.identity
    assert spec("qwen3-vl-embedding-2b@last") == spec("qwen3-vl-embedding-2b")
    with pytest.raises(ValueError, match="bge-m3 cannot pool by mean: cls only"):
        spec("bge-m3@mean")
    with pytest.raises(EncoderUnknown, match="'bert:256'"):
        spec("bert:256")


def test_every_known_dimension_fits_the_database() -> None:
    dense = [known for known in SPECS.values() if known.kind != "sparse"]
    assert max(known.dim for known in dense) <= 4000


@pytest.mark.model
@pytest.mark.parametrize("name", ["kure", "siglip"])
def test_pickled_weights_are_refused_and_can_be_converted(
    name: str, copy: Callable[[str], Path], tmp_path: Path
) -> None:
    torch = pytest.importorskip("torch")
    from safetensors.torch import load_file

    place = copy(name)
    expected = build(spec(f"file:{place}", tmp_path), tmp_path, device="cpu").encode_passages(["a"])
    torch.save(load_file(place / "model.safetensors"), place / "pytorch_model.bin")
    (place / "model.safetensors").unlink()
    with pytest.raises(WeightsInvalid, match=rf"pytorch_model\.bin.*convert {place}"):
        build(spec(f"file:{place}", tmp_path), tmp_path)
    convert.to_safetensors(place)
    encoder = build(spec(f"file:{place}", tmp_path), tmp_path, threads=1, device="cpu")
    np.testing.assert_allclose(encoder.encode_passages(["a"]), expected, atol=1e-6)


@pytest.mark.model
def test_converting_runs_no_code(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    with pytest.raises(WeightsInvalid, match="no such file"):
        convert.to_safetensors(tmp_path)

    class Trap:
        def __reduce__(self) -> tuple[Any, ...]:
            return (open, (str(tmp_path / "ran"), "w"))

    (tmp_path / "pytorch_model.bin").write_bytes(pickle.dumps({"weight": Trap()}, protocol=2))
    with pytest.raises(WeightsInvalid, match="something else than tensors"):
        convert.to_safetensors(tmp_path)
    assert not (tmp_path / "ran").exists()


def test_code_of_a_model_is_not_run(copy: Callable[[str], Path], tmp_path: Path) -> None:
    place = copy("kure")
    path = place / "modules.json"
    modules = json.loads(path.read_text())
    modules[1]["type"] = "modeling_own.Pooling"
    path.write_text(json.dumps(modules))
    with pytest.raises(WeightsInvalid, match=r"not modeling_own\.Pooling"):
        spec(f"file:{place}", tmp_path)
    # CLIP's tiny checkpoint names code of its own as well; that it loads is tested elsewhere.


@pytest.mark.parametrize(
    ("name", "spoil", "problem"),
    [
        ("config.json", None, "known are sentence-transformers models|missing"),
        ("config.json", "{", r"config\.json: "),
        ("modules.json", "[]", "not nothing"),
        ("modules.json", '[{"path": "", "type": "sentence_transformers.models.Asym"}]', "not Asym"),
        ("modules.json", '[{"path": ""}]', "does not list modules"),
        ("1_Pooling/config.json", '{"include_prompt": false}', "leaves the prompt out"),
        ("model.safetensors", None, "holds no weights"),
        ("model.safetensors", "junk", "not a safetensors file"),
        ("model.safetensors", "\x02\0\0\0\0\0\0\0[]...", "header is damaged"),
    ],
)
def test_a_broken_folder_is_named(
    name: str, spoil: str | None, problem: str, copy: Callable[[str], Path], tmp_path: Path
) -> None:
    place = copy("kure")
    for head in place.glob("*.pt"):
        head.unlink()
    if spoil is None:
        (place / name).unlink()
    else:
        (place / name).write_text(spoil)
    with pytest.raises(WeightsInvalid, match=problem) as caught:
        build(spec(f"file:{place}", tmp_path), tmp_path, device="cpu")
    assert str(place) in str(caught.value)


@pytest.mark.model
def test_parameters_are_counted_from_the_headers(folders: Callable[[str], Path]) -> None:
    transformers = pytest.importorskip("transformers")
    model = transformers.AutoModel.from_pretrained(folders("bge-m3"))
    expected = sum(weights.numel() for weights in model.parameters())
    assert files.parameters(folders("bge-m3")) == expected


def test_nothing_asks_the_network(
    folders: Callable[[str], Path], models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def asked(*_: object) -> None:
        raise AssertionError("a connection was tried")

    monkeypatch.setattr(socket.socket, "connect", asked)
    monkeypatch.setattr(socket, "getaddrinfo", asked)
    for name in ("bge-m3", "kure", "qwen3-vl", "clip"):
        encoder = build(spec(f"file:{folders(name)}", models), models, threads=1, device="cpu")
        assert encoder.encode_queries(["pump"]).shape == (1, encoder.spec.dim)


def test_progress_tells_where_the_model_runs_and_why(
    folders: Callable[[str], Path], models: Path
) -> None:
    said: list[str] = []
    known = spec(f"file:{folders('kure')}", models)
    build(known, models, threads=1, progress=said.append, device="cpu")
    assert len(said) == 1
    assert said[0].startswith(f"loading {known.name}: cpu: ")


def test_an_encoder_of_texts_is_not_one_of_pictures(
    folders: Callable[[str], Path], models: Path
) -> None:
    with pytest.raises(
        EncoderUnknown, match=r"'sentence-transformers'.*dual-tower, projection, qwen3-vl"
    ):
        build_multimodal(spec(f"file:{folders('kure')}", models), models)
    known = spec(f"file:{folders('clip')}", models)
    assert build(known, models, threads=1, device="cpu").spec == known


@pytest.mark.parametrize("package", ["torch", "transformers", "sentence_transformers"])
def test_a_missing_package_says_what_to_install(
    package: str, folders: Callable[[str], Path], models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = spec(f"file:{folders('kure')}", models)
    for module in [name for name in sys.modules if name.partition(".")[0] == package]:
        monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(EncoderNotInstalled, match=rf"{package}\..*seogo\[models\]"):
        build(known, models, device="cpu")


def test_specs_of_folders_need_no_model_library(
    folders: Callable[[str], Path], models: Path
) -> None:
    places = [str(folders(name)) for name in ("bge-m3", "kure", "qwen3-vl", "siglip", "clip")]
    code = """
import sys
from pathlib import Path
from encoders import registry, rerank
for place in sys.argv[2:]:
    assert registry.spec("file:" + place, Path(sys.argv[1])).dim in (24, 32)
print({"torch", "transformers", "tokenizers", "PIL"} & set(sys.modules))
"""
    command = [sys.executable, "-c", code, str(models), *places]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "set()"
