"""OCR: engines behind one protocol, and `auto`, which chooses between two line by line."""
