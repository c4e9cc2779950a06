"""Where a write landed: the journal of the last write, checked by everybody who reads the sheet after it.

A write goes to rows by position, as they were read. Somebody may have sorted, inserted or moved columns in between,
and Google does not tell. So the write itself lets the sheet copy each row as it is at that very moment (see
`lib.store.sheets.plan`), beside a note of what was meant. A picture with another key, or under other headers, shows a
cell of the wrong row, with the value to put back; a picture with another value shows an edit that came in between.
Nobody writes on top of a write that has not been checked.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lib.domain.fields import Cell
from lib.store.port import Row
from lib.store.schema import SCHEMA
from lib.store.sheets.cells import Cells
from lib.store.sheets.history import changes_of
from lib.store.sheets.layout import HASH, REV, places
from lib.store.sheets.reader import RawRows


@dataclass(frozen=True, slots=True)
class Hit:
    """Cells that were written by mistake: the row's key ("" where it has none), and by header text what was there."""

    tab: str
    key: str
    before: Mapping[str, Any]
    rev_place: int = -1
    key_place: int = -1
    wrote: str = ""
    """A row that had no key is found again by what was written into it: the sequence and, where it got one, a key."""


@dataclass(frozen=True, slots=True)
class Stray:
    """Rows that were appended under other headers: those with the sequence `seq` at `rev_place`, and their keys."""

    tab: str
    key_place: int
    rev_place: int
    seq: int


@dataclass(frozen=True, slots=True)
class Overwritten:
    """A value that somebody had typed in the moment before the app wrote over it."""

    tab: str
    key: str
    field: str
    theirs: Cell
    ours: Cell


@dataclass
class Findings:
    """What is wrong with the last write.

    `redo`: fields that did not reach their row; `typed`: tokens of rows, of those that become records; `lost`: rows
    removed by mistake, and `remove`: those that should have been; `strays`: rows appended under other headers.
    """

    hits: list[Hit] = field(default_factory=list)
    redo: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    typed: dict[tuple[str, str], str] = field(default_factory=dict)
    overwritten: list[Overwritten] = field(default_factory=list)
    lost: list[tuple[str, list[Any], list[Any]]] = field(default_factory=list)
    remove: list[tuple[str, str]] = field(default_factory=list)
    strays: list[Stray] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.hits or self.redo or self.overwritten or self.lost or self.remove or self.strays)


def check(journal: RawRows, lines: Mapping[str, Mapping[str, Sequence[Row]]], cells: Cells, seq: int) -> Findings:
    """Look at every picture of write `seq`. `lines` are its lines of History, by tab and record."""
    found = Findings()
    headers: dict[str, list[Any]] = {}
    for kind, tab, *rest, picture in _entries(journal):
        if kind == "h":
            headers[tab] = picture
            appended, meant = rest
            if appended and any(places(SCHEMA[tab], picture).get(name) != place for name, place in meant.items()):
                found.strays.append(Stray(tab, meant[SCHEMA[tab].key], meant[REV], seq))
        elif kind == "s":
            _check_straightened(found, tab, rest, headers[tab], picture, cells, seq)
        elif kind == "d":
            _check_removed(found, tab, rest[0], headers[tab], picture, cells)
        else:
            told = lines.get(tab, {}).get(rest[0], ())
            if _check_changed(found, kind, tab, rest[0], rest[1], headers[tab], picture, told, cells) or kind == "u":
                continue
            found.typed[tab, rest[0]] = rest[2]
    return found


def _entries(journal: RawRows) -> Iterator[list[Any]]:
    """[kind, tab, ..., picture] of each row; a row that is no entry ends the journal."""
    for row in journal:
        try:
            note = json.loads(row[0])
        except (IndexError, TypeError, ValueError):
            return
        yield [*note, row[1:]]


def _check_changed(
    found: Findings,
    kind: str,
    tab: str,
    key: str,
    fields: Mapping[str, int],
    header: list[Any],
    picture: list[Any],
    told: Sequence[Row],
    cells: Cells,
) -> bool:
    there = places(SCHEMA[tab], header)
    key_then = _key(tab, picture, there, cells)
    typed = key_then == "" and any(cell != "" for cell in picture)
    right = typed if kind == "t" else key_then == key
    if right and all(there.get(name) == place or str(_at(header, place)) == name for name, place in fields.items()):
        found.overwritten += _overwritten(tab, key, fields, picture, told, cells)
        return True
    before = {str(_at(header, place)): _at(picture, place) for place in fields.values()}
    key_place = fields.get(SCHEMA[tab].key, -1)
    found.hits.append(Hit(tab, key_then, before, fields.get(REV, -1), key_place, key if key_place >= 0 else ""))
    found.redo.setdefault((tab, key), set()).update(fields)
    return False


def _check_straightened(
    found: Findings, tab: str, rest: list[Any], header: list[Any], picture: list[Any], cells: Cells, seq: int
) -> None:
    """A row that had strayed and was written anew: under the right headers now, or overtaken once more?"""
    key, fields, token = rest
    there = places(SCHEMA[tab], header)
    same_row = key in picture
    if same_row and all(there.get(name) == place for name, place in fields.items()):
        return
    if same_row:
        found.strays.append(Stray(tab, fields[SCHEMA[tab].key], fields[REV], seq))
        return
    before = {str(_at(header, place)): _at(picture, place) for place in fields.values()}
    found.hits.append(Hit(tab, _key(tab, picture, there, cells), before, fields[REV], fields[SCHEMA[tab].key], key))
    found.strays.append(Stray(tab, *map(int, token.split())))


def _check_removed(found: Findings, tab: str, key: str, header: list[Any], picture: list[Any], cells: Cells) -> None:
    key_then = _key(tab, picture, places(SCHEMA[tab], header), cells)
    if key_then != key:
        found.lost.append((tab, header, picture))
        found.remove.append((tab, key))


def _overwritten(
    tab: str, key: str, fields: Mapping[str, int], picture: list[Any], told: Sequence[Row], cells: Cells
) -> Iterator[Overwritten]:
    chains = chains_of(told)
    for name, place in fields.items():
        if name in (REV, HASH) or name not in chains:
            continue
        then = cells.column(SCHEMA[tab], name, [_at(picture, place)])[0]
        theirs = None if then == "" and isinstance(then, str) else then
        if theirs not in chains[name]:
            yield Overwritten(tab, key, name, theirs, chains[name][1])


def chains_of(told: Sequence[Row]) -> dict[str, tuple[Cell, Cell]]:
    """{field: (value before a write, value after it)}, of one record."""
    chains: dict[str, tuple[Cell, Cell]] = {}
    for line in told:
        for name, (before, after) in changes_of(line).items():
            chains[name] = (chains[name][0] if name in chains else before, after)
    return chains


def _key(tab: str, picture: list[Any], there: Mapping[str, int], cells: Cells) -> str:
    field_name = SCHEMA[tab].key
    if field_name not in there:
        return ""
    return str(cells.column(SCHEMA[tab], field_name, [_at(picture, there[field_name])])[0])


def _at(row: Sequence[Any], place: int) -> Any:
    return row[place] if place < len(row) else ""
