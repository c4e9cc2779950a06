"""One write in the making: which cells of which rows, what is appended and removed, and the lines of History.

Every row that is written bears a stamp in `_rev`, by which the journal finds it again (see
`lib.store.sheets.write.journal`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from lib.store.port import Row
from lib.store.sheets.model.cells import Raw
from lib.store.sheets.read.tab_state import TabState

_SHARE = 100_000  # stamps of one write


@dataclass(frozen=True, slots=True)
class Touched:
    """One row of the sheet that a write changes ("u"), makes a record of ("t": typed by hand, without a key until now)
    or removes ("d").

    `position` counts below the header. `fields` and `values` say what is written where, by field; of a removed row that
    goes to another tab, what was taken along. `read` is what stood there when it was last read. `token` names the row
    that was typed. `stamp` goes into `_rev`; `was` is the stamp that the row bears now, 0 where it goes by its key.
    """

    kind: str
    tab: str
    key: str
    position: int
    stamp: float
    fields: Mapping[str, int] = field(default_factory=dict)
    values: Mapping[str, Raw] = field(default_factory=dict)
    token: str = ""
    was: float = 0
    read: Mapping[str, Raw] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Appended:
    """A new row, or one that is brought back and bore the stamp `was`."""

    key: str
    cells: list[Raw]
    stamp: float
    was: float = 0


@dataclass
class WritePlan:
    """A write in the making: rows to change, to remove, to append, by the tabs in the spreadsheet; and what the records
    will be afterwards (`written`, `removed`), by their tabs."""

    seq: int
    write_id: str
    touched: list[Touched] = field(default_factory=list)
    appended: dict[str, list[Appended]] = field(default_factory=dict)
    written: dict[str, dict[str, Row]] = field(default_factory=dict)
    removed: dict[str, list[str]] = field(default_factory=dict)
    history: list[list[Raw]] = field(default_factory=list)
    lines: list[Row] = field(default_factory=list)
    stamps: int = 0

    def stamp(self) -> float:
        """A number that no other cell has. Its whole part is the sequence."""
        self.stamps += 1
        return round(self.seq + self.stamps / _SHARE, 5)

    def removed_positions(self, tab: str) -> list[int]:
        return sorted(item.position for item in self.touched if item.kind == "d" and item.tab == tab)

    def emptied(self, tab: str) -> dict[int, set[int]]:
        """Places of cells that are emptied, by position."""
        changed = (item for item in self.touched if item.tab == tab and item.kind != "d")
        return {
            item.position: {item.fields[name] for name in item.fields if item.values[name] == ""} for item in changed
        }


def expected_end(plan: WritePlan, state: TabState) -> int:
    """The position after the last row with anything in it, once the removed rows are gone and cells are emptied."""
    gone = set(plan.removed_positions(state.tab.name))
    emptied = plan.emptied(state.tab.name)

    def filled(at: int) -> bool:
        return any(cell != "" and place not in emptied.get(at, ()) for place, cell in enumerate(state.raw[at]))

    last = next((at for at in range(len(state.raw) - 1, -1, -1) if at not in gone and filled(at)), -1)
    return last + 1 - sum(at <= last for at in gone)
