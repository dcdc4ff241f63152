"""Commands that fill and maintain collections."""
