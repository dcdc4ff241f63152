"""Jobs of the schedule: queued for the next free scheduler, and cancelled."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import procrastinate
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException

from db.errors import ServerUnreachable
from db.operations import schedule
from service.data.database import Database
from service.errors import Conflict


class Tasks:
    """The queue in PostgreSQL, by a connection that is opened for each call: calls are rare."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def queue(self, task: str, **given: Any) -> int:
        """Queue a task, with its arguments if it is one that is asked for; returns the job's id.

        Raises:
            Conflict: it is queued already.
            ServerUnreachable: no connection is possible.
        """
        async with self._app() as app:
            deferrer = app.configure_task(
                task, allow_unknown=True, queue=schedule.QUEUE, lock=task, queueing_lock=task
            )
            try:
                return await deferrer.defer_async(**given)
            except AlreadyEnqueued as exc:
                raise Conflict(f"{task} is queued already", "GET /jobs lists what waits.") from exc

    async def cancel(self, job_id: int) -> bool:
        """Take a job out of the queue, or ask it to stop; False where it neither waits nor runs.

        Raises:
            ServerUnreachable: no connection is possible.
        """
        async with self._app() as app:
            return await app.job_manager.cancel_job_by_id_async(job_id, abort=True)

    @asynccontextmanager
    async def _app(self) -> AsyncIterator[procrastinate.App]:
        connector = procrastinate.PsycopgConnector(
            conninfo=self._database.settings.database_url or "",
            min_size=1,
            max_size=1,
            kwargs={"options": schedule.SEARCH_PATH, "application_name": "seogo-service"},
        )
        app = procrastinate.App(connector=connector)
        try:
            async with app.open_async():
                yield app
        except ConnectorException as exc:
            raise ServerUnreachable(f"the queue of jobs does not answer: {exc}") from exc
