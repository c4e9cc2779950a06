"""History in memory: the tail that is read with every pull, and the older part when somebody asks for it.

A line longer than a cell goes on in the rows below it, whose `_part` counts up.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from lib.domain.records.fields import CELL_LIMIT, Cell
from lib.domain.records.history import Changes, changes_of
from lib.store.port import Row
from lib.store.schema import HISTORY, SCHEMA
from lib.store.sheets.model.cells import Cells, Raw
from lib.store.sheets.model.layout import PART

TAB = SCHEMA[HISTORY]
TAIL = 2_000  # rows read when the store is opened
CHUNK = 5_000  # rows of the older part read in one call


class HistoryCache:
    """Lines of History, oldest first: sheet rows `first` up to before `end` (0 is the header)."""

    def __init__(self, first: int) -> None:
        self.first = self.end = first
        self.lines: list[Row] = []

    def add(self, rows: Sequence[Sequence[Any]], places: Mapping[str, int], cells: Cells) -> None:
        """Put rows of the sheet that follow what is held."""
        self.lines += lines_of(rows, places, cells)
        self.end += len(rows)

    def between(self, since: int, until: int) -> list[Row]:
        """The lines of the latest writes: after one sequence, through another."""
        found = []
        for line in reversed(self.lines):
            if seq_of(line) <= since:
                break
            if seq_of(line) <= until:
                found.append(line)
        return found[::-1]

    def prepend(self, rows: Sequence[Sequence[Any]], places: Mapping[str, int], cells: Cells) -> None:
        self.first -= len(rows)
        self.lines[:0] = lines_of(rows, places, cells)

    def find(
        self,
        commit_ids: Iterable[str] | None,
        case_no: str | None,
        since_seq: int | None,
        until_seq: int | None,
        actions: Iterable[str] | None,
    ) -> list[Row]:
        ids = None if commit_ids is None else set(commit_ids)
        acts = None if actions is None else set(actions)
        found = [
            line
            for line in self.lines.copy()  # another thread may be adding to them
            if (ids is None or line.get("commit_id") in ids)
            and (case_no is None or line.get("case_no") == case_no)
            and (since_seq is None or seq_of(line) > since_seq)
            and (until_seq is None or seq_of(line) <= until_seq)
            and (acts is None or line.get("action") in acts)
        ]
        return sorted(found, key=lambda line: (seq_of(line), line.get("line", 0)))


def seq_of(line: Row) -> int:
    """The sequence of a line; 0 where somebody spoilt it."""
    seq = line.get("seq")
    return seq if isinstance(seq, int) else 0


def lines_of(rows: Sequence[Sequence[Any]], places: Mapping[str, int], cells: Cells) -> list[Row]:
    """Rows of the sheet as lines; rows that go on are put together."""
    found: list[dict[str, Cell]] = []
    at = places[PART]
    for row, line in zip(rows, cells.rows(TAB, places, rows), strict=True):
        if len(row) > at and row[at] not in ("", 0) and found:
            found[-1]["changes"] = str(found[-1].get("changes", "")) + str(line.get("changes", ""))
        elif line:
            found.append(line)
    return list(found)


def rows_of(line: Row) -> list[tuple[Row, int]]:
    """A line as the rows it takes, each with its part."""
    text = str(line.get("changes", ""))
    parts = [text[at : at + CELL_LIMIT] for at in range(0, len(text), CELL_LIMIT)] or [""]
    rest = {"seq": line["seq"], "commit_id": line["commit_id"]}
    return [({**(rest if part else line), "changes": piece}, part) for part, piece in enumerate(parts)]


def with_part(raw: list[Raw], places: Mapping[str, int], part: int) -> list[Raw]:
    if part:
        raw[places[PART]] = part
    return raw


def changes_in(line: Row) -> Changes:
    """What a line tells of."""
    return changes_of(str(line.get("changes") or ""))
