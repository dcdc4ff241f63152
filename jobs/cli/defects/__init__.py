"""Commands of the defects domain."""
