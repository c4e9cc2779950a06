"""The base of every record: frozen, strict about names, and silent about times without a zone (it refuses them)."""

from datetime import date
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, StringConstraints

from lib.domain.fields import CELL_LIMIT
from lib.domain.phones import PATTERN as PHONE_PATTERN

Key = Annotated[str, StringConstraints(min_length=1, max_length=120)]
Text = Annotated[str, StringConstraints(max_length=CELL_LIMIT)]
Choice = Annotated[str, StringConstraints(max_length=80)]
Phone = Annotated[str, StringConstraints(pattern=rf"^$|{PHONE_PATTERN}")]
Time = AwareDatetime
Day = date


class Record(BaseModel):
    """One row of one tab. Equality is by value; a change makes a new record (`model_copy`)."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, allow_inf_nan=False)
