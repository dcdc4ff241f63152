"""Files and bodies that others made, read once for all: JSON values, JSON lines, lines of text, tables."""
