"""The key figures against a second, slow computation that walks over the records one by one."""

import statistics
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from math import floor

import pytest

from lib.analytics.frames.frames import case_frame, late
from lib.analytics.kpis.definitions import KPIS, Value, in_scope, weekly
from lib.analytics.kpis.review import review_of
from lib.desk.desk import Desk
from lib.domain.clocks.clocks import CLOCKS
from lib.domain.records.case import Case
from lib.domain.records.case_parts import Survey
from lib.domain.rules.permissions import Actor
from lib.domain.rules.satisfaction import wilson
from lib.domain.rules.workflow import CLOCK_FIELDS
from lib.services.cases import handling, intake
from tests.analytics.sample import CONFIG, NOW, RULES, ZONE, case_table, random_cases, random_surveys, survey_table
from tests.support import Clock

THIS_WEEK = date(2026, 3, 16)
WEEKS = [THIS_WEEK - timedelta(days=7 * back) for back in (0, 1, 5, 60)]
Found = tuple[float | None, set[str]]


def measured(cases: list[Case], surveys: list[Survey], week: date = THIS_WEEK) -> dict[str, Value]:
    return weekly(
        case_table(cases), survey_table(surveys), week, now=NOW, rules=RULES, survey=CONFIG.survey,
        targets={"csat": 0.85, "overdue": 0.0},
    )  # fmt: skip


class Slowly:
    """Each figure said in plain Python."""

    def __init__(self, cases: list[Case], surveys: list[Survey], week: date) -> None:
        self.cases, self.surveys = cases, surveys
        self.start = datetime.combine(week, time(), ZONE)
        self.until = max(self.start, min(self.start + timedelta(days=7), NOW))

    def happened(self, at: datetime | None) -> bool:
        return at is not None and self.start <= at < self.until

    def numbers(self, test: Callable[[Case], bool]) -> set[str]:
        return {case.case_no for case in self.cases if test(case)}

    def count(self, test: Callable[[Case], bool]) -> Found:
        found = self.numbers(test)
        return float(len(found)), found

    def rate(self, hits: set[str], total: set[str]) -> float | None:
        return len(hits & total) / len(total) if total else None

    def still_open(self, case: Case) -> bool:
        if case.closed_at is None and CONFIG.workflow.stages[case.stage].phase == "closed":
            return False
        return case.taken_at < self.until and (case.closed_at is None or case.closed_at >= self.until)

    def stopped(self, case: Case, clock: str) -> datetime | None:
        stage = CONFIG.workflow.stages[case.stage]
        ends = [getattr(case, CLOCK_FIELDS[clock][1]), case.closed_at, None if clock == "review" else case.answered_at]
        if stage.phase != "open" or clock not in stage.clocks:
            ends.append(case.stage_since or case.taken_at - timedelta(days=999))
        return min((end for end in ends if end is not None), default=None)

    def is_late(self, case: Case) -> bool:
        for clock in CLOCKS:
            due, stopped = getattr(case, CLOCK_FIELDS[clock][0]), self.stopped(case, clock)
            if due is not None and due < self.until and (stopped is None or stopped > self.until):
                return True
        return False

    def on_time(self, clock: str) -> Found:
        met, missed = set(), set()
        for case in self.cases:
            due, end = (getattr(case, name) for name in CLOCK_FIELDS[clock])
            stopped = self.stopped(case, clock)
            if not self.happened(due) or (end is None and stopped is not None and stopped <= due):
                continue
            (met if end is not None and end <= due else missed).add(case.case_no)
        return self.rate(met, met | missed), missed

    def hours(self, end: str) -> dict[str, float]:
        return {
            case.case_no: RULES.calendar.between(case.taken_at, getattr(case, end)) / timedelta(hours=1)
            for case in self.cases
            if self.happened(getattr(case, end))
        }

    def broken(self, case: Case) -> int:
        """A present promise counts from the day after it on; a week is over at its last midnight."""
        days = [date.fromisoformat(day) for day in case.broken_promises.split(",") if day]
        if CONFIG.workflow.stages[case.stage].phase == "paused" and case.promised_on:
            days.append(case.promised_on)
        return sum(self.start.date() <= day < self.until.date() for day in days)

    def paused(self, hours: dict[str, float]) -> Found:
        chosen = [case for case in self.cases if case.case_no in hours]
        total = sum(hours.values())
        paused = {
            case.case_no: case.paused_work if case.paused_before_answer is None else case.paused_before_answer
            for case in chosen
        }
        waited = sum(paused.values()) / 60
        return min(waited / total, 1.0) if total else None, {number for number, spent in paused.items() if spent}

    def repeats(self) -> Found:
        total, again = set(), set()
        grievances = [case for case in self.cases if case.kind not in ("praise", "suggestion", "consultation")]
        for case in grievances:
            if not self.happened(case.taken_at):
                continue
            total.add(case.case_no)
            if any(self.same(case, other) for other in grievances):
                again.add(case.case_no)
        return self.rate(again, total), again

    @staticmethod
    def same(case: Case, other: Case) -> bool:
        if not timedelta() < case.taken_at - other.taken_at <= timedelta(days=90):
            return False
        phone = case.client_phone and case.client_phone == other.client_phone
        place = case.community and case.room and case.property_label == other.property_label
        return bool(phone or place)

    def figures(self) -> dict[str, Found]:
        closed = self.numbers(lambda case: self.happened(case.closed_at))
        asked = {
            case.case_no
            for case in self.cases
            if case.case_no in closed
            and case.closed_at
            and case.review_asked_at
            and case.review_asked_at <= case.closed_at
        }
        decided = self.numbers(lambda case: self.happened(case.reviewed_at))
        changed = self.numbers(lambda case: case.review_result == "changed") & decided
        rated = [s for s in self.surveys if self.happened(s.answered_at) and s.outcome is not None]
        unhappy = [s for s in rated if s.outcome is not None and s.outcome < 4]
        sent = [s for s in self.surveys if self.happened(s.sent_at)]
        silent = [s for s in sent if s.answered_at is None]
        contact, resolve = self.hours("contacted_at"), self.hours("answered_at")
        return {
            "intake": self.count(lambda case: self.happened(case.taken_at)),
            "closed": self.count(lambda case: self.happened(case.closed_at)),
            "backlog": self.count(self.still_open),
            "overdue": self.count(self.is_late),
            **{f"on_time_{clock}": self.on_time(clock) for clock in CLOCKS},
            "contact_median": (median(contact), set(contact)),
            "contact_p90": (ninety(contact), set(contact)),
            "resolve_median": (median(resolve), set(resolve)),
            "resolve_p90": (ninety(resolve), set(resolve)),
            "reopen_rate": (self.rate(set(), closed), set()),  # cases opened again: test_past_weeks.py
            "review_rate": (self.rate(asked, closed), asked),
            "broken_promises": (
                float(sum(map(self.broken, self.cases))),
                self.numbers(lambda case: self.broken(case) > 0),
            ),
            "paused_share": self.paused(resolve),
            "overturn_rate": (self.rate(changed, decided), changed),
            "repeat_rate": self.repeats(),
            "csat": (1 - len(unhappy) / len(rated) if rated else None, {s.case_no for s in unhappy}),
            "response_rate": (1 - len(silent) / len(sent) if sent else None, {s.case_no for s in silent}),
        }


def median(hours: dict[str, float]) -> float | None:
    return statistics.median(hours.values()) if hours else None


def ninety(hours: dict[str, float]) -> float | None:
    """Linear between ranks."""
    if not hours:
        return None
    ranked = sorted(hours.values())
    place = 0.9 * (len(ranked) - 1)
    low = ranked[floor(place)]
    return low + (place - floor(place)) * (ranked[min(floor(place) + 1, len(ranked) - 1)] - low)


@pytest.mark.parametrize("week", WEEKS, ids=str)
@pytest.mark.parametrize("seed", range(4))
def test_every_figure_is_what_a_walk_over_the_records_gives(seed: int, week: date) -> None:
    cases = random_cases(seed, 400)
    surveys = random_surveys(seed, cases)
    found = measured(cases, surveys, week)
    expected = Slowly(cases, surveys, week).figures()
    before = Slowly(cases, surveys, week - timedelta(days=7)).figures()
    assert found.keys() == expected.keys()
    for key, (value, behind) in expected.items():
        assert found[key].value == pytest.approx(value), key
        assert found[key].previous == pytest.approx(before[key][0]), key
        assert set(found[key].now.case_nos) == behind, key


def test_the_sample_reaches_every_figure() -> None:
    """Otherwise the comparison above would compare nothing with nothing."""
    cases = random_cases(0, 400)
    found = measured(cases, random_surveys(0, cases), WEEKS[1])
    assert [key for key, value in found.items() if not value.value] == ["reopen_rate"]


def test_a_week_without_anything() -> None:
    found = measured([], [])
    assert {key: value.value for key, value in found.items() if value.value is not None} == {
        "intake": 0.0, "closed": 0.0, "backlog": 0.0, "overdue": 0.0, "broken_promises": 0.0,
    }  # fmt: skip
    assert found["csat"].change is None
    assert found["csat"].on_target is None


def test_one_case_stands_behind_its_numbers() -> None:
    case = Case(
        case_no="TS-1", stage="answered", taken_at=NOW - timedelta(hours=3), contacted_at=NOW - timedelta(hours=2),
        answered_at=NOW - timedelta(hours=1), stage_since=NOW - timedelta(hours=1),
        resolve_due=NOW - timedelta(minutes=30),
    )  # fmt: skip
    found = measured([case], [])
    assert found["intake"].now.case_nos == ("TS-1",)
    assert found["backlog"].value == 1
    assert found["on_time_resolve"].value == 1.0
    assert (
        found["resolve_median"].value == found["resolve_p90"].value == pytest.approx(2 - 50 / 60)
    )  # lunch 12:40-13:30
    assert found["overdue"].on_target is True


def test_nobody_answered() -> None:
    case = random_cases(1, 1)[0]
    survey = Survey(
        survey_id="s", case_no=case.case_no, sent_at=NOW - timedelta(days=1), expires_at=NOW - timedelta(hours=1)
    )
    found = measured([case], [survey])
    assert found["csat"].value is None
    assert (found["response_rate"].value, found["response_rate"].now.case_nos) == (0.0, (case.case_no,))


def test_satisfaction_has_its_interval_and_target() -> None:
    case = random_cases(1, 1)[0]
    at = NOW - timedelta(hours=1)
    surveys = [
        Survey(survey_id=str(score), case_no=case.case_no, sent_at=at, expires_at=NOW, answered_at=at, outcome=score)
        for score in (2, 4, 5)
    ]
    csat = measured([case], surveys)["csat"]
    assert (csat.now.low, csat.now.high) == (wilson(2, 3).low, wilson(2, 3).high)
    assert csat.on_target is False


def test_the_present_week_ends_now() -> None:
    cases = [case.model_copy(update={"taken_at": NOW + timedelta(minutes=5)}) for case in random_cases(2, 3)]
    assert measured(cases, [])["intake"].value == 0


def test_overdue_now_is_what_the_lists_call_late(desk: Desk, people: dict[str, Actor], clock: Clock) -> None:
    told = {"client_phone": "13800138000", "description": "厨房漏水", "kind": "repair", "channel": "hotline"}
    numbers = [intake.register(desk, actor=people["manager"], values=told).first("cases") for _ in range(3)]
    case = desk.snapshot[Case][numbers[0]]
    handling.make_move(
        desk,
        actor=people["manager"],
        case=case,
        move="ask_more",
        values={"wait_reason": "等照片", "promised_on": desk.today()},
    )
    clock.forward(days=2)
    week = THIS_WEEK - timedelta(days=14)
    found = review_of(desk, week, actor=people["manager"], language="en").key_figures()
    assert set(found["overdue"].now.case_nos) == set(numbers[1:])
    frame = case_frame(desk)
    assert set(frame["case_no"][late(frame, desk.now())]) == set(numbers[1:])


def test_a_scope_takes_its_cases_and_their_surveys() -> None:
    cases = random_cases(5, 200)
    surveys = random_surveys(5, cases)
    east, answers = in_scope(case_table(cases), survey_table(surveys), branch="east", department="sales")
    wanted = {case.case_no for case in cases if case.branch == "east" and case.department == "sales"}
    assert set(east["case_no"]) == wanted
    assert set(answers["survey_id"]) == {survey.survey_id for survey in surveys if survey.case_no in wanted}


def test_keys_are_unique() -> None:
    assert len({kpi.key for kpi in KPIS}) == len(KPIS)


@pytest.mark.trial(10)
def test_a_home_written_otherwise_counts_as_a_repeat() -> None:
    usual = {"stage": "new", "kind": "complaint", "channel": "hotline", "description": "漏水"}
    at = datetime.combine(THIS_WEEK, time(9), ZONE)
    first = Case(
        case_no="A", taken_at=at - timedelta(days=9), community="阳光花园", building="3栋", room="1201", **usual
    )
    again = Case(case_no="B", taken_at=at, community="阳光花园小区", building="３号楼", room="1201室", **usual)

    found = measured([first, again], [])["repeat_rate"]

    assert found.value == 1.0
    assert set(found.now.case_nos) == {"B"}
