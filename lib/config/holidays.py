"""config/holidays.toml, with the public holidays of China and their make-up workdays from `chinese_calendar`.

The library follows the yearly notices of the General Office of the State Council
(国务院办公厅关于部分节假日安排的通知). The file adds what the library lacks and corrects where it differs.
"""

from collections.abc import Mapping
from datetime import date
from typing import Literal, Self

from chinese_calendar import constants as china
from pydantic import Field, field_validator, model_validator

from lib.domain.configured import Configured
from lib.domain.time.work_hours import CalendarConfig, Spans, Weekday, every_day, holiday_and_make_up, some_work

BETWEEN = " / "  # two names of one day


class Year(Configured):
    """The holidays of one year as announced: the day and its name. A name that the library knows in Chinese becomes its
    English one, by which festivals are known everywhere; two on one day are written with a comma (国庆节、中秋节)."""

    holidays: Mapping[date, str]
    make_up_days: frozenset[date] = frozenset()

    @field_validator("holidays")
    @classmethod
    def _known_names(cls, holidays: Mapping[date, str]) -> Mapping[date, str]:
        return {day: BETWEEN.join(_name(part) for part in name.split("、")) for day, name in holidays.items()}

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if both := self.make_up_days & self.holidays.keys():
            raise holiday_and_make_up(both)
        return self


class HolidaysFile(Configured):
    """When the agency works, as the file states it."""

    holidays: Literal["cn", "none"] = "cn"
    ordinary_days: frozenset[date] = frozenset()
    weekly: dict[Weekday, Spans] = Field(default_factory=every_day)
    overrides: Mapping[date, Spans] = {}
    announced: Mapping[int, Year] = {}

    @field_validator("weekly")
    @classmethod
    def _some_work(cls, weekly: dict[Weekday, Spans]) -> dict[Weekday, Spans]:
        return some_work(weekly)

    def calendar(self, timezone: str) -> CalendarConfig:
        """The resulting calendar; without public holidays no year waits for its announcement."""
        shared = {"timezone": timezone, "weekly": self.weekly, "overrides": self.overrides}
        if self.holidays == "none":
            return CalendarConfig.model_validate(shared)
        years = {**_years(), **self.announced}
        holidays = {day: name for year in years.values() for day, name in year.holidays.items()}
        return CalendarConfig.model_validate(
            shared
            | {
                "holidays": {day: name for day, name in holidays.items() if day not in self.ordinary_days},
                "make_up_days": frozenset().union(*(year.make_up_days for year in years.values())),
                "announced": frozenset(years),
            }
        )


def _years() -> dict[int, Year]:
    """The years that the library knows completely. A notice names days of the year before, so National Day must be in
    it.
    """
    whole = {day.year for day in china.holidays if (day.month, day.day) == (10, 1)}
    return {
        year: Year(
            holidays={day: str(name) for day, name in china.holidays.items() if day.year == year},
            make_up_days=frozenset(day for day in china.workdays if day.year == year),
        )
        for year in whole
    }


def _name(text: str) -> str:
    names = {holiday.chinese.removesuffix("节"): str(holiday.value) for holiday in china.Holiday}
    return names.get(text.strip().removesuffix("节"), text.strip())
