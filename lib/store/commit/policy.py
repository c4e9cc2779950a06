"""The rules that an application adds to the commit loop; every batch must pass them, whatever its source."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from lib.domain.records.record import Record
from lib.store.commit.batch import Change
from lib.store.snapshot.snapshot import Snapshot


class Policy:
    """Rules that the commit loop asks, in the order in which they stand here. As they are, they let everything pass.

    `before` is a record as it was, None for a new one, `after` the same about to be written, `changed` the names of the
    fields that are written. A method that refuses raises a `Refused`; then nothing of the batch is written.
    """

    def admit(self, actor: str, snapshot: Snapshot) -> None:
        """Refuses actors who may no longer save, judged by the current store."""

    def complete(self, _tab: str, fields: Mapping[str, Any], _now: datetime) -> Mapping[str, Any]:
        """The fields of a record that somebody typed into the store, with what the app would have filled in."""
        return fields

    def mark(self, case: Record, change: Change, at: datetime) -> Mapping[str, Any]:
        """The fields of a case that a line about it sets, whatever they were: nobody typed them."""
        return {}

    def follow(self, before: Record, after: Record, changed: frozenset[str]) -> Mapping[str, Any]:
        """The fields that must change along with those of an edit. Refuses where they cannot."""
        return {}

    def guard(self, before: Record | None, after: Record, changed: frozenset[str], snapshot: Snapshot) -> None:
        """Refuses a record that must not be written as it is."""

    def entail(
        self,
        before: Record,
        after: Record,
        changed: frozenset[str],
        snapshot: Snapshot,
        at: datetime,
    ) -> Sequence[Change]:
        """The changes of other records that an edit of a case brings with it; saved with it, by the same actor."""
        return ()
