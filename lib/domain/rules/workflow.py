"""The state machine of a case as data (requirement D1): stages, the guarded moves between them, and who may make which.

What a move does to a case is in `lib.domain.rules.moves`.
"""

from collections import Counter
from collections.abc import Collection, Container, Iterable, Iterator, Mapping
from datetime import datetime
from functools import cached_property
from typing import Any, Literal

from pydantic import ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from lib.domain.clocks.clocks import Clock
from lib.domain.configured import Configured, Labelled
from lib.domain.records.case import Case
from lib.domain.records.fields import columns
from lib.domain.records.record import Choice
from lib.domain.records.severity import Priority
from lib.domain.rules.permissions import Actor, Permission
from lib.errors import WrongStage

IN_REVIEW = "in_review"
"""The stage in which another person looks at a case again."""
PROMISE = "promised_on"
"""The day until which a case waits."""
CLOCK_FIELDS: Mapping[Clock, tuple[str, str]] = {
    "acknowledge": ("acknowledge_due", "acknowledged_at"),
    "contact": ("contact_due", "contacted_at"),
    "plan": ("plan_due", "planned_at"),
    "resolve": ("resolve_due", "answered_at"),
    "review": ("review_due", "reviewed_at"),
}
"""For each clock the field of its due time and the field that ends it."""


class ClientWords(Labelled):
    """What the tracking page says."""


class Stage(Labelled):
    """One stage. `clocks` run in it; in a paused one every running clock waits. `unanswered`: the case ends in it, and
    the client got no answer to what she reported."""

    key: Choice
    phase: Literal["open", "paused", "answered", "closed"]
    clocks: tuple[Clock, ...] = ()
    unanswered: bool = False
    client: ClientWords | None = None


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
    only: Mapping[str, tuple[str, ...]] = {}
    priorities: tuple[Priority, ...] = ()
    not_by: tuple[str, ...] = ()
    decides: bool = False
    signs: str = ""
    sets: Mapping[str, str] = {}
    copies: Mapping[str, str] = {}
    clears: tuple[str, ...] = ()
    written: tuple[Priority, ...] = ()
    counts: str = ""
    note: bool = False
    tell_client: str = ""
    client: ClientWords | None = None
    calls: bool = True

    @property
    def fields(self) -> tuple[str, ...]:
        """What the move may write: first what it needs, then what it asks."""
        return tuple(dict.fromkeys((*self.needs, *self._with_others, *self._if_others, *self.asks)))

    @property
    def _with_others(self) -> list[str]:
        return [name for names in self.needs_with.values() for name in names]

    @property
    def _if_others(self) -> list[str]:
        return [name for by_value in self.needs_if.values() for names in by_value.values() for name in names]

    def names(self, stages: Collection[str]) -> Iterator[tuple[str, Iterable[str], Collection[str]]]:
        """(key, names, known): what stands at each of its keys that name stages or fields of a case."""
        yield "from", self.sources, stages
        yield "to", [self.to], {"", *stages}
        yield "only", self.only, stages
        yield "needs_with", [*self.needs_with, *self._with_others], columns(Case)
        yield "needs_if", [*self.needs_if, *self._if_others], columns(Case)
        for key in ("needs", "asks", "anew", "given", "unless", "not_by", "sets", "clears"):
            yield key, getattr(self, key), columns(Case)
        yield "copies", [*self.copies, *self.copies.values()], columns(Case)
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
            ("kind", self._is_for(case)),
            ("priority", not self.priorities or case.priority in self.priorities),
            ("early", all(getattr(case, name) for name in self.given)),
            ("done", not any(getattr(case, name) for name in self.unless)),
        )
        return next((code for code, holds in conditions if not holds), None)

    def _is_for(self, case: Case) -> bool:
        return all(case.kind in kinds for kinds in (self.kinds, self.only.get(case.stage, ())) if kinds)

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

    @model_validator(mode="after")
    def _waits_have_a_date(self) -> "Workflow":
        """Requirement D9: a wait without a date would never come up again."""
        paused = self.keys_in("paused")
        for move in self.move:
            if move.to in paused and not move.back and PROMISE not in move.needs:
                facts = {"at": f"move.{move.key}.needs", "given": PROMISE}
                raise PydanticCustomError("wait_without_date", "{given} is missing", facts)
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

    def goes_back(self, stage: str) -> bool:
        """Whether a move leads from this stage back to the one before it: a wait ends, a merging is undone."""
        return any(move.back and stage in move.sources for move in self.move)

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
