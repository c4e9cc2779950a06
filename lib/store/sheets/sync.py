"""Keeping up with a spreadsheet: when it is read, and what a read changes in what is known.

The archive is read at the start and then as seldom as `Options.archive_every` says, for what people edit there; but at
once where a read of the other tabs cannot be understood without it: a case was written that stands there, one has left
the tab of cases, or one has come back.
"""

import logging
from collections.abc import Iterable, Mapping, Sequence

from lib.domain.records.case import ARCHIVED
from lib.domain.records.extras import is_extra
from lib.errors import StaleSequence, StoreUnavailable
from lib.store.port import Row, Write
from lib.store.schema import HOT_TABS
from lib.store.sheets.api.client import SheetsClient
from lib.store.sheets.model.tabs import ARCHIVE, CASES, homes, record_tab
from lib.store.sheets.read.formula_columns import formulas, restless
from lib.store.sheets.read.history import HistoryCache, changes_in
from lib.store.sheets.read.mirror import NEVER, Mirror
from lib.store.sheets.read.reader import SheetReading
from lib.store.sheets.read.tab_state import TabState, keys_there, lines_by_record, part
from lib.store.sheets.repair.recovery import Recovery
from lib.store.sheets.repair.reverting import Reverting
from lib.store.snapshot.gc_pause import undisturbed

log = logging.getLogger("casesheet")
REPAIRS = 6  # in a row, while people go on moving rows
SETTLING = 60.0  # seconds in which a row that is missing for good is looked for in the archive too


class Sync:
    """Brings the mirror up to date with the sheet, with no more reads than needed.

    `just_read`: a write gave up right after a read; the pull that follows need not read again.
    """

    def __init__(self, client: SheetsClient, mirror: Mirror, recovery: Recovery, reverting: Reverting) -> None:
        self._client, self._mirror = client, mirror
        self._recovery, self._reverting = recovery, reverting
        self._read_at = self._full_at = NEVER
        self._version = self._asked = ""  # of the last read; of the last question
        self.just_read = False

    # when the sheet is read

    def keep_up(self) -> None:
        """From memory where the file is as it was read, else from one read of everything."""
        if not self.just_read and self._unchanged():
            self._read_on()
        elif not self.just_read:
            self.read()
        self.just_read = False

    def be_fresh(self, write: Write) -> None:
        """Read again where the last read is too old to write by. Raises StaleSequence where that changes anything."""
        mirror, options = self._mirror, self._mirror.options
        old = options.clock() - options.fresh
        stale = mirror.reaches_archive(write) and mirror.archive_at < old
        if mirror.dirty or stale or mirror.seq < write.expected_seq or self._read_at < old:
            before = mirror.by_hand_of(write)
            if mirror.dirty or stale or not self._unchanged():
                self.read(archive=stale)
            if mirror.seq == write.expected_seq and mirror.by_hand_of(write) != before:
                self.just_read = True
                raise StaleSequence
        if mirror.seq != write.expected_seq:
            self.just_read = mirror.seq > write.expected_seq
            raise StaleSequence

    def be_at(self, seq: int, *, archive: bool = False) -> None:
        """Raises StaleSequence where the sheet is at another sequence."""
        if self._mirror.dirty or archive or self._mirror.seq != seq:
            self.read(archive=archive)
        if self._mirror.seq != seq:
            raise StaleSequence

    def enough_history(self, since_seq: int | None, *, of_commits: bool) -> HistoryCache:
        """With all lines after a sequence (None: all); `of_commits`: with those of the last writes."""
        mirror = self._mirror
        if mirror.history is None or (of_commits and mirror.dirty):
            self.read()
        if not of_commits and not mirror.covers(since_seq):
            mirror.load_older()
        return mirror.known_history()

    def _unchanged(self) -> bool:
        """Whether the file is surely enough as it was read."""
        options = self._mirror.options
        now = options.clock()
        if self._mirror.dirty or now - self._full_at > options.trusted or self._grace_is_over(now):
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
        over = now - self._mirror.options.grace
        missing = (one.missing for one in self._mirror.records.values())
        return any(over < since <= over + 1 for some in missing for since in some.values())

    def _read_on(self) -> None:
        """A part of older History, while there is nothing else to be read. All of it tells what people deleted and what
        things were called while no app was running."""
        mirror = self._mirror
        if mirror.known_history().first > 1:
            try:
                mirror.load_part()
            except StoreUnavailable as failed:
                log.info("older History could not be read yet: %s", failed)
        if mirror.known_history().first <= 1:
            mirror.recall()
            mirror.dirty = mirror.dirty or mirror.learn_former_words()

    # what a read changes

    def read(self, *, archive: bool = False) -> None:
        """Read everything; put right what the last write did to wrong rows before anybody builds on it."""
        mirror, options = self._mirror, self._mirror.options
        mirror.dirty = True  # until it has come to an end
        for _ in range(REPAIRS):
            known = mirror.history
            archive = archive or options.clock() - mirror.archive_at > options.archive_every
            reading = mirror.reader.read(None if known is None else known.end - 1, archive=archive)
            if not self._reverting.follows(reading):
                self._reverting.start_over(reading)
                continue
            mirror.learn_schema(reading)
            if known is None:
                mirror.open_history(reading)
            mirror.take_history(reading)
            if self._reverting.told_older(reading):
                continue
            mirror.highest = reading.seq
            if self._recovery.repaired(reading):
                continue
            lines = mirror.known_history().between(mirror.seq, reading.seq)
            if not archive and self._needs_archive(reading, lines):
                archive = True
                continue
            with undisturbed():
                self._take(reading, lines)
            return
        raise StoreUnavailable("rows move faster than they can be written")

    def _needs_archive(self, reading: SheetReading, lines: list[Row]) -> bool:
        """Whether a read without the archive leaves open what became of a case."""
        mirror, options = self._mirror, self._mirror.options
        cases, archive, now = mirror.tabs[CASES], mirror.tabs[ARCHIVE], options.clock()
        told = lines_by_record(lines).get(CASES, {}).keys()
        there, archived = cases.keys_of(reading.tabs[CASES], mirror.cells), archive.at.keys()
        if (
            told & archived
            or told - there
            or _put_away(lines)
            or (there & archived) - cases.elsewhere - archive.elsewhere
        ):
            return True
        missing, settled = cases.records.missing, now - options.grace - SETTLING
        return any(missing.get(key, now) > settled for key in cases.records.app.keys() - there - archived)

    def _take(self, reading: SheetReading, lines: list[Row]) -> None:
        mirror, words = self._mirror, self._mirror.words
        now = mirror.options.clock()
        words.learn(reading.tabs["lists"], reading.tabs["staff"])
        mirror.learn_former_words()
        told = lines_by_record(lines)
        names: Iterable[str] = HOT_TABS
        first = True
        while names:
            new_words, words.news = words.news, False
            for name in names:
                self._take_tab(name, reading, told.get(name, {}), new_words=new_words)
            if mirror.done_by_hand():
                mirror.load_older()  # a text means nothing until it is known who ever bore it
            names = self._leave_formulas(reading, known_too=first) or (HOT_TABS if mirror.learn_former_words() else ())
            first = False
        mirror.recall()
        mirror.seq, mirror.dirty = reading.seq, False
        self._version, self._asked = self._asked, ""
        self._read_at = self._full_at = now
        if ARCHIVE in reading.tabs:
            mirror.archive_at = now

    def _take_tab(self, name: str, reading: SheetReading, lines: Mapping[str, list[Row]], *, new_words: bool) -> None:
        """One tab of records, whichever tabs of the spreadsheet it stands in."""
        mirror = self._mirror
        tabs = {one: mirror.tabs[one] for one in homes(name)}
        records, news = tabs[name].records, bool(lines)
        for one in tabs.keys() & reading.tabs.keys():
            tabs[one].columns = mirror.reader.layout.sheets[one].columns
            tabs[one].last = mirror.last_stamp(reading.seq)
            news = tabs[one].look(reading.tabs[one], mirror.cells, new_words=new_words) or news
        if not news and not (new_words and records.edited):
            return
        again = part(tabs, name, mirror.cells) | (records.edited.keys() if new_words else set())
        for tab in tabs.values():
            unknown = tab.judge(mirror.cells, lines, again=again)
            if unknown:
                self._find_bases(tab, unknown)
        records.find_gone(keys_there(tabs, name), lines, mirror.options.clock())

    def _leave_formulas(self, reading: SheetReading, *, known_too: bool) -> Iterable[str]:
        """The tabs that have to be judged again, without columns that calculate and cells that change by themselves."""
        mirror = self._mirror
        tabs = {name: mirror.tabs[name] for name in reading.tabs}
        again = set()
        for name, found in formulas(self._client, mirror.reader.layout, tabs, known_too=known_too).items():
            if extras := [column for column, texts in found.items() if texts and is_extra(column)]:
                tabs[name].leave_alone(extras)
                again.add(record_tab(name))
            if tabs[name].leave_restless(restless(found)):
                mirror.words.news = True  # what was edited there means something else now
                again.add(record_tab(name))
        return again

    def _find_bases(self, tab: TabState, keys: Sequence[str]) -> None:
        """What the app last wrote of rows that were edited while nobody looked: History tells."""
        mirror = self._mirror
        mirror.load_older()
        told = lines_by_record(mirror.known_history().lines).get(tab.records.tab.name, {})
        for key in keys:
            tab.base(key, told.get(key, ()), mirror.cells)


def _put_away(lines: Iterable[Row]) -> bool:
    """Whether a case went to the archive or came back; a copy of its row may have stayed."""
    stages = (changes_in(line).get("stage", ()) for line in lines if line.get("tab") == CASES)
    return any(ARCHIVED in stage for stage in stages)
