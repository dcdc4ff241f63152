from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from encoders.base import Content
from tests.later import later

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from encoders.base import MultimodalEncoder, Picture, Vectors

torch = later("torch")
transformers = later("transformers")
Image = pytest.importorskip("PIL.Image")

pytestmark = pytest.mark.model

NAMES = ["siglip", "clip"]
TEXTS = ["진공 펌프", "The Cat on the Sofa", "oil " * 30]


@pytest.fixture(scope="module", params=NAMES)
def name(request: pytest.FixtureRequest) -> str:
    found: str = request.param
    return found


@pytest.fixture(scope="module")
def encoder(name: str, multimodal_encoder: Callable[..., MultimodalEncoder]) -> MultimodalEncoder:
    return multimodal_encoder(name)


def outputs(folder: Path, texts: list[str], images: list[Picture]) -> tuple[Vectors, Vectors]:
    """Both towers' outputs as the library's documentation has them."""
    model = transformers.AutoModel.from_pretrained(folder).eval()
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    processor = transformers.AutoImageProcessor.from_pretrained(folder, backend="pil")
    siglip = model.config.model_type == "siglip"
    with torch.no_grad():
        rows = []
        for text in texts:
            inputs = tokenizer(
                text.lower() if siglip else text,
                padding="max_length" if siglip else False,
                max_length=16 if siglip else 20,
                truncation=True,
                return_tensors="pt",
            )
            if siglip:
                del inputs["attention_mask"]
            rows.append(model.get_text_features(**inputs).pooler_output)
        pixels = processor(images=[Image.fromarray(i) for i in images], return_tensors="pt")
        seen = model.get_image_features(**pixels).pooler_output
    return torch.cat(rows).numpy(), seen.numpy()


def unit(rows: Any) -> Any:
    return rows / np.linalg.norm(rows, axis=-1, keepdims=True)


def test_vectors_are_the_towers_outputs(
    name: str,
    encoder: MultimodalEncoder,
    folders: Callable[[str], Path],
    pictures: list[Picture],
) -> None:
    said, seen = outputs(folders(name), TEXTS, pictures)
    np.testing.assert_allclose(encoder.encode_passages(TEXTS), unit(said), atol=1e-5)
    np.testing.assert_allclose(encoder.encode_queries(TEXTS), unit(said), atol=1e-5)
    np.testing.assert_allclose(encoder.encode_images(pictures), unit(seen), atol=1e-5)


def mixed(pictures: list[Picture]) -> list[Content]:
    return [
        Content(images=(pictures[1],)), Content(TEXTS[0], (pictures[0],)), Content(TEXTS[1]),
        Content(TEXTS[2], (pictures[2], pictures[1])), Content(images=(pictures[0], pictures[2])),
    ]  # fmt: skip


def test_text_and_pictures_meet_halfway(
    name: str,
    encoder: MultimodalEncoder,
    folders: Callable[[str], Path],
    pictures: list[Picture],
) -> None:
    said, seen = (unit(rows) for rows in outputs(folders(name), TEXTS, pictures))
    found = encoder.encode_items(mixed(pictures))
    expected = [
        seen[1], said[0] + seen[0], said[1], said[2] + unit(seen[2] + seen[1]), seen[0] + seen[2],
    ]  # fmt: skip
    np.testing.assert_allclose(found, unit(np.stack(expected)), atol=1e-5)


def test_or_are_added_as_they_are_where_the_model_was_trained_so(
    multimodal_encoder: Callable[..., MultimodalEncoder],
    folders: Callable[[str], Path],
    pictures: list[Picture],
) -> None:
    bge_vl = multimodal_encoder("clip", pooling="towers-sum")
    said, seen = outputs(folders("clip"), TEXTS, pictures)
    found = bge_vl.encode_items(mixed(pictures))
    expected = [
        seen[1], said[0] + seen[0], said[1], said[2] + (seen[2] + seen[1]) / 2, seen[0] + seen[2],
    ]  # fmt: skip
    np.testing.assert_allclose(found, unit(np.stack(expected)), atol=1e-5)
    halfway = multimodal_encoder("clip")
    assert np.abs(found - halfway.encode_items(mixed(pictures)))[1].max() > 1e-3
    assert bge_vl.spec.identity != halfway.spec.identity


def test_no_items_and_no_pictures_give_no_rows(encoder: MultimodalEncoder) -> None:
    assert encoder.encode_items([]).shape == (0, encoder.spec.dim)
    assert encoder.encode_images([]).shape == (0, encoder.spec.dim)


def test_company_and_order_of_pictures_do_not_matter(
    encoder: MultimodalEncoder, pictures: list[Picture]
) -> None:
    many = pictures * 40  # more than one batch
    together = encoder.encode_images(many)
    assert together.shape == (len(many), encoder.spec.dim)
    np.testing.assert_allclose(np.linalg.norm(together, axis=1), 1.0, atol=1e-5)
    alone = np.concatenate([encoder.encode_images([image]) for image in pictures])
    np.testing.assert_allclose(together, np.tile(alone, (40, 1)), atol=2e-6)


def test_bad_pictures_are_named(encoder: MultimodalEncoder, pictures: list[Picture]) -> None:
    with pytest.raises(ValueError, match=r"images\[1\] must be uint8"):
        encoder.encode_images([pictures[0], pictures[0].astype(np.float32)])  # type: ignore[list-item]
    with pytest.raises(ValueError, match=r"items\[0\] has neither"):
        encoder.encode_items([Content()])
