"""What was saved after a version of the store that somebody restored, as far as this process knows it, and bringing it
back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lib.desk.access import require
from lib.desk.desk import Desk
from lib.domain.records.history import SECRET, Changes, changes_of
from lib.domain.records.workspace import HistoryLine
from lib.domain.rules.permissions import Actor
from lib.errors import Refused
from lib.store.codec import check, decode, encode
from lib.store.commit.batch import Change, Edit, create, remove, repair
from lib.store.commit.merge import COUNTERS
from lib.store.port import Revertible
from lib.store.schema import HISTORY, HOT_TABS, SCHEMA

OLDER = "older_version"
"""The action with which History tells that an older version was restored."""
ACTION = "bring_back"


@dataclass(frozen=True, slots=True)
class Later:
    """The lines about one case, or about one record that belongs to none, that the restored version does not have."""

    tab: str
    key: str
    lines: tuple[HistoryLine, ...]


def later(desk: Desk) -> list[Later]:
    """What is not as it was before the restoring, the counters of numbers first. Answers from memory."""
    if not isinstance(desk.store, Revertible):
        return []
    good, _ = decode(SCHEMA[HISTORY], desk.store.beyond())
    groups: dict[tuple[str, str], list[HistoryLine]] = {}
    for line in good:
        if isinstance(line, HistoryLine) and line.tab in HOT_TABS and _changes(line):
            groups.setdefault(("cases", line.case_no) if line.case_no else (line.tab, line.record_id), []).append(line)
    found = [Later(tab, key, tuple(lines)) for (tab, key), lines in groups.items() if not _is_back(desk, lines)]
    return sorted(found, key=lambda one: one.tab != COUNTERS)


def bring_back(desk: Desk, *, actor: Actor, wanted: Sequence[Later]) -> tuple[int, list[Refused]]:
    """Make the same changes again, case by case. Returns how many cases (or other records) are as they were, and why
    others are not: somebody changed them since. Of secrets History knows nothing. Raises NotAllowed, StoreError."""
    require(actor, "data.fix")
    if not wanted:
        return 0, []
    try:
        desk.save(actor, [_again(line) for one in wanted for line in one.lines])
        return len(wanted), []
    except Refused as refused:
        if len(wanted) == 1:
            return 0, [refused]
    middle = len(wanted) // 2
    first, refused_first = bring_back(desk, actor=actor, wanted=wanted[:middle])
    second, refused_second = bring_back(desk, actor=actor, wanted=wanted[middle:])
    return first + second, refused_first + refused_second


def _again(line: HistoryLine) -> Change:
    """A line of History as a change, with what stood there before as what was seen."""
    tab, changes = SCHEMA[line.tab], _changes(line)
    before, after = ({name: pair[at] for name, pair in changes.items() if pair[at] is not None} for at in (0, 1))
    if tab.key in changes and tab.key in after:
        return create(check(tab, after), action=ACTION, case_no=line.case_no)
    if tab.key in changes:
        return remove(check(tab, before), action=ACTION)
    edits = {name: Edit(seen, new) for name, (seen, new) in changes.items()}
    return repair(line.tab, line.record_id, edits, case_no=line.case_no, action=ACTION)


def _is_back(desk: Desk, lines: Sequence[HistoryLine]) -> bool:
    """Whether every record holds what these lines left behind."""
    last: dict[tuple[str, str], dict[str, Any]] = {}
    for line in lines:
        cells = last.setdefault((line.tab, line.record_id), {})
        cells |= {name: after for name, (_, after) in _changes(line).items()}
    return all(_holds(desk, tab, key, cells) for (tab, key), cells in last.items())


def _holds(desk: Desk, tab: str, key: str, cells: Mapping[str, Any]) -> bool:
    record = desk.snapshot.tables[tab].get(key)
    there = {} if record is None else encode(record)
    return all(there.get(name) == cell for name, cell in cells.items())


def _changes(line: HistoryLine) -> Changes:
    """What the line tells of, without secrets."""
    return {name: pair for name, pair in changes_of(line.changes).items() if SECRET not in pair}
