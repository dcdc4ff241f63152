"""Captions of pictures: by a server, a local model, or the first of several that answers.

Nothing here runs unless it is asked for: searching needs no captions.
"""
