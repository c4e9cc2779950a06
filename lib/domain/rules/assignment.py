"""Who gets a case (requirement C2): ordered rules as data, and a decision that tells why.

The first rule whose conditions all hold names a pool of people. Out of it drop those who are away, take no cases, have
the case already, reviewed it, or are the ones complained about; the method chooses among the rest, those with room
first. A pool in which nobody is left passes the case on to the next rule that holds. Whose turn it is follows from the
cases themselves, so nothing about it has to be kept.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Literal, Self, get_args

from pydantic import Field, model_validator

from lib.domain.configured import Configured, Labelled
from lib.domain.records.case import Case
from lib.domain.records.people import Staff
from lib.domain.records.severity import Priority
from lib.domain.text.places import community

Condition = Literal["category", "community", "channel", "kind", "priority", "branch"]
CONDITIONS: tuple[Condition, ...] = get_args(Condition)
Method = Literal["round_robin", "least_open"]
SkipReason = Literal["away", "no_cases", "has_it", "reviewed", "complained_about", "full"]
Choice = Literal["round_robin", "least_open", "all_full", "nobody"]


class AssignmentRule(Labelled):
    """One rule; see config/assignment.toml. Its pool is everybody who handles cases, unless it names another."""

    key: str = Field(min_length=1)
    category: tuple[str, ...] = ()
    community: tuple[str, ...] = ()
    channel: tuple[str, ...] = ()
    kind: tuple[str, ...] = ()
    priority: tuple[Priority, ...] = ()
    branch: tuple[str, ...] = ()
    department: str = ""
    people: tuple[str, ...] = ()
    role: str = ""
    method: Method

    @model_validator(mode="after")
    def _one_pool(self) -> Self:
        if self.people and (self.department or self.role):
            raise ValueError(f"rule {self.key!r}: people are named, so department and role have no meaning")
        return self

    def unmet(self, case: Case) -> tuple[Condition, ...]:
        """The conditions that the case does not meet. A category stands for its second level too."""
        met: Mapping[Condition, Callable[[Sequence[str]], bool]] = {
            "category": lambda wanted: not {case.category, case.category.rpartition(".")[0]}.isdisjoint(wanted),
            "community": lambda wanted: any(community(name) in case.home.community for name in wanted),
        }
        return tuple(
            name
            for name in CONDITIONS
            if (wanted := getattr(self, name))
            and not (met[name](wanted) if name in met else getattr(case, name) in wanted)
        )

    def admits(self, candidate: "Candidate") -> bool:
        """Whether somebody belongs to the pool. Only who is named, or has the role named, may be one of those to whom
        cases are not usually given."""
        staff = candidate.staff
        if self.people:
            return staff.staff_id in self.people
        in_department = not self.department or staff.department == self.department
        return in_department and (staff.role == self.role if self.role else candidate.usual)


class AssignmentConfig(Configured):
    """config/assignment.toml."""

    rule: tuple[AssignmentRule, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _keys_differ(self) -> Self:
        keys = [rule.key for rule in self.rule]
        if twice := sorted({key for key in keys if keys.count(key) > 1}):
            raise ValueError(f"several rules have the key {', '.join(twice)}")
        return self


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who may be given cases: `open` counts the cases in hand, `given` is when she was given cases, the latest
    first. `usual` is False for those who may handle any case but are given one by name only."""

    staff: Staff
    open: int = 0
    given: tuple[datetime, ...] = ()
    usual: bool = True

    @property
    def full(self) -> bool:
        return self.open >= self.staff.capacity

    @property
    def share(self) -> float:
        """Open work as a share of capacity; 1 and more is full. Without capacity: 1."""
        return self.open / self.staff.capacity if self.staff.capacity else 1.0


@dataclass(frozen=True, slots=True)
class Skip:
    """Somebody of a pool who is passed over, and why; with "away" and a known end `until` is the last day of leave."""

    candidate: Candidate
    why: SkipReason
    until: date | None = None


@dataclass(frozen=True, slots=True)
class AssignmentStep:
    """One rule looked at: what the case did not meet, or who was considered and who of them was passed over."""

    rule: AssignmentRule
    unmet: tuple[Condition, ...] = ()
    considered: tuple[Candidate, ...] = ()
    skipped: tuple[Skip, ...] = ()


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the rules say about one case: `steps` in their order, the last one being the rule that chose.

    `assignee` is "" with why "nobody": no rule holds whose pool has anybody left.
    """

    case: Case
    assignee: str
    department: str
    why: Choice
    steps: tuple[AssignmentStep, ...]

    @property
    def rule(self) -> AssignmentRule | None:
        return self.steps[-1].rule if self.assignee else None


def propose(case: Case, candidates: Iterable[Candidate], config: AssignmentConfig, *, day: date) -> Proposal:
    """Whom the rules give the case on `day` (of the workspace), and why."""
    people = tuple(candidates)
    steps: list[AssignmentStep] = []
    for rule in config.rule:
        if unmet := rule.unmet(case):
            steps.append(AssignmentStep(rule, unmet))
            continue
        step, chosen, why = _choose(rule, case, [one for one in people if rule.admits(one)], day)
        steps.append(step)
        if chosen is not None:
            department = rule.department or chosen.staff.department
            return Proposal(case, chosen.staff.staff_id, department, why, tuple(steps))
    return Proposal(case, "", "", "nobody", tuple(steps))


def propose_all(
    cases: Iterable[Case],
    candidates: Iterable[Candidate],
    config: AssignmentConfig,
    *,
    now: datetime,
    decided: Mapping[str, str] | None = None,
) -> list[Proposal]:
    """Proposals for several cases given out at `now` together: each takes those before it into account.

    `decided` says for some cases, by number, to whom they will be given whatever the rules propose.
    """
    people = {one.staff.staff_id: one for one in candidates}
    proposals = []
    for case in cases:
        proposal = propose(case, people.values(), config, day=now.date())
        proposals.append(proposal)
        taker = (decided or {}).get(case.case_no) or proposal.assignee
        if taker in people:
            people[taker] = _one_more(people[taker], now)
    return proposals


def _one_more(candidate: Candidate, now: datetime) -> Candidate:
    return replace(candidate, open=candidate.open + 1, given=(now, *candidate.given))


def _choose(
    rule: AssignmentRule, case: Case, pool: Sequence[Candidate], day: date
) -> tuple[AssignmentStep, Candidate | None, Choice]:
    skipped = [skip for one in pool if (skip := _unfit(one, case, day))]
    out = {skip.candidate.staff.staff_id for skip in skipped}
    fit = [one for one in pool if one.staff.staff_id not in out]
    room = [one for one in fit if not one.full]
    if not fit:
        return AssignmentStep(rule, (), tuple(pool), tuple(skipped)), None, "nobody"
    if not room:
        return AssignmentStep(rule, (), tuple(pool), tuple(skipped)), min(fit, key=_load), "all_full"
    skipped += [Skip(one, "full") for one in fit if one.full]
    chosen = min(room, key=_turn if rule.method == "round_robin" else _load)
    return AssignmentStep(rule, (), tuple(pool), tuple(skipped)), chosen, rule.method


def _unfit(candidate: Candidate, case: Case, day: date) -> Skip | None:
    """Why somebody cannot be given the case at all, however much room she has."""
    staff = candidate.staff
    if staff.staff_id == case.complained_about:
        return Skip(candidate, "complained_about")
    if staff.staff_id == case.assignee:
        return Skip(candidate, "has_it")
    if staff.staff_id == case.reviewer:
        return Skip(candidate, "reviewed")
    if staff.is_away(day):
        return Skip(candidate, "away", staff.away_until or staff.away_from)
    return None if staff.capacity else Skip(candidate, "no_cases")


def _turn(candidate: Candidate) -> tuple[Any, ...]:
    """The order of the round robin: who was given her latest case longest ago; of equals, whose case before that is
    older, and so on.

    Comparing whole sequences keeps the turn through cases given out in one moment: with people who all stay present,
    the counts never differ by more than one. Somebody new, or back from leave, is next once and then takes her turn.
    """
    return candidate.given, candidate.staff.staff_id


def _load(candidate: Candidate) -> tuple[Any, ...]:
    return candidate.share, _turn(candidate)
