"""Something costly made from a whole table, brought up to date with the rows that changed.

`Table.derive` makes a thing anew for each version of a table. A frame or a search index of 10,000 records is better
mended: `Kept` holds the latest one and gives `update` just the records that are new or different.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from threading import Lock
from typing import Any, Generic, TypeVar, cast

from lib.domain.records.record import Record
from lib.store.snapshot.snapshot import Table

R = TypeVar("R", bound=Record)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class TableDelta(Generic[R]):
    """From one version of a table to a later one: by position the records that changed (before, after), and those
    put at the end."""

    edited: Mapping[int, tuple[R, R]]
    added: Sequence[R]


class Kept(Generic[R, T]):
    """Holds one thing, that of the latest table it was asked for. Position i is the i-th record of the table.

    `make` and `update` must not change what they are given: the thing is shared between threads.
    """

    def __init__(self, make: Callable[[Sequence[R]], T], update: Callable[[T, TableDelta[R]], T]) -> None:
        self._make, self._update = make, update
        self._lock = Lock()
        self._table: Table[R] | None = None
        self._thing: T | None = None
        self._positions: dict[str, int] = {}

    def of(self, table: Table[R]) -> T:
        """The thing for this version of the table."""
        with self._lock:
            if self._thing is not None and self._table is table:
                return self._thing
            if self._table is not None and table.seq < self._table.seq:
                return self._make(list(table.records.values()))  # somebody still holds an older version
            step = self._step(table)
            if self._thing is None or step is None:
                self._positions = {key: position for position, key in enumerate(table.records)}
                self._thing = self._make(list(table.records.values()))
            elif step.edited or step.added:
                self._thing = self._update(self._thing, step)
            self._table = table
            return self._thing

    def _step(self, table: Table[R]) -> TableDelta[R] | None:
        """What leads from the table held to this one, None where that cannot be told or records went away."""
        if self._table is None or not _descends(table, self._table):
            return None
        touched = table.changed_since(self._table.seq)
        if touched is None or any(key in self._positions and key not in table.records for key in touched):
            return None
        edited = [key for key in touched if key in self._positions]
        count = len(table.records) - len(self._positions)
        added = _last(table, count)[::-1]
        positions = {key: len(self._positions) + place for place, key in enumerate(added)}
        if not self._in_place(table, count + len(edited), positions):
            return None
        old, new = self._table.records, table.records
        step = TableDelta({self._positions[key]: (old[key], new[key]) for key in edited}, [new[key] for key in added])
        self._positions |= positions
        return step

    def _in_place(self, table: Table[R], count: int, added: Mapping[str, int]) -> bool:
        """Whether the last records stand where expected; one that was removed and came back stands at the end."""
        last = len(table.records) - 1
        tail = enumerate(_last(table, count))
        return all(added.get(key, self._positions.get(key)) == last - back for back, key in tail)


def _last(table: Table[Any], count: int) -> list[str]:
    """The last keys, the very last first. A table's records are a dict, which can be read backwards."""
    return list(islice(reversed(cast(dict[str, Any], table.records)), count))


def _descends(table: Table[R], earlier: Table[R]) -> bool:
    """Whether `table` came from `earlier` by changes alone, and not from reading the whole store again."""
    if not earlier.journal:
        return False
    return any(entry is earlier.journal[-1] for entry in table.journal)
