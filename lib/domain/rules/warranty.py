"""Whether a defect lies within the legal warranty. Advice for the person who judges the case, not a verdict.

Minimum terms: Regulation on Quality Management of Construction Projects (建设工程质量管理条例) art. 40.
The last day: Civil Code (民法典) art. 201 and 202: the day of handover is not counted; the term ends on the same
day of its last month, or on that month's last day where there is no such day.
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from typing import Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from lib.domain.configured import Configured, Labelled

Verdict = Literal["in", "out", "unknown"]


class WarrantyRule(Labelled):
    years: int | Literal["contract"] = Field(description="whole years from handover, or as the contract says")

    @model_validator(mode="after")
    def _some_years(self) -> Self:
        if isinstance(self.years, int) and not 1 <= self.years <= 100:
            raise ValueError(f"years must be 1 to 100, not {self.years}")
        return self


class WarrantyConfig(Configured):
    """`categories` maps a category key to a rule; `default` is for those that neither it nor its parent is
    in.
    """

    default: str
    rules: dict[str, WarrantyRule]
    categories: dict[str, str]

    @model_validator(mode="after")
    def _known_rules(self) -> Self:
        if unknown := {self.default, *self.categories.values()} - self.rules.keys():
            facts = {"at": "rules", "given": ", ".join(sorted(unknown))}
            raise PydanticCustomError("unknown_name", "no rule {given}", facts)
        return self

    def rule_of(self, category: str) -> str:
        """The rule key of a category, of its parent, or the default."""
        parent = category.rpartition(".")[0]
        return self.categories.get(category) or self.categories.get(parent) or self.default


@dataclass(frozen=True)
class Warranty:
    """`until` is the last day of the warranty, None when the rule is the contract or the handover is not
    known.
    """

    verdict: Verdict
    until: date | None
    rule: str


def check(category: str, handover: date | None, on: date, config: WarrantyConfig) -> Warranty:
    """Judge a defect reported `on` that day; a day before the handover is unknown, the warranty has not
    begun.
    """
    rule = config.rule_of(category)
    years = config.rules[rule].years
    if handover is None or years == "contract":
        return Warranty("unknown", None, rule)
    until = years_later(handover, years)
    if on < handover:
        return Warranty("unknown", until, rule)
    return Warranty("in" if on <= until else "out", until, rule)


def years_later(day: date, years: int) -> date:
    year = day.year + years
    return date(year, day.month, min(day.day, monthrange(year, day.month)[1]))
