"""Keeping up with a spreadsheet: when it is read, and what a read changes in what is known.

The archive is read at the start and then as seldom as `Options.archive_every` says, for what people edit there; but at
once where a read of the other tabs cannot be understood without it: a case was written that stands there, one has left
the tab of cases, or one has come back.
"""

import logging
from collections.abc import Iterable, Mapping, Sequence

from lib.domain.records.case import ARCHIVED
from lib.domain.records.extras import is_extra
from lib.errors import (
    StoreUnavailable,
)
from lib.store.port import Row
from lib.store.schema import HOT_TABS
from lib.store.sheets.model.tabs import ARCHIVE, CASES, homes, record_tab
from lib.store.sheets.read.formula_columns import formulas, restless
from lib.store.sheets.read.history import HistoryCache, changes_in
from lib.store.sheets.read.reader import SheetReading
from lib.store.sheets.read.tab_state import TabState, keys_there, lines_by_record, part
from lib.store.sheets.repair.reverting import Reverting
from lib.store.snapshot.gc_pause import undisturbed

log = logging.getLogger("casesheet")
REPAIRS = 6  # in a row, while people go on moving rows
SETTLING = 60.0  # seconds in which a row that is missing for good is looked for in the archive too


class Following(Reverting):
    """Reads the sheet, no more often than needed."""

    def _unchanged(self) -> bool:
        """Whether the file is surely enough as it was read."""
        now = self._options.clock()
        if self._dirty or now - self._full_at > self._options.trusted or self._grace_is_over(now):
            self._asked = self._ask_version()
            return False
        self._asked = self._ask_version()
        same = self._asked != "" and self._asked == self._version
        if same:
            self._read_at = now
        return same

    def _ask_version(self) -> str:
        """A hint only: where Drive does not answer, the sheet is read."""
        try:
            return self._client.version()
        except StoreUnavailable as failed:
            log.info("no version from Drive: %s", failed)
            return ""

    def _grace_is_over(self, now: float) -> bool:
        over = now - self._options.grace
        return any(over < since <= over + 1 for one in self._records.values() for since in one.missing.values())

    def _read(self, *, archive: bool = False) -> None:
        """Read everything; put right what the last write did to wrong rows before anybody builds on it."""
        self._dirty = True  # until it has come to an end
        for _ in range(REPAIRS):
            known = self._history
            archive = archive or self._options.clock() - self._archive_at > self._options.archive_every
            reading = self._reader.read(None if known is None else known.end - 1, archive=archive)
            if not self._follows(reading):
                self._start_over(reading)
                continue
            self._learn_schema(reading)
            if known is None:
                self._open_history(reading)
            self._take_history(reading)
            if self._told_older(reading):
                continue
            self._highest = reading.seq
            if reading.seq != self._checked and self._repaired(reading):
                continue
            lines = self._known_history().between(self._seq, reading.seq)
            if not archive and self._needs_archive(reading, lines):
                archive = True
                continue
            with undisturbed():
                self._take(reading, lines)
            return
        raise StoreUnavailable("rows move faster than they can be written")

    def _read_on(self) -> None:
        """A part of older History, while there is nothing else to be read. All of it tells what people deleted and what
        things were called while no app was running."""
        if self._known_history().first > 1:
            try:
                self._load_part()
            except StoreUnavailable as failed:
                log.info("older History could not be read yet: %s", failed)
        if self._known_history().first <= 1:
            self._recall()
            self._dirty = self._dirty or self._learn_former_words()

    def _enough_history(self, since_seq: int | None, *, of_commits: bool) -> HistoryCache:
        with self._lock:
            if self._history is None or (of_commits and self._dirty):
                self._read()
            if not of_commits and not self._covers(since_seq):
                self._load_older()
            return self._known_history()

    def _needs_archive(self, reading: SheetReading, lines: list[Row]) -> bool:
        """Whether a read without the archive leaves open what became of a case."""
        cases, archive, now = self._tabs[CASES], self._tabs[ARCHIVE], self._options.clock()
        told = lines_by_record(lines).get(CASES, {}).keys()
        there, archived = cases.keys_of(reading.tabs[CASES], self._cells), archive.at.keys()
        if (
            told & archived
            or told - there
            or _put_away(lines)
            or (there & archived) - cases.elsewhere - archive.elsewhere
        ):
            return True
        missing, settled = cases.records.missing, now - self._options.grace - SETTLING
        return any(missing.get(key, now) > settled for key in cases.records.app.keys() - there - archived)

    def _take(self, reading: SheetReading, lines: list[Row]) -> None:
        now = self._options.clock()
        self._learn_words(reading.tabs["lists"], reading.tabs["staff"])
        self._learn_former_words()
        told = lines_by_record(lines)
        names: Iterable[str] = HOT_TABS
        first = True
        while names:
            new_words, self._new_words = self._new_words, False
            for name in names:
                self._take_tab(name, reading, told.get(name, {}), new_words=new_words)
            if self._done_by_hand():
                self._load_older()  # a text means nothing until it is known who ever bore it
            names = self._leave_formulas(reading, known_too=first) or (HOT_TABS if self._learn_former_words() else ())
            first = False
        self._recall()
        self._seq, self._dirty = reading.seq, False
        self._version, self._asked = self._asked, ""
        self._read_at = self._full_at = now
        if ARCHIVE in reading.tabs:
            self._archive_at = now

    def _take_tab(self, name: str, reading: SheetReading, lines: Mapping[str, list[Row]], *, new_words: bool) -> None:
        """One tab of records, whichever tabs of the spreadsheet it stands in."""
        tabs = {one: self._tabs[one] for one in homes(name)}
        records, news = tabs[name].records, bool(lines)
        for one in tabs.keys() & reading.tabs.keys():
            tabs[one].columns = self._reader.layout.sheets[one].columns
            tabs[one].last = self._last_stamp(reading.seq)
            news = tabs[one].look(reading.tabs[one], self._cells, new_words=new_words) or news
        if not news and not (new_words and records.edited):
            return
        again = part(tabs, name, self._cells) | (records.edited.keys() if new_words else set())
        for tab in tabs.values():
            unknown = tab.judge(self._cells, lines, again=again)
            if unknown:
                self._find_bases(tab, unknown)
        records.find_gone(keys_there(tabs, name), lines, self._options.clock())

    def _leave_formulas(self, reading: SheetReading, *, known_too: bool) -> Iterable[str]:
        """The tabs that have to be judged again, without columns that calculate and cells that change by themselves."""
        tabs = {name: self._tabs[name] for name in reading.tabs}
        again = set()
        for name, found in formulas(self._client, self._reader.layout, tabs, known_too=known_too).items():
            if extras := [column for column, texts in found.items() if texts and is_extra(column)]:
                tabs[name].leave_alone(extras)
                again.add(record_tab(name))
            if tabs[name].leave_restless(restless(found)):
                self._new_words = True  # what was edited there means something else now
                again.add(record_tab(name))
        return again

    def _find_bases(self, tab: TabState, keys: Sequence[str]) -> None:
        """What the app last wrote of rows that were edited while nobody looked: History tells."""
        self._load_older()
        told = lines_by_record(self._known_history().lines).get(tab.records.tab.name, {})
        for key in keys:
            tab.base(key, told.get(key, ()), self._cells)


def _put_away(lines: Iterable[Row]) -> bool:
    """Whether a case went to the archive or came back; a copy of its row may have stayed."""
    stages = (changes_in(line).get("stage", ()) for line in lines if line.get("tab") == CASES)
    return any(ARCHIVED in stage for stage in stages)
