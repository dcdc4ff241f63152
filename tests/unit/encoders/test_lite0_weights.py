from __future__ import annotations

import io
import pickle
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from encoders.errors import WeightsInvalid
from encoders.image.lite0.weights import locate, parse, read
from tests.later import later

if TYPE_CHECKING:
    from pathlib import Path

torch = later("torch")

pytestmark = pytest.mark.model


def saved(state: Any) -> bytes:
    """Bytes in torch's old format."""
    file = io.BytesIO()
    torch.save(state, file, _use_new_zipfile_serialization=False)
    return file.getvalue()


def state(**more: Any) -> OrderedDict[str, Any]:
    values = torch.arange(24, dtype=torch.float32)
    return OrderedDict(
        {
            "conv.weight": values.reshape(2, 3, 4, 1).clone().permute(3, 0, 2, 1),
            "bn.weight": values[:3] * 0.5 + 1,
            "bn.num_batches_tracked": torch.tensor(7),
            "bn.bias": torch.tensor([1.5]),
            **more,
        }
    )


def test_tensors_are_read_exactly_in_any_order_of_axes() -> None:
    expected = {name: tensor.numpy() for name, tensor in state().items() if tensor.ndim}
    found = parse(saved(state()))
    assert found.keys() == expected.keys()
    for name, values in expected.items():
        np.testing.assert_array_equal(found[name], values)


def test_the_published_file_is_read_as_torch_reads_it() -> None:
    found = read()
    for name, tensor in torch.load(locate(), weights_only=True, map_location="cpu").items():
        if not name.endswith("num_batches_tracked"):
            np.testing.assert_array_equal(found.pop(name), tensor.numpy())
    assert not found


def test_a_file_cut_anywhere_is_refused() -> None:
    whole = saved(state())
    for length in range(len(whole)):
        with pytest.raises(ValueError, match=r"."):
            parse(whole[:length])


class Evil:
    def __reduce__(self) -> tuple[Any, ...]:
        return (exec, ("import builtins; builtins.evil_ran = True",))


def test_nothing_in_a_file_is_run() -> None:
    import builtins

    for data in (saved(state(evil=Evil())), saved([Evil()]), pickle.dumps(Evil())):
        with pytest.raises(ValueError, match=r"."):
            parse(data)
    assert not hasattr(builtins, "evil_ran")


@pytest.mark.parametrize(
    "tensor",
    [torch.zeros(6)[2:], torch.zeros(6)[::2], torch.zeros(1, 1).expand(3, 3)],
    ids=["begins later", "skips", "repeats"],
)
def test_tensors_that_do_not_fill_their_storage_are_refused(tensor: Any) -> None:
    with pytest.raises(ValueError, match="tensor odd does not fill its storage"):
        parse(saved(state(odd=tensor)))


def test_other_number_types_are_refused() -> None:
    with pytest.raises(ValueError, match="this file names torch HalfStorage"):
        parse(saved(state(half=torch.zeros(2, dtype=torch.float16))))


def test_another_file_is_refused_by_its_checksum(tmp_path: Path) -> None:
    path = tmp_path / "weights.pth"
    path.write_bytes(saved(state()))
    with pytest.raises(WeightsInvalid, match=r"weights\.pth: sha256 is .*, expected 57934424"):
        read(path)
    with pytest.raises(WeightsInvalid, match=r"absent\.pth"):
        read(tmp_path / "absent.pth")
