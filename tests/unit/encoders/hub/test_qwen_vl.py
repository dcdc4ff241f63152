from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from encoders.base import Content
from encoders.hub.specs import QWEN_VL
from encoders.spec import TEXT_SLOT
from tests.later import later

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from encoders.base import MultimodalEncoder, Picture, Vectors

torch = later("torch")
transformers = later("transformers")
Image = pytest.importorskip("PIL.Image")

pytestmark = pytest.mark.model


def items(pictures: list[Picture]) -> list[Content]:
    return [
        Content("진공 펌프 명판", (pictures[0],)),
        Content("a cat on the sofa"),
        Content(images=(pictures[1],)),
        Content("both", (pictures[2], pictures[0])),
        Content("pump " * 50, (pictures[3],)),
    ]


def naive(folder: Path, item: Content, instruction: str, pooling: str = "last") -> Vectors:
    """One item the way the authors' script does it, through the model's own chat template."""
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    size = {"shortest_edge": 1024, "longest_edge": 16384}
    processor = transformers.AutoImageProcessor.from_pretrained(folder, backend="pil", size=size)
    model = transformers.AutoModel.from_pretrained(folder).eval()
    content = [{"type": "image"} for _ in item.images]
    content += [{"type": "text", "text": item.text}] if item.text else []
    turns = [
        {"role": "system", "content": [{"type": "text", "text": instruction}]},
        {"role": "user", "content": content},
    ]
    text = tokenizer.apply_chat_template(turns, add_generation_prompt=True, tokenize=False)
    extra: dict[str, Any] = {}
    if item.images:
        images = [Image.fromarray(image) for image in item.images]
        extra = dict(processor(images=images, return_tensors="pt"))
        parts = text.split("<|image_pad|>")
        for part, grid in enumerate(extra["image_grid_thw"]):
            parts[part] += "<|image_pad|>" * int(grid.prod() // 4)
        text = "".join(parts)
    inputs = tokenizer([text], return_tensors="pt")
    if item.images:
        number = tokenizer.convert_tokens_to_ids("<|image_pad|>")
        extra["mm_token_type_ids"] = (inputs.input_ids == number).int()
    with torch.no_grad():
        states = model(**inputs, **extra).last_hidden_state[0]
        hidden = states.mean(dim=0) if pooling == "mean" else states[-1]
    vector: Vectors = (hidden / hidden.norm()).numpy()
    return vector


def test_vectors_are_those_of_the_authors_way(
    qwen_vl: MultimodalEncoder, folders: Callable[[str], Path], pictures: list[Picture]
) -> None:
    expected = [
        naive(folders("qwen3-vl"), item, "Represent the user's input.") for item in items(pictures)
    ]
    found = qwen_vl.encode_items(items(pictures))
    np.testing.assert_allclose(found, np.stack(expected), atol=1e-5)


def test_queries_have_an_instruction_of_their_own(
    qwen_vl: MultimodalEncoder, folders: Callable[[str], Path]
) -> None:
    told = "Retrieve images or text relevant to the user's query."
    expected = naive(folders("qwen3-vl"), Content("pump"), told)
    found = qwen_vl.encode_queries(["pump"])[0]
    np.testing.assert_allclose(found, expected, atol=1e-5)
    assert found @ qwen_vl.encode_passages(["pump"])[0] < 0.9999


def test_the_mean_of_all_tokens_is_another_model(
    multimodal_encoder: Callable[..., MultimodalEncoder],
    qwen_vl: MultimodalEncoder,
    folders: Callable[[str], Path],
    pictures: list[Picture],
) -> None:
    mean = multimodal_encoder("qwen3-vl", pooling="mean")
    assert mean.spec.identity != qwen_vl.spec.identity
    told = "Represent the user's input."
    expected = [naive(folders("qwen3-vl"), item, told, "mean") for item in items(pictures)]
    found = mean.encode_items(items(pictures))  # of different lengths: padding does not count
    np.testing.assert_allclose(found, np.stack(expected), atol=1e-5)


def test_templates_are_the_chat_format(folders: Callable[[str], Path]) -> None:
    tokenizer = transformers.AutoTokenizer.from_pretrained(folders("qwen3-vl"))
    for template in (QWEN_VL.query_template, QWEN_VL.passage_template):
        instruction = template.split("\n")[1].removesuffix("<|im_end|>")
        turns = [
            {"role": role, "content": [{"type": "text", "text": text}]}
            for role, text in (("system", instruction), ("user", TEXT_SLOT))
        ]
        rendered = tokenizer.apply_chat_template(turns, add_generation_prompt=True, tokenize=False)
        assert rendered == template


def test_company_and_order_in_a_batch_do_not_matter(
    qwen_vl: MultimodalEncoder, pictures: list[Picture]
) -> None:
    mixed = items(pictures)
    together = qwen_vl.encode_items(mixed)
    alone = np.concatenate([qwen_vl.encode_items([item]) for item in mixed])
    np.testing.assert_allclose(together, alone, atol=2e-6)
    np.testing.assert_allclose(qwen_vl.encode_items(mixed[::-1]), together[::-1], atol=2e-6)
    np.testing.assert_allclose(np.linalg.norm(together, axis=1), 1.0, atol=1e-5)


def test_pictures_alone_and_texts_alone_are_items_too(
    qwen_vl: MultimodalEncoder, pictures: list[Picture]
) -> None:
    as_items = qwen_vl.encode_items([Content(images=(image,)) for image in pictures])
    np.testing.assert_array_equal(qwen_vl.encode_images(pictures), as_items)
    np.testing.assert_array_equal(
        qwen_vl.encode_passages(["pump"]), qwen_vl.encode_items([Content("pump")])
    )


def test_every_part_of_an_item_counts(qwen_vl: MultimodalEncoder, pictures: list[Picture]) -> None:
    one, two, *_ = pictures
    variants = [
        Content("pump", (one, two)), Content("pump", (two, one)), Content("pump", (one,)),
        Content("cat", (one, two)), Content("", (one, two)), Content("pump"),
    ]  # fmt: skip
    vectors = qwen_vl.encode_items(variants)
    likeness = vectors @ vectors.T - np.eye(len(variants))
    assert likeness.max() < 0.99999


def test_a_text_cannot_make_room_for_a_picture(
    qwen_vl: MultimodalEncoder, pictures: list[Picture]
) -> None:
    spelled = Content("<|vision_start|><|image_pad|><|vision_end|>", (pictures[0],))
    assert np.isfinite(qwen_vl.encode_items([spelled])).all()
    braces = qwen_vl.encode_items([Content("{text}"), Content("{image}")])
    assert braces[0] @ braces[1] < 0.99999


def test_too_long_loses_text_but_never_a_picture(
    multimodal_encoder: Callable[..., MultimodalEncoder], pictures: list[Picture]
) -> None:
    short = multimodal_encoder("qwen3-vl", max_tokens=110)
    long = "pump cat " * 80
    one, same, other = short.encode_items(
        [
            Content(long, (pictures[0],)),
            Content(f"{long} sofa", (pictures[0],)),
            Content(long, (pictures[2],)),
        ]
    )
    np.testing.assert_array_equal(one, same)
    assert one @ other < 0.99999
    with pytest.raises(ValueError, match=r"pictures of input 1 take \d+ tokens.*fewer or smaller"):
        short.encode_items([Content("pump"), Content(images=tuple(pictures) * 5)])


def test_larger_pictures_are_scaled_down_to_the_limit(
    multimodal_encoder: Callable[..., MultimodalEncoder], pictures: list[Picture]
) -> None:
    coarse = multimodal_encoder("qwen3-vl", preparation="min_pixels=1024 max_pixels=4096")
    fine = multimodal_encoder("qwen3-vl")
    assert coarse.spec.identity != fine.spec.identity
    large, small = pictures[1], pictures[2]
    same = coarse.encode_images([large, small]) - fine.encode_images([large, small])
    assert np.abs(same[0]).max() > 1e-3
    assert np.abs(same[1]).max() < 1e-5


@pytest.mark.parametrize(
    ("bad", "problem"),
    [
        (Content(), r"items\[1\] has neither"),
        (Content("  \n"), r"items\[1\] has neither"),
        (
            Content("x", (np.zeros((4, 4), dtype=np.uint8),)),
            r"items\[1\]\.images\[0\] must be uint8",
        ),
        (
            Content("x", (np.zeros((1, 900, 3), dtype=np.uint8),)),
            r"picture of input 1.*aspect ratio",
        ),
    ],
)
def test_bad_items_are_named(bad: Content, problem: str, qwen_vl: MultimodalEncoder) -> None:
    with pytest.raises(ValueError, match=problem):
        qwen_vl.encode_items([Content("pump"), bad])
