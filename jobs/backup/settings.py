"""Settings of backups."""

from __future__ import annotations

from typing import Annotated

import msgspec


class BackupSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Target and retention of backups, read from `SEOGO_*`.

    Attributes:
        backup_target: a folder, or a URL such as s3://bucket/folder; None: `backups` in the folder
            of the embedded server's data.
        backup_keep: complete backups that stay in the target; older ones go. 0: all stay.
    """

    backup_target: str | None = None
    backup_keep: Annotated[int, msgspec.Meta(ge=0)] = 14
