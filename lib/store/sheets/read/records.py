"""The records of one tab as the app last wrote them, and what people did to them since, wherever their rows stand."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from lib.domain.records.history import replayed
from lib.store.port import Row
from lib.store.schema import Tab
from lib.store.sheets.read.history import changes_in, seq_of


@dataclass(eq=False)
class Records:
    """`app` holds rows as the app wrote them, `revs` the sequences that did, `gone` the sequences that removed others.

    `edited` are rows as they stand in the sheet where people changed them, `missing` those that are not there (since
    when, by the store's clock), `recalled` those of them that were deleted before the first read. `older` are those in
    whose place a copy stands that was made before the app's last write: people move rows by copying them.
    """

    tab: Tab
    app: dict[str, Row] = field(default_factory=dict)
    revs: dict[str, int] = field(default_factory=dict)
    gone: dict[str, int] = field(default_factory=dict)
    edited: dict[str, Row] = field(default_factory=dict)
    missing: dict[str, float] = field(default_factory=dict)
    recalled: set[str] = field(default_factory=set)
    older: set[str] = field(default_factory=set)

    def replayed(self, base: Row | None, lines: Iterable[Row]) -> Row | None:
        """See `lib.domain.records.history.replayed`; without what only a later version of the app knows."""
        row = replayed(base, self.tab.key, map(changes_in, lines))
        return None if row is None else {name: cell for name, cell in row.items() if self.tab.keeps(name)}

    def written(self, key: str, told: Sequence[Row]) -> int:
        """The sequence that last wrote or removed a row, as far as is known; `told` are its newest lines of History."""
        last = next((seq_of(line) for line in reversed(told) if line.get("changes")), 0)
        return max(last, self.revs.get(key, 0), self.gone.get(key, 0))

    def see(self, key: str, row: Row, rev: int) -> None:
        """The row in the sheet is as the app wrote it."""
        self.app[key], self.revs[key] = row, rev
        self.edited.pop(key, None)
        self.gone.pop(key, None)
        self.older.discard(key)

    def find_gone(self, there: Collection[str], lines: Mapping[str, list[Row]], now: float) -> None:
        """Rows that are not there any more: removed by the app, or deleted by hand, perhaps before we saw them."""
        self.missing = {key: since for key, since in self.missing.items() if key not in there}
        for key in [key for key in lines if key not in there and key not in self.app]:
            row = self.replayed(None, lines[key])
            if row is None:  # made and removed since; a committer may know of it all the same
                self.drop(key, seq_of(lines[key][-1]))
            else:
                self.app[key], self.revs[key] = row, seq_of(lines[key][-1])
        for key in [key for key in self.app if key not in there]:
            told = lines.get(key, [])
            row = self.replayed(self.app[key], told)
            if row is None:
                self.drop(key, seq_of(told[-1]))
                continue
            if told:  # written once more before it went
                self.app[key], self.revs[key] = row, seq_of(told[-1])
            self.missing.setdefault(key, now)
        for key in [key for key in self.edited if key not in there]:
            del self.edited[key]
        self.older = {key for key in self.older if key in there}

    def recall(self, there: Collection[str], lines: Mapping[str, list[Row]], now: float) -> None:
        """Rows that all of History knows of and that are not there: people deleted them before the first read."""
        for key in lines.keys() - self.app.keys() - self.gone.keys():
            row = None if key in there else self.replayed(None, lines[key])
            if row is not None:
                self.app[key], self.revs[key] = row, seq_of(lines[key][-1])
                self.missing[key] = now
                self.recalled.add(key)

    def recalled_rows(self) -> list[Row]:
        """Those of them that nobody has decided upon yet; a snapshot made before does not have them."""
        self.recalled &= self.missing.keys()
        return [self.app[key] for key in self.recalled]

    def wrote(self, rows: Mapping[str, Row], removed: Iterable[str], seq: int) -> None:
        """Our own write: its rows are as the app wrote them, whatever else people did."""
        for key, row in rows.items():
            self.app[key], self.revs[key] = row, seq
            self.gone.pop(key, None)
            self.missing.pop(key, None)
            self.older.discard(key)
        for key in removed:
            self.drop(key, seq)

    def drop(self, key: str, seq: int) -> None:
        """The app removed a row."""
        self.app.pop(key, None)
        self.revs.pop(key, None)
        self.edited.pop(key, None)
        self.missing.pop(key, None)
        self.older.discard(key)
        self.gone[key] = seq

    def since(self, seq: int | None, there: Iterable[str]) -> list[Row]:
        """The app's rows that were written after a sequence, in the order in which they stand `there`."""
        if seq is None:
            rows = [self.app[key] for key in there if key in self.app]
            return rows + [self.app[key] for key in self.missing]
        written = [key for key, rev in self.revs.items() if rev > seq]
        if len(written) > 1:
            order = {key: at for at, key in enumerate(there)}
            written.sort(key=lambda key: order.get(key, len(order)))
        return [self.app[key] for key in written]

    def gone_since(self, seq: int | None) -> list[str]:
        return [] if seq is None else [key for key, at in self.gone.items() if at > seq]
