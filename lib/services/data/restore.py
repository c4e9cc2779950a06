"""Records that went away past the app, as rows deleted in a sheet, and bringing them back from History."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from lib.desk.access import require
from lib.desk.desk import Desk
from lib.domain.records.fields import Cell
from lib.domain.records.history import SECRET, changes_of, last_version
from lib.domain.records.workspace import HistoryLine
from lib.domain.rules.permissions import Actor
from lib.errors import AlreadyExists, NotFound
from lib.store.codec import check
from lib.store.commit.batch import Receipt, create
from lib.store.schema import HOT_TABS, SCHEMA

DELETED = "deleted_in_sheet"
"""The action with which History tells that a row was deleted in the store itself."""


@dataclass(frozen=True, slots=True)
class Removed:
    """A record that is gone: the line of History that tells of it, and its last cells."""

    line: HistoryLine
    cells: Mapping[str, Cell]


def removed(desk: Desk) -> list[Removed]:
    """What was deleted past the app and is still gone, the latest first. Reads History."""
    latest = {(line.tab, line.record_id): line for line in desk.history(actions=[DELETED])}
    gone = [line for (tab, key), line in latest.items() if tab in HOT_TABS and not _taken(desk, tab, key)]
    told = [Removed(line, {name: pair[0] for name, pair in changes_of(line.changes).items()}) for line in gone]
    return sorted(told, key=lambda one: (one.line.seq, one.line.line), reverse=True)


def restore(desk: Desk, *, actor: Actor, tab: str, key: str, commit_id: str | None = None) -> Receipt:
    """Create a removed record again, as History last knew it; of secrets History knows nothing. Reads History.

    Raises NotAllowed, AlreadyExists (the record is there), NotFound (History does not know it), InvalidFields.
    """
    require(actor, "data.fix")
    if tab not in HOT_TABS:
        raise NotFound(tab, key)
    if _taken(desk, tab, key):
        raise AlreadyExists(tab, key)
    cells = _last_version(tab, _lines(desk, tab, key))
    if not cells:
        raise NotFound(tab, key)
    record = check(SCHEMA[tab], cells)
    return desk.save(actor, [create(record, action="restore")], commit_id=commit_id)


def _taken(desk: Desk, tab: str, key: str) -> bool:
    table = desk.snapshot.tables[tab]
    return key in table or key in table.bad


def _lines(desk: Desk, tab: str, key: str) -> Sequence[HistoryLine]:
    lines = desk.history(case_no=key) if tab == "cases" else desk.history()
    return [line for line in lines if line.tab == tab and line.record_id == key]


def _last_version(tab: str, lines: Iterable[HistoryLine]) -> dict[str, Cell]:
    """The cells of the record before it was removed, as far as this version of the app keeps them."""
    cells = last_version(SCHEMA[tab].key, (changes_of(line.changes) for line in lines))
    return {
        name: cell
        for name, cell in cells.items()
        if (column := SCHEMA[tab].column(name)) and not (column.secret and cell == SECRET)
    }
