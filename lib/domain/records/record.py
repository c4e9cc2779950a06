"""The base of every record: frozen, strict about names, and silent about times without a zone (it refuses them)."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BaseModel, ConfigDict, StringConstraints
from pydantic_core import CoreSchema, core_schema

from lib.domain.records.extras import EXTRA, ExtraCell, ExtraName
from lib.domain.records.fields import CELL_LIMIT
from lib.domain.text.phones import PATTERN as PHONE_PATTERN
from lib.domain.time.clock import OFFSETS
from lib.domain.time.work_calendar import FIRST_YEAR, LAST_YEAR

_DAY = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
_CLOCK = r"[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,9})?)?"
_OFFSET = "|".join(
    f"\\{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:?{abs(minutes) % 60:02}" for minutes in OFFSETS
)
_ZONE = f"(?:[Zz]|{_OFFSET})"
_FIRST, _LAST = date(FIRST_YEAR, 1, 2), date(LAST_YEAR, 12, 30)
"""A day inside the calendar, so that a time lies in it in every zone."""


@dataclass(frozen=True, slots=True)
class Written:
    """A day or an aware time: as such, or as ISO 8601 text, in the years of the working calendar: what lies beyond
    (9999-12-31 for "without an end") is no time to count with. pydantic alone would also take numbers for seconds since
    1970, and the end of a window (14:00-15:00) for an offset."""

    kind: type[date]
    pattern: str

    def __get_pydantic_core_schema__(self, _source: Any, _handler: Any) -> CoreSchema:
        is_time = self.kind is datetime
        forms = core_schema.union_schema(
            [
                core_schema.is_instance_schema(self.kind),
                core_schema.str_schema(strict=True, pattern=f"^{self.pattern}$"),
            ],
            custom_error_type="datetime_parsing" if is_time else "date_parsing",
            custom_error_context={"error": "not ISO 8601"},
        )
        value = (
            core_schema.datetime_schema(tz_constraint="aware", ge=_midnight(_FIRST), lt=_midnight(_LAST))
            if is_time
            else core_schema.date_schema(ge=_FIRST, le=_LAST)
        )
        return core_schema.chain_schema([forms, value])


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


Key = Annotated[str, StringConstraints(min_length=1, max_length=120)]
Text = Annotated[str, StringConstraints(max_length=CELL_LIMIT)]
Choice = Annotated[str, StringConstraints(max_length=80)]
Phone = Annotated[str, StringConstraints(pattern=rf"^$|{PHONE_PATTERN}")]
Time = Annotated[datetime, Written(datetime, rf"{_DAY}[Tt ]{_CLOCK}{_ZONE}?")]
Day = Annotated[date, Written(date, _DAY)]


class Record(BaseModel):
    """One row of one tab. Equality is by value; a change makes a new record (`model_copy`).

    Beside its fields it takes extra columns (see `lib.domain.records.extras`), and no other name.
    """

    model_config = ConfigDict(frozen=True, extra="allow", hide_input_in_errors=True, allow_inf_nan=False)
    __pydantic_extra__: dict[ExtraName, ExtraCell]

    if not TYPE_CHECKING:  # a type checker shall go on finding names that are misspelt

        def __getattr__(self, name: str) -> Any:
            """An extra column that is empty is None."""
            if name.startswith(EXTRA):
                return (self.__pydantic_extra__ or {}).get(name)
            return super().__getattr__(name)
