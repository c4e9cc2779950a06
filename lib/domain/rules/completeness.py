"""Whether the file of a case is complete (requirement E4): rules as data, judged from the case and what belongs to it.

The records that a file holds follow the after-sales handbooks of the trade and ISO 10002, 8.1 (information kept of each
complaint): the report, evidence, plan and consent, answer, review, follow-up, the client's opinion.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Self

from pydantic import ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from lib.domain.configured import Configured, Labelled
from lib.domain.records.case import Case
from lib.domain.records.case_parts import Contact, Evidence, FollowUp, Survey, Task
from lib.domain.records.fields import columns
from lib.domain.records.severity import Priority

PartName = Literal["tasks", "contacts", "follow_ups", "evidence", "surveys"]


@dataclass(frozen=True, slots=True)
class Parts:
    """What belongs to one case."""

    tasks: Sequence[Task] = ()
    contacts: Sequence[Contact] = ()
    follow_ups: Sequence[FollowUp] = ()
    evidence: Sequence[Evidence] = ()
    surveys: Sequence[Survey] = ()

    def open(self, part: PartName) -> bool:
        """Whether something of this part is left to be done."""
        ends = {"tasks": "done_at", "contacts": "done_on", "follow_ups": "done_at", "surveys": "answered_at"}
        return any(getattr(item, ends[part]) is None for item in getattr(self, part)) if part in ends else False

    def has(self, part: PartName, kind: str) -> bool:
        return any(kind in ("", getattr(item, "kind", "")) for item in getattr(self, part))


class ChecklistRule(Labelled):
    """One line of the checklist; see config/archive.toml for the meaning of each key."""

    model_config = ConfigDict(populate_by_name=True)
    key: str
    sources: tuple[str, ...] = Field(default=(), alias="from")
    kinds: tuple[str, ...] = ()
    priorities: tuple[Priority, ...] = ()
    given: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    part: PartName | None = None
    kind_of: str = ""
    must: Literal["any", "none_open"] = "any"

    @model_validator(mode="after")
    def _asks_for_something(self) -> Self:
        if bool(self.fields) == (self.part is not None):
            raise PydanticCustomError("fields_or_part", "needs either fields or a part")
        for name in {*self.fields, *self.given} - columns(Case).keys():
            raise PydanticCustomError("unknown_case_field", "a case has no field {given}", {"given": name})
        return self

    def applies(self, case: Case) -> bool:
        """Whether the line is asked of this case."""
        return (
            (not self.sources or case.stage in self.sources)
            and (not self.kinds or case.kind in self.kinds)
            and (not self.priorities or case.priority in self.priorities)
            and all(getattr(case, name) not in ("", None) for name in self.given)
        )

    def lacking(self, case: Case, parts: Parts) -> tuple[str, ...] | None:
        """The fields that are empty, () where a part is not as it must be; None where nothing lacks."""
        if self.part is None:
            return tuple(name for name in self.fields if getattr(case, name) in ("", None)) or None
        holds = parts.has(self.part, self.kind_of) if self.must == "any" else not parts.open(self.part)
        return None if holds else ()


class ArchiveConfig(Configured):
    """config/archive.toml."""

    after_days: int = Field(ge=0)
    retention_years: Mapping[str, int] = {}
    rule: tuple[ChecklistRule, ...] = ()

    @model_validator(mode="after")
    def _years_are_years(self) -> Self:
        for kind, years in self.retention_years.items():
            if not 1 <= years <= 100:
                raise PydanticCustomError("out_of_range", "{kind}: from 1 to 100 years", {"kind": kind})
        return self


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the checklist of a case. `lacking` are the empty fields, () where a part of the file lacks."""

    rule: ChecklistRule
    done: bool
    lacking: tuple[str, ...] = ()


def checklist(case: Case, parts: Parts, config: ArchiveConfig) -> tuple[Line, ...]:
    """Every line that is asked of this case, in the order of the file."""
    found = ((rule, rule.lacking(case, parts)) for rule in config.rule if rule.applies(case))
    return tuple(Line(rule, lacking is None, lacking or ()) for rule, lacking in found)


def is_complete(case: Case, parts: Parts, config: ArchiveConfig) -> bool:
    return all(rule.lacking(case, parts) is None for rule in config.rule if rule.applies(case))
