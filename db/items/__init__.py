"""Items, collections and stored pictures: reading and writing them."""
