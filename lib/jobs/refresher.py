"""Keeps the snapshot fresh: one refresher per process, whatever the number of people.

A spreadsheet, whose calls are counted, is not read while nobody uses the app; a database is read at all times (one
row).
"""

import logging

import anyio
import anyio.to_thread

from lib.app import process
from lib.desk.desk import Desk
from lib.errors import CasesheetError
from lib.store.port import Watched

log = logging.getLogger("casesheet")

INTERVAL = 5.0  # seconds between pulls while people are on: at most twelve reads a minute of a spreadsheet


class Refresher:
    """Pulls what others wrote, every few seconds, and at once where the store tells."""

    def __init__(self, desk: Desk, *, interval: float = INTERVAL) -> None:
        self._desk, self._interval = desk, interval

    async def run(self) -> None:
        while True:
            await anyio.to_thread.run_sync(self._look)
            if not await anyio.to_thread.run_sync(self._heard, abandon_on_cancel=True):
                await anyio.sleep(self._interval)

    def _look(self) -> None:
        """After a failure it also looks while nobody uses the app, so that the health check shows when the failure
        ends.
        """
        cheap = isinstance(self._desk.store, Watched)
        if cheap or process.presence.anybody() or process.presence.problem is not None:
            self.once()

    def _heard(self) -> bool:
        """Wait for a notification of the store; False if the store sends none or cannot be reached."""
        store = self._desk.store
        return isinstance(store, Watched) and process.presence.problem is None and store.wait(self._interval)

    def once(self) -> None:
        """One look; a failure is kept for the pages and the health check, and the next look is tried
        anyway."""
        try:
            process.look(self._desk)
        except CasesheetError as failed:
            log.warning("refresh failed: %s", failed)
        except Exception:  # a bug, such as one with data that a later version wrote: pages go on with what they have
            log.exception("refresh failed")
