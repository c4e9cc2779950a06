"""Every stage, every action, every role: who may do what with whose case, and where it leads.

The table below is written from the handbook of the trade and the description of the roles, not from
config/workflow.toml and config/roles.toml: it says what these two have to come to.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import pytest

from lib.config.settings import CONFIG, load_config, load_settings
from lib.domain.records.case import Case
from lib.domain.records.people import Staff
from lib.domain.rules.moves import Rules, apply
from lib.domain.rules.permissions import CLIENT, Actor, actor_of
from lib.domain.time.work_calendar import WorkCalendar
from lib.domain.time.work_hours import CalendarConfig
from lib.errors import NotAllowed, WrongStage
from tests.support import MONDAY

CONFIGURED = load_config(load_settings(CONFIG), CONFIG)
WORKFLOW = CONFIGURED.workflow
RULES = Rules(WORKFLOW, CONFIGURED.sla, WorkCalendar(CalendarConfig()))

STAGES = (
    "new", "need_info", "declined", "accepted", "assigned", "investigating", "plan_offered", "in_progress", "waiting",
    "answered", "in_review", "closed", "merged", "withdrawn", "archived",
)  # fmt: skip
ROLES = ("intake", "handler", "head", "reviewer", "manager", "administrator", "client", "stranger")
WHOSE = ("mine", "my department's", "my branch's", "elsewhere")

MINE = ("mine",)
DEPARTMENT = ("mine", "my department's")
BRANCH = ("mine", "my department's", "my branch's")
ANY = WHOSE
NOT_MINE = ("my department's", "my branch's", "elsewhere")

LEADERS = {"manager": ANY, "administrator": ANY}
JUDGES = {"head": ANY, **LEADERS}
WORKERS = {"handler": MINE, "head": DEPARTMENT, **LEADERS}
TALKERS = {"intake": ANY, **WORKERS}
WAITERS = {"intake": MINE, **WORKERS}
WRITERS = {"intake": ANY, "handler": BRANCH, "head": ANY, "reviewer": ANY, **LEADERS}
OBJECTORS = {"handler": BRANCH, "head": ANY, "reviewer": ANY, **LEADERS}
OTHER_EYES = {"reviewer": NOT_MINE, "manager": NOT_MINE, "administrator": NOT_MINE}
"""A review is for somebody else than the person who has the case."""
HEARERS = {"intake": ANY, "head": DEPARTMENT, **LEADERS}
"""Whoever a client may tell that she withdraws."""
SETTLERS = {"intake": ANY, "handler": BRANCH, "head": ANY, **LEADERS}
OPEN = (
    "new", "need_info", "accepted", "assigned", "investigating", "plan_offered", "in_progress", "waiting", "answered",
)  # fmt: skip
CHIEFS = {"head": DEPARTMENT, **LEADERS}


class Expected(NamedTuple):
    """From where, to where ("" stays), and by whom with whose cases."""

    stages: tuple[str, ...]
    to: str
    who: Mapping[str, tuple[str, ...]]


TABLE = {
    "accept": Expected(("new", "need_info"), "accepted", JUDGES),
    "thank": Expected(("new",), "closed", JUDGES),
    "ask_more": Expected(("new",), "need_info", JUDGES),
    "decline": Expected(("new", "need_info"), "declined", JUDGES),
    "assign": Expected(("accepted",), "assigned", JUDGES),
    "contact": Expected(("new", "accepted", "assigned", "investigating", "in_progress"), "", TALKERS),
    "investigate": Expected(("assigned",), "investigating", WORKERS),
    "offer_plan": Expected(("investigating", "in_progress"), "plan_offered", WORKERS),
    "consent": Expected(("plan_offered",), "in_progress", WORKERS),
    "start": Expected(("investigating",), "in_progress", WORKERS),
    "wait": Expected(("accepted", "assigned", "investigating", "in_progress"), "waiting", WAITERS),
    "resume": Expected(("waiting",), "investigating", WAITERS),  # of a row that does not tell where the pause began
    "ask_longer": Expected(("need_info", "plan_offered", "waiting"), "", WAITERS),
    "approve_longer": Expected(("need_info", "plan_offered", "waiting"), "", CHIEFS),
    "refuse_longer": Expected(("need_info", "plan_offered", "waiting"), "", CHIEFS),
    "rework_plan": Expected(("plan_offered",), "investigating", WORKERS),
    "answer": Expected(("investigating", "in_progress"), "answered", WORKERS),
    "acceptance": Expected(("answered",), "", TALKERS),
    "close": Expected(("answered",), "closed", WORKERS),
    "request_review": Expected(("declined", "answered", "closed"), "in_review", OBJECTORS),
    "uphold": Expected(("in_review",), "answered", OTHER_EYES),
    "overturn": Expected(("in_review",), "in_progress", OTHER_EYES),
    "tell_review": Expected(("in_progress", "answered", "closed"), "", WRITERS),
    "reopen": Expected(("answered", "closed"), "in_progress", CHIEFS),
    "reassign": Expected(
        ("assigned", "investigating", "plan_offered", "in_progress", "waiting", "answered"), "", JUDGES
    ),
    "rejudge": Expected(
        ("accepted", "assigned", "investigating", "plan_offered", "in_progress", "waiting"), "", JUDGES
    ),
    "settle": Expected(("new",), "closed", SETTLERS),
    "merge": Expected(OPEN, "merged", JUDGES),
    "unmerge": Expected(("merged",), "new", JUDGES),
    "link": Expected(OPEN, "", JUDGES),
    "unlink": Expected(OPEN, "", JUDGES),
    "withdraw": Expected((*OPEN, "in_review"), "withdrawn", HEARERS),
    "take_up_again": Expected(("withdrawn",), "new", CHIEFS),
    "archive": Expected(("declined", "closed", "merged", "withdrawn"), "archived", CHIEFS),
}
VALUES: dict[str, Any] = {
    "category": "quality.leak", "priority": "P3", "assignee": "somebody", "contacted_at": MONDAY,
    "wait_reason": "等配件",
    "promised_on": MONDAY.date(), "decline_ground": "unreasonable", "decline_reason": "超期", "plan_measures": "更换",
    "plan_deadline": MONDAY.date(), "consent_at": MONDAY, "consent_how": "phone", "consent_by": "王",
    "answer_text": "已修复",
    "answer_accepted": "yes", "cause": "material", "review_reason": "不服", "review_findings": "属实",
    "longer_until": MONDAY.date() + timedelta(days=30), "longer_reason": "检测排期",
    "merged_into": "TS-2", "parent_no": "TS-2", "withdraw_ground": "settled",
    "review_told_at": MONDAY, "reopen_reason": "又漏了",
}  # fmt: skip
"""What any action asks for."""


def actor(role: str) -> Actor:
    if role == "client":
        return CLIENT
    staff = Staff(staff_id="me", role=role, department="service", branch="head_office")
    return actor_of(staff, CONFIGURED.roles)


def case(stage: str, whose: str) -> Case:
    """A case for which no action is barred but by stage, role, and whose it is."""
    return Case(
        case_no="TS-1",
        taken_at=MONDAY - timedelta(days=3),
        stage=stage,
        kind="praise",
        priority="P3",
        assignee="me" if whose == "mine" else "somebody",
        department="service" if whose in DEPARTMENT else "sales",
        branch="east" if whose == "elsewhere" else "head_office",
        reviewed_at=MONDAY - timedelta(days=1),
        longer_until=MONDAY.date() + timedelta(days=30),
        parent_no="TS-2",
    )


def combinations() -> Iterator[tuple[str, str, str]]:
    for move in TABLE:
        for role in ROLES:
            for whose in WHOSE:
                yield move, role, whose


def test_the_table_names_every_stage_action_and_role() -> None:
    assert set(WORKFLOW.stages) == set(STAGES)
    assert set(WORKFLOW.moves) == set(TABLE)
    assert set(CONFIGURED.roles.role) == set(ROLES) - {"client", "stranger"}


@pytest.mark.parametrize("stage", STAGES)
def test_who_may_do_what(stage: str) -> None:
    wrong = []
    for move, role, whose in combinations():
        stages, _, who = TABLE[move]
        expected = stage in stages and whose in who.get(role, ())
        found = WORKFLOW.refusal(case(stage, whose), WORKFLOW.moves[move], actor(role)) is None
        if found != expected:
            wrong.append(f"{role} {move} in {stage}, {whose}: {'may' if found else 'may not'}")
    assert wrong == []


@pytest.mark.parametrize("stage", STAGES)
def test_where_it_leads(stage: str) -> None:
    """The action is made where it may be, and refused in the same words everywhere else."""
    for move, role, whose in combinations():
        stages, to, who = TABLE[move]
        there, me = case(stage, whose), actor(role)
        fields = WORKFLOW.moves[move].fields
        values = {name: value for name, value in VALUES.items() if name in fields}
        if stage in stages and whose in who.get(role, ()):
            after = there.model_copy(update=apply(there, move, values, actor=me, now=MONDAY, rules=RULES))
            assert after.stage == (to or stage), (move, role, whose)
            assert (after.stage_since == MONDAY) == (to != ""), (move, role, whose)
            continue
        reached = stage in WORKFLOW.moves[move].sources
        refused = NotAllowed if reached and whose not in _held(role, move) else WrongStage
        with pytest.raises(refused):
            apply(there, move, values, actor=me, now=MONDAY, rules=RULES)


def _held(role: str, move: str) -> tuple[str, ...]:
    """Where the role has the permission; a review it may not make of its own case all the same."""
    return ANY if role in OTHER_EYES and move in ("uphold", "overturn") else TABLE[move].who.get(role, ())


@pytest.mark.parametrize("stage", TABLE["wait"].stages)
def test_a_pause_ends_where_it_began(stage: str) -> None:
    there, me = case(stage, "mine"), actor("manager")
    waits = {name: VALUES[name] for name in ("wait_reason", "promised_on")}
    waiting = there.model_copy(update=apply(there, "wait", waits, actor=me, now=MONDAY, rules=RULES))
    assert (waiting.stage, waiting.paused_stage) == ("waiting", stage)
    back = waiting.model_copy(update=apply(waiting, "resume", {}, actor=me, now=MONDAY, rules=RULES))
    assert (back.stage, back.paused_stage) == (stage, "")
    for other in set(STAGES) - {stage, "waiting"}:
        with pytest.raises(WrongStage):
            WORKFLOW.check_step(waiting, waiting.model_copy(update={"stage": other}))


@pytest.mark.parametrize("stage", ["", "closed", "waiting", "nonsense"])
def test_a_stage_that_cannot_be_paused_is_not_gone_back_to(stage: str) -> None:
    waiting = case("waiting", "mine").model_copy(update={"paused_stage": stage})
    assert apply(waiting, "resume", {}, actor=actor("manager"), now=MONDAY, rules=RULES)["stage"] == "investigating"


@pytest.mark.parametrize("kind", ["complaint", "repair", "consultation", "handover", "legal_dispute", ""])
def test_only_praise_and_suggestions_are_closed_with_thanks(kind: str) -> None:
    there = case("new", "elsewhere").model_copy(update={"kind": kind})
    assert WORKFLOW.refusal(there, WORKFLOW.moves["thank"], actor("manager")) == "kind"
    for friendly in ("praise", "suggestion"):
        there = there.model_copy(update={"kind": friendly})
        assert WORKFLOW.refusal(there, WORKFLOW.moves["thank"], actor("manager")) is None


@pytest.mark.parametrize(("priority", "refused"), [("P1", "priority"), ("P2", "priority"), ("P3", None), ("P4", None)])
def test_a_major_case_is_not_worked_on_without_a_plan(priority: str, refused: str | None) -> None:
    there = case("investigating", "elsewhere").model_copy(update={"priority": priority})
    assert WORKFLOW.refusal(there, WORKFLOW.moves["start"], actor("manager")) == refused


@pytest.mark.parametrize(
    ("move", "stage", "field"),
    [
        ("contact", "assigned", "contacted_at"),
        ("acceptance", "answered", "answer_accepted"),
        ("tell_review", "answered", "review_told_at"),
    ],
)
def test_what_is_done_is_not_done_again(move: str, stage: str, field: str) -> None:
    value: datetime | str = "yes" if field == "answer_accepted" else MONDAY
    there = case(stage, "elsewhere").model_copy(update={field: value})
    assert WORKFLOW.refusal(there, WORKFLOW.moves[move], actor("manager")) == "done"


def test_there_is_no_outcome_to_tell_before_a_review() -> None:
    there = case("answered", "elsewhere").model_copy(update={"reviewed_at": None})
    assert WORKFLOW.refusal(there, WORKFLOW.moves["tell_review"], actor("manager")) == "early"


@pytest.mark.parametrize("move", ["uphold", "overturn"])
@pytest.mark.parametrize("field", ["assignee", "complained_about", "handled_by"])
def test_nobody_reviews_what_is_her_own(move: str, field: str) -> None:
    there = case("in_review", "elsewhere").model_copy(update={field: "somebody,me" if field == "handled_by" else "me"})
    for role in ("reviewer", "manager", "administrator"):
        assert WORKFLOW.refusal(there, WORKFLOW.moves[move], actor(role)) == "own"


def test_nobody_declines_a_complaint_about_himself() -> None:
    there = case("new", "elsewhere").model_copy(update={"complained_about": "me"})
    assert WORKFLOW.refusal(there, WORKFLOW.moves["decline"], actor("head")) == "own"
