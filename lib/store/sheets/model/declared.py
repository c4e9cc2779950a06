"""What the spreadsheet says of the schema that it was last set up by: its number, and how each column is called.

A later version of the app may have set it up. This one learns from here which headers are that version's, and does not
take them for columns that people added.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lib.store.schema import Schema
from lib.store.schema_number import OURS, UNNUMBERED, SchemaNumber, read_number
from lib.store.sheets.model.meta import MetaCell, put_json, read_object, read_text
from lib.store.sheets.model.updates import Request

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
        found = read_object(read_text(about, MetaCell.SCHEMA))
        number = read_number(str(found["schema"]))
        labels = {
            str(tab): {str(key): (str(zh), str(en)) for key, (zh, en) in columns.items()}
            for tab, columns in found["columns"].items()
        }
    except (KeyError, TypeError, ValueError, AttributeError):
        return Declared()
    return Declared(number, labels)


def declare_request(schema: Schema) -> Request:
    """Write our own."""
    labels = {name: {key: [column.zh, column.en] for key, column in tab.own.items()} for name, tab in schema.items()}
    return put_json(MetaCell.SCHEMA, {"schema": str(OURS), "columns": labels})
