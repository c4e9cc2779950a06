"""Removes the files of refused and killed saves, an hour after the start and then every few hours. See the service."""

import logging

import anyio

from lib.desk.desk import Desk
from lib.errors import CasesheetError
from lib.jobs.every import every
from lib.services.parts import stray_files

log = logging.getLogger("casesheet")

INTERVAL = 6 * 3600.0  # seconds between two looks
FIRST = 3600.0  # not during the busy start


class Sweeping:
    """The job of the files that no record names."""

    def __init__(self, desk: Desk, *, interval: float = INTERVAL, first: float = FIRST) -> None:
        self._desk, self._interval, self._first = desk, interval, first

    async def run(self) -> None:
        await anyio.sleep(self._first)
        await every(self._interval, self.once)

    def once(self) -> None:
        """One look; a failure waits for the next."""
        try:
            gone = stray_files.sweep(self._desk)
        except CasesheetError as failed:
            log.warning("files that no record names could not be removed: %s", failed)
            return
        if gone:
            log.info("%s files that no record names were removed", gone)
