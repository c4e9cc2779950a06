"""What one process knows of the sheet: raw rows of the last read, and each row as the app last wrote it.

A read is compared with the one before; only rows that differ are converted. A row whose digest fits its `_hash` is as
the app wrote it. Any other was edited by hand: the app's version is kept, and what stands in the sheet is told beside.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lib.store.port import Row
from lib.store.schema import Tab
from lib.store.sheets.cells import Cells, digest
from lib.store.sheets.history import replayed, seq_of
from lib.store.sheets.layout import HASH, REV, all_places
from lib.store.sheets.reader import RawRows


@dataclass(eq=False)
class TabState:
    """One tab. Positions count from 0 below the header: a row's sheet row is its position + 1.

    `app` holds rows as the app wrote them, `revs` the sequences that did, `gone` the sequences that removed others.
    `edited`, `typed` (by position), `missing` and `twice` (positions) are the work of people's hands.
    """

    tab: Tab
    header: list[Any] = field(default_factory=list)
    places: Mapping[str, int] = field(default_factory=dict)
    raw: RawRows = field(default_factory=list)
    at: dict[str, int] = field(default_factory=dict)
    app: dict[str, Row] = field(default_factory=dict)
    revs: dict[str, int] = field(default_factory=dict)
    gone: dict[str, int] = field(default_factory=dict)
    edited: dict[str, Row] = field(default_factory=dict)
    typed: dict[int, Row] = field(default_factory=dict)
    missing: dict[str, float] = field(default_factory=dict)
    twice: dict[int, str] = field(default_factory=dict)

    def cell(self, position: int, name: str) -> Any:
        row, place = self.raw[position], self.places[name]
        return row[place] if place < len(row) else ""

    def take(
        self,
        rows: RawRows,
        cells: Cells,
        *,
        lines: Mapping[str, list[Row]],
        now: float,
        new_words: bool = False,
    ) -> list[str]:
        """Move on to a read. `lines` are those of History since the last one, by record. Returns the keys of rows
        edited by hand whose version by the app is not known. Raises HeaderMissing."""
        header = rows[0] if rows else []
        same = header == self.header and rows[1:] == self.raw
        if same and not (new_words and (self.edited or self.typed)) and not (lines.keys() - self.at.keys()):
            return []
        known = {} if header != self.header else {key: self.raw[position] for key, position in self.at.items()}
        self.places = all_places(self.tab, header)
        self.header, self.raw = header, rows[1:]
        self._find_keys(cells)
        again = self.edited if new_words else ()
        fresh = [(key, at) for key, at in self.at.items() if self.raw[at] != known.get(key) or key in again]
        unknown = self._judge(fresh, cells, lines)
        self._find_typed(cells)
        self._find_gone(lines, now)
        return unknown

    def _find_keys(self, cells: Cells) -> None:
        place = self.places[self.tab.key]
        keys = cells.column(self.tab, self.tab.key, [row[place] if place < len(row) else "" for row in self.raw])
        self.at, self.twice, self.typed = {}, {}, {}
        for position, key in enumerate(keys):
            if key == "":
                if any(cell != "" for cell in self.raw[position]):
                    self.typed[position] = {}
            elif self.at.setdefault(str(key), position) != position:
                self.twice[position] = str(key)

    def _judge(self, fresh: Sequence[tuple[str, int]], cells: Cells, lines: Mapping[str, list[Row]]) -> list[str]:
        rows = cells.rows(self.tab, self.places, [self.raw[at] for _, at in fresh])
        rev_place, hash_place = self.places[REV], self.places[HASH]
        unknown = []
        for (key, at), row in zip(fresh, rows, strict=True):
            raw = self.raw[at]
            stamp = raw[hash_place] if hash_place < len(raw) else ""
            rev = whole(raw[rev_place] if rev_place < len(raw) else "")
            if stamp == digest(row):
                self.app[key] = row
                self.edited.pop(key, None)
            else:
                self.edited[key] = row
                if key in self.app and rev != self.revs.get(key):
                    self.app[key] = replayed(self.app[key], self.tab.key, lines.get(key, ())) or self.app[key]
                elif key not in self.app:
                    unknown.append(key)
                    continue
            self.revs[key] = rev
            self.gone.pop(key, None)
        return unknown

    def _find_typed(self, cells: Cells) -> None:
        positions = list(self.typed)
        rows = cells.rows(self.tab, self.places, [self.raw[at] for at in positions])
        self.typed = {at: row for at, row in zip(positions, rows, strict=True) if row}

    def _find_gone(self, lines: Mapping[str, list[Row]], now: float) -> None:
        """Rows that are not there any more: removed by the app, or deleted by hand, perhaps before we saw them."""
        self.missing = {key: since for key, since in self.missing.items() if key not in self.at}
        for key in lines.keys() - self.at.keys() - self.app.keys():
            row = replayed(None, self.tab.key, lines[key])
            if row is not None:
                self.app[key], self.revs[key] = row, seq_of(lines[key][-1])
        for key in [key for key in self.app if key not in self.at]:
            told = lines.get(key, [])
            row = replayed(self.app[key], self.tab.key, told)
            if row is None:
                self.drop(key, seq_of(told[-1]))
                continue
            if told:  # written once more before it went
                self.app[key], self.revs[key] = row, seq_of(told[-1])
            self.missing.setdefault(key, now)
        for key in [key for key in self.edited if key not in self.at]:
            del self.edited[key]

    def tokens(self) -> dict[int, str]:
        """A name for each row that somebody typed without a key: its content, and which of those alike it is."""
        met: dict[str, int] = {}
        found = {}
        for position, row in self.typed.items():
            content = digest(row)
            met[content] = met.get(content, 0) + 1
            found[position] = f"{content}.{met[content]}"
        return found

    def base(self, key: str, row: Row | None) -> None:
        """What the app wrote, found out from History; without any, the row is taken for typed by hand."""
        if row is not None:
            self.app[key] = row
            self.revs[key] = whole(self.cell(self.at[key], REV))

    def wrote(self, rows: Mapping[str, Row], removed: Iterable[str], seq: int, cells: Cells) -> None:
        """Our own write: its rows are as the app wrote them, whatever else people did."""
        self._find_keys(cells)
        for key, row in rows.items():
            self.app[key], self.revs[key] = row, seq
            self.gone.pop(key, None)
            self.missing.pop(key, None)
        for key in removed:
            self.drop(key, seq)
        self._find_typed(cells)
        still = [key for key in self.edited if key in rows and key in self.at]
        there = cells.rows(self.tab, self.places, [self.raw[self.at[key]] for key in still])
        for key, row in zip(still, there, strict=True):
            if row == rows[key]:
                del self.edited[key]
            else:
                self.edited[key] = row

    def drop(self, key: str, seq: int) -> None:
        """The app removed a row."""
        self.app.pop(key, None)
        self.revs.pop(key, None)
        self.edited.pop(key, None)
        self.missing.pop(key, None)
        self.gone[key] = seq

    def since(self, seq: int | None) -> list[Row]:
        """The app's rows that were written after a sequence, in the order of the sheet."""
        if seq is None:
            there = [self.app[key] for key in self.at if key in self.app]
            return there + [self.app[key] for key in self.missing]
        written = [key for key, rev in self.revs.items() if rev > seq]
        written.sort(key=lambda key: self.at.get(key, len(self.raw)))
        return [self.app[key] for key in written]

    def gone_since(self, seq: int | None) -> list[str]:
        return [] if seq is None else [key for key, at in self.gone.items() if at > seq]


def lines_by_record(lines: Iterable[Row]) -> dict[str, dict[str, list[Row]]]:
    """{tab: {record: lines}}"""
    found: dict[str, dict[str, list[Row]]] = {}
    for line in lines:
        found.setdefault(str(line.get("tab", "")), {}).setdefault(str(line.get("record_id", "")), []).append(line)
    return found


def whole(cell: Any) -> int:
    """A technical number; 0 where somebody wrote something else over it."""
    return int(cell) if isinstance(cell, int | float) and not isinstance(cell, bool) else 0
