"""Short descriptions of pictures: by a server, by a local model, or by the first of several that can.

Nothing here runs unless it is asked for: searching needs no captions.
"""
