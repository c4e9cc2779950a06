"""The immutable typed view of all hot tabs at one sequence. A refresh decodes only the rows that changed."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Generic, TypeVar, cast

from lib.domain.records.record import Record
from lib.errors import NotFound
from lib.store.codec import BadRow, decode
from lib.store.port import Pull
from lib.store.schema import HOT_TABS, SCHEMA, TAB_OF

R = TypeVar("R", bound=Record)
T = TypeVar("T")
_JOURNAL_LENGTH = 200


@dataclass(frozen=True, eq=False)
class Table(Mapping[str, R], Generic[R]):
    """The valid records of one tab by key, and the bad rows beside them, as last changed at `seq`.

    A bad row does not hide the last valid version of its record. The journal remembers which keys the latest changes
    touched, so that what is derived from a table can be brought up to date instead of made again.
    """

    name: str
    seq: int
    records: Mapping[str, R]
    bad: Mapping[str, BadRow]
    journal: tuple[tuple[int, frozenset[str]], ...] = ()
    _derived: dict[Callable[..., Any], Any] = field(default_factory=dict, repr=False)

    def __getitem__(self, key: str) -> R:
        return self.records[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self.records)

    def __len__(self) -> int:
        return len(self.records)

    def require(self, key: str) -> R:
        """The record, or NotFound."""
        try:
            return self.records[key]
        except KeyError:
            raise NotFound(self.name, key) from None

    def derive(self, make: Callable[["Table[R]"], T]) -> T:
        """What `make` gives for this table, made once; `make` must be a module-level function without effects."""
        if make not in self._derived:
            self._derived[make] = make(self)
        return cast(T, self._derived[make])

    def changed_since(self, seq: int) -> frozenset[str] | None:
        """The keys touched after `seq`, or None when the journal does not reach back that far."""
        if seq == self.seq:
            return frozenset()
        if seq > self.seq:  # the store was put back to an older state
            return None
        recent = [keys for at, keys in self.journal if at > seq]
        reaches_back = len(recent) < len(self.journal)
        return frozenset().union(*recent) if reaches_back else None

    def after(self, pull: Pull) -> "Table[R]":
        """This table with the rows of a pull put in and the removed ones taken out."""
        good, bad_rows = decode(SCHEMA[self.name], pull.rows.get(self.name, ()))
        removed = pull.removed.get(self.name, ())
        key = SCHEMA[self.name].key
        fresh = {record.__dict__[key]: record for record in good}
        spoilt = {row.key: row for row in bad_rows}
        touched = frozenset([*fresh, *spoilt, *removed])
        bad = {k: row for k, row in self.bad.items() if k not in touched} | spoilt
        first = self.seq < 0  # nothing was known before: the journal begins here
        journal = (*self.journal, (pull.seq, frozenset() if first else touched))[-_JOURNAL_LENGTH:]
        records = self._merged(cast(Mapping[str, R], fresh), removed)
        return Table(self.name, pull.seq, records, bad, journal)

    def beside(self, bad: Mapping[str, BadRow], gone: Iterable[str]) -> "Table[R]":
        """This table with other bad rows beside the same records; what is derived from the records stays."""
        kept = {key: row for key, row in self.bad.items() if key not in gone}
        return Table(self.name, self.seq, self.records, {**kept, **bad}, self.journal, self._derived)

    def over(self, fresh: Mapping[str, R], removed: Iterable[str]) -> "Table[R]":
        """This table with records that are about to be written, for checks that look at all of them."""
        return Table(self.name, self.seq, self._merged(fresh, removed), self.bad)

    def _merged(self, fresh: Mapping[str, R], removed: Iterable[str]) -> Mapping[str, R]:
        records = {**self.records, **fresh}
        for key in removed:
            records.pop(key, None)
        return records


class Snapshot:
    """All hot tabs at sequence `seq`. Never changes; `after(pull)` makes the next one.

    `snapshot[Case]` is the table of cases, and so for every record type.
    """

    def __init__(self, seq: int, tables: Mapping[str, Table[Any]]) -> None:
        self.seq = seq
        self.tables = MappingProxyType(dict(tables))

    @classmethod
    def empty(cls) -> "Snapshot":
        return cls(-1, {name: Table(name, -1, {}, {}) for name in HOT_TABS})

    def __getitem__(self, model: type[R]) -> Table[R]:
        return cast(Table[R], self.tables[TAB_OF[model].name])

    def after(self, pull: Pull) -> "Snapshot":
        """The snapshot that follows from a pull; tables that the pull does not touch are shared with this one."""
        start = Snapshot.empty() if pull.complete else self
        touched = HOT_TABS if pull.complete else {*pull.rows, *pull.removed}
        return Snapshot(pull.seq, {**start.tables, **{name: start.tables[name].after(pull) for name in touched}})

    def beside(self, bad: Mapping[str, Mapping[str, BadRow]], gone: Mapping[str, Iterable[str]]) -> "Snapshot":
        """This snapshot with bad rows that are not the store's own but its people's, instead of those of before."""
        names = {*bad, *gone}
        tables = {name: self.tables[name].beside(bad.get(name, {}), frozenset(gone.get(name, ()))) for name in names}
        return Snapshot(self.seq, {**self.tables, **tables}) if names else self


def by_case(table: Table[Any]) -> Mapping[str, tuple[Any, ...]]:
    """The records of each case, in order of creation; for tasks, follow-ups, surveys, evidence and outside parties."""
    groups: dict[str, list[Any]] = {}
    for record in table.records.values():
        groups.setdefault(record.case_no, []).append(record)
    return {case_no: tuple(records) for case_no, records in groups.items()}
