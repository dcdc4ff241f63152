"""What files made of boxes are: AVIF, HEIC and others begin alike and differ by the brands they claim."""

from __future__ import annotations

_HEVC = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs")
# ISO/IEC 23008-12, annex B, and what registered them. Of several the first is told; None: it is taken.
_BRANDS = {
    b"avif": None,
    b"avis": None,
    **dict.fromkeys(_HEVC, "HEIC, as phones save; save it as JPEG"),
    b"crx ": "a raw picture of a camera; save it as JPEG",
    b"mif1": "HEIF",
    b"msf1": "HEIF",
}
_LONGEST = 4096


def refused(data: bytes) -> str | None:
    """What a file is, by its brands, where that is a picture of a kind that is not taken."""
    size = int.from_bytes(data[:4], "big")
    if data[4:8] != b"ftyp" or not 16 <= size <= _LONGEST:
        return None
    # Its own brand, and those it is compatible with; what is between is a version.
    claimed = [data[8:12], *(data[at : at + 4] for at in range(16, size - 3, 4))]
    return next((told for brand, told in _BRANDS.items() if brand in claimed), None)
