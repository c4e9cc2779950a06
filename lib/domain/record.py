"""The base of every record: frozen, strict about names, and silent about times without a zone (it refuses them)."""

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, StringConstraints

from lib.domain.extras import EXTRA, ExtraCell, ExtraName
from lib.domain.fields import CELL_LIMIT
from lib.domain.phones import PATTERN as PHONE_PATTERN

Key = Annotated[str, StringConstraints(min_length=1, max_length=120)]
Text = Annotated[str, StringConstraints(max_length=CELL_LIMIT)]
Choice = Annotated[str, StringConstraints(max_length=80)]
Phone = Annotated[str, StringConstraints(pattern=rf"^$|{PHONE_PATTERN}")]
Time = AwareDatetime
Day = date


class Record(BaseModel):
    """One row of one tab. Equality is by value; a change makes a new record (`model_copy`).

    Beside its fields it takes extra columns (see `lib.domain.extras`), and no other name.
    """

    model_config = ConfigDict(frozen=True, extra="allow", hide_input_in_errors=True, allow_inf_nan=False)
    __pydantic_extra__: dict[ExtraName, ExtraCell]

    if not TYPE_CHECKING:  # a type checker shall go on finding names that are misspelt

        def __getattr__(self, name: str) -> Any:
            """An extra column that is empty is None."""
            if name.startswith(EXTRA):
                return (self.__pydantic_extra__ or {}).get(name)
            return super().__getattr__(name)
