"""Random cases and surveys, with the holes and oddities of real ones, and the frames made of them."""

import random
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pandas as pd

from lib.analytics.frames.columns import Shape, frame_of
from lib.analytics.frames.frames import told_earlier
from lib.config.settings import load_config, load_settings
from lib.domain.records.case import Case
from lib.domain.records.case_parts import Survey
from lib.domain.rules.moves import Rules
from lib.domain.time.work_calendar import WorkCalendar

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 3, 18, 15, 40, tzinfo=ZONE)  # a Wednesday
CONFIG = load_config(load_settings())
RULES = Rules(CONFIG.workflow, CONFIG.sla, WorkCalendar(CONFIG.calendar))
_PHASES = {stage.key: stage.phase for stage in CONFIG.workflow.stage}
_CLOSED = ("declined", "closed", "merged", "withdrawn", "archived")


def random_cases(seed: int, count: int) -> list[Case]:
    """Cases of the twelve weeks before NOW in every stage; few phones and rooms, so that some repeat."""
    dice = random.Random(seed)
    return [_case(dice, number) for number in range(count)]


def _case(dice: random.Random, number: int) -> Case:
    taken = NOW - timedelta(minutes=dice.randrange(60 * 24 * 84))
    stage = dice.choice([*_PHASES, "closed", "closed"])

    def later(most: int) -> datetime:
        return min(taken + timedelta(minutes=dice.randrange(most)), NOW)

    def maybe(most: int, chance: float = 0.7) -> datetime | None:
        return later(most) if dice.random() < chance else None

    due = {
        name: taken + timedelta(minutes=dice.randrange(20_000)) for name in ("contact_due", "plan_due", "resolve_due")
    }
    return Case(
        case_no=f"TS-2026-{number:06d}",
        stage=stage,
        priority=dice.choice(["P1", "P2", "P3", "P4"]),
        kind=dice.choice(["complaint", "repair", "praise", "consultation", ""]),
        branch=dice.choice(["east", "west", ""]),
        department=dice.choice(["service", "sales", ""]),
        category=dice.choice(["quality.leak", "fees", "contract", ""]),
        cause=dice.choice(["delay", "material", ""]),
        taken_at=taken,
        client_phone=dice.choice(["", *(f"138001380{n:02d}" for n in range(30))]),
        community=dice.choice(["", "阳光花园", "翠湖天地"]),
        building=dice.choice(["1栋", "2栋"]),
        room=dice.choice(["", "101", "202", "303"]),
        assignee=dice.choice(["", "handler", "head"]),
        reviewer=dice.choice(["", "reviewer"]),
        acknowledge_due=taken + timedelta(hours=2),
        acknowledged_at=maybe(300),
        contacted_at=maybe(3000),
        planned_at=maybe(9000, 0.4),
        answered_at=maybe(20_000, 0.5),
        review_due=maybe(30_000, 0.6),
        review_asked_at=maybe(30_000, 0.3),
        reviewed_at=maybe(30_000, 0.5),
        review_result=dice.choice(["", "upheld", "changed"]),
        promised_on=dice.choice([None, taken.date() + timedelta(days=dice.randrange(30))]),
        broken_promises=dice.choice(["", "", "2026-03-12", "2026-02-12,2026-03-15,2026-03-16,2026-03-17"]),
        paused_work=dice.choice([0, 0, 90, 1200]),
        paused_before_answer=dice.choice([None, 0, 30]),
        reopen_count=dice.choice([0, 0, 0, 1, 2]),
        stage_since=maybe(20_000, 0.9),
        closed_at=maybe(40_000, 0.9) if stage in _CLOSED else None,
        **due,
    )


def random_surveys(seed: int, cases: list[Case]) -> list[Survey]:
    dice = random.Random(seed)
    return [_survey(dice, number, case) for number, case in enumerate(cases) if dice.random() < 0.6]


def _survey(dice: random.Random, number: int, case: Case) -> Survey:
    sent = case.closed_at or case.taken_at
    answered = sent + timedelta(minutes=dice.randrange(20_000)) if dice.random() < 0.6 else None
    return Survey(
        survey_id=f"s{number}",
        case_no=case.case_no,
        sent_at=sent,
        expires_at=sent + timedelta(days=14),
        answered_at=answered,
        source=dice.choice(["link", "phone"]),
        recorded_by=dice.choice(["", "handler", "intake"]),
        handler="handler",
        outcome=dice.choice([None, 1, 2, 3, 4, 5]) if answered else None,
    )


def shape_of_cases() -> Shape:
    return Shape(
        Case,
        ZONE,
        repeating=frozenset({"community"}),
        computed={
            "phase": ("choice", lambda case: _PHASES[case.stage]),
            "next_due": ("time", CONFIG.workflow.next_due),
            "earlier": ("object", told_earlier),
        },
    )


def case_table(cases: list[Case]) -> pd.DataFrame:
    return frame_of(cases, shape_of_cases())


def survey_table(surveys: list[Survey]) -> pd.DataFrame:
    return frame_of(surveys, Shape(Survey, ZONE))
