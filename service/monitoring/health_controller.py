"""Liveness and readiness, for load balancers."""

from litestar import Controller, get
from litestar.di import NamedDependency

from service.auth.callers import needs
from service.http.problems import NotReady
from service.http.responses import problem
from service.monitoring.readiness import Readiness
from service.monitoring.schemas import Health, Ready


class SystemController(Controller):
    """Liveness and readiness. Open to all."""

    tags = ("system",)
    opt = needs("nothing")

    @get("/health", summary="Liveness")
    async def health(self) -> Health:
        """Answers while the process runs, whatever the state of the database."""
        return Health()

    @get(
        "/ready",
        summary="Readiness",
        responses={503: problem("Something is missing: `checks` says what")},
    )
    async def ready(self, readiness: NamedDependency[Readiness]) -> Ready:
        """Check the database, its schema and the encoders of live spaces."""
        checks = await readiness.checks()
        if not all(check.ok for check in checks):
            raise NotReady(checks)
        return Ready(checks=checks)
