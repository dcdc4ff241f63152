"""Versions of manuals, live and replaced, with their sections."""

from __future__ import annotations

import msgspec

from db.calls.call import function, scalar, statement
from db.calls.rows import Id
from db.defects.manual_rows import Manual, ManualSection


class Outside(msgspec.Struct, frozen=True, kw_only=True):
    """Lines of a manual that are in no section."""

    lines: list[str]


# Of the version that is live now.
restore_manual = scalar("ops.restore_manual", Id)
# Of a product, or one; the live ones first.
manuals = statement("defects", "manuals", Manual, product=None, manual_id=None)
manual_sections = function("search.manual_sections", ManualSection)
# What reading left out of a manual: lines in no section.
manual_outside = statement("defects", "manual_outside", Outside)
