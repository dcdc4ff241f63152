"""The registry of recipes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jobs.errors import UnknownRecipe
from jobs.recipes import beir, defects, generic, itembank, legal, manuals, parts

if TYPE_CHECKING:
    from jobs.recipes.base import Recipe

RECIPES: tuple[Recipe, ...] = (
    generic.RECIPE,
    parts.RECIPE,
    itembank.RECIPE,
    defects.RECIPE,
    manuals.RECIPE,
    legal.RECIPE,
    beir.RECIPE,
)


def get(name: str) -> Recipe:
    """Get a recipe by name.

    Raises:
        UnknownRecipe: no such recipe; the message lists the known ones.
    """
    for recipe in RECIPES:
        if recipe.name == name:
            return recipe
    known = ", ".join(r.name for r in RECIPES)
    raise UnknownRecipe(f"unknown recipe: {name}", f"the recipes are {known}")
