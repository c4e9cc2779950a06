"""The app's own tab: its first row, cell by cell. Below it stands the journal (`lib.store.sheets.write.journal`).

Whoever reads or writes a cell of the first row does it by the names and functions of this module.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from enum import IntEnum
from typing import Any

from lib.errors import StoreUnavailable
from lib.store.sheets.model.cells import Raw
from lib.store.sheets.model.layout import META, add_sheet, letter, sheet_id
from lib.store.sheets.model.updates import Request, write_from

META_ROWS, META_COLUMNS = 1_000, 120
WRITE_ID = "set-up"
"""The id of write 0, which makes the tab."""
Sequenced = tuple[int, str, int]
"""The sequence, the tag of the last write, and the row where History ends."""


class MetaCell(IntEnum):
    """The columns of the first row, from 0.

    The first three change with every write. `COLUMNS`: which columns the app ever made, by tab. `MEMORY`: what the
    set-up did once. `LEASE`: which process may write, where only one may. `SCHEMA`: the schema number and the headers
    (`lib.store.sheets.model.declared`). `SELFCHECK`: the result of the last self-check; it is about the spreadsheet,
    and no change of the workspace.
    """

    SEQUENCE = 0
    TAG = 1
    HISTORY_END = 2
    COLUMNS = 3
    MEMORY = 4
    LEASE = 5
    SCHEMA = 6
    SELFCHECK = 7


SEQUENCE_CELLS = f"{letter(MetaCell.SEQUENCE)}1:{letter(MetaCell.HISTORY_END)}1"
"""The range of the cells that change with every write."""


def tag_of(write_id: str) -> str:
    """The 16 characters by which a write is known in the sheet."""
    return write_id if len(write_id) <= 16 else hashlib.blake2b(write_id.encode(), digest_size=8).hexdigest()


def meta_tab(index: int) -> Iterator[Request]:
    """The requests that make the tab, at sequence 0."""
    yield add_sheet(META, META, rows=META_ROWS, columns=META_COLUMNS, index=index, hidden=True, frozen=0)
    yield put_sequence(0, WRITE_ID, 1)


def put_sequence(seq: int, write_id: str, end: int) -> Request:
    """Say what the last write was, and where History ends."""
    return _put(MetaCell.SEQUENCE, seq, tag_of(write_id), end)


def put_history_end(end: int) -> Request:
    """Say where History ends, and leave the sequence."""
    return _put(MetaCell.HISTORY_END, end)


def put_json(cell: MetaCell, content: Any) -> Request:
    """Write one cell as JSON."""
    return _put(cell, json.dumps(content, ensure_ascii=False, separators=(",", ":")))


def _put(first: MetaCell, *values: Raw) -> Request:
    return write_from(sheet_id(META), 0, first, [values])


def range_of(cell: MetaCell) -> str:
    """The range of one cell within the tab."""
    return f"{letter(cell)}1"


def read_sequence(rows: Sequence[Sequence[Any]]) -> Sequenced:
    """From rows that begin with the first one. Raises StoreUnavailable where there is no sequence."""
    try:
        seq, tag, end = rows[0][:3]
        return int(seq), str(tag), int(end)
    except (IndexError, ValueError, TypeError):
        raise StoreUnavailable("not set up: no sequence") from None


def read_text(about: Sequence[Any], cell: MetaCell) -> str:
    """One cell of the first row, "" where there is nothing."""
    return str(about[cell]) if len(about) > cell else ""


def only_cell(rows: Sequence[Sequence[Any]]) -> Any:
    """What a range of one cell was answered with, "" where it is empty."""
    return rows[0][0] if rows and rows[0] else ""


def read_object(text: Any) -> dict[str, Any]:
    """The JSON object that stands in a cell; {} where there is none."""
    try:
        found = json.loads(text)
    except (TypeError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
