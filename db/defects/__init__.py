"""Products, registered pictures, memory banks and manuals."""
