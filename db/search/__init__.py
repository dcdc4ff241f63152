"""Calls of the search functions, and the rows they return."""
