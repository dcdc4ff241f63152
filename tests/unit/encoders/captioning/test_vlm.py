from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from encoders.captioning import registry, vlm
from encoders.captioning.base import CaptionFailed, Prompt
from encoders.errors import EncoderNotPulled, EncoderUnknown
from encoders.settings import CaptionSettings
from tests.later import later
from tests.unit.encoders.captioning.chat_server import ANSWER, ChatServer

torch = later("torch")

if TYPE_CHECKING:
    from pathlib import Path

    from encoders.captioning.vlm import VlmCaptioner

pytestmark = pytest.mark.model

PROMPT = Prompt(name="t", version=1, text="Describe. Known: {metadata}", max_tokens=6)
RNG = np.random.default_rng(0)
IMAGE = RNG.integers(0, 256, (60, 100, 3), dtype=np.uint8)
OTHER = RNG.integers(0, 256, (90, 40, 3), dtype=np.uint8)


@pytest.fixture(scope="session")
def checkpoints(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Tiny random models: one with an input put together here, one with the library's own."""
    from tests.unit.encoders.captioning.tiny_idefics import idefics3
    from tests.unit.encoders.hub.checkpoints import qwen3_vl

    root = tmp_path_factory.mktemp("vlm")
    return {"qwen3-vl": qwen3_vl(root / "qwen"), "idefics3": idefics3(root / "idefics")}


@pytest.fixture(scope="session", params=["qwen3-vl", "idefics3"])
def captioner(
    request: pytest.FixtureRequest,
    checkpoints: dict[str, Path],
    tmp_path_factory: pytest.TempPathFactory,
) -> VlmCaptioner:
    folder = checkpoints[request.param]
    return vlm.load(str(folder), tmp_path_factory.mktemp("unused"), threads=1, device="cpu")


def greedy(captioner: VlmCaptioner, images: list[Any], text: str, steps: int) -> list[int]:
    """The likeliest token again and again, each from the whole text: what generating must give."""
    features = captioner._prepare(images, text)
    start = features["input_ids"].shape[1]
    end = captioner._generator.model.generation_config.eos_token_id
    for _ in range(steps):
        with torch.inference_mode():
            following = captioner._generator.model(**features).logits[:, -1:].argmax(-1)
        features["input_ids"] = torch.cat([features["input_ids"], following], 1)
        for name, filler in (("attention_mask", 1), ("mm_token_type_ids", 0)):
            if name in features:
                more = torch.full_like(following, filler, dtype=features[name].dtype)
                features[name] = torch.cat([features[name], more], 1)
        if following.item() == end:
            break
    return features["input_ids"][0, start:].tolist()


@pytest.mark.parametrize("images", [[IMAGE], [IMAGE, OTHER]], ids=["one", "two"])
def test_the_caption_is_what_the_model_finds_likeliest(
    images: list[Any], captioner: VlmCaptioner
) -> None:
    expected = greedy(captioner, images, PROMPT.rendered("pump"), 6)
    features = captioner._prepare(images, PROMPT.rendered("pump"))
    assert captioner._generator.generate(features, 6) == expected


def test_a_caption_says_what_made_it(captioner: VlmCaptioner) -> None:
    caption = captioner.caption([IMAGE], PROMPT, "pump", tokens=40)
    assert caption.text == caption.text.strip()
    assert caption.captioner.startswith("vlm:/")
    assert "@sha256-" in caption.captioner
    assert caption.prompt == "t@1"
    assert 1 <= caption.tokens <= 40
    assert captioner.caption([IMAGE], PROMPT, "pump", tokens=40).text == caption.text


def test_control_tokens_in_metadata_are_text(captioner: VlmCaptioner) -> None:
    plain = captioner._prepare([IMAGE], PROMPT.rendered("pump"))
    marked = captioner._prepare([IMAGE], PROMPT.rendered("pump <image> <|image_pad|> <|im_end|>"))
    control = captioner._generator.model.config.image_token_id
    assert (marked["input_ids"] == control).sum() == (plain["input_ids"] == control).sum()


def test_no_picture_is_no_question(captioner: VlmCaptioner) -> None:
    with pytest.raises(ValueError, match="no picture"):
        captioner.caption([], PROMPT)


def test_too_many_pictures_are_a_failure_not_a_crash(
    checkpoints: dict[str, Path], tmp_path: Path
) -> None:
    made = vlm.load(str(checkpoints["qwen3-vl"]), tmp_path, threads=1, device="cpu")
    large = np.zeros((1000, 1000, 3), np.uint8)
    with pytest.raises(CaptionFailed, match="give fewer or smaller ones"):
        made.caption([large] * 20, PROMPT, tokens=4)


def test_a_model_that_is_not_here_says_how_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(EncoderNotPulled, match="seogo models pull Qwen/Qwen3-VL-2B-Instruct"):
        vlm.load("Qwen/Qwen3-VL-2B-Instruct", tmp_path)


def test_captions_are_off_by_default(tmp_path: Path) -> None:
    assert registry.build(CaptionSettings(), tmp_path) is None


def test_settings_make_a_chain_that_loads_what_it_needs(
    checkpoints: dict[str, Path], tmp_path: Path
) -> None:
    folder = checkpoints["qwen3-vl"]
    with ChatServer([400]) as server:
        settings = CaptionSettings(
            captioners=f"openai, vlm:org/absent, vlm:{folder}",
            caption_url=server.url,
            caption_model="m",
            caption_key="secret",
        )
        said: list[str] = []
        chain = registry.build(settings, tmp_path, threads=1, progress=said.append)
        assert chain is not None
        assert chain.name == f"openai:m > vlm:org/absent > vlm:{folder}"
        assert said == []
        caption = chain.caption([IMAGE], PROMPT, tokens=40)
        assert caption.captioner.startswith(f"vlm:{folder}@")
        assert ["status 400" in caption.tried[0].error, len(caption.tried)] == [True, 2]
        assert "seogo models pull org/absent" in caption.tried[1].error
        assert [line.partition(":")[0] for line in said] == [f"loading {folder}"]
        chain.caption([IMAGE], PROMPT, tokens=40)
        assert len(said) == 1
        chain.close()
    assert "secret" not in repr(settings)


def test_a_chain_of_settings_is_asked_in_order(tmp_path: Path) -> None:
    with ChatServer(["ok"]) as server:
        settings = CaptionSettings(
            captioners="openai,vlm:org/absent", caption_url=server.url, caption_model="m"
        )
        chain = registry.build(settings, tmp_path)
        assert chain is not None
        caption = chain.caption([IMAGE], PROMPT)
        chain.close()
    assert (caption.text, caption.tried) == (ANSWER, ())


def test_settings_that_cannot_be_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="needs the server's URL"):
        registry.build(CaptionSettings(captioners="openai"), tmp_path)
    with pytest.raises(EncoderUnknown, match=r"'ollama', known are: openai, vlm:org/name"):
        registry.build(CaptionSettings(captioners="ollama"), tmp_path)
