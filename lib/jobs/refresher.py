"""Keeps the snapshot fresh: one refresher per process, whatever the number of people; it sleeps when nobody is on."""

import logging

from lib.errors import CasesheetError
from lib.jobs.every import every
from lib.running import Presence
from lib.services.desk import Desk

log = logging.getLogger("casesheet")

INTERVAL = 5.0  # seconds between pulls while people are on: at most twelve reads a minute of a spreadsheet


class Refresher:
    """Pulls what others wrote, every few seconds."""

    def __init__(self, desk: Desk, presence: Presence, *, interval: float = INTERVAL) -> None:
        self._desk, self._presence, self._interval = desk, presence, interval

    async def run(self) -> None:
        await every(self._interval, self._look)

    def _look(self) -> None:
        if self._presence.anybody():
            self.once()

    def once(self) -> None:
        """One pull; a failure is kept for the pages to show, and the next one is tried all the same."""
        try:
            self._desk.committer.keep_up()
        except CasesheetError as failed:
            log.warning("refresh failed: %s", failed)
            self._presence.problem = failed
        else:
            self._presence.problem = None
            self._presence.refreshed_at = self._desk.now()
