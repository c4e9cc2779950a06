"""Extra columns: values that people keep beside the fields of a record, under headers of their own.

On a record such a column is a value like any other, under the name EXTRA + header: `getattr(case, "+钥匙编号")`, None
where the cell is empty. The values are cells (text, numbers, yes or no) and hold as typed; a custom field is an extra
column that was declared (see `lib.domain.records.custom_fields`).
"""

import math
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, PlainValidator, StringConstraints
from pydantic_core import PydanticCustomError

from lib.domain.records.fields import CELL_LIMIT, Cell

EXTRA = "+"
LONGEST = 120  # characters; a longer text is not the name of a column
_NONE: Mapping[str, Cell] = {}


def is_extra(name: str) -> bool:
    """Whether the name of a field is that of an extra column."""
    return name.startswith(EXTRA)


def extra_name(header: str) -> str:
    """The name of the column with this header, "" where the text cannot be one."""
    text = " ".join(header.split())
    return EXTRA + text if 0 < len(text) <= LONGEST else ""


def header_of(name: str) -> str:
    """The header of an extra column."""
    return name.removeprefix(EXTRA)


def extras_of(record: BaseModel) -> Mapping[str, Cell]:
    """The extra columns of a record that are filled in, by name."""
    return record.__pydantic_extra__ or _NONE


def values_of(record: BaseModel) -> Mapping[str, Any]:
    """Every value of a record by name, extra columns with them."""
    extras = record.__pydantic_extra__
    return {**record.__dict__, **extras} if extras else record.__dict__


def _is_cell(value: Any) -> Cell:
    if isinstance(value, str):
        if not value:
            raise PydanticCustomError("missing", "not a cell")
        if len(value) > CELL_LIMIT:
            raise PydanticCustomError("string_too_long", "not a cell", {"max_length": CELL_LIMIT})
        return value
    if not isinstance(value, int | float) or (isinstance(value, float) and not math.isfinite(value)):
        raise PydanticCustomError("not_a_cell", "not a cell")
    return value


ExtraName = Annotated[str, StringConstraints(pattern=r"^\+\S", max_length=1 + LONGEST)]
ExtraCell = Annotated[str | int | float | bool, PlainValidator(_is_cell)]
