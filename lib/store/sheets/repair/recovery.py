"""Putting right what writes did to rows that had been moved, before anybody builds on them."""

import logging
import random
from collections.abc import Iterable, Mapping
from functools import partial

from lib.domain.records.history import replayed
from lib.errors import NetworkDown, OutcomeUnknown, StaleSequence
from lib.store.port import Row
from lib.store.schema import SCHEMA
from lib.store.sheets.model.tabs import ARCHIVE, CASES, homes
from lib.store.sheets.read.history import changes_in
from lib.store.sheets.read.mirror import NEVER, Mirror
from lib.store.sheets.read.reader import RawRows, SheetReading
from lib.store.sheets.read.tab_state import TabState, lines_by_record
from lib.store.sheets.repair.repair import end_plan, goes_on, repair_plan
from lib.store.sheets.repair.replay import Landing
from lib.store.sheets.write.journal import read_journal
from lib.store.sheets.write.plan import WritePlan
from lib.store.sheets.write.planner import Planner
from lib.store.sheets.write.requests import requests
from lib.store.sheets.write.sending import Sender

log = logging.getLogger("casesheet")
MOMENT = 2.0  # seconds at most in which whoever else finds the same may put it right


class Recovery:
    """Looks at the journal of every read and of every answer to a write."""

    def __init__(self, mirror: Mirror, sender: Sender) -> None:
        self._mirror, self._sender = mirror, sender
        self._own = -1  # the last sequence that this process wrote
        self._left = -1  # the last one whose repair it left to others for a moment
        self._unanswered = -1  # the sequence of its last repair whose answer was lost

    def landed(self, plan: WritePlan, journal: RawRows) -> bool:
        """Whether this process's own write is surely where it was meant to be. `journal` are the rows of the app's own
        tab that the answer showed."""
        mirror, self._own = self._mirror, plan.seq
        seen = bool(journal) and journal[0][:1] == [plan.seq]
        if not seen or not Landing(read_journal(journal[1:]), lines_by_record(plan.lines), mirror.cells).right:
            return False
        mirror.checked = plan.seq
        return True

    def repaired(self, reading: SheetReading) -> bool:
        """Whether everything must be read again: something was put right that writes had done to wrong rows, or has
        to be, and others may be at it or the archive, which was left out, is concerned."""
        mirror = self._mirror
        if reading.seq == mirror.checked:
            return False
        journal = read_journal(reading.journal)
        told = mirror.known_history().between(journal.first - 1, reading.seq)
        if not Landing(journal, lines_by_record(told), mirror.cells).right:
            if reading.seq not in (self._own, self._left):
                self._leave_to_others(reading.seq)
                return True
            if ARCHIVE not in reading.tabs and any(entry.tab in homes(CASES) for entry in journal.entries):
                mirror.archive_at = NEVER
                return True
            tabs, at = mirror.as_read(reading), mirror.now()
            planner = Planner(tabs, mirror.history_places, mirror.cells)
            landing = Landing(journal, lines_by_record(told), mirror.cells, _contents(tabs))
            plan = repair_plan(planner, tabs, landing, reading.seq + 1, at, told, partial(self._row_of, reading.seq))
            if plan is not None and goes_on(journal, plan):
                log.warning(
                    "a write reached other rows than it was meant for; putting it right with write %s", plan.seq
                )
                self._repair(plan, tabs, journal.rows)
                return True
            if plan is not None:
                log.warning("repairs come to nothing; what is not right by now is left to data health")
                self._repair(end_plan(planner, plan, landing, at, told), tabs, 0)
                return True
        mirror.checked = reading.seq
        return False

    def _leave_to_others(self, seq: int) -> None:
        """Whoever made a write puts it right at once. Everybody else waits for some part of a moment and looks again:
        of many that find the same, the first sends the repair, and the others find it done. Where two go at once all
        the same, their repairs want the same sequence, and one of them is refused."""
        self._left = seq
        self._mirror.options.sleep(random.uniform(0, MOMENT))

    def _repair(self, plan: WritePlan, tabs: Mapping[str, TabState], kept: int) -> None:
        mirror = self._mirror
        try:
            wanted = requests(plan, tabs, mirror.known_history(), mirror.reader.layout, kept=kept)
            self._sender.send(wanted, plan.seq)
            self._own = plan.seq
        except StaleSequence:
            log.info("somebody else put it right")
        except OutcomeUnknown as lost:
            if self._unanswered == plan.seq:
                raise NetworkDown(str(lost)) from lost
            self._unanswered = plan.seq  # the next read tells whether it is in
        finally:
            mirror.dirty = True

    def _row_of(self, seq: int, tab: str, key: str) -> Row | None:
        """The app's version of a row after a write, from what is known or else from History."""
        mirror = self._mirror
        if mirror.seq < 0:
            mirror.load_older()
        told = mirror.known_history().between(mirror.seq, seq)
        row = _replayed(mirror.records[tab].app.get(key), tab, key, told)
        if row is None:
            mirror.load_older()
            row = _replayed(None, tab, key, mirror.known_history().lines)
        return row


def _replayed(base: Row | None, tab: str, key: str, lines: Iterable[Row]) -> Row | None:
    told = lines_by_record(lines).get(tab, {}).get(key, ())
    return replayed(base, SCHEMA[tab].key, map(changes_in, told))


def _contents(tabs: Mapping[str, TabState]) -> set[str]:
    """What the rows hold that somebody typed and that are no records yet."""
    return {token.rpartition(".")[0] for tab in tabs.values() for token in tab.tokens().values()}
