"""Settings of the law API, read once from the environment."""

from __future__ import annotations

import msgspec


class LawSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Settings of the law API.

    Attributes:
        law_key: the user of the API (OC) that open.law.go.kr gave (`SEOGO_LAW_KEY`).
        law_url: where it is (`SEOGO_LAW_URL`).
    """

    law_key: str | None = None
    law_url: str = "https://www.law.go.kr/DRF"
