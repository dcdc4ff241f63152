"""A bank of Korean maths questions: text with LaTeX, choices, explanation, unit names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from db.rows import ItemIn, NewCollection
from jobs.recipes.base import Recipe, required

if TYPE_CHECKING:
    from collections.abc import Mapping

UNITS = ("unit_large", "unit_medium", "unit_small")


class _Question(msgspec.Struct, frozen=True):
    """The keys of a record that are used; others are ignored."""

    choices: list[str] | None = None
    explanation: str | None = None
    metadata: dict[str, Any] | None = None


def to_item(record: Mapping[str, Any]) -> ItemIn:
    """Map a question; needs `id` and `text`, takes what else is there."""
    question = msgspec.convert(record, _Question)
    metadata = dict(question.metadata or {})
    units = [str(metadata[u]) for u in UNITS if metadata.get(u)]
    fields = {
        "question": required(record, "text"),
        "choices": "\n".join(question.choices or []),
        "explanation": question.explanation or "",
        "units": "\n".join(units),
    }
    metadata |= {k: record[k] for k in ("category", "has_image", "answer_text") if k in record}
    return msgspec.convert(
        {
            "external_id": required(record, "id"),
            "fields": {name: text for name, text in fields.items() if text},
            "metadata": metadata,
        },
        ItemIn,
    )


RECIPE = Recipe(
    name="itembank",
    about="maths questions: id, text, choices, explanation, metadata.unit_large/medium/small",
    collection=NewCollection(
        field_weights={"units": 2.0, "choices": 0.5},
        vector_sources={
            "text": {"question": ["question"], "solution": ["question", "explanation"]}
        },
    ),
    to_item=to_item,
)
