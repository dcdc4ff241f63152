"""Connection limits of `seogo serve`: idle timeouts and open files."""

from __future__ import annotations

import logging
import sys
from typing import Any

from granian.constants import HTTPModes
from granian.http import HTTP1Settings

log = logging.getLogger("seogo.service")

# Who sends no request, or not all of its head, within so long is not waited for; neither is who
# keeps a connection for later.
SILENT_S = 5
SILENT_S_OF_FEW = 1
MOST_CONNECTIONS = 1024
# Files that a process opens besides: databases, models, uploads that lie on disk.
OTHER_FILES = 128
FEW = 24


def options() -> dict[str, Any]:
    """Options of Granian on connections, after making room for as many as the system allows.

    HTTP/1.1 alone: while it waits to see which protocol a client speaks, Granian has no time limit.
    Browsers speak HTTP/2 over TLS only, which a proxy before us ends.
    """
    most = _connections()
    silent_s = SILENT_S if most == MOST_CONNECTIONS else SILENT_S_OF_FEW
    return {
        "http": HTTPModes.http1,
        "http1_settings": HTTP1Settings(header_read_timeout=silent_s * 1000),
        "websockets": False,
        "backlog": 2 * MOST_CONNECTIONS,
        "backpressure": most,
    }


def _connections() -> int:
    """Connections of a process, each of which is an open file.

    A process that may not open enough files cannot even answer that it is alive.
    """
    if sys.platform == "win32":
        return MOST_CONNECTIONS
    import resource

    wanted = MOST_CONNECTIONS + OTHER_FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    for most in (max(hard, wanted), hard):
        if soft >= wanted:
            break
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (min(wanted, most), most))
        except (ValueError, OSError):  # only root may raise the hard limit
            continue
        soft = min(wanted, most)
    if soft < wanted:
        log.warning(
            "%d open files are allowed (ulimit -n): raise it to %d, or few can connect",
            soft,
            wanted,
        )
    return max(FEW, min(MOST_CONNECTIONS, soft - OTHER_FILES))
