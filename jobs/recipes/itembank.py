"""A bank of Korean maths questions: text with LaTeX, choices, explanation, pictures, unit names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from db.items.rows import ItemIn, NewCollection
from jobs.recipes.base import Recipe, required

if TYPE_CHECKING:
    from collections.abc import Mapping

UNITS = ("unit_large", "unit_medium", "unit_small")
# What `image_refs` has pictures of; they become their roles.
SHOWN_IN = ("question", "explanation")
_KEPT = ("category", "has_image", "answer_text")


class _ImageRefs(msgspec.Struct, frozen=True):
    """Paths of pictures by what shows them."""

    question: list[str] = []
    explanation: list[str] = []


class _Question(msgspec.Struct, frozen=True):
    """The parsed keys of a record; others are copied as they are."""

    choices: list[str] | None = None
    explanation: str | None = None
    metadata: dict[str, Any] | None = None
    media: list[dict[str, Any]] | None = None
    image_refs: _ImageRefs | None = None


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
    metadata |= {k: record[k] for k in _KEPT if k in record}
    return msgspec.convert(
        {
            "external_id": required(record, "id"),
            "fields": {name: text for name, text in fields.items() if text},
            "metadata": metadata,
            "media": _media(question),
        },
        ItemIn,
    )


def _media(question: _Question) -> list[dict[str, Any]] | None:
    """Merge the pictures of `media` and `image_refs`; None where the record has neither."""
    if question.media is None and question.image_refs is None:
        return None
    found = list(question.media or [])
    for role in SHOWN_IN:
        for path in getattr(question.image_refs, role, []):
            one = {"role": role, "path": path}
            if one not in found:
                found.append(one)
    return found


RECIPE = Recipe(
    name="itembank",
    about="maths questions: id, text, choices, explanation, metadata.unit_large/medium/small, pictures as"
    " media or image_refs.question/explanation",
    collection=NewCollection(
        field_weights={"units": 2.0, "choices": 0.5},
        vector_sources={
            "text": {"question": ["question"], "solution": ["question", "explanation"]},
            "image": {role: [f"@{role}"] for role in SHOWN_IN},
        },
    ),
    to_item=to_item,
    together={
        "question": ["question", "@question"],
        "solution": ["question", "explanation", "@question", "@explanation"],
    },
    takes=frozenset(
        ("id", "text", *_KEPT, *(k for k in _Question.__struct_fields__ if k != "image_refs"))
    )
    | {f"image_refs.{role}" for role in SHOWN_IN},
)
