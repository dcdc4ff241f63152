"""Guides to defects: causes and actions from sections of manuals, each with its citations."""
