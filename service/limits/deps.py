"""Limits of requests: turns and memory."""

import os

from db.settings import DbSettings
from service.features import Context, Feature
from service.limits.budget import Budget
from service.limits.lanes import Lanes


def feature(context: Context) -> Feature:
    """Build the limits."""
    settings = context.settings
    lanes = Lanes(
        per_key=settings.requests_per_key,
        costly=settings.costly_requests or _costly(context.database),
        wait_s=settings.pool_wait_s,
    )
    budget = Budget(settings.memory_mb * 1024 * 1024)
    return Feature(provides={"settings": settings, "lanes": lanes, "budget": budget})


def _costly(database: DbSettings) -> int:
    """Costly requests at once: so many that half of the cores are left, and of the connections."""
    return max(1, min((os.cpu_count() or 1) // 2, database.pool_max // 2))
