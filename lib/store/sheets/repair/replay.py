"""Where the writes of the journal landed: what every row that they reached should hold, and what is still to be done.

The chain begins with a write that was meant for rows as they were read; all after it are repairs. It is followed from
the start, row by row, whatever was moved in between: a row is known by the stamp that it bore, its columns by their
headers. What the app wrote into a wrong row or column is told from what people typed by the digests in the journal.
Nobody writes on top of a write that has not been seen to be right.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lib.domain.records.fields import Cell
from lib.store.commit.manual_edits import ADDED, EDITED
from lib.store.port import Row
from lib.store.schema import SCHEMA
from lib.store.sheets.model.cells import Cells, Raw, digest
from lib.store.sheets.model.layout import HASH, REV, places
from lib.store.sheets.model.tabs import homes, record_tab, sheet_tab
from lib.store.sheets.read.history import changes_in
from lib.store.sheets.read.namesakes import may_mean
from lib.store.sheets.write.journal import Journal, JournalEntry, mark

Record = tuple[str, str]
"""Tab and key."""
_ANY = "*"  # in place of a digest: whatever stands there is ours


@dataclass(frozen=True, slots=True)
class Overwritten:
    """A value that somebody had typed in the moment before the app wrote over it."""

    tab: str
    key: str
    field: str
    theirs: Cell
    ours: Cell


@dataclass(eq=False)
class Track:
    """One row of the sheet, followed through the writes that reached it.

    `stamp`: the last that it was given, and `stamped`, the column that this went into: `_rev`, or another by mistake.
    `base`: what it should hold, by column, but for what the app has to write there. `ours`: columns that hold something
    of the app's by mistake, with its digest. `claim`: the key of the record that the app made of the row. `gone`: it
    was removed, by mistake unless `rightly`.
    """

    tab: str
    stamp: float = 0
    stamped: str = REV
    base: dict[str, Raw] = field(default_factory=dict)
    ours: dict[str, str] = field(default_factory=dict)
    claim: str = ""
    gone: bool = False
    rightly: bool = False

    def see(self, columns: Sequence[str], row: Sequence[Any]) -> None:
        """The row as it is at some moment: what is not ours was put there by people."""
        for place, name in enumerate(columns):
            raw = row[place] if place < len(row) else ""
            if name in self.ours and _is(self.ours[name], raw):
                continue
            self.ours.pop(name, None)
            self.base[name] = raw


def _is(digest: str, raw: Raw) -> bool:
    """Whether a cell holds what was noted; some digests are short."""
    found = mark(raw)
    return digest == _ANY or (found.startswith(digest) if digest else not found)


def columns_of(tab: str, header: Sequence[Any], width: int, meant: Mapping[str, int] | None = None) -> list[str]:
    """A name for each column by which it is found again wherever it is moved: its field or, where it is none of ours,
    its text and which of those alike it is. `meant` stands in for a header row that has none of ours."""
    own = {place: name for name, place in (places(sheet_tab(tab), header) or meant or {}).items()}
    met: Counter[str] = Counter()
    names = []
    for place in range(max(width, len(header))):
        text = str(header[place]) if place < len(header) else ""
        names.append(own.get(place) or f"{met[text]}\t{text}")
        met[text] += place not in own
    return names


class Landing:
    """The chain followed to its end.

    `redo`: fields that did not reach their row yet. `typed`: tokens of rows that were to become records and did not.
    `remove`: rows that should be gone and are not; where they went to another tab, with what they took along. `follow`:
    what people typed into such a row in the moment before. `doubtful`: whether only a look at the sheet can tell.
    """

    def __init__(
        self,
        journal: Journal,
        lines: Mapping[str, Mapping[str, Sequence[Row]]],
        cells: Cells,
        typed_now: Collection[str] | None = None,
    ) -> None:
        """`lines` are those of History since the chain began, by tab and record; `typed_now` the contents of the rows
        without a key as they are now (None: not known)."""
        self.tracks: list[Track] = []
        self.redo: dict[Record, set[str]] = {}
        self.typed: dict[Record, str] = {}
        self.remove: dict[Record, Mapping[str, tuple[int, str]]] = {}
        self.follow: dict[Record, dict[str, Raw]] = {}
        self.overwritten: list[Overwritten] = []
        self.doubtful = False
        self._journal, self._lines, self._cells, self._typed_now = journal, lines, cells, typed_now
        self._by_stamp: dict[tuple[str, float], Track] = {}  # every stamp that a row ever bore
        self._astray: dict[tuple[str, str, float], Track] = {}  # the last one, where it is not in its column
        for entry in journal.entries:
            if record_tab(entry.tab) in SCHEMA:  # else it is for a tab that only a later version of the app knows
                self._follow(entry)

    @property
    def right(self) -> bool:
        """Whether everything is surely where it was meant to be."""
        unclear = self.open_ends or self.overwritten or self.doubtful
        return not unclear and not any(track.ours or (track.gone and not track.rightly) for track in self.tracks)

    @property
    def open_ends(self) -> set[Record]:
        """The rows for which something is still to be done, beside those that were reached by mistake."""
        return {*self.redo, *self.remove, *self.follow}

    def known(self, tab: str, columns: Sequence[str], row: Sequence[Any]) -> Track | None:
        """Which row this is, by its stamp: what stands in `_rev`, or where a write put the last one by mistake. A stamp
        of before in any other column says nothing."""
        there = {name: raw for name, raw in zip(columns, row, strict=False) if isinstance(raw, float)}
        astray = (self._astray.get((tab, name, raw)) for name, raw in there.items() if name != REV)
        found = next((track for track in astray if track is not None), None)
        return found or self._by_stamp.get((tab, there.get(REV, 0.0)))

    def key(self, track: Track) -> str:
        """The key of the record that a row holds, "" where it has none."""
        return track.claim or self.text(track.tab, sheet_tab(track.tab).key, track.base)

    def text(self, tab: str, name: str, row: Mapping[str, Raw]) -> str:
        return str(self._cells.column(sheet_tab(tab), name, [row.get(name, "")])[0])

    def content(self, tab: str, row: Mapping[str, Raw]) -> str:
        """What a row without a key is known by (see `TabState.tokens`); "" for an empty one."""
        names = [name for name in row if sheet_tab(tab).keeps(name)]
        order = {name: place for place, name in enumerate(names)}
        found = self._cells.rows(sheet_tab(tab), order, [[row[name] for name in names]])
        return digest(found[0]) if found and found[0] and sheet_tab(tab).key not in found[0] else ""

    # following one entry

    def _follow(self, entry: JournalEntry) -> None:
        width = max([entry.width, len(entry.picture), *(place + 1 for place, _ in entry.cells.values())])
        columns = columns_of(entry.tab, entry.header, width, entry.meant)
        if entry.kind == "a":
            self._appended(entry, columns)
            return
        track = self._track(entry, columns)
        reached = self._is_meant(entry, track)
        self._stamp(track, entry.stamp, columns[entry.cells[REV][0]] if REV in entry.cells else REV)
        if entry.kind == "d":
            self._removed(entry, track, reached)
        else:
            self._changed(entry, columns, track, reached)

    def _track(self, entry: JournalEntry, columns: Sequence[str]) -> Track:
        """The row of a picture: one that we know already, by its stamp or else its key, or a new one."""
        track = self.known(entry.tab, columns, entry.picture)
        if track is None:
            track = Track(entry.tab)
            track.see(columns, entry.picture)
            key = self.key(track)
            known = (one for one in self.tracks if one.tab == entry.tab and not one.gone and one.stamp < entry.seq)
            track = next((one for one in known if key and self.key(one) == key), track)
        track.see(columns, entry.picture)
        if track not in self.tracks:
            self.tracks.append(track)
        return track

    def _stamp(self, track: Track, stamp: float, column: str) -> None:
        self._astray.pop((track.tab, track.stamped, track.stamp), None)
        track.stamp, track.stamped = stamp, column
        self._by_stamp[track.tab, stamp] = track
        if column != REV:
            self._astray[track.tab, column, stamp] = track

    def _is_meant(self, entry: JournalEntry, track: Track) -> bool:
        """Whether the row is the one that the writer had in mind."""
        if entry.was:
            return self._by_stamp.get((entry.tab, entry.was)) is track
        if entry.kind == "t":
            return self._is_typed(entry, track)
        return self.key(track) == entry.key

    def _is_typed(self, entry: JournalEntry, track: Track) -> bool:
        """Whether it is the row that somebody typed, who may have gone on typing in the meantime."""
        content, wanted = self.content(entry.tab, track.base), entry.typed.rpartition(".")[0]
        if self.key(track) or content in ("", wanted):
            return bool(content)
        later = next((one for one in self._journal.entries if self._is_next(one, entry)), None)
        if later is not None:
            return later.was == entry.stamp
        self.doubtful = self.doubtful or self._typed_now is None
        elsewhere = {self._pictured(one) for one in self._journal.entries if one is not entry and one.seq == entry.seq}
        return wanted not in elsewhere | set(self._typed_now or ())

    @staticmethod
    def _is_next(one: JournalEntry, entry: JournalEntry) -> bool:
        """Whether a repair writes the same record's key."""
        same = (one.tab, one.key) == (entry.tab, entry.key) and one.seq > entry.seq
        return same and (one.kind == "a" or sheet_tab(entry.tab).key in one.cells)

    def _pictured(self, entry: JournalEntry) -> str:
        columns = columns_of(entry.tab, entry.header, len(entry.picture), entry.meant)
        return self.content(entry.tab, dict(zip(columns, entry.picture, strict=False)))

    def _changed(self, entry: JournalEntry, columns: Sequence[str], track: Track, meant: bool) -> None:
        reached = {name for name, (place, _) in entry.cells.items() if meant and columns[place] == name}
        if meant and entry.seq == self._journal.last:
            self.overwritten += self._typed_over(entry, track, reached)
        for name in reached:
            track.ours.pop(name, None)
        for name, (place, written) in entry.cells.items():
            if name not in reached:
                track.ours[columns[place]] = written
        if meant and sheet_tab(entry.tab).key in entry.cells:
            track.claim = entry.key
        record = (entry.tab, entry.key)
        if entry.seq > self._journal.first:
            self._done(record, reached)
            self._followed(record, entry)
        elif entry.key and (missing := entry.cells.keys() - reached):  # a row to be emptied may wait for the next write
            self.redo[record] = set(missing)
            if entry.kind == "t" and not meant:
                self.typed[record] = entry.typed

    def _removed(self, entry: JournalEntry, track: Track, meant: bool) -> None:
        track.gone, track.rightly = True, meant
        record = (entry.tab, entry.key)
        if meant:
            if entry.seq == self._journal.last:
                self.overwritten += self._typed_over(entry, track, entry.cells)
            for home in homes(record_tab(entry.tab)):
                self.remove.pop((home, entry.key), None)
            self.went(record, entry.cells, track.base)
        elif entry.seq == self._journal.first:
            self.remove[record] = entry.cells

    def went(self, record: Record, took: Mapping[str, tuple[int, str]], row: Mapping[str, Raw]) -> None:
        """A row goes to another tab: what it holds besides what it took along goes after it, unless the app changes
        the same field."""
        written = chains_of(self._lines.get(record_tab(record[0]), {}).get(record[1], ())).keys() | {REV, HASH}
        names = [name for name, (_, value) in took.items() if name in row and mark(row[name]) != value]
        later = {name: row[name] for name in names if name not in written}
        for other in homes(record_tab(record[0])) if later else ():
            if other != record[0]:
                self.follow.setdefault((other, record[1]), {}).update(later)

    def _appended(self, entry: JournalEntry, columns: Sequence[str]) -> None:
        track = self._by_stamp.get((entry.tab, entry.was)) if entry.was else None
        if track is None:
            track = Track(entry.tab, claim=entry.key)
            self.tracks.append(track)
        track.gone = False
        self._stamp(track, entry.stamp, columns[entry.meant[REV]])
        straight = all(columns[place] == name for name, place in entry.meant.items() if place < entry.width)
        wrote = dict(entry.cells.values())
        empty = dict.fromkeys((*entry.meant, *track.base), mark(""))  # what lies beyond the cells that were written
        ours = {
            name: wrote.get(place, mark("")) if wrote else _ANY for place, name in enumerate(columns[: entry.width])
        }
        track.ours = {} if straight else empty | ours
        record = (entry.tab, entry.key)
        if entry.seq == self._journal.first and not straight:
            self.redo[record] = {name for name, place in entry.meant.items() if place in wrote or not wrote}
        elif straight:
            self._done(record, set(entry.meant))

    def _done(self, record: Record, fields: set[str]) -> None:
        for home in homes(record_tab(record[0])):  # people may have taken the row to the other one
            left = self.redo.pop((home, record[1]), set()) - fields
            if left:
                self.redo[home, record[1]] = left

    def _followed(self, record: Record, entry: JournalEntry) -> None:
        """What a repair wrote is there, unless more was typed since."""
        waiting = self.follow.get(record, {})
        left = {name: raw for name, raw in waiting.items() if entry.cells.get(name, (0, ""))[1] != mark(raw)}
        self.follow = {at: names for at, names in (self.follow | {record: left}).items() if names}

    def _typed_over(self, entry: JournalEntry, track: Track, reached: Iterable[str]) -> Iterable[Overwritten]:
        """What people had typed where the app's value stands now. Earlier writes of the chain have told theirs."""
        told = self._lines.get(record_tab(entry.tab), {}).get(entry.key, ())
        chains, known = chains_of(told), chains_of([line for line in told if line.get("action") in (EDITED, ADDED)])
        for name in sorted(chains.keys() & set(reached) - {REV, HASH, sheet_tab(entry.tab).key}):
            if name in known and mark(track.base.get(name, "")) == entry.read.get(name):
                continue  # it is what the write took in, if in another form, such as a number with spaces
            if not sheet_tab(entry.tab).keeps(name):
                continue  # a later version's: what its cells mean is not known here
            if entry.kind != "d" and mark(track.base.get(name, "")) == entry.cells[name][1]:
                continue  # a repair put it back
            then = self._cells.column(sheet_tab(entry.tab), name, [track.base.get(name, "")])[0]
            theirs = None if then == "" and isinstance(then, str) else then
            if may_mean(sheet_tab(entry.tab), name, theirs, self._cells.words).isdisjoint(chains[name]):
                yield Overwritten(record_tab(entry.tab), entry.key, name, theirs, chains[name][1])


def chains_of(told: Sequence[Row]) -> dict[str, tuple[Cell, Cell]]:
    """{field: (value before the first line, value after the last)}, of one record."""
    chains: dict[str, tuple[Cell, Cell]] = {}
    for line in told:
        for name, (before, after) in changes_in(line).items():
            chains[name] = (chains[name][0] if name in chains else before, after)
    return chains
