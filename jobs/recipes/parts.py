"""Industrial parts: title, description, maker, part number, category; Korean and English."""

from flows.samples import PARTS
from jobs.recipes.base import Recipe

RECIPE = Recipe(
    name="parts",
    about="industrial parts: fields title, description, maker, part_number, category",
    collection=PARTS,
)
