"""Background jobs of one process, started and stopped with the server."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import anyio
import anyio.to_thread

from lib import running
from lib.errors import CasesheetError
from lib.jobs.refresher import Refresher

log = logging.getLogger("casesheet")


@asynccontextmanager
async def lifespan(_app: Any) -> AsyncIterator[None]:
    """Open the workspace before the first request, and keep it fresh while people are on."""
    try:
        desk = await anyio.to_thread.run_sync(running.desk)
    except CasesheetError as failed:  # the pages say what is wrong; the server stays up for it
        log.error("the workspace cannot be opened: %s", failed)
        yield
        return
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(Refresher(desk, running.presence).run)
        yield
        tasks.cancel_scope.cancel()
