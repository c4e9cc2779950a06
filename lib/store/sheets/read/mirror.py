"""What one process knows of a spreadsheet: rows as the app wrote them, words, History."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from lib.errors import StoreUnavailable
from lib.store.port import Load, Row, Write
from lib.store.schema import HISTORY, HOT_TABS, SCHEMA, carry
from lib.store.schema_number import UNNUMBERED, require_known
from lib.store.sheets.model.cells import Cells
from lib.store.sheets.model.declared import read_declared
from lib.store.sheets.model.layout import all_places
from lib.store.sheets.model.meta import MetaCell, read_text
from lib.store.sheets.model.options import Options
from lib.store.sheets.model.tabs import ALL_HOT, ARCHIVE, CASES, record_tab, sheet_tab
from lib.store.sheets.read.history import CHUNK, TAIL, HistoryCache, seq_of
from lib.store.sheets.read.reader import RawRows, SheetReader, SheetReading
from lib.store.sheets.read.records import Records
from lib.store.sheets.read.tab_state import TabState, keys_there, lines_by_record
from lib.store.sheets.read.words import LearnedWords

NEVER = -1e9  # by the store's clock


class Mirror:
    """The memory of a store. It writes nothing, and reads nothing but older History.

    `seq` is the sequence of the last read or write, `checked` the last one whose journal was looked at, `highest` the
    last one that surely was written, whatever the sheet says by now, `anew` the one at which everything was read anew,
    `loaded` that of a copy that was taken in; -1 (0) where there is none. `archive_at`: when the archive was read, by
    the clock of the options. `selfcheck`: the last result on this spreadsheet (JSON). `dirty`: something of the last
    write is not known; the sheet has to be read before anything else.
    """

    def __init__(self, reader: SheetReader, options: Options) -> None:
        self.reader, self.options = reader, options
        self.words = LearnedWords(options)
        self.tabs = new_states(ALL_HOT)
        self.archive_at = NEVER
        self.seq = self.checked = self.highest = self.anew = -1
        self.loaded = 0
        self.history: HistoryCache | None = None
        self.history_places: Mapping[str, int] = {}
        self.number = UNNUMBERED
        self.selfcheck = ""
        self.dirty = True
        self._about: Sequence[Any] = ()
        self._recalled = False  # whether rows were looked for that people deleted long ago

    @property
    def cells(self) -> Cells:
        """The conversions by the words that are known now."""
        return self.words.cells

    @property
    def records(self) -> Mapping[str, Records]:
        """By tab; a tab has one set of records, wherever their rows stand."""
        return {name: self.tabs[name].records for name in HOT_TABS}

    def now(self) -> datetime:
        """To the second, in the time zone of the workspace."""
        return datetime.now(UTC).astimezone(self.options.zone).replace(microsecond=0)

    # what is forgotten and learned

    def begin_again(self) -> None:
        """Nothing that was known counts any more."""
        self.tabs, self.archive_at = new_states(ALL_HOT), NEVER
        self.seq = self.checked = -1
        self.forget_history()

    def forget_history(self) -> None:
        self.history, self._recalled = None, False
        self.words.forget_history()

    def learn_schema(self, reading: SheetReading) -> None:
        """Which columns are a later version's. Raises StoreTooNew where that version made a breaking change."""
        self.selfcheck = read_text(reading.about, MetaCell.SELFCHECK)
        if reading.about[MetaCell.SCHEMA :] == self._about:
            return
        declared = read_declared(reading.about)
        require_known(declared.number)
        carry(declared.labels)
        for tab in self.tabs.values():
            tab.tab = sheet_tab(tab.tab.name)
        self.number, self._about = declared.number, reading.about[MetaCell.SCHEMA :]

    def learn_former_words(self) -> bool:
        """What labels and people were called before; whether that is news."""
        return self.words.learn_former(self.known_history())

    # History

    def known_history(self) -> HistoryCache:
        """Raises StoreUnavailable where nothing of it was read yet."""
        if self.history is None:
            raise StoreUnavailable("History was not read")
        return self.history

    def covers(self, since_seq: int | None) -> bool:
        """Whether all lines after a sequence (None: all) are known."""
        history = self.known_history()
        if history.first <= 1:
            return True
        return since_seq is not None and bool(history.lines) and seq_of(history.lines[0]) <= since_seq

    def open_history(self, reading: SheetReading) -> None:
        self.history_places = all_places(SCHEMA[HISTORY], reading.history_header)
        self.history = HistoryCache(max(1, reading.history_end - TAIL))
        self._recalled = self.history.first <= 1  # what was read tells it all

    def take_history(self, reading: SheetReading) -> None:
        history = self.known_history()
        rows = reading.history[1:] if reading.history else self._tail(history)
        history.add(rows, self.history_places, self.cells)

    def _tail(self, history: HistoryCache) -> RawRows:
        return self.reader.tail(history.end - 1)[1:]

    def load_older(self) -> None:
        """All of older History."""
        while self.known_history().first > 1:
            self.load_part()

    def load_part(self) -> None:
        """The next part of older History."""
        history = self.known_history()
        first = max(1, history.first - CHUNK)
        history.prepend(self.reader.history(first, history.first), self.history_places, self.cells)

    def recall(self) -> None:
        """Rows that people deleted before we first read the sheet, once all of History is known."""
        if self._recalled or self.known_history().first > 1:
            return
        told = lines_by_record(self.known_history().lines)
        for name, records in self.records.items():
            records.recall(keys_there(self.tabs, name), told.get(name, {}), self.options.clock())
        self._recalled = True

    def last_stamp(self, seq: int) -> int:
        """The latest sequence that may have stamped a row: a copy that is being taken in is ahead of the sheet's."""
        lines = self.known_history().lines
        return max(seq, self.loaded, seq_of(lines[-1]) if lines else 0)

    # rows

    def as_read(self, reading: SheetReading) -> dict[str, TabState]:
        """The tabs of a reading by themselves, apart from what is known."""
        tabs = new_states(reading.tabs)
        for name, tab in tabs.items():
            tab.columns = self.reader.layout.sheets[name].columns
            tab.last = self.last_stamp(reading.seq)
            tab.look(reading.tabs[name], self.cells)
        return tabs

    def done_by_hand(self) -> bool:
        """Whether people typed anything that is not taken in yet."""
        return any(one.edited for one in self.records.values()) or any(tab.typed for tab in self.tabs.values())

    def by_hand_of(self, wanted: Write | Load) -> list[tuple[Row | None, bool]]:
        """How the rows about to be written look in the sheet, where people changed them; which are older copies."""
        keys = [(name, str(row.get(SCHEMA[name].key))) for name, rows in wanted.rows.items() for row in rows]
        keys += [(name, str(key)) for name, some in wanted.removed.items() for key in some]
        return [(self.records[name].edited.get(key), key in self.records[name].older) for name, key in keys]

    def reaches_archive(self, wanted: Write | Load) -> bool:
        """Whether rows of the archive are changed or removed; others are added to it wherever it ends."""
        keys = {str(row.get(SCHEMA[CASES].key)) for row in wanted.rows.get(CASES, ())}
        return not (keys | {*wanted.removed.get(CASES, ())}).isdisjoint(self.tabs[ARCHIVE].at)


def new_states(names: Iterable[str]) -> dict[str, TabState]:
    """Tabs of the spreadsheet of which nothing was read yet; those with the same records share them."""
    records = {record_tab(name): Records(SCHEMA[record_tab(name)]) for name in names}
    return {name: TabState(sheet_tab(name), records[record_tab(name)]) for name in names}
