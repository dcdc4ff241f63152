"""Sections of manuals; `seogo defects manuals import` makes them of documents."""

from db.defects.registration import MANUALS
from jobs.recipes.base import Recipe

RECIPE = Recipe(
    name="manuals",
    about="sections of manuals: fields title, text; metadata product, defect, kind, document, page",
    collection=MANUALS,
)
