"""Putting right what writes did to rows that had been moved, before anybody builds on them."""

import json
import logging
import random
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any

from lib.domain.records.history import replayed
from lib.errors import (
    CellsProtected,
    NetworkDown,
    OutcomeUnknown,
    StaleSequence,
    StoreError,
    TabMissing,
    WriteTooLarge,
)
from lib.store.port import Row
from lib.store.schema import SCHEMA
from lib.store.sheets.api.client import Rejected
from lib.store.sheets.model.layout import META
from lib.store.sheets.model.tabs import ARCHIVE, CASES, homes, sheet_tabs
from lib.store.sheets.read.history import changes_in
from lib.store.sheets.read.mirror import NEVER, Known, new_states
from lib.store.sheets.read.reader import SheetReading
from lib.store.sheets.read.tab_state import TabState, lines_by_record
from lib.store.sheets.repair.repair import end_plan, goes_on, repair_plan
from lib.store.sheets.repair.replay import Landing
from lib.store.sheets.write.journal import read_journal
from lib.store.sheets.write.plan import WritePlan
from lib.store.sheets.write.planner import Planner
from lib.store.sheets.write.requests import requests

log = logging.getLogger("casesheet")
MOMENT = 2.0  # seconds at most in which whoever else finds the same may put it right


class Mending(Known):
    """Looks at the journal of every read."""

    def _repaired(self, reading: SheetReading) -> bool:
        """Whether everything must be read again: something was put right that writes had done to wrong rows, or has
        to be, and others may be at it or the archive, which was left out, is concerned."""
        journal = read_journal(reading.journal)
        told = self._known_history().between(journal.first - 1, reading.seq)
        if not Landing(journal, lines_by_record(told), self._cells).right:
            if reading.seq not in (self._own, self._left):
                self._leave_to_others(reading.seq)
                return True
            if ARCHIVE not in reading.tabs and any(entry.tab in homes(CASES) for entry in journal.entries):
                self._archive_at = NEVER
                return True
            tabs = self._as_read(reading)
            planner = Planner(tabs, self._history_places, self._cells)
            landing = Landing(journal, lines_by_record(told), self._cells, _contents(tabs))
            at = datetime.now(UTC).astimezone(self._options.zone).replace(microsecond=0)
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
        self._checked = reading.seq
        return False

    def _leave_to_others(self, seq: int) -> None:
        """Whoever made a write puts it right at once. Everybody else waits for some part of a moment and looks again:
        of many that find the same, the first sends the repair, and the others find it done. Where two go at once all
        the same, their repairs want the same sequence, and one of them is refused."""
        self._left = seq
        self._options.sleep(random.uniform(0, MOMENT))

    def _as_read(self, reading: SheetReading) -> dict[str, TabState]:
        tabs = new_states(reading.tabs)
        for name, tab in tabs.items():
            tab.columns = self._reader.layout.sheets[name].columns
            tab.last = self._last_stamp(reading.seq)
            tab.look(reading.tabs[name], self._cells)
        return tabs

    def _repair(self, plan: WritePlan, tabs: Mapping[str, TabState], kept: int) -> None:
        try:
            self._apply_or_stale(requests(plan, tabs, self._known_history(), self._reader.layout, kept=kept), plan.seq)
            self._own = plan.seq
        except StaleSequence:
            log.info("somebody else put it right")
        except OutcomeUnknown as lost:
            if self._unanswered == plan.seq:
                raise NetworkDown(str(lost)) from lost
            self._unanswered = plan.seq  # the next read tells whether it is in
        finally:
            self._dirty = True

    def _row_of(self, seq: int, tab: str, key: str) -> Row | None:
        """The app's version of a row after a write, from what is known or else from History."""
        if self._seq < 0:
            self._load_older()
        told = self._known_history().between(self._seq, seq)
        row = self._replayed(self._records[tab].app.get(key), tab, key, told)
        if row is None:
            self._load_older()
            row = self._replayed(None, tab, key, self._known_history().lines)
        return row

    def _replayed(self, base: Row | None, tab: str, key: str, lines: Iterable[Row]) -> Row | None:
        told = lines_by_record(lines).get(tab, {}).get(key, ())
        return replayed(base, SCHEMA[tab].key, map(changes_in, told))

    def _apply_or_stale(self, wanted: list[dict[str, Any]], seq: int, *, alone: bool = True) -> None:
        """`alone`: the requests take no number but `seq`."""
        try:
            self._client.update(self._encoded({"requests": wanted}))
        except Rejected as rejected:
            raise self._why_rejected(rejected, seq, alone=alone) from rejected
        except OutcomeUnknown:
            self._dirty = True
            raise

    def _encoded(self, body: Mapping[str, Any]) -> bytes:
        content = json.dumps(body, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
        if len(content) > self._options.limit:
            raise WriteTooLarge(len(content), self._options.limit)
        return content

    def _why_rejected(self, rejected: Rejected, wanted: int, *, alone: bool = True) -> StoreError:
        """Nothing was applied: because the marker is taken, a tab is gone or has become smaller, or something else."""
        self._dirty = True
        before = self._reader.layout
        if "already exists" in rejected.why and "metadata" in rejected.why:
            self._highest = max(self._highest, wanted if alone else -1)
            return StaleSequence()
        if "protected cell" in rejected.why:
            return CellsProtected(self._client.email, rejected.why)
        self._reader.forget()
        for name in (*sheet_tabs(SCHEMA), META):
            if name not in self._reader.layout.sheets:
                return TabMissing(name)
        came_back = "grid with id" in rejected.why  # a tab that was gone for that moment
        moved_on = came_back or self._reader.layout != before or self._reader.read(None, archive=False).seq >= wanted
        return StaleSequence() if moved_on else rejected


def _contents(tabs: Mapping[str, TabState]) -> set[str]:
    """What the rows hold that somebody typed and that are no records yet."""
    return {token.rpartition(".")[0] for tab in tabs.values() for token in tab.tokens().values()}
