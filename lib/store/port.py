"""What every store can do: pull rows, write one atomic set of rows with its History, answer for old commits.

A row is a mapping of field key to cell; empty cells are left out. A store knows nothing of records or rules.
Foreign errors are translated inside the adapter: `StaleSequence`, `OutcomeUnknown`, `StoreBusy`, `StoreUnavailable`,
`WriteTooLarge`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, runtime_checkable

from lib.domain.records import history
from lib.store.schema import Schema
from lib.store.schema_number import UNNUMBERED, SchemaNumber

Row = history.Row
Rows = Mapping[str, Sequence[Row]]
"""Rows by tab."""


@dataclass(frozen=True, slots=True)
class ByHand:
    """What people changed in the store itself since the app wrote it, past the app. It has no sequence yet.

    `edited`: rows as they stand there now, by tab and key. `typed`: rows without a key, by tab and a token that names
    the row to `Write.adopted`; `added`: rows that have one. `missing`: keys of rows that were deleted. `twice`: keys
    that stand in several rows, of which one counts. `older`: keys in whose row a copy stands that was made before the
    app last wrote it; nobody typed into it. `unclear`: by tab and key (or token) the fields of such rows whose text may
    mean several people or entries of a list. `at` is when it was seen.
    """

    at: datetime
    edited: Mapping[str, Mapping[str, Row]] = field(default_factory=dict)
    typed: Mapping[str, Mapping[str, Row]] = field(default_factory=dict)
    added: Mapping[str, Mapping[str, Row]] = field(default_factory=dict)
    missing: Mapping[str, Sequence[str]] = field(default_factory=dict)
    twice: Mapping[str, Sequence[str]] = field(default_factory=dict)
    older: Mapping[str, Sequence[str]] = field(default_factory=dict)
    unclear: Mapping[str, Mapping[str, frozenset[str]]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Pull:
    """What a store holds at sequence `seq`.

    `complete`: `rows` are all rows of every hot tab; otherwise only those written after the sequence asked for.
    `removed`: keys of rows that are gone, by tab. `by_hand`: only in a store that people can edit past the app.
    `number`: of the schema by which the store was last set up, perhaps by a later version of the app; of what only that
    one knows, nothing is here.
    """

    seq: int
    rows: Rows
    complete: bool
    removed: Mapping[str, Sequence[str]] = field(default_factory=dict)
    by_hand: ByHand | None = None
    number: SchemaNumber = UNNUMBERED


@dataclass(frozen=True, slots=True)
class Write:
    """One atomic write: whole rows to put (new or replaced), keys to remove, and the History that explains it.

    `changed` names, for each row that exists already, the fields that differ (an adapter may write only those).
    `adopted` names, for new records that somebody typed into the store, the token of the row.
    """

    expected_seq: int
    write_id: str
    rows: Rows
    removed: Mapping[str, Sequence[str]]
    history: Sequence[Row]
    changed: Mapping[tuple[str, str], frozenset[str]]
    adopted: Mapping[tuple[str, str], str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Load:
    """A part of a copy of another store: whole rows to put, keys to remove, lines of History with their own numbers.

    `expected_seq`: the sequence that this store has and keeps until `Store.seal` (0 if it is new). `seq`: the sequence
    of the store that is copied, later than any before; rows and removals are stamped with it. The lines of History
    come in order. `lib.store.migrate` keeps a part below about 1 MB of JSON, unless one row alone is larger.
    """

    expected_seq: int
    seq: int
    rows: Rows
    removed: Mapping[str, Sequence[str]]
    history: Sequence[Row]


class Store(Protocol):
    """The port. Implementations are safe to use from several threads."""

    def provision(self, schema: Schema, *, create: bool = True) -> Sequence[str]:
        """Create or upgrade what the schema needs; says what was done. Idempotent, loses nothing.

        Without `create` only a workspace that is there is upgraded. Raises NoWorkspace where none is, and StoreTooNew.
        """

    def pull(self, since: int | None) -> Pull:
        """Everything (None), or what changed after `since`, as far as this version knows it.

        Raises StoreTooNew and StoreUnavailable.
        """

    def write(self, write: Write) -> None:
        """Apply all of it or nothing.

        Raises StaleSequence, OutcomeUnknown, StoreBusy, WriteTooLarge or StoreUnavailable.
        """

    def has_write(self, write_id: str) -> bool:
        """Whether a write with this id was applied."""

    def history(
        self,
        *,
        commit_ids: Iterable[str] | None = None,
        case_no: str | None = None,
        since_seq: int | None = None,
        until_seq: int | None = None,
        actions: Iterable[str] | None = None,
    ) -> Sequence[Mapping[str, Any]]:
        """History rows, oldest first, that meet every condition given; after `since_seq`, through `until_seq`."""

    def load(self, load: Load) -> None:
        """Take in a part of a copy without moving the sequence, and without a write id.

        A row replaces the one with its key; a line of History that is there already (by commit_id and line) is left
        alone: the same part again changes nothing. An adapter may apply a part in several steps, each whole.
        Raises StaleSequence, with nothing applied, where the sequence is not the one expected (somebody works here);
        OutcomeUnknown and StoreBusy, after which the same part may be loaded again; StoreUnavailable.
        """

    def seal(self, *, expected_seq: int, seq: int) -> None:
        """End a copy: the sequence becomes `seq`, and the next write is based on it.

        From then on `pull(since)` with an earlier sequence gives what was loaded. Sealing at the sequence that the
        store has already changes nothing. Raises as `load` does.
        """

    def close(self) -> None:
        """Give back connections."""


@runtime_checkable
class Addressed(Protocol):
    """What a store may do beside: say where a person can open a cell, as in a spreadsheet."""

    def address(self, tab: str, key: str, field: str) -> str | None:
        """The URL of a cell, None where there is no such row or column. Answers from memory."""


@runtime_checkable
class Widened(Protocol):
    """What a store may do beside: keep columns that no record has filled in yet, as a tab of a spreadsheet does."""

    def extra_columns(self, tab: str) -> Sequence[str]:
        """The names of the extra columns of a tab (`lib.domain.records.extras`), in its order. Answers from memory."""


@runtime_checkable
class Revertible(Protocol):
    """What a store may do beside: be put back to an older version by people, as the file of a spreadsheet."""

    def beyond(self) -> Sequence[Row]:
        """Lines of History, oldest first, that this process knows and that the restored version does not have. Answers
        from memory."""


@runtime_checkable
class Watched(Protocol):
    """What a store may do beside: be asked at all times what is new, because the question costs it one row."""

    def wait(self, seconds: float) -> bool:
        """Until somebody saved, or so many seconds have passed; False, at once, where it cannot tell."""
