"""What decoding takes, by what the system says of a process that does nothing else."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

from encoders.pictures import decoding

if TYPE_CHECKING:
    from pathlib import Path

SIZE = (3000, 2500)
ORIENTATION = 274
PROGRAM = """
import sys
from pathlib import Path
from encoders.pictures import decoding

def said(name):
    lines = Path("/proc/self/status").read_text().splitlines()
    return 1024 * next(int(line.split()[1]) for line in lines if line.startswith(name))

decoding.decode(Path(sys.argv[1]).read_bytes())  # what is loaded once
data = Path(sys.argv[2]).read_bytes()
Path("/proc/self/clear_refs").write_text("5")
before = said("VmRSS")
picture = decoding.decode(data)
print(said("VmHWM") - before)
"""
CASES: list[tuple[str, str, dict[str, Any]]] = [
    ("RGBA", "PNG", {}),
    ("LA", "PNG", {}),
    ("I;16", "PNG", {}),
    ("P", "PNG", {}),
    ("CMYK", "TIFF", {"compression": "tiff_lzw"}),
    ("RGB", "JPEG", {"progressive": True, "subsampling": 0}),
    ("RGB", "JPEG", {"exif": True}),
    ("RGBA", "WEBP", {"lossless": True, "method": 0}),
]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux tells")
@pytest.mark.parametrize(("mode", "format", "how"), CASES)
def test_decoding_takes_what_it_says(
    tmp_path: Path, mode: str, format: str, how: dict[str, Any]
) -> None:
    small, large = tmp_path / "small", tmp_path / "large"
    if how.get("exif"):
        turned = Image.Exif()
        turned[ORIENTATION] = 6
        how = {"exif": turned}
    Image.new(mode, (8, 8)).save(small, format, **how)
    Image.new(mode, SIZE).save(large, format, **how)
    told = subprocess.run(
        [sys.executable, "-c", PROGRAM, small, large], capture_output=True, text=True, check=True
    )
    promised = decoding.memory(large.read_bytes())
    assert 0 < int(told.stdout) <= promised
    assert promised <= 16 * SIZE[0] * SIZE[1] + 20_000_000
