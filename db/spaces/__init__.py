"""Embedding spaces, their generations and stored vectors."""
