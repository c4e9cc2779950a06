"""Runs a job periodically beside the server."""

import logging
from collections.abc import Callable

import anyio
import anyio.to_thread

log = logging.getLogger("casesheet")


async def every(seconds: float, look: Callable[[], None]) -> None:
    """Call `look` in a thread, again after so many seconds, until cancelled."""
    while True:
        try:
            await anyio.to_thread.run_sync(look)
        except Exception:  # a bug in one job must not end the server and every other job
            log.exception("a job failed; it goes on in %s s", seconds)
        await anyio.sleep(seconds)
