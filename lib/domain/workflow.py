"""The state machine of a case as data (requirement D1): stages, guarded moves, and what a move does to the clocks.

`apply` is the one way a case changes its stage. It is a function of the case, the move, the person, `now` and the
calendar; it returns the fields to write and raises `WrongStage`, `NotAllowed` or `InvalidFields`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from lib.domain.case import Case
from lib.domain.clocks import Clock, SlaConfig, due_at, shift_for_pause
from lib.domain.fields import columns
from lib.domain.permissions import Actor
from lib.domain.work_calendar import WorkCalendar
from lib.errors import InvalidFields, NotAllowed, Problem, WrongStage

CLOCK_FIELDS: Mapping[Clock, tuple[str, str]] = {
    "acknowledge": ("acknowledge_due", "acknowledged_at"),
    "contact": ("contact_due", "contacted_at"),
    "plan": ("plan_due", "planned_at"),
    "resolve": ("resolve_due", "answered_at"),
    "review": ("review_due", "reviewed_at"),
}
"""For each clock the field of its due time and the field that ends it."""


class Stage(BaseModel):
    """One stage. `clocks` run in it; in a paused one every running clock waits."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    key: str
    zh: str
    en: str
    phase: Literal["open", "paused", "answered", "closed"]
    clocks: tuple[Clock, ...] = ()


class Move(BaseModel):
    """One move of a case; see config/workflow.toml for the meaning of each key."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)
    key: str
    zh: str
    en: str
    icon: str
    sources: tuple[str, ...] = Field(alias="from")
    to: str = ""
    permission: str
    needs: tuple[str, ...] = ()
    asks: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    stops: tuple[Clock, ...] = ()
    restarts: tuple[Clock, ...] = ()
    kinds: tuple[str, ...] = ()
    priorities: tuple[str, ...] = ()
    not_by: tuple[str, ...] = ()
    sets: Mapping[str, str] = {}
    counts: str = ""
    note: bool = False
    tell_client: str = ""

    @property
    def fields(self) -> tuple[str, ...]:
        """What the form of the move shows: first what it needs, then what it asks."""
        return (*self.needs, *(name for name in self.asks if name not in self.needs))


class Workflow(BaseModel):
    """config/workflow.toml. Every name in it is checked when it is loaded."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    stage: tuple[Stage, ...]
    move: tuple[Move, ...]

    @model_validator(mode="after")
    def _names_exist(self) -> "Workflow":
        for move in self.move:
            for name in {*move.sources, move.to} - {"", *self.stages}:
                raise ValueError(f"move {move.key}: no stage {name!r}")
            fields = {*move.fields, *move.unless, *move.not_by, *move.sets, move.tell_client, move.counts}
            for name in fields - {"", *columns(Case)}:
                raise ValueError(f"move {move.key}: a case has no field {name!r}")
        return self

    @cached_property
    def stages(self) -> dict[str, Stage]:
        return {stage.key: stage for stage in self.stage}

    @cached_property
    def moves(self) -> dict[str, Move]:
        return {move.key: move for move in self.move}

    def keys_in(self, *phases: str) -> frozenset[str]:
        """The stages of the given phases."""
        return frozenset(stage.key for stage in self.stage if stage.phase in phases)

    def running(self, case: Case) -> list[tuple[datetime, Clock]]:
        """The clocks that run now with their due times, the earliest first; none when paused, answered or closed."""
        stage = self.stages.get(case.stage)
        if stage is None or stage.phase != "open":
            return []
        fields = ((clock, *CLOCK_FIELDS[clock]) for clock in stage.clocks)
        return sorted(
            (due, clock)
            for clock, name, end in fields
            if (due := getattr(case, name)) is not None and getattr(case, end) is None
        )

    def next_due(self, case: Case) -> datetime | None:
        """The earliest due time of the clocks that run; None where none does."""
        running = self.running(case)
        return running[0][0] if running else None

    def refusal(self, case: Case, move: Move, actor: Actor) -> str | None:
        """Why the move cannot be made now by this person: a reason code, or None. Missing fields are not a reason."""
        conditions = (
            ("stage", case.stage in move.sources),
            ("permission", actor.may(move.permission, case)),
            ("kind", not move.kinds or case.kind in move.kinds),
            ("priority", not move.priorities or case.priority in move.priorities),
            ("done", not any(getattr(case, name) for name in move.unless)),
            ("own", not any(getattr(case, name) == actor.staff_id for name in move.not_by)),
        )
        return next((code for code, holds in conditions if not holds), None)

    def moves_for(self, case: Case, actor: Actor) -> Iterator[Move]:
        """The moves this person may make now, in the order of the file (the likely one first)."""
        return (move for move in self.move if self.refusal(case, move, actor) is None)

    def check_step(self, before: Case, after: Case) -> None:
        """Raise WrongStage unless some move leads from the one stage to the other (any person, any condition)."""
        if before.stage != after.stage and not any(
            before.stage in move.sources and move.to == after.stage for move in self.move
        ):
            raise WrongStage(case_no=before.case_no, stage=before.stage, move=after.stage)


@dataclass(frozen=True, slots=True)
class Rules:
    """What `apply` and `enter` need beside the case."""

    workflow: Workflow
    sla: SlaConfig
    calendar: WorkCalendar


def apply(
    case: Case, move_key: str, values: Mapping[str, Any], *, actor: Actor, now: datetime, rules: Rules
) -> dict[str, Any]:
    """The fields that the move writes, `values` among them.

    Raises WrongStage (stage or condition), NotAllowed (permission, or own case), InvalidFields (something needed is
    missing, or a field is not one of the move's).
    """
    move = rules.workflow.moves[move_key]
    _check_allowed(case, move, actor, rules.workflow)
    _check_fields(case, move, values)
    fields: dict[str, Any] = {**values, **move.sets}
    for clock in move.stops:
        end = CLOCK_FIELDS[clock][1]
        if getattr(case, end) is None and end not in fields:
            fields[end] = now
    if move.counts:
        fields[move.counts] = getattr(case, move.counts) + 1
    if move.to:
        fields |= _leave(case, now, rules)
        for clock in move.restarts:
            fields |= dict.fromkeys(CLOCK_FIELDS[clock])
        fields |= enter(case.model_copy(update=fields), move.to, now=now, rules=rules)
    return fields


def enter(case: Case, stage_key: str, *, now: datetime, rules: Rules) -> dict[str, Any]:
    """The fields written when a case enters a stage: the stage, since when, and the clocks that start."""
    stage = rules.workflow.stages[stage_key]
    fields: dict[str, Any] = {"stage": stage_key, "stage_since": now}
    for clock in stage.clocks:
        due, end = CLOCK_FIELDS[clock]
        if getattr(case, due) is None and getattr(case, end) is None:
            start = case.taken_at if clock == "acknowledge" else now
            fields[due] = due_at(clock, case.priority, start, rules.calendar, rules.sla)
    if stage.phase == "paused":
        fields["paused_at"] = now
    if stage_key == "in_review":
        fields |= {"review_asked_at": now, "review_result": "", "reviewed_at": None}
        fields["review_due"] = due_at("review", case.priority, now, rules.calendar, rules.sla)
    fields["closed_at"] = (case.closed_at or now) if stage.phase == "closed" else None
    return fields


def _leave(case: Case, now: datetime, rules: Rules) -> dict[str, Any]:
    """Leaving a pause pushes every clock that still runs by the working time spent in it."""
    if case.paused_at is None:
        return {}
    fields: dict[str, Any] = {"paused_at": None}
    for due, end in CLOCK_FIELDS.values():
        deadline = getattr(case, due)
        if deadline is not None and getattr(case, end) is None:
            fields[due] = shift_for_pause(deadline, case.paused_at, now, rules.calendar)
    return fields


def _check_allowed(case: Case, move: Move, actor: Actor, workflow: Workflow) -> None:
    why = workflow.refusal(case, move, actor)
    if why == "permission":
        raise NotAllowed(move.permission, record=case.case_no)
    if why is not None:
        raise WrongStage(case_no=case.case_no, stage=case.stage, move=move.key, why=why)


def _check_fields(case: Case, move: Move, values: Mapping[str, Any]) -> None:
    problems = [Problem(name, "not_in_form") for name in values if name not in move.fields]
    for name in move.needs:
        if values.get(name, getattr(case, name)) in ("", None):
            problems.append(Problem(name, "missing"))
    if problems:
        raise InvalidFields("cases", problems)
