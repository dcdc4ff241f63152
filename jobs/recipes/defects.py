"""Pictures of products, normal and defective; what they show is registered, see `seogo defects`."""

from db.defects.registration import PICTURES
from jobs.recipes.base import Recipe

RECIPE = Recipe(
    name="defects",
    about="pictures of products; `seogo defects register` says what each shows",
    collection=PICTURES,
)
