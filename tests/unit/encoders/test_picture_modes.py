"""Pictures of cameras and scanners: bits that are used, which end is white, what is transparent, brands."""

from __future__ import annotations

import io
import struct
import zlib
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image, TiffImagePlugin

from encoders.pictures.decoding import PictureInvalid, decode, media_type

if TYPE_CHECKING:
    from numpy.typing import NDArray


def tiff(values: NDArray[Any], order: str = "<", **tags: int) -> bytes:
    """An uncompressed grey TIFF; tags by name."""
    values = values.astype(f"{order}{values.dtype.str[1:]}")
    bits, sort = values.dtype.itemsize * 8, {"u": 1, "i": 2, "f": 3}[values.dtype.kind]
    written = {
        256: values.shape[1],
        257: values.shape[0],
        258: bits,
        259: 1,
        262: tags.get("photometric", 1),
        277: 1,
        278: values.shape[0],
        279: values.nbytes,
        339: sort,
    } | ({281: tags["most"]} if "most" in tags else {})
    size = 2 + 12 * (len(written) + 1) + 4
    written[273] = 8 + size
    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(f"{order}IH", 8, len(written))
    entries = b"".join(
        struct.pack(f"{order}HHII", tag, 4, 1, value) for tag, value in sorted(written.items())
    )
    return head + entries + b"\0" * 4 + values.tobytes()


def png(bits: int, colour: int, width: int, row: bytes, transparent: bytes = b"") -> bytes:
    """A PNG of one row."""

    def chunk(name: bytes, data: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(name + data))
        return struct.pack(">I", len(data)) + name + data + check

    head = struct.pack(">IIBBBBB", width, 1, bits, colour, 0, 0, 0)
    inside = chunk(b"tRNS", transparent) if transparent else b""
    packed = chunk(b"IDAT", zlib.compress(b"\0" + row))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + inside + packed + chunk(b"IEND", b"")


def greys(data: bytes) -> list[int]:
    """The first row of a grey picture."""
    row = decode(data)[0]
    assert (row == row[:, :1]).all()
    found: list[int] = row[:, 0].tolist()
    return found


def ramp(bits: int) -> NDArray[np.uint16]:
    """Five levels from black to the brightest that so many bits can say."""
    top = 2**bits - 1
    return np.array([[0, top // 4, top // 2, 3 * top // 4, top]], np.uint16)


SHOWN = [0, 63, 127, 191, 255]


@pytest.mark.parametrize("bits", [8, 10, 12, 14, 16])
@pytest.mark.parametrize("order", ["<", ">"])
def test_the_bits_that_are_used_become_eight(bits: int, order: str) -> None:
    assert greys(tiff(ramp(bits), order)) == SHOWN
    assert greys(png(16, 0, 5, ramp(bits).astype(">u2").tobytes())) == SHOWN


def test_what_the_file_says_of_its_bits_counts_more_than_its_brightest_pixel() -> None:
    dark = np.array([[0, 1000]], np.uint16)
    assert greys(tiff(dark, most=4095)) == [0, 62]
    assert greys(tiff(dark)) == [0, 250]


@pytest.mark.parametrize("bits", [10, 12, 16])
def test_where_zero_is_white_it_stays_white(bits: int) -> None:
    assert greys(tiff(ramp(bits), photometric=0)) == [255, 192, 128, 64, 0]


@pytest.mark.parametrize("order", ["<", ">"])
def test_where_zero_is_white_at_eight_bits(order: str) -> None:
    assert greys(tiff(ramp(8).astype(np.uint8), order, photometric=0)) == [255, 192, 128, 64, 0]


def test_what_pillow_cannot_read_is_refused() -> None:
    with pytest.raises(PictureInvalid, match="begins like TIFF and cannot be read on"):
        decode(tiff(ramp(16), ">", photometric=0))


def test_twelve_bits_of_a_scanner_through_pillow() -> None:
    values = Image.fromarray(ramp(12))
    for compression in (None, "tiff_lzw", "tiff_adobe_deflate"):
        encoded = io.BytesIO()
        info = TiffImagePlugin.ImageFileDirectory_v2()
        values.save(encoded, "TIFF", compression=compression, tiffinfo=info)
        assert greys(encoded.getvalue()) == SHOWN


@pytest.mark.parametrize("kind", [np.float32, np.int32])
def test_values_that_say_not_what_is_white_are_refused(kind: type) -> None:
    with pytest.raises(PictureInvalid, match="say not which of them is white"):
        decode(tiff(np.array([[0, 1]], kind)))


def test_colours_of_which_only_the_lowest_bits_are_used_are_refused() -> None:
    low = struct.pack(">6H", 4095, 100, 0, 0, 2000, 4095)
    with pytest.raises(PictureInvalid, match="lowest bits only"):
        decode(png(16, 2, 2, low))
    whole = struct.pack(">6H", 65535, 0, 0, 0, 0x1234, 4095)
    assert decode(png(16, 2, 2, whole)).tolist() == [[[255, 0, 0], [0, 0x12, 0x0F]]]


@pytest.mark.parametrize(
    ("bits", "row", "transparent", "shown"),
    [
        (16, struct.pack(">4H", 0, 700, 40000, 65535), 40000, [0, 2, 255, 255]),
        (16, struct.pack(">4H", 0, 700, 40000, 65535), 0, [255, 2, 156, 255]),
        (16, struct.pack(">4H", 0, 100, 200, 1023), 100, [0, 255, 50, 255]),
        (8, bytes([0, 7, 200, 90]), 200, [0, 7, 255, 90]),
        (4, b"\x07\x30", 7, [0, 255, 51, 0]),
        (2, b"\x18", 2, [0, 85, 255, 0]),
        (1, b"\x50", 0, [255, 255, 255, 255]),
    ],
)
def test_a_transparent_grey_is_white(
    bits: int, row: bytes, transparent: int, shown: list[int]
) -> None:
    assert greys(png(bits, 0, 4, row, struct.pack(">H", transparent))) == shown


def test_a_transparent_colour_is_white() -> None:
    deep = struct.pack(">6H", 0x1200, 0x3400, 0x5600, 65535, 0, 0)
    data = png(16, 2, 2, deep, struct.pack(">3H", 0x1200, 0x3400, 0x5600))
    assert decode(data).tolist() == [[[255] * 3, [255, 0, 0]]]
    shallow = png(8, 2, 2, bytes([1, 2, 3, 255, 0, 0]), struct.pack(">3H", 1, 2, 3))
    assert decode(shallow).tolist() == [[[255] * 3, [255, 0, 0]]]


def test_a_turned_picture_of_sixteen_bits() -> None:
    encoded = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(ramp(12)).save(encoded, "PNG", exif=exif)
    assert decode(encoded.getvalue())[:, 0, 0].tolist() == SHOWN


def test_what_phones_save_is_a_jpeg() -> None:
    encoded = io.BytesIO()
    frames = [Image.new("RGB", (16, 16), colour) for colour in ("red", "blue")]
    frames[0].save(encoded, "MPO", save_all=True, append_images=frames[1:])
    assert Image.open(io.BytesIO(encoded.getvalue())).format == "MPO"
    assert media_type(encoded.getvalue()) == "image/jpeg"
    assert np.abs(decode(encoded.getvalue()).astype(int) - [254, 0, 0]).max() <= 2


def boxes(*brands: bytes) -> bytes:
    told = brands[0] + b"\0" * 4 + b"".join(brands)
    return struct.pack(">I", 8 + len(told)) + b"ftyp" + told + b"\0" * 64


@pytest.mark.parametrize(
    ("brands", "reason"),
    [
        ((b"mif1", b"heic", b"miaf"), "unsupported: it is HEIC"),
        ((b"heic", b"mif1"), "unsupported: it is HEIC"),
        ((b"msf1", b"hevc"), "unsupported: it is HEIC"),
        ((b"mif1", b"miaf"), "unsupported: it is HEIF"),
        ((b"crx ", b"isom"), "unsupported: it is a raw picture"),
        ((b"avif", b"mif1"), "truncated: it begins like AVIF"),
        ((b"mif1", b"avif"), "truncated: it begins like AVIF"),
        ((b"isom", b"mp42"), "unsupported: it seems to be a film"),
    ],
)
def test_files_of_boxes_are_called_what_they_are(brands: tuple[bytes, ...], reason: str) -> None:
    with pytest.raises(PictureInvalid, match=reason):
        decode(boxes(*brands))
    with pytest.raises(PictureInvalid, match=reason):
        media_type(boxes(*brands))
