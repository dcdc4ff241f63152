"""Findings of an inspection."""

from __future__ import annotations

import pytest

from flows.findings import Near, likeliest_defect


@pytest.mark.parametrize(
    ("nearest", "defect"),
    [
        ([], None),
        ([(None, 0.99)], None),
        ([("crack", 0.9), ("hole", 0.5), ("hole", 0.45), (None, 0.99)], "hole"),
        ([("crack", 0.9), ("hole", 0.5)], "crack"),
        ([("crack", -0.9), ("hole", 0.1)], "hole"),
    ],
)
def test_the_likeliest_defect_has_the_most_similar_pictures(
    nearest: list[tuple[str | None, float]], defect: str | None
) -> None:
    rows = [
        Near(item_id=at, score=score, label="normal", defect=name, view="main", picture_id=None)
        for at, (name, score) in enumerate(nearest)
    ]
    assert likeliest_defect(rows) == defect
