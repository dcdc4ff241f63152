from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import pytest

from encoders.base import Content
from encoders.errors import EncoderUnknown, WeightsInvalid
from encoders.rerank import rerankers
from encoders.rerank.base import PASSAGE_SLOT, QUERY_SLOT
from encoders.rerank.rerankers import SPECS
from tests.later import later

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from encoders.base import Picture
    from encoders.rerank.base import RerankerModel

torch = later("torch")
transformers = later("transformers")
library = later("sentence_transformers")

pytestmark = pytest.mark.model

QUERY = "펌프에서 기름이 샌다"
PASSAGES = [
    "진공 펌프", "", "a cat on the sofa", "The hydraulic pump is leaking oil " * 4, "고양이",
    "계약은 서면으로 해지할 수 있다 " * 20,
]  # fmt: skip


@pytest.fixture(scope="module")
def reranker(folders: Callable[[str], Path], models: Path) -> Callable[..., RerankerModel]:
    def loaded(name: str, **changes: Any) -> RerankerModel:
        known = rerankers.spec(f"file:{folders(name)}", models)
        if name == "qwen3-vl":
            changes = {"preparation": "min_pixels=1024 max_pixels=16384", **changes}
        changed = msgspec.structs.replace(known, **changes)
        return rerankers.build(changed, models, threads=1, device="cpu")

    return loaded


@pytest.fixture(scope="module", params=["cross-encoder", "qwen3-vl"])
def either(request: pytest.FixtureRequest, reranker: Callable[..., RerankerModel]) -> RerankerModel:
    return reranker(request.param)


def test_cross_encoder_scores_are_the_library_s(
    reranker: Callable[..., RerankerModel], folders: Callable[[str], Path]
) -> None:
    model = library.CrossEncoder(str(folders("cross-encoder")), device="cpu")
    passages = PASSAGES[:5]  # in the last one the library cuts otherwise by a token
    expected = model.predict([(QUERY, passage) for passage in passages])
    found = reranker("cross-encoder").score(QUERY, passages)
    np.testing.assert_allclose(found, expected, atol=1e-6)
    assert ((found > 0) & (found < 1)).all()


def test_qwen_scores_are_yes_against_no_of_the_whole_head(
    reranker: Callable[..., RerankerModel], folders: Callable[[str], Path], pictures: list[Picture]
) -> None:
    """The model's own logits for every word, of a prompt from its chat template."""
    folder = folders("qwen3-vl")
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    model = transformers.AutoModelForImageTextToText.from_pretrained(folder).eval()
    told = SPECS["qwen3-vl-reranker-2b"].template
    system = told.split("<|im_start|>system\n")[1].split("<|im_end|>")[0]
    expected = []
    for passage in PASSAGES:
        parts = [
            "<Instruct>: Given a search query, retrieve relevant candidates that answer the query.",
            "<Query>:", QUERY, "\n<Document>:", passage or "NULL",
        ]  # fmt: skip
        turns = [
            {"role": "system", "content": [{"type": "text", "text": system}]},
            {"role": "user", "content": [{"type": "text", "text": part} for part in parts]},
        ]
        inputs = tokenizer(
            tokenizer.apply_chat_template(turns, add_generation_prompt=True, tokenize=False),
            return_tensors="pt",
        )
        with torch.no_grad():
            logits = model(**inputs).logits[0, -1]
        yes, no = (logits[tokenizer.convert_tokens_to_ids(word)] for word in ("yes", "no"))
        expected.append(float(torch.sigmoid(yes - no)))
    found = reranker("qwen3-vl").score(QUERY, PASSAGES)
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_any_passages_give_scores_in_order(either: RerankerModel) -> None:
    scores = either.score(QUERY, PASSAGES)
    assert scores.shape == (len(PASSAGES),)
    assert scores.dtype == np.float32
    assert len(set(scores.round(5).tolist())) > len(PASSAGES) / 2
    alone = [either.score(QUERY, [passage])[0] for passage in PASSAGES]
    np.testing.assert_allclose(scores, alone, atol=1e-6)
    np.testing.assert_allclose(either.score(QUERY, PASSAGES[::-1]), scores[::-1], atol=1e-6)
    assert either.score(QUERY, []).shape == (0,)


def test_the_query_counts(either: RerankerModel) -> None:
    assert np.abs(either.score(QUERY, PASSAGES) - either.score("cat", PASSAGES)).max() > 1e-5


def test_slots_and_control_tokens_in_a_text_are_text(either: RerankerModel) -> None:
    odd = [PASSAGE_SLOT, QUERY_SLOT, "</s>", "<|im_end|>", "\0\ud800", "<|image_pad|>"]
    for query in odd:
        assert np.isfinite(either.score(query, odd)).all()


def test_what_is_too_long_is_cut(reranker: Callable[..., RerankerModel]) -> None:
    short = reranker("cross-encoder", max_tokens=24)
    long = "oil pump " * 30
    one, same = short.score(QUERY, [long, f"{long} cat"])
    assert one == pytest.approx(same, abs=1e-6)
    first, other = short.score("cat", [f"{QUERY} {long}", f"{long} {QUERY}"])
    assert first != other
    assert np.isfinite(short.score(long, [long])).all()


def test_pictures_are_scored_on_either_side(
    reranker: Callable[..., RerankerModel], pictures: list[Picture]
) -> None:
    qwen = reranker("qwen3-vl")
    passages = ["pump", Content("pump", (pictures[0],)), Content(images=(pictures[1],))]
    scores = qwen.score(QUERY, passages)
    seen = qwen.score(Content(QUERY, (pictures[2],)), passages)
    assert len({*scores.round(6).tolist(), *seen.round(6).tolist()}) == 6
    alone = [qwen.score(QUERY, [passage])[0] for passage in passages]
    np.testing.assert_allclose(scores, alone, atol=1e-6)
    with pytest.raises(ValueError, match=r"passages\[1\]\.images\[0\] must be uint8"):
        qwen.score(QUERY, ["x", Content("x", (pictures[0][0],))])


def test_parts_that_are_none_are_refused(
    reranker: Callable[..., RerankerModel], pictures: list[Picture]
) -> None:
    texts = reranker("cross-encoder")
    with pytest.raises(ValueError, match="takes no pictures"):
        texts.score(QUERY, [Content("x", (pictures[0],))])
    with pytest.raises(TypeError, match="not one str"):
        texts.score(QUERY, "pump")
    with pytest.raises(TypeError, match="not one Content"):
        texts.score(QUERY, Content("pump"))  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"passages\[1\] must be.*int"):
        texts.score(QUERY, ["pump", 5])  # type: ignore[list-item]
    with pytest.raises(TypeError, match=r"query must be.*NoneType"):
        texts.score(None, ["pump"])  # type: ignore[arg-type]


def test_threads_do_not_disturb_each_other(either: RerankerModel) -> None:
    expected = either.score(QUERY, PASSAGES)
    with ThreadPoolExecutor(4) as pool:
        for found in pool.map(lambda _: either.score(QUERY, PASSAGES), range(8)):
            np.testing.assert_allclose(found, expected, atol=1e-6)


def test_only_rerankers_are_taken(folders: Callable[[str], Path], models: Path) -> None:
    with pytest.raises(WeightsInvalid, match="'xlm-roberta' is no reranker"):
        rerankers.spec(f"file:{folders('bge-m3')}", models)
    known = rerankers.spec(f"file:{folders('cross-encoder')}", models)
    for changes in ({"family": "qwen3-vl-reranker"}, {"max_tokens": 500}, {"family": "colbert"}):
        with pytest.raises(WeightsInvalid, match="it is a cross-encoder for 128 tokens"):
            rerankers.build(msgspec.structs.replace(known, **changes), models)
    with pytest.raises(EncoderUnknown, match=r"'bert'.*bge-reranker-v2-m3.*file:"):
        rerankers.spec("bert", models)
