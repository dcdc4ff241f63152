"""Brands of ISO media files: AVIF, HEIC and others begin alike and differ by brand."""

from __future__ import annotations

_HEVC = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs")
# ISO/IEC 23008-12, annex B, and registered brands. The first match counts; None: the format is supported.
_BRANDS = {
    b"avif": None,
    b"avis": None,
    **dict.fromkeys(_HEVC, "HEIC, as phones save; save it as JPEG"),
    b"crx ": "a raw picture of a camera; save it as JPEG",
    b"mif1": "HEIF",
    b"msf1": "HEIF",
}
_LONGEST = 4096


def unsupported_format(data: bytes) -> str | None:
    """Name of an unsupported picture format, by the brands of a file; None otherwise."""
    size = int.from_bytes(data[:4], "big")
    if data[4:8] != b"ftyp" or not 16 <= size <= _LONGEST:
        return None
    # Its own brand, and those it is compatible with; what is between is a version.
    claimed = [data[8:12], *(data[at : at + 4] for at in range(16, size - 3, 4))]
    return next((name for brand, name in _BRANDS.items() if brand in claimed), None)
