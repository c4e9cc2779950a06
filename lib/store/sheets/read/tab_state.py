"""One tab of the sheet as it was last read, compared with what the app knows of its records.

A read is compared with the one before; only rows that differ are converted. A row whose digest fits its `_hash` is as
the app wrote it, unless it did so again since: then it is an older copy, and gives way to the app's version. Any other
was edited by hand: the app's version is kept, and what stands in the sheet is told beside.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lib.domain.records.fields import Cell
from lib.store.port import Row
from lib.store.schema import Tab
from lib.store.sheets.model.cells import Cells, digest, fits
from lib.store.sheets.model.layout import HASH, REV, all_places
from lib.store.sheets.model.tabs import home, homes
from lib.store.sheets.read.namesakes import as_known, as_stamped
from lib.store.sheets.read.reader import RawRows
from lib.store.sheets.read.records import Records


@dataclass(eq=False)
class TabState:
    """One tab. Positions count from 0 below the header: a row's sheet row is its position + 1. `columns`: of the grid.

    `typed` (by position) and `twice` (positions) are the work of people's hands, as are the keys `elsewhere`, whose
    rows in another tab count and not the ones here; `spent` are rows that hold nothing but what the app put beside a
    record, by position, with those columns; `calculating` are extra columns with formulas, which are left
    alone; `restless` are formulas in other columns whose results change by themselves, by column and the row's key (its
    position where it has none), which stand for these; `differing` are cells by column, with their rows' keys.
    """

    tab: Tab
    records: Records
    columns: int = 0
    header: list[Any] = field(default_factory=list)
    places: Mapping[str, int] = field(default_factory=dict)
    raw: RawRows = field(default_factory=list)
    at: dict[str, int] = field(default_factory=dict)
    typed: dict[int, Row] = field(default_factory=dict)
    twice: dict[int, str] = field(default_factory=dict)
    spent: dict[int, list[str]] = field(default_factory=dict)
    elsewhere: set[str] = field(default_factory=set)
    calculating: frozenset[str] = frozenset()
    restless: Mapping[tuple[str, str | int], str] = field(default_factory=dict)
    differing: Mapping[str, list[tuple[str, Cell]]] = field(default_factory=dict)
    last: int = 0  # the latest sequence that may have stamped a row
    _before: dict[str, list[Any]] | None = field(default_factory=dict)  # rows as last judged; None: as they are

    def cell(self, position: int, name: str) -> Any:
        row, place = self.raw[position], self.places[name]
        return row[place] if place < len(row) else ""

    def look(self, rows: RawRows, cells: Cells, *, new_words: bool = False) -> bool:
        """Move on to a read; whether it says anything new. Raises HeaderMissing."""
        header = rows[0] if rows else []
        if self.places and header == self.header and rows[1:] == self.raw:
            if new_words and self.typed:
                self._find_typed(cells)
            return self._before is not None
        if header != self.header:
            self._before = {}
        elif self._before is None:
            self._before = {key: self.raw[at] for key, at in self.at.items() if key not in self.elsewhere}
        places = all_places(self.tab, header)
        if self.header and header != self.header:
            self.calculating = frozenset()
        self.places = {name: place for name, place in places.items() if name not in self.calculating}
        self.header, self.raw = header, rows[1:]
        self.find_keys(cells)
        return True

    def leave_alone(self, columns: Iterable[str]) -> None:
        """These extra columns calculate: the next `look` finds every row new, without them."""
        self.calculating |= frozenset(columns)
        self.header = []

    def leave_restless(self, found: Mapping[str, Mapping[int, str]]) -> bool:
        """Take these formulas (by column and position) for what stands in their cells; whether that is news."""
        keys = {at: key for key, at in self.at.items()}
        before = self.restless
        others = {at: text for at, text in before.items() if at[0] not in found}
        new = {(name, keys.get(at, at)): text for name, texts in found.items() for at, text in texts.items()}
        self.restless = others | new
        return self.restless != before

    def _shown(self, row: Row, where: str | int) -> Row:
        """A row with formulas in place of results that change by themselves."""
        if not self.restless:
            return row
        return {**row, **{name: text for (name, at), text in self.restless.items() if at == where and name in row}}

    def find_keys(self, cells: Cells) -> None:
        """Where each record stands, and rows that are none yet. Of several rows with a key the one counts that the app
        wrote last. Empty tick boxes are no content."""
        self.at, self.twice, self.typed, self.spent = {}, {}, {}, {}
        beside = {self.places[name]: name for name in (REV, HASH)}
        for position, key in enumerate(self._keys_in(self.raw, self.places[self.tab.key], cells)):
            if key == "":
                filled = [at for at, cell in enumerate(self.raw[position]) if cell != "" and cell is not False]
                if filled and beside.keys() >= set(filled):
                    self.spent[position] = [beside[at] for at in filled]
                elif filled:
                    self.typed[position] = {}
            elif (first := self.at.setdefault(str(key), position)) != position:
                later = self.written(position) > self.written(first)
                self.at[str(key)] = position if later else first
                self.twice[first if later else position] = str(key)
        self._find_typed(cells)

    def written(self, position: int) -> int:
        """The sequence whose write stamped the row; 0 where its stamp is none of ours, as a number that was typed."""
        stamp = self.cell(position, REV)
        return int(stamp) if isinstance(stamp, float) and not stamp.is_integer() and int(stamp) <= self.last else 0

    def _keys_in(self, rows: RawRows, place: int, cells: Cells) -> Sequence[Any]:
        return cells.column(self.tab, self.tab.key, [row[place] if place < len(row) else "" for row in rows])

    def keys_of(self, rows: RawRows, cells: Cells) -> set[str]:
        """The keys that another read of this tab has. Raises HeaderMissing."""
        if rows[:1] == [self.header] and rows[1:] == self.raw:
            return set(self.at)
        place = all_places(self.tab, rows[0] if rows else [])[self.tab.key]
        return {str(key) for key in self._keys_in(rows[1:], place, cells) if key != ""}

    def rank(self, key: str, cells: Cells) -> tuple[float, bool]:
        """Of several rows with a key the one counts that the app wrote last, or else the one in its place."""
        position = self.at[key]
        stage = cells.column(self.tab, "stage", [self.cell(position, "stage")])[0]
        stamp = float(self.cell(position, REV)) if self.written(position) else 0.0
        return stamp, home(self.records.tab.name, {"stage": stage}) == self.tab.name

    def judge(self, cells: Cells, lines: Mapping[str, list[Row]], *, again: Iterable[str] = ()) -> list[str]:
        """Tell rows that people edited from those that are as the app wrote them. `again` are keys to be judged in any
        case, `lines` those of History since the last read, by record. Returns the keys of rows edited by hand whose
        version by the app is not known."""
        chosen = self.at.keys() & {*again, *lines}  # a copy may look as the row did before the app wrote it
        if self._before is not None:
            chosen |= {key for key, at in self.at.items() if self.raw[at] != self._before.get(key)}
        self._before = None
        fresh = [(key, at) for key, at in self.at.items() if key in chosen and key not in self.elsewhere]
        rows = cells.each(self.tab, self.places, [self.raw[at] for _, at in fresh])
        each = zip(fresh, rows, strict=True)
        return [key for (key, at), row in each if not self._judge(key, at, self._shown(row, key), cells, lines)]

    def _judge(self, key: str, at: int, there: Row, cells: Cells, lines: Mapping[str, list[Row]]) -> bool:
        """False where nobody knows what the app wrote."""
        known, told = self.records, lines.get(key, ())
        rev, written = self.written(at), known.written(key, told)
        row = as_stamped(self.tab, there, self.cell(at, HASH), cells.words)
        base = known.replayed(known.app.get(key), told)
        as_told = base is None or row == base or bool(self._secret)  # a copy with a later stamp is still a copy
        if rev and rev >= written and as_told and fits(row, self.cell(at, HASH)):
            known.see(key, row, rev)
            return True
        known.edited[key] = row
        if base is not None:
            self._compare(key, base, written, cells)
        return base is not None

    @property
    def _secret(self) -> bool:
        """Whether History does not tell all that the rows hold."""
        return any(column.secret for column in self.tab.columns.values())

    def _compare(self, key: str, base: Row, written: int, cells: Cells) -> None:
        """Say of a row that is not as the app last wrote it (`base`) why not."""
        known = self.records
        known.edited[key] = row = as_known(self.tab, known.edited[key], base, cells.words)
        rev, hashed = self.written(self.at[key]), self.cell(self.at[key], HASH)
        if row == base:  # only the app's own columns were changed
            known.see(key, row, max(rev, written))
            return
        known.app[key] = base
        known.gone.pop(key, None)
        known.revs[key] = max(rev, written)
        if fits(row, hashed):
            known.older.add(key)
            del known.edited[key]
        else:
            known.older.discard(key)

    def _find_typed(self, cells: Cells) -> None:
        positions = list(self.typed)
        rows = cells.rows(self.tab, self.places, [self.raw[at] for at in positions])
        self.typed = {at: self._shown(row, at) for at, row in zip(positions, rows, strict=True) if row}

    def tokens(self) -> dict[int, str]:
        """A name for each row that somebody typed without a key: its content, and which of those alike it is."""
        met: dict[str, int] = {}
        found = {}
        here = "" if self.tab.name == self.records.tab.name else self.tab.name
        for position, row in list(self.typed.items()):
            content = digest(row)
            met[content] = met.get(content, 0) + 1
            found[position] = f"{content}.{here}{met[content]}"
        return found

    def base(self, key: str, told: Sequence[Row], cells: Cells) -> None:
        """What the app wrote, found out from History; without any, the row is taken for typed by hand."""
        row = self.records.replayed(None, told)
        if row is not None:
            self._compare(key, row, self.records.written(key, told), cells)

    def see_edited(self, keys: Iterable[str], cells: Cells) -> None:
        """After our own write: which of these rows still differ from what the app wrote."""
        edited, app = self.records.edited, self.records.app
        still = [key for key in keys if key in edited and key in self.at and key not in self.elsewhere]
        there = cells.rows(self.tab, self.places, [self.raw[self.at[key]] for key in still])
        for key, found in zip(still, there, strict=True):
            row = as_known(self.tab, found, app.get(key, {}), cells.words)
            if row == app.get(key):
                del edited[key]
            else:
                edited[key] = self._shown(row, key)


TabStates = Mapping[str, TabState]
"""By the tabs' names in the spreadsheet."""


def find(tabs: TabStates, name: str, key: str) -> tuple[TabState, int] | None:
    """Where the row of a record stands that counts."""
    for one in homes(name):
        if one in tabs and key in tabs[one].at and key not in tabs[one].elsewhere:
            return tabs[one], tabs[one].at[key]
    return None


def find_typed(tabs: TabStates, name: str, token: str) -> tuple[TabState, int] | None:
    """Where a row stands that somebody typed without a key; safe while another thread reads."""
    for one in homes(name):
        for position, found in tabs[one].tokens().items() if one in tabs else ():
            if found == token:
                return tabs[one], position
    return None


def find_second(tabs: TabStates, name: str, token: str) -> tuple[TabState, int] | None:
    """Where a row stands that has the key of another one: "KEY (2)", as data health calls it."""
    key, second, _ = token.rpartition(" (2)")
    for one in homes(name) if second else ():
        if one in tabs and key in tabs[one].elsewhere:
            return tabs[one], tabs[one].at[key]
        for position, found in tabs[one].twice.items() if one in tabs else ():
            if found == key:
                return tabs[one], position
    return None


def part(tabs: TabStates, name: str, cells: Cells) -> set[str]:
    """Decide which row of a key counts that stands in two tabs; the keys whose row is now another one."""
    first, *others = (tabs[one] for one in homes(name) if one in tabs)
    before = {one.tab.name: one.elsewhere for one in (first, *others)}
    for one in (first, *others):
        one.elsewhere = set()
    for other in others:
        for key in first.at.keys() & other.at.keys():
            loser = first if first.rank(key, cells) < other.rank(key, cells) else other
            loser.elsewhere.add(key)
    return {key for one in (first, *others) for key in before[one.tab.name] - one.elsewhere}


def keys_there(tabs: TabStates, name: str) -> dict[str, None]:
    """The keys of all rows of a tab, in the order of the sheet."""
    return dict.fromkeys(key for one in homes(name) if one in tabs for key in tabs[one].at)


def lines_by_record(lines: Iterable[Row]) -> dict[str, dict[str, list[Row]]]:
    """{tab: {record: lines}}"""
    found: dict[str, dict[str, list[Row]]] = {}
    for line in lines:
        found.setdefault(str(line.get("tab", "")), {}).setdefault(str(line.get("record_id", "")), []).append(line)
    return found
