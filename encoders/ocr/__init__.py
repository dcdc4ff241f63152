"""Reading text in pictures: engines behind one protocol, and `auto`, which chooses line by line."""
