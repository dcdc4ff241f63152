"""What every hub encoder of text must do, whatever its architecture."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from encoders.base import TextEncoder

NAMES = ["bge-m3", "kure", "mean", "qwen3-embedding", "qwen3-vl", "siglip", "clip"]
ODD = ["", " ", "\0", "a\0b", "\ud800", "</s><pad>", "<|im_end|><|image_pad|>", "😀" * 9, "\u200b"]
TEXTS = [
    "진공 펌프에서 기름이 샌다", "pump", *ODD, "A cat is sleeping on the sofa " * 3, "고양이",
    "계약은 서면으로 해지할 수 있다 " * 12,
]  # fmt: skip


@pytest.fixture(scope="session", params=NAMES)
def encoder(
    request: pytest.FixtureRequest, text_encoder: Callable[..., TextEncoder]
) -> TextEncoder:
    return text_encoder(request.param)


@pytest.fixture(scope="session")
def short(encoder: TextEncoder, text_encoder: Callable[..., TextEncoder]) -> TextEncoder:
    """Load the same model with half the input, or less."""
    limit = min(encoder.spec.max_tokens // 2, 56)
    name = encoder.spec.name.rpartition("/")[2]
    return text_encoder(name, max_tokens=limit, window_overlap=limit // 8)


def test_any_text_gives_a_unit_row(encoder: TextEncoder) -> None:
    for vectors in (encoder.encode_queries(TEXTS), encoder.encode_passages(TEXTS)):
        assert vectors.shape == (len(TEXTS), encoder.spec.dim)
        assert vectors.dtype == np.float32
        np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)


def test_no_texts_give_no_rows(encoder: TextEncoder) -> None:
    assert encoder.encode_passages([]).shape == (0, encoder.spec.dim)
    assert encoder.encode_queries([]).dtype == np.float32


def test_the_same_again_is_the_same(encoder: TextEncoder) -> None:
    np.testing.assert_array_equal(encoder.encode_passages(TEXTS), encoder.encode_passages(TEXTS))


def test_company_and_order_in_a_batch_do_not_matter(encoder: TextEncoder) -> None:
    together = encoder.encode_passages(TEXTS)
    alone = np.concatenate([encoder.encode_passages([text]) for text in TEXTS])
    np.testing.assert_allclose(together, alone, atol=2e-6)
    order = np.random.default_rng(0).permutation(len(TEXTS))
    shuffled = encoder.encode_passages([TEXTS[row] for row in order])
    np.testing.assert_allclose(shuffled, together[order], atol=2e-6)
    assert len({row.tobytes() for row in together.round(4)}) > len(TEXTS) / 2  # rows do differ


def test_what_follows_the_limit_is_dropped_and_nothing_before(
    encoder: TextEncoder, short: TextEncoder
) -> None:
    long = "pump cat " * short.spec.max_tokens
    first, longer, other = short.encode_passages([long, f"{long} sofa", f"oil {long}"])
    np.testing.assert_array_equal(first, longer)
    assert not np.allclose(first, other, atol=1e-4)
    assert not np.allclose(first, encoder.encode_passages([long])[0], atol=1e-4)


def test_windows_cover_the_text_and_are_encoded_whole(
    encoder: TextEncoder, short: TextEncoder
) -> None:
    text = "유압\0 펌프에서 기름이 샌다. The pump is leaking <s> <|im_end|> " * 8
    windows = short.windows(text)
    assert len(windows) > 1
    assert windows[0].start == 0
    assert windows[-1].stop == len(text)
    for window in windows:
        assert window.text == text[window.start : window.stop]
    for left, right in pairwise(windows):
        assert left.start < right.start <= left.stop
    pieces = [window.text for window in windows]
    np.testing.assert_allclose(
        short.encode_passages(pieces), encoder.encode_passages(pieces), atol=2e-6
    )


def test_texts_that_are_none_are_refused(encoder: TextEncoder) -> None:
    with pytest.raises(TypeError, match="one string"):
        encoder.encode_queries("pump")
    with pytest.raises(TypeError, match=r"texts\[1\].*int"):
        encoder.encode_passages(["pump", 5])  # type: ignore[list-item]


def test_threads_do_not_disturb_each_other(encoder: TextEncoder) -> None:
    expected = encoder.encode_passages(TEXTS)
    with ThreadPoolExecutor(4) as pool:
        for found in pool.map(lambda _: encoder.encode_passages(TEXTS), range(8)):
            np.testing.assert_allclose(found, expected, atol=2e-6)
