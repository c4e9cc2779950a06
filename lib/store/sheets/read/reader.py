"""One consistent read of the whole workspace: a single values:batchGet.

The archive, which grows and hardly ever changes, is left out of most reads (see `lib.store.sheets.sync`).

The sequence is read as the first and as the last range. Where the two differ, a commit came in between and the read is
made again; so is one that finds a tab renamed, after asking for the new titles.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lib.errors import StoreUnavailable, TabMissing
from lib.store.schema import HISTORY, HOT_TABS, SCHEMA
from lib.store.sheets.api.client import Rejected, SheetsClient
from lib.store.sheets.model.layout import FIELDS, META, Layout, letter, read_layout
from lib.store.sheets.model.meta import SEQUENCE_CELLS, Sequenced, read_sequence
from lib.store.sheets.model.tabs import ALL_HOT, sheet_tabs

RawRows = list[list[Any]]
TORN = 4  # how often a read is made again


@dataclass(frozen=True, slots=True)
class SheetReading:
    """What the sheet held at `seq`. `tabs` have their header row first, the archive may be missing; `history` are the
    rows of History asked for; `journal` are the rows below the sequence, `about` what stands beside it."""

    seq: int
    write_tag: str
    history_end: int
    tabs: Mapping[str, RawRows]
    history_header: list[Any]
    history: RawRows
    journal: RawRows
    about: list[Any] = field(default_factory=list)


class SheetReader:
    """Reads one spreadsheet; knows its layout."""

    def __init__(self, client: SheetsClient) -> None:
        self._client = client
        self._layout: Layout | None = None

    @property
    def layout(self) -> Layout:
        if self._layout is None:
            self._layout = read_layout(self._client.metadata(FIELDS))
        return self._layout

    def forget(self) -> None:
        """Ask for the tabs again before the next use."""
        self._layout = None

    def read(self, history_from: int | None, *, archive: bool = True) -> SheetReading:
        """Everything, and History from a sheet row on (None: nothing of it)."""
        names = ALL_HOT if archive else HOT_TABS
        for _ in range(TORN):
            found = self._values(names, history_from)
            first, last = read_sequence(found[0]), found[-1]
            if last and first == read_sequence(last[:1]):
                return self._reading(first, names, found, history_from)
        raise StoreUnavailable("the sheet changes faster than it can be read")

    def sequence(self) -> int:
        """The sequence as it is now."""
        return read_sequence(self._named([(META, SEQUENCE_CELLS)])[0])[0]

    def history(self, first: int, end: int) -> RawRows:
        """Rows first..end-1 of History; short ones and missing ones are as the sheet has them."""
        found = self._named([(HISTORY, self._rows_of_history(first, end))])[0]
        return found + [[] for _ in range(end - first - len(found))]

    def tail(self, first: int) -> RawRows:
        """The rows of History from a sheet row on."""
        return self._named([(HISTORY, self._rows_of_history(first))])[0]

    def _values(self, names: Sequence[str], history_from: int | None) -> list[RawRows]:
        wanted = [(META, SEQUENCE_CELLS), *((name, "") for name in names), (HISTORY, "1:1")]
        if history_from is not None:
            wanted.append((HISTORY, self._rows_of_history(history_from)))
        return self._named([*wanted, (META, "")])

    def _named(self, wanted: list[tuple[str, str]]) -> list[RawRows]:
        try:
            self.layout.require((*sheet_tabs(SCHEMA), META))
        except TabMissing:  # when it was last asked; somebody may have brought it back
            self.forget()
            self.layout.require((*sheet_tabs(SCHEMA), META))
        for _ in range(TORN):
            try:
                found = self._client.values([self.layout.range(*item) for item in wanted])
            except Rejected as rejected:  # a tab was renamed, or has gone
                if "parse range" not in rejected.why:
                    raise
                self.forget()
                self.layout.require((*sheet_tabs(SCHEMA), META))
            else:
                return [part.get("values", []) for part in found]
        raise StoreUnavailable("tabs go and come back while they are read")

    def _rows_of_history(self, first: int, end: int | None = None) -> str:
        self.layout.require((HISTORY,))
        last = letter(self.layout.sheets[HISTORY].columns - 1)
        return f"A{first + 1}:{last}{'' if end is None else end}"

    @staticmethod
    def _reading(meta: Sequenced, names: Sequence[str], found: list[RawRows], history_from: int | None) -> SheetReading:
        tabs = dict(zip(names, found[1:], strict=False))
        header = found[1 + len(names)]
        history = found[2 + len(names)] if history_from is not None else []
        return SheetReading(*meta, tabs, header[0] if header else [], history, found[-1][1:], found[-1][0])
