"""The default target of backups."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from db.settings import DbSettings


def target_of(target: str | None, settings: DbSettings) -> str:
    """The target, or the folder `backups` beside the embedded server's data."""
    return target or str(settings.home_path / "backups")
