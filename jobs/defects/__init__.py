"""Defects: registering pictures, building memory banks, inspecting, reading manuals."""
