"""Records that already are items: {"external_id", "fields", "metadata"}."""

from db.rows import NewCollection
from jobs.recipes.base import Recipe

RECIPE = Recipe(
    name="generic",
    about='records {"external_id", "fields": {name: text}, "metadata": {…}}; title and body are embedded',
    collection=NewCollection(
        field_weights={"title": 2.0}, vector_sources={"text": {"item": ["title", "body"]}}
    ),
)
