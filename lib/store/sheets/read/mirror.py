"""What one process knows of a spreadsheet: rows as the app wrote them, words, History; and how it is told."""

import threading
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from lib.domain.records.people import Staff
from lib.domain.records.workspace import ListItem
from lib.errors import (
    StoreUnavailable,
)
from lib.store.codec import decode
from lib.store.port import ByHand, Pull, Row
from lib.store.schema import HISTORY, HOT_TABS, SCHEMA, carry
from lib.store.schema_number import UNNUMBERED, require_known
from lib.store.sheets.api.client import SheetsClient
from lib.store.sheets.model.cells import Cells
from lib.store.sheets.model.declared import read_declared
from lib.store.sheets.model.layout import all_places
from lib.store.sheets.model.meta import MetaCell, read_text
from lib.store.sheets.model.options import Options
from lib.store.sheets.model.tabs import ALL_HOT, homes, record_tab, sheet_tab
from lib.store.sheets.model.vocabulary import Vocabulary
from lib.store.sheets.read.history import CHUNK, TAIL, HistoryCache, seq_of
from lib.store.sheets.read.namesakes import unclear
from lib.store.sheets.read.old_labels import Former
from lib.store.sheets.read.reader import RawRows, SheetReader, SheetReading
from lib.store.sheets.read.records import Records
from lib.store.sheets.read.tab_state import TabState, keys_there, lines_by_record

FIRST_UNREAD = 2**31  # no row of History is as far down
NEVER = -1e9  # by the store's clock


class Known:
    """The memory of a store. Nothing here writes, and only History is read."""

    def __init__(self, client: SheetsClient, options: Options | None = None) -> None:
        self._client, self._options = client, options or Options()
        self._reader = SheetReader(client)
        self._lock = threading.RLock()
        self._cells = Cells(self._options.zone, Vocabulary(self._options.language, self._options.fixed))
        self._tabs = new_states(ALL_HOT)
        self._archive_at = NEVER  # when the archive was read
        self._seq = self._checked = -1  # the sequence read, and the last one whose journal was looked at
        self._own = -1  # the last sequence that this process wrote
        self._left = -1  # the last one whose repair it left to others for a moment
        self._unanswered = -1  # the sequence of its last repair whose answer was lost
        self._highest = -1  # the last sequence that surely was written, whatever the sheet says by now
        self._before: HistoryCache | None = None  # what was known of History before an older version was restored
        self._beyond: list[Row] = []  # the lines of it that this version does not have
        self._anew = -1  # the sequence at which everything was read anew
        self._history: HistoryCache | None = None
        self._history_places: Mapping[str, int] = {}
        self._word_rows: tuple[RawRows, RawRows] = ([], [])
        self._items: Sequence[ListItem] = ()
        self._names: Mapping[str, str] = {}
        self._new_words = False
        self._former, self._words_of = (
            Former(),
            (FIRST_UNREAD, 0),
        )  # from which row of History on, and of how many lines
        self._loaded = 0  # the sequence of a copy that was taken in
        self._recalled = False  # whether rows were looked for that people deleted long ago
        self._about: Sequence[Any] = ()
        self._selfcheck = ""  # its last result on this spreadsheet
        self._number = UNNUMBERED
        self._read_at = self._full_at = NEVER
        self._version = self._asked = ""  # of the last read; of the last question
        self._dirty = True  # something of the last write is not known: read before anything else
        self._just_read = False

    @property
    def _records(self) -> Mapping[str, Records]:
        """By tab; a tab has one set of records, wherever their rows stand."""
        return {name: self._tabs[name].records for name in HOT_TABS}

    def _begin_again(self) -> None:
        self._tabs, self._archive_at = new_states(ALL_HOT), NEVER
        self._seq = self._checked = -1
        self._forget_history()

    def _forget_history(self) -> None:
        self._history, self._words_of, self._recalled = None, (FIRST_UNREAD, 0), False

    def _learn_schema(self, reading: SheetReading) -> None:
        """Which columns are a later version's. Raises StoreTooNew where that version made a breaking change."""
        self._selfcheck = read_text(reading.about, MetaCell.SELFCHECK)
        if reading.about[MetaCell.SCHEMA :] == self._about:
            return
        declared = read_declared(reading.about)
        require_known(declared.number)
        carry(declared.labels)
        for tab in self._tabs.values():
            tab.tab = sheet_tab(tab.tab.name)
        self._number, self._about = declared.number, reading.about[MetaCell.SCHEMA :]

    def _learn_words(self, lists: RawRows, staff: RawRows) -> None:
        """The labels of lists and the names of people, where either changed."""
        if (lists, staff) == self._word_rows:
            return
        self._items = [item for item in self._decoded("lists", lists) if isinstance(item, ListItem)]
        self._names = {one.staff_id: one.name for one in self._decoded("staff", staff) if isinstance(one, Staff)}
        self._word_rows = (lists, staff)
        self._make_words()
        self._new_words = True

    def _learn_former_words(self) -> bool:
        """What labels and people were called before, as far as History has been read; whether that is news."""
        history, (first, count) = self._known_history(), self._words_of
        if history.first < first:
            self._former, count = Former(self._items if history.first > 1 else ()), 0
        elif len(history.lines) == count:
            return False
        told = self._former.take(history.lines[count:])
        self._words_of = (history.first, len(history.lines))
        news = told and self._make_words()
        self._new_words = self._new_words or news
        return news

    def _make_words(self) -> bool:
        """Whether they say anything else than before."""
        options = self._options
        words = Vocabulary(options.language, options.fixed, self._items, self._names, self._former.texts)
        if words.says_the_same(self._cells.words):
            return False
        self._cells = self._cells.with_words(words)
        return True

    def _decoded(self, name: str, rows: RawRows) -> list[Any]:
        if not rows:
            return []
        tab = SCHEMA[name]
        plain_cells = self._cells.with_words(Vocabulary(self._options.language))
        found = plain_cells.rows(tab, all_places(tab, rows[0]), rows[1:])
        return list(decode(tab, [row for row in found if tab.key in row])[0])

    def _known_history(self) -> HistoryCache:
        if self._history is None:
            raise StoreUnavailable("History was not read")
        return self._history

    def _covers(self, since_seq: int | None) -> bool:
        history = self._known_history()
        if history.first <= 1:
            return True
        return since_seq is not None and bool(history.lines) and seq_of(history.lines[0]) <= since_seq

    def _open_history(self, reading: SheetReading) -> None:
        self._history_places = all_places(SCHEMA[HISTORY], reading.history_header)
        self._history = HistoryCache(max(1, reading.history_end - TAIL))
        self._recalled = self._history.first <= 1  # what was read tells it all

    def _take_history(self, reading: SheetReading) -> None:
        history = self._known_history()
        rows = reading.history[1:] if reading.history else self._tail(history)
        history.add(rows, self._history_places, self._cells)

    def _tail(self, history: HistoryCache) -> RawRows:
        return self._reader.tail(history.end - 1)[1:]

    def _load_older(self) -> None:
        while self._known_history().first > 1:
            self._load_part()

    def _load_part(self) -> None:
        history = self._known_history()
        first = max(1, history.first - CHUNK)
        history.prepend(self._reader.history(first, history.first), self._history_places, self._cells)

    def _recall(self) -> None:
        """Rows that people deleted before we first read the sheet, once all of History is known."""
        if self._recalled or self._known_history().first > 1:
            return
        told = lines_by_record(self._known_history().lines)
        for name, records in self._records.items():
            records.recall(keys_there(self._tabs, name), told.get(name, {}), self._options.clock())
        self._recalled = True

    def _pulled(self, since: int | None) -> Pull:
        since = None if since is not None and since < self._anew else since
        if since == self._seq:
            recalled = {name: found for name, one in self._records.items() if (found := one.recalled_rows())}
            return Pull(self._seq, recalled, complete=False, by_hand=self._by_hand(), number=self._number)
        rows: dict[str, Sequence[Row]] = {}
        removed: dict[str, Sequence[str]] = {}
        for name, records in self._records.items():
            written, gone = records.since(since, keys_there(self._tabs, name)), records.gone_since(since)
            written += [] if since is None else records.recalled_rows()
            if since is None or written or gone:
                rows[name], removed[name] = written, gone
        by_hand = self._by_hand()
        return Pull(self._seq, rows, complete=since is None, removed=removed, by_hand=by_hand, number=self._number)

    def _last_stamp(self, seq: int) -> int:
        """The latest sequence that may have stamped a row: a copy that is being taken in is ahead of the sheet's."""
        lines = self._known_history().lines
        return max(seq, self._loaded, seq_of(lines[-1]) if lines else 0)

    def _done_by_hand(self) -> bool:
        """Whether people typed anything that is not taken in yet."""
        return any(one.edited for one in self._records.values()) or any(tab.typed for tab in self._tabs.values())

    def _by_hand(self) -> ByHand | None:
        now = self._options.clock()
        edited: dict[str, Mapping[str, Row]] = {}
        added: dict[str, Mapping[str, Row]] = {}
        typed: dict[str, Mapping[str, Row]] = {}
        missing: dict[str, Sequence[str]] = {}
        twice: dict[str, Sequence[str]] = {}
        older = {name: sorted(records.older) for name, records in self._records.items() if records.older}
        for name, records in self._records.items():
            if records.edited:
                edited[name] = {key: row for key, row in records.edited.items() if key in records.app}
                added[name] = {key: row for key, row in records.edited.items() if key not in records.app}
            if records.missing:
                missing[name] = [key for key, since in records.missing.items() if now - since >= self._options.grace]
            there = [self._tabs[one] for one in homes(name)]
            if any(tab.typed for tab in there):
                typed[name] = {token: tab.typed[at] for tab in there for at, token in tab.tokens().items()}
            if any(tab.twice or tab.elsewhere for tab in there):
                twice[name] = [key for tab in there for key in (*tab.twice.values(), *sorted(tab.elsewhere))]
        if not (edited or typed or missing or twice or older):
            return None
        at = datetime.now(UTC).astimezone(self._options.zone)
        return ByHand(at, edited, typed, added, missing, twice, older, self._unclear(edited, added, typed))

    def _unclear(self, *changed: Mapping[str, Mapping[str, Row]]) -> Mapping[str, Mapping[str, frozenset[str]]]:
        """The fields of rows whose text several bear, by tab and key (or token)."""
        found: dict[str, dict[str, frozenset[str]]] = {}
        for name, rows in (each for some in changed for each in some.items()):
            for key, row in rows.items():
                if fields := unclear(SCHEMA[name], row, self._cells.words):
                    found.setdefault(name, {})[key] = fields
        return found


def new_states(names: Iterable[str]) -> dict[str, TabState]:
    """Tabs of the spreadsheet of which nothing was read yet; those with the same records share them."""
    records = {record_tab(name): Records(SCHEMA[record_tab(name)]) for name in names}
    return {name: TabState(sheet_tab(name), records[record_tab(name)]) for name in names}
