"""Industrial parts: title, description, maker, part number, category; Korean and English."""

from db.rows import NewCollection
from jobs.recipes.base import Recipe

RECIPE = Recipe(
    name="parts",
    about="industrial parts: fields title, description, maker, part_number, category",
    collection=NewCollection(
        # What is read on a nameplate says little about the part, and reading errs.
        field_weights={"title": 2.0, "part_number": 2.0, "maker": 1.5, "ocr": 0.5, "caption": 0.5},
        identifier_fields=["part_number", "serial_number"],
        # Part numbers say nothing to a language model; they have a leg of their own.
        vector_sources={
            "text": {"item": ["title", "category", "maker", "description"], "caption": ["caption"]},
            "image": {"photo": ["@photo"], "nameplate": ["@nameplate"]},
        },
        picture_readers={"ocr": "auto"},
    ),
)
