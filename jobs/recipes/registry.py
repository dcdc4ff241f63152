"""Recipes: how a domain's records become items, and what its collection is set to."""

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
    """The recipe of that name.

    Raises:
        UnknownRecipe: there is none; the message lists those there are.
    """
    for recipe in RECIPES:
        if recipe.name == name:
            return recipe
    known = ", ".join(r.name for r in RECIPES)
    raise UnknownRecipe(f"unknown recipe: {name}", f"the recipes are {known}")
