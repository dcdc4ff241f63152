"""Industrial parts: title, description, maker, part number, category; Korean and English."""

from __future__ import annotations

from db.rows import NewCollection
from jobs.recipes import generic
from jobs.recipes.base import Recipe

RECIPE = Recipe(
    name="parts",
    about="industrial parts: fields title, description, maker, part_number, category",
    collection=NewCollection(
        field_weights={"title": 2.0, "part_number": 2.0, "maker": 1.5},
        identifier_fields=["part_number", "serial_number"],
        # Part numbers say nothing to a language model; they have a leg of their own.
        vector_sources={"text": {"item": ["title", "category", "maker", "description"]}},
    ),
    to_item=generic.to_item,
)
