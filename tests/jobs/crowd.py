"""Run as a program: forks workers when told to on standard input, each line a worker; prints their pids.

A fork is ready in milliseconds; a new interpreter would be killed before it has imported anything.
"""

from __future__ import annotations

import os
import signal
import sys

from db.settings import DbSettings
from encoders.settings import CaptionSettings, EncoderSettings
from jobs.cli.signals import stopped_by_signals
from jobs.stages.config import PipelineSettings
from jobs.stages.settings import WorkerSettings
from jobs.stages.worker import Worker


def work(url: str) -> None:
    settings = PipelineSettings(
        db=DbSettings(database_url=url),
        encoders=EncoderSettings(text_encoder="dummy"),
        captions=CaptionSettings(),
    )
    worker = Worker(settings, WorkerSettings(worker_poll_s=0.5), stages=["vectors"])
    with stopped_by_signals(worker.request_stop):
        worker.run()


def main() -> None:
    url = sys.argv[1]
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for them
    for _ in sys.stdin:
        pid = os.fork()
        if pid == 0:
            status = 1
            try:
                work(url)
                status = 0
            finally:
                os._exit(status)
        print(pid, flush=True)


if __name__ == "__main__":
    main()
