"""Checks once a minute, day and night, whether alerts are due. Every process may; the service raises each once."""

import logging

from lib.app import process
from lib.desk.desk import Desk
from lib.errors import CasesheetError
from lib.jobs.every import every
from lib.services.alerts.escalation import raise_alerts
from lib.services.workspace.calendar_changes import follow_calendar

log = logging.getLogger("casesheet")

INTERVAL = 60.0  # seconds between two looks


class Escalation:
    """The ladder's job."""

    def __init__(self, desk: Desk, *, interval: float = INTERVAL) -> None:
        self._desk, self._interval = desk, interval

    async def run(self) -> None:
        await every(self._interval, self.once)

    def once(self) -> None:
        """One look at what the store holds now. A failure waits for the next."""
        try:
            process.look(self._desk)
            follow_calendar(self._desk)
            raise_alerts(self._desk)
        except CasesheetError as failed:
            log.warning("no alerts could be raised: %s", failed)
