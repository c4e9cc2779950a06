"""What the spreadsheet says of the schema that it was last set up by: its number, and how each column is called.

A later version of the app may have set it up. This one learns from here which headers are that version's, and does not
take them for columns that people added.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lib.store.schema import Schema
from lib.store.schema_number import OURS, UNNUMBERED, SchemaNumber, read_number
from lib.store.sheets.model.cells import extended
from lib.store.sheets.model.layout import META, sheet_id

AT = 6  # the cell of the app's own tab that holds it
Labels = Mapping[str, Mapping[str, Sequence[str]]]
"""{tab: {column: [Chinese, English]}}"""


@dataclass(frozen=True, slots=True)
class Declared:
    """The number, and the columns of every tab."""

    number: SchemaNumber = UNNUMBERED
    labels: Labels = field(default_factory=dict)


def read_declared(about: Sequence[Any]) -> Declared:
    """From the first row of the app's own tab; nothing where it was set up before there were numbers."""
    try:
        found = json.loads(about[AT])
        number = read_number(str(found["schema"]))
        labels = {
            str(tab): {str(key): (str(zh), str(en)) for key, (zh, en) in columns.items()}
            for tab, columns in found["columns"].items()
        }
    except (IndexError, KeyError, TypeError, ValueError, AttributeError):
        return Declared()
    return Declared(number, labels)


def declare_request(schema: Schema) -> dict[str, Any]:
    """Write our own."""
    labels = {name: {key: [column.zh, column.en] for key, column in tab.own.items()} for name, tab in schema.items()}
    text = json.dumps({"schema": str(OURS), "columns": labels}, ensure_ascii=False, separators=(",", ":"))
    start = {"sheetId": sheet_id(META), "rowIndex": 0, "columnIndex": AT}
    rows = [{"values": [extended(text)]}]
    return {"updateCells": {"start": start, "rows": rows, "fields": "userEnteredValue"}}
