"""Who is alerted when the time of a clock runs out (requirement D7) or a client has had no update (D8); each step once.

The key of an alert consists of case, clock, step and run, so that each step is raised once, whichever process computes
it. A clock that starts again (a case reopened, another review) is another run. A pause and a change of priority move a
due time and stay within the run. A silence starts again with every message to the client.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Annotated

from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from lib.domain.configured import Configured, Labelled
from lib.domain.records.case import Case
from lib.domain.records.severity import PRIORITIES, Priority

HANDLER = "handler"
"""Alerts the person who does the work of the clock: for a review the reviewer, otherwise the assignee. This is a
keyword of its own, whatever the roles are called."""
SILENCE = "silence"
"""The step of an alert about a client who has had no update."""
DANGER = "danger"
"""Takes the place of the clock in an alert about a danger."""


class EscalationStep(Labelled):
    """One step of the ladder: at which share of a clock's allowed time it is reached, and whom it tells: HANDLER or a
    role of roles.toml."""

    key: str = Field(pattern=r"^[a-z][a-z0-9_]{0,29}$")
    share: float = Field(gt=0, le=100)
    tell: str


def _in_order(ladder: tuple[EscalationStep, ...]) -> tuple[EscalationStep, ...]:
    for lower, higher in pairwise(ladder):
        if higher.share < lower.share:
            raise PydanticCustomError("ladder_order", "comes too early: {step}", {"step": higher.key})
    keys = [SILENCE, *(step.key for step in ladder)]
    if twice := {key for key in keys if keys.count(key) > 1}:
        raise PydanticCustomError("ladder_twice", "there twice: {step}", {"step": ", ".join(sorted(twice))})
    return ladder


Ladder = Annotated[tuple[EscalationStep, ...], AfterValidator(_in_order)]


class Silence(Configured):
    """After how many working days without a message to the client an open case is flagged, and whom that alerts.

    Every line of History that the client may see counts as such a message, and so do these moves.
    """

    days: Mapping[Priority, Annotated[int, Field(ge=1, le=365)]] = {"P1": 1, "P2": 2, "P3": 3, "P4": 5}
    tell: tuple[str, ...]
    moves: frozenset[str] = frozenset({"contact", "offer_plan", "consent", "request_review", "tell_review", "reopen"})

    @model_validator(mode="after")
    def _every_priority(self) -> "Silence":
        if missing := [priority for priority in PRIORITIES if priority not in self.days]:
            raise PydanticCustomError("no_targets", "no days for {missing}", {"missing": ", ".join(missing)})
        return self


def warn_share(ladder: Sequence[EscalationStep]) -> float:
    """The share from which a deadline counts as near: that of the first step."""
    return ladder[0].share if ladder else 1.0


def step_id(case_no: str, clock: str, step: str, run: str) -> str:
    """The key of the alert that a step raises."""
    return f"{case_no}.{clock}.{step}.{run}"


def silence_id(case_no: str, tell: str, since: int) -> str:
    """The key of the alert that a silence raises for one of those it tells; `since` in seconds since 1970."""
    return f"{case_no}.{SILENCE}.{tell}.{since}"


def danger_id(case: Case, step: str) -> str:
    """The key of the alert that a danger raises; a danger noticed again raises another alert."""
    return step_id(case.case_no, DANGER, step, str(seconds(case.danger_at or case.taken_at)))


def run_key(reopened: int, review_asked: int | None) -> str:
    """The run of a case's clocks: they start afresh when it is opened again, and around each review (asked for at so
    many seconds since 1970)."""
    return str(reopened) if review_asked is None else f"{reopened}-{review_asked}"


def run_of(case: Case) -> str:
    asked = case.review_asked_at
    return run_key(case.reopen_count, None if asked is None else seconds(asked))


def told_last(case: Case) -> datetime:
    """When the client last heard something of the case; if never, when it was logged."""
    moments = (case.told_client_at, case.contacted_at, case.taken_at)
    return max(moment for moment in moments if moment is not None)


def seconds(moment: datetime) -> int:
    """Whole seconds since 1970."""
    return int(moment.timestamp() // 1)
