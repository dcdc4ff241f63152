"""Recipes: mappings from the records of a domain to items."""
