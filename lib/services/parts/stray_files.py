"""Files of cases that no record names: left over from a save that was refused or killed (requirement D4).

A file is kept before the record that names it, and marked until that is saved. A mark says since when, and of which
store: two workspaces may keep their files in one place, and a copy of a workspace must not judge by what it has missed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from lib.desk.desk import Desk
from lib.domain.records.case_parts import Evidence

DAY = timedelta(days=1)
"""How long a file waits for its record."""


@dataclass(frozen=True, slots=True)
class Stray:
    """A file that was kept, whose record has not been seen `since`."""

    sha256: str
    since: datetime
    mark: str


def mark(desk: Desk) -> str:
    """What stands beside a file that is kept now."""
    return f"{desk.now().isoformat()} {_store(desk)}"


def strays(desk: Desk) -> list[Stray]:
    """The marked files of this store that no record names, as far as the snapshot tells. Raises FilesUnavailable."""
    named = _named(desk)
    return [stray for stray in _marked(desk) if stray.sha256 not in named]


def sweep(desk: Desk) -> int:
    """Remove the files that no record has named for a day; how many. Raises StoreError and FilesUnavailable."""
    desk.committer.keep_up()
    named, before = _named(desk), desk.now() - DAY
    old = [one for one in _marked(desk) if one.since <= before]
    desk.files.settle(one.sha256 for one in old if one.sha256 in named)
    return sum(desk.files.drop(one.sha256, mark=one.mark) for one in old if one.sha256 not in named)


def _marked(desk: Desk) -> Iterator[Stray]:
    for digest, text in desk.files.marks().items():
        since, _, store = text.partition(" ")
        if store == _store(desk):
            yield Stray(digest, datetime.fromisoformat(since), text)


def _named(desk: Desk) -> set[str]:
    """The files that a record names, also in a row that cannot be read."""
    table = desk.snapshot[Evidence]
    spoilt = (str(bad.row.get("sha256", "")) for bad in table.bad.values())
    return {*(one.sha256 for one in table.values()), *spoilt}


def _store(desk: Desk) -> str:
    return sha256(desk.settings.store.encode()).hexdigest()[:16]
