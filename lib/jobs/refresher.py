"""Keeps the snapshot fresh: one refresher per process, whatever the number of people; it sleeps when nobody is on."""

import logging

from lib import running
from lib.errors import CasesheetError
from lib.jobs.every import every
from lib.services.desk import Desk

log = logging.getLogger("casesheet")

INTERVAL = 5.0  # seconds between pulls while people are on: at most twelve reads a minute of a spreadsheet


class Refresher:
    """Pulls what others wrote, every few seconds."""

    def __init__(self, desk: Desk, *, interval: float = INTERVAL) -> None:
        self._desk, self._interval = desk, interval

    async def run(self) -> None:
        await every(self._interval, self._look)

    def _look(self) -> None:
        """Also while nobody is on, once something went wrong: whoever watches over the server must see it end."""
        if running.presence.anybody() or running.presence.problem is not None:
            self.once()

    def once(self) -> None:
        """One look; whatever goes wrong is kept for the pages and the health check, and the next is tried all the
        same."""
        try:
            running.look(self._desk)
        except CasesheetError as failed:
            log.warning("refresh failed: %s", failed)
        except Exception:  # a fault of ours, as over data that a later version wrote: pages go on with what they have
            log.exception("refresh failed")
