"""Where log lines go when nobody has decided."""

import logging


def configure() -> None:
    """Send the service's own lines to standard error, unless logging is set up already."""
    ours = logging.getLogger("seogo")
    if ours.level == logging.NOTSET:
        ours.setLevel(logging.INFO)
    if not ours.hasHandlers():
        handler = logging.StreamHandler()
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
        ours.addHandler(handler)
