"""The state machine of a case as data (requirement D1): stages, guarded moves, and what a move does to the clocks.

`apply` is the one way a case changes its stage. It is a function of the case, the move, the person, `now` and the
calendar; it returns the fields to write and raises `WrongStage`, `NotAllowed` or `InvalidFields`.

Clocks: a stage starts those it names that never ran. A pause pushes all that run. A change of priority moves them
(`moved_clocks`). A case opened again, or decided otherwise by a review, gets a fresh resolve clock with its whole
target from that moment; the other clocks stay as they ended. Every review has a clock of its own.
"""

from collections import Counter
from collections.abc import Collection, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, Literal

from pydantic import ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from lib.domain.case import Case
from lib.domain.clocks import Clock, SlaConfig, due_at, due_with, shift, shift_for_pause
from lib.domain.configured import Configured, Labelled
from lib.domain.fields import PEOPLE_BETWEEN, columns
from lib.domain.permissions import Actor, Permission
from lib.domain.severity import Priority
from lib.domain.work_calendar import WorkCalendar
from lib.errors import InvalidFields, NotAllowed, Problem, WrongStage

IN_REVIEW = "in_review"
"""The stage in which another person looks at a case again."""
CLOCK_FIELDS: Mapping[Clock, tuple[str, str]] = {
    "acknowledge": ("acknowledge_due", "acknowledged_at"),
    "contact": ("contact_due", "contacted_at"),
    "plan": ("plan_due", "planned_at"),
    "resolve": ("resolve_due", "answered_at"),
    "review": ("review_due", "reviewed_at"),
}
"""For each clock the field of its due time and the field that ends it."""


class Stage(Labelled):
    """One stage. `clocks` run in it; in a paused one every running clock waits."""

    key: str
    phase: Literal["open", "paused", "answered", "closed"]
    clocks: tuple[Clock, ...] = ()


class Move(Labelled):
    """One move of a case; see config/workflow.toml for the meaning of each key."""

    model_config = ConfigDict(populate_by_name=True)
    key: str
    icon: str
    sources: tuple[str, ...] = Field(alias="from")
    to: str = ""
    back: bool = False
    permission: Permission
    needs: tuple[str, ...] = ()
    needs_with: Mapping[str, tuple[str, ...]] = {}
    needs_if: Mapping[str, Mapping[str, tuple[str, ...]]] = {}
    asks: tuple[str, ...] = ()
    anew: tuple[str, ...] = ()
    given: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    stops: tuple[Clock, ...] = ()
    restarts: tuple[Clock, ...] = ()
    kinds: tuple[str, ...] = ()
    priorities: tuple[Priority, ...] = ()
    not_by: tuple[str, ...] = ()
    decides: bool = False
    signs: str = ""
    sets: Mapping[str, str] = {}
    clears: tuple[str, ...] = ()
    written: tuple[Priority, ...] = ()
    counts: str = ""
    note: bool = False
    tell_client: str = ""

    @property
    def fields(self) -> tuple[str, ...]:
        """What the move may write: first what it needs, then what it asks."""
        with_others = [name for names in self.needs_with.values() for name in names]
        with_others += [name for by_value in self.needs_if.values() for names in by_value.values() for name in names]
        return tuple(dict.fromkeys((*self.needs, *with_others, *self.asks)))

    def names(self, stages: Collection[str]) -> Iterator[tuple[str, Iterable[str], Collection[str]]]:
        """(key, names, known): what stands at each of its keys that name stages or fields of a case."""
        yield "from", self.sources, stages
        yield "to", [self.to], {"", *stages}
        with_others = [name for names in self.needs_with.values() for name in names]
        if_others = [name for by_value in self.needs_if.values() for names in by_value.values() for name in names]
        yield "needs_with", [*self.needs_with, *with_others], columns(Case)
        yield "needs_if", [*self.needs_if, *if_others], columns(Case)
        for key in ("needs", "asks", "anew", "given", "unless", "not_by", "sets", "clears"):
            yield key, getattr(self, key), columns(Case)
        for key in ("signs", "tell_client", "counts"):
            yield key, [getattr(self, key)], {"", *columns(Case)}

    def needed(self, case: Case) -> tuple[str, ...]:
        """What must be filled in for this case."""
        with_others = [name for other, names in self.needs_with.items() if getattr(case, other) for name in names]
        for other, by_value in self.needs_if.items():
            with_others += by_value.get(str(getattr(case, other)), ())
        return tuple(dict.fromkeys((*self.needs, *with_others)))

    def missing(self, case: Case, said: Container[str] | None = None) -> tuple[str, ...]:
        """What must be filled in first, and is not. `said` are the fields given with the move; without it, whatever
        the case tells counts."""
        old = {name for name in self.anew if said is not None and name not in said}
        return tuple(name for name in self.needed(case) if name in old or _is_blank(getattr(case, name)))

    def unmet(self, case: Case) -> str | None:
        """The condition on the case, whoever acts, that it does not meet: a reason code, or None."""
        conditions = (
            ("kind", not self.kinds or case.kind in self.kinds),
            ("priority", not self.priorities or case.priority in self.priorities),
            ("early", all(getattr(case, name) for name in self.given)),
            ("done", not any(getattr(case, name) for name in self.unless)),
        )
        return next((code for code, holds in conditions if not holds), None)

    def shown(self, case: Case) -> tuple[str, ...]:
        """What its form shows for this case: first what it needs, then what it asks."""
        return tuple(dict.fromkeys((*self.needed(case), *self.asks)))


def _is_blank(value: Any) -> bool:
    """Spaces alone fill nothing in; the store does not keep them either."""
    return value is None or (isinstance(value, str) and not value.strip())


class Workflow(Configured):
    """config/workflow.toml. Every name in it is checked when it is loaded."""

    stage: tuple[Stage, ...]
    move: tuple[Move, ...]

    @model_validator(mode="after")
    def _names_exist(self) -> "Workflow":
        for kind, parts in (("stage", self.stage), ("move", self.move)):
            for key, times in Counter(part.key for part in parts).items():
                if times > 1:
                    raise PydanticCustomError("key_twice", "there twice", {"at": f"{kind}.{key}", "step": key})
        for move in self.move:
            for place, names, known in move.names(self.stages.keys()):
                for name in names:
                    if name not in known:
                        facts = {"at": f"move.{move.key}.{place}", "given": name}
                        raise PydanticCustomError("unknown_name", "no {given}", facts)
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

    def leads(self, move: Move, case: Case) -> str:
        """The stage that the move leads this case to, "" where it stays: `back` to the one that the pause broke off,
        or to `to` where the row does not tell which that was."""
        return case.paused_stage if move.back and case.paused_stage in self.before(case.stage) else move.to

    def before(self, stage: str) -> tuple[str, ...]:
        """The stages from which a move leads to this one, in the order of the file."""
        sources = {source for move in self.move if move.to == stage for source in move.sources}
        return tuple(key for key in self.stages if key in sources)

    def targets(self, move: Move) -> tuple[str, ...]:
        """Every stage that the move can lead to."""
        if not move.back:
            return (move.to,) if move.to else ()
        return tuple(key for key in self.stages if any(key in self.before(source) for source in move.sources))

    def next_due(self, case: Case) -> datetime | None:
        """The earliest due time of the clocks that run; None where none does."""
        running = self.running(case)
        return running[0][0] if running else None

    def refusal(self, case: Case, move: Move, actor: Actor) -> str | None:
        """Why the move cannot be made now by this person: a reason code, or None. Missing fields are not a reason."""
        if case.stage not in move.sources:
            return "stage"
        if not actor.may(move.permission, case):
            return "own" if actor.is_concerned(case) and actor.may(move.permission) else "permission"
        if (unmet := move.unmet(case)) is not None:
            return unmet
        return "own" if any(actor.staff_id in getattr(case, name).split(",") for name in move.not_by) else None

    def moves_for(self, case: Case, actor: Actor) -> Iterator[Move]:
        """The moves this person may make now, in the order of the file (the likely one first)."""
        return (move for move in self.move if self.refusal(case, move, actor) is None)

    def check_step(self, before: Case, after: Case) -> None:
        """Raise WrongStage unless a move leads from the one stage to the other, and the case has what it asks for.

        For a step of which nobody knows who made it: permissions and who must not make it are not judged. The error
        tells of the move that lacks least.
        """
        if before.stage == after.stage:
            return
        ways = [self._obstacle(move, before, after) for move in self.steps_between(before, after.stage)]
        if not ways:
            raise WrongStage(case_no=before.case_no, stage=before.stage, move=after.stage)
        why, missing = min(ways, key=lambda way: (way[0] != "", way[0] != "missing", len(way[1])))
        if why:
            raise WrongStage(case_no=before.case_no, stage=before.stage, move=after.stage, why=why, missing=missing)

    def steps_between(self, case: Case, after: str) -> list[Move]:
        """The moves that lead the case from its stage to another."""
        moves = (move for move in self.move if move.to and case.stage in move.sources)
        return [move for move in moves if self.leads(move, case) == after]

    @staticmethod
    def _obstacle(move: Move, before: Case, after: Case) -> tuple[str, tuple[str, ...]]:
        """The reason code and the fields that are missing; nothing where the move is possible."""
        why, missing = move.unmet(before), move.missing(after)
        return (why, ()) if why else ("missing" if missing else "", missing)


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
    fields = _effects(case, move, values, now, rules)
    return fields | _people(case, move, fields, actor)


def by_hand(before: Case, after: Case, changed: Collection[str], *, now: datetime, rules: Rules) -> dict[str, Any]:
    """What a step that somebody typed brings with it, as its move would; nothing where no move allows it.

    What was typed along with it stays.
    """
    steps = rules.workflow.steps_between(before, after.stage)
    move = next((move for move in steps if not move.unmet(before) and not move.missing(after)), None)
    if move is None:
        return {}
    typed = {name: getattr(after, name) for name in changed}
    effects = _effects(before, move, typed, now, rules)
    return {name: value for name, value in effects.items() if name not in changed}


def _effects(case: Case, move: Move, values: Mapping[str, Any], now: datetime, rules: Rules) -> dict[str, Any]:
    target = rules.workflow.leads(move, case)
    case = case.model_copy(update=(left := _leave(case, now, rules) if target else {}))
    fields: dict[str, Any] = {**_ended(case, move, now), **left, **_emptied(move), **values, **move.sets}
    if "review" in move.stops:
        fields["review_told_due"] = told_by(now, rules)
    if move.counts:
        fields[move.counts] = getattr(case, move.counts) + 1
    fields |= moved_clocks(case, case.model_copy(update=fields), rules)
    if target:
        for clock in move.restarts:
            fields |= dict.fromkeys(CLOCK_FIELDS[clock])
        leaving = case.model_copy(update={**fields, "stage": case.stage})
        fields |= enter(leaving, target, now=now, rules=rules)
    return fields


def _emptied(move: Move) -> dict[str, Any]:
    """What was said of an earlier round, and does not hold for the next."""
    return {name: Case.model_fields[name].default for name in move.clears}


def enter(case: Case, stage_key: str, *, now: datetime, rules: Rules) -> dict[str, Any]:
    """The fields written when a case enters a stage from the one it has: the stage, since when, the clocks that start,
    and in a pause where it goes back to."""
    stage = rules.workflow.stages[stage_key]
    fields: dict[str, Any] = {"stage": stage_key, "stage_since": now}
    for clock in stage.clocks:
        due, end = CLOCK_FIELDS[clock]
        if getattr(case, due) is None and getattr(case, end) is None:
            start = case.taken_at if clock == "acknowledge" else now
            fields[due] = due_at(clock, case.priority, start, rules.calendar, rules.sla)
    if stage.phase == "paused":
        fields |= {"paused_at": now, "paused_stage": case.stage}
    if stage_key == IN_REVIEW:
        fields |= {"review_asked_at": now, "review_result": "", "reviewed_at": None}
        fields |= {"review_told_due": None, "review_told_at": None}
        fields["review_due"] = due_at("review", case.priority, now, rules.calendar, rules.sla)
    fields["closed_at"] = (case.closed_at or now) if stage.phase == "closed" else None
    return fields


def told_by(reviewed_at: datetime, rules: Rules) -> datetime:
    """By when the client is to hear what a review came to (requirement E2)."""
    return shift(reviewed_at, rules.sla.review_told, rules.calendar)


def _people(case: Case, move: Move, fields: Mapping[str, Any], actor: Actor) -> dict[str, Any]:
    """Who has handled the case by now, and who signs the move. A reviewer whose review is disputed has decided too."""
    decided = [actor.staff_id] if move.decides else []
    if move.to == IN_REVIEW and case.reviewed_at is not None:
        decided.append(case.reviewer)
    after = case.model_copy(update=dict(fields))
    signed = {move.signs: actor.staff_id} if move.signs else {}
    return {**signed, **handlers_after(case, after, decided)}


def handlers_after(before: Case, after: Case, decided: Iterable[str] = ()) -> dict[str, Any]:
    """`handled_by` with whoever is added by a change; nothing where it adds nobody."""
    people = [person for person in dict.fromkeys((*before.handlers, *after.handlers, *decided)) if person]
    text = PEOPLE_BETWEEN.join(people)
    return {} if text == before.handled_by else {"handled_by": text}


def _ended(case: Case, move: Move, now: datetime) -> dict[str, Any]:
    """The clocks that the move ends now; the person may have said when it was."""
    ends = (CLOCK_FIELDS[clock][1] for clock in move.stops)
    return {end: now for end in ends if getattr(case, end) is None}


def moved_clocks(before: Case, after: Case, rules: Rules) -> dict[str, Any]:
    """The due times that a change of priority gives to the clocks that run on, also in a pause; whoever changes it.

    What the change itself writes stays: a clock that it ends, or whose due time it has already pushed, restarted or
    moved (see `apply`, which pushes before it moves).
    """
    if before.priority == after.priority:
        return {}
    fields: dict[str, Any] = {}
    for clock, (due, end) in CLOCK_FIELDS.items():
        deadline = getattr(after, due)
        if deadline is not None and deadline == getattr(before, due) and getattr(after, end) is None:
            fields[due] = _with_priority(clock, deadline, before, after, rules)
    return fields


def _with_priority(clock: Clock, due: datetime, before: Case, after: Case, rules: Rules) -> datetime:
    old, new = rules.sla.target(clock, before.priority), rules.sla.target(clock, after.priority)
    started = after.taken_at if clock == "acknowledge" else None
    return due_with(due, old, new, rules.calendar, started=started)


def paused_minutes(case: Case, now: datetime, calendar: WorkCalendar) -> int:
    """Working time in pauses so far, in whole minutes; a pause that lasts is counted up to now."""
    if case.paused_at is None:
        return case.paused_work
    lasting = calendar.between(case.paused_at, max(now, case.paused_at))
    return case.paused_work + round(lasting / timedelta(minutes=1))


def _leave(case: Case, now: datetime, rules: Rules) -> dict[str, Any]:
    """Leaving a pause pushes every clock that still runs by the time spent in it, and adds it to what the row tells.

    Two machines' clocks may differ: a pause that would end before it began lasted no time.
    """
    if case.paused_at is None:
        return {}
    fields: dict[str, Any] = {"paused_at": None, "paused_stage": ""}
    fields["paused_work"] = paused_minutes(case, now, rules.calendar)
    for clock, (due, end) in CLOCK_FIELDS.items():
        deadline = getattr(case, due)
        if deadline is not None and getattr(case, end) is None:
            elapsed = rules.sla.target(clock, case.priority).elapsed
            until = max(now, case.paused_at)
            fields[due] = shift_for_pause(deadline, case.paused_at, until, rules.calendar, elapsed=elapsed)
    return fields


def _check_allowed(case: Case, move: Move, actor: Actor, workflow: Workflow) -> None:
    why = workflow.refusal(case, move, actor)
    if why == "permission":
        raise NotAllowed(move.permission, record=case.case_no)
    if why is not None:
        raise WrongStage(case_no=case.case_no, stage=case.stage, move=move.key, why=why)


def _check_fields(case: Case, move: Move, values: Mapping[str, Any]) -> None:
    problems = [Problem(name, "not_in_form") for name in values if name not in move.fields]
    known = columns(Case)
    filled = case.model_copy(update={name: value for name, value in values.items() if name in known})
    problems += [Problem(name, "missing") for name in move.missing(filled, values)]
    if problems:
        raise InvalidFields("cases", problems)
