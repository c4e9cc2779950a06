"""Background jobs of one process, started and stopped with the server."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import anyio
import anyio.to_thread

from lib.app import process
from lib.desk.desk import Desk
from lib.errors import CasesheetError
from lib.jobs.escalation import Escalation
from lib.jobs.refresher import Refresher
from lib.jobs.sweeping import Sweeping
from lib.services.workspace import workspace
from lib.services.workspace.calendar_changes import follow_calendar

log = logging.getLogger("casesheet")

PATIENCE = 20.0  # seconds that the first request waits for the workspace; then the pages say what is wrong


@asynccontextmanager
async def lifespan(_app: Any) -> AsyncIterator[None]:
    """Open the workspace before the first request, keep it fresh while people use it, and raise alerts."""
    tried = anyio.Event()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(_work, tried)
        with anyio.move_on_after(PATIENCE):
            await tried.wait()
        yield
        tasks.cancel_scope.cancel()


async def _work(tried: anyio.Event) -> None:
    desk = await _opened(tried)
    await anyio.to_thread.run_sync(_catch_up, desk)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(Refresher(desk).run)
        tasks.start_soon(Escalation(desk).run)
        tasks.start_soon(Sweeping(desk).run)


def _catch_up(desk: Desk) -> None:
    """Bring a workspace of an earlier version up to date; if that fails, the next start tries again."""
    try:
        workspace.add_new_lists(desk)
        follow_calendar(desk, start=True)
    except CasesheetError as failed:
        log.warning("the workspace could not be brought up to date: %s", failed)
    except Exception:  # nothing at the start may end the server
        log.exception("the workspace could not be brought up to date")


async def _opened(tried: anyio.Event) -> Desk:
    """The workspace as soon as it can be opened; sets `tried` after the first attempt."""
    told = ""
    while True:
        try:
            return await anyio.to_thread.run_sync(process.desk, abandon_on_cancel=True)
        except CasesheetError as failed:
            if str(failed) != told:  # logged once, not every few seconds for hours
                log.error("the workspace cannot be opened: %s", failed)
            told = str(failed)
        finally:
            tried.set()
        await anyio.sleep(process.RETRY)
