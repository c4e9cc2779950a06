"""The demo workspace: what is played through the services is sound, lively, believable, and the same each time."""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random

import pytest

from lib.app.bootstrap import open_desk
from lib.demo.arrivals import weight
from lib.demo.backlog import WAITING
from lib.demo.cast.clients import NOBODY
from lib.demo.cast.people import BRANCHES, ON_LEAVE
from lib.demo.cast.pictures import picture
from lib.demo.cast.texts import Topic, topics
from lib.demo.clock import SteppingClock
from lib.demo.dossier import draw
from lib.demo.generate import Summary, fill, summary
from lib.desk.desk import Desk
from lib.domain.records.case import Case
from lib.domain.records.case_parts import Evidence, FollowUp, Survey
from lib.domain.records.people import Account, Staff
from lib.domain.records.record import Record
from lib.domain.rules.permissions import system_actor
from lib.domain.rules.satisfaction import csat
from lib.domain.text.uploads import check_upload
from lib.errors import NoDemoHere
from lib.services.cases import handling
from lib.services.data.health import problems
from lib.services.workspace import workspace
from lib.store.codec import encode
from lib.store.commit.batch import create
from lib.store.schema import HOT_TABS
from tests.support import ZONE

MORNING = datetime(2026, 7, 20, 10, 20, tzinfo=ZONE)
SMALL, FULL = 40, 400
SECOND = timedelta(seconds=1)
OTHER_TIMES = {
    "holiday": datetime(2026, 10, 3, 15, 0, tzinfo=ZONE),
    "after_holiday": datetime(2026, 2, 24, 9, 5, tzinfo=ZONE),
    "night": datetime(2025, 12, 31, 23, 50, tzinfo=ZONE),
    "leap_day": datetime(2028, 2, 29, 13, 0, tzinfo=ZONE),
}
Opening = Callable[[datetime], Desk]


def opened(folder: Path, now: datetime) -> Desk:
    folder.mkdir()
    return open_desk(
        create=True,
        store=f"sqlite:///{folder}/demo.db",
        files_dir=folder / "files",
        secret_file=folder / "key",
        clock=lambda: now,
    )


@pytest.fixture
def opening(tmp_path: Path) -> Iterator[Opening]:
    """Opens empty workspaces, each in a folder of its own."""
    desks: list[Desk] = []

    def make(now: datetime) -> Desk:
        desks.append(opened(tmp_path / str(len(desks)), now))
        return desks[-1]

    yield make
    for desk in desks:
        desk.store.close()


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A workspace of full size, as it is on a Monday morning in the rainy season."""
    desk = opened(tmp_path_factory.mktemp("demo") / "full", MORNING)
    fill(desk, cases=FULL)
    yield desk
    desk.store.close()


@pytest.fixture
def found(demo: Desk) -> Summary:
    return summary(demo, MORNING)


@pytest.fixture
def cases(demo: Desk) -> list[Case]:
    return list(demo.snapshot[Case].values())


def share(hits: int, total: int) -> float:
    return hits / total


def without_keys(desk: Desk) -> list[tuple[object, ...]]:
    """Everything that happened, without the keys that are drawn anew each time."""
    return [(line.at, line.actor, line.action, line.tab, line.case_no, line.text) for line in desk.history()]


def test_the_same_seed_and_present_give_the_same_workspace(opening: Opening) -> None:
    first, second = opening(MORNING), opening(MORNING)

    assert fill(first, cases=SMALL) == fill(second, cases=SMALL)
    assert dict(first.snapshot[Case]) == dict(second.snapshot[Case])
    assert without_keys(first) == without_keys(second)


def test_another_seed_gives_other_cases(opening: Opening) -> None:
    first, second = opening(MORNING), opening(MORNING)
    fill(first, cases=SMALL, seed=1)
    fill(second, cases=SMALL, seed=2)

    assert dict(first.snapshot[Case]) != dict(second.snapshot[Case])


@pytest.mark.parametrize("now", OTHER_TIMES.values(), ids=OTHER_TIMES.keys())
def test_it_is_sound_at_any_time(opening: Opening, now: datetime) -> None:
    desk = opening(now)

    result = fill(desk, cases=SMALL)

    assert problems(desk) == []
    assert result.cases >= SMALL
    assert result.overdue >= 2
    assert max(line.at for line in desk.history()) <= now


def test_the_clock_of_the_desk_stays_its_own(opening: Opening) -> None:
    desk = opening(MORNING)
    fill(desk, cases=20)

    assert desk.now() == MORNING
    assert workspace.is_demo(desk)


def test_a_workspace_with_cases_is_refused_and_left_alone(opening: Opening) -> None:
    desk = opening(MORNING)
    fill(desk, cases=20)
    before = desk.snapshot.seq

    with pytest.raises(NoDemoHere):
        fill(desk, cases=20)

    assert desk.snapshot.seq == before


class Killed(BaseException):
    """Ends a call in the middle, as Ctrl-C does."""


@pytest.mark.trial(42)
def test_a_demo_that_was_broken_off_is_begun_anew_by_the_next_call(opening: Opening) -> None:
    desk = opening(MORNING)

    def kill(done: int, _: int) -> None:
        if done == 12:
            raise Killed

    with pytest.raises(Killed):
        fill(desk, cases=SMALL, progress=kill)
    assert not workspace.is_demo(desk), "half a demo lets nobody in"
    assert desk.snapshot[Case]
    result = fill(desk, cases=SMALL)
    assert workspace.is_demo(desk)
    assert result.cases >= SMALL
    assert problems(desk) == []


@pytest.mark.trial(42)
@pytest.mark.parametrize(
    "record",
    [
        Account(staff_id="boss", password_hash="x"),
        Staff(staff_id="boss", email="boss@example.cn", name="老板", role="administrator"),
        Case(case_no="TS-2026-000001", title="漏水", taken_at=MORNING),
    ],
    ids=["account", "colleague", "case"],
)
def test_a_workspace_in_use_never_becomes_a_demo(opening: Opening, record: Record) -> None:
    desk = opening(MORNING)
    workspace.initialise(desk)
    desk.save(system_actor(), [create(record)])
    before = desk.snapshot.seq
    with pytest.raises(NoDemoHere):
        fill(desk, cases=20)
    if not isinstance(record, Staff):
        with pytest.raises(NoDemoHere):
            workspace.initialise(desk, demo=True)
    assert desk.snapshot.seq == before
    assert not workspace.is_demo(desk)


@pytest.mark.trial(42)
def test_half_a_demo_in_which_somebody_has_an_account_is_left_alone(opening: Opening) -> None:
    desk = opening(MORNING)
    workspace.begin_demo(desk)
    desk.save(system_actor(), [create(Account(staff_id="boss", password_hash="x"))])
    with pytest.raises(NoDemoHere):
        fill(desk, cases=20)


def test_progress_is_told_for_every_case(opening: Opening) -> None:
    told: list[tuple[int, int]] = []
    fill(opening(MORNING), cases=20, progress=lambda done, total: told.append((done, total)))

    assert told == [(number, 20) for number in range(1, 21)]


def test_a_small_workspace_too_shows_every_stage(opening: Opening) -> None:
    desk = opening(MORNING)

    assert set(fill(desk, cases=SMALL).stages) == set(desk.config.workflow.stages)


def test_nothing_is_wrong_in_the_data(demo: Desk) -> None:
    assert problems(demo) == []


def filled(record: Mapping[str, object]) -> dict[str, object]:
    """A row without its empty cells; a field that was emptied is as good as one never filled."""
    return {name: cell for name, cell in record.items() if cell not in (None, "")}


def test_history_explains_every_record(demo: Desk) -> None:
    replayed: dict[tuple[str, str], dict[str, object]] = {}
    for line in demo.history():
        record = replayed.setdefault((line.tab, line.record_id), {})
        for field, (before, after) in json.loads(line.changes or "{}").items():
            assert record.get(field) == before
            record[field] = after
    stored = {
        (name, key): filled(encode(record)) for name in HOT_TABS for key, record in demo.snapshot.tables[name].items()
    }

    assert {place: filled(record) for place, record in replayed.items() if record} == stored


def test_every_branch_role_and_stage_is_there(demo: Desk, found: Summary, cases: list[Case]) -> None:
    assert set(found.stages) == set(demo.config.workflow.stages)
    assert {person.role for person in demo.snapshot[Staff].values()} == set(demo.config.roles.role)
    assert {case.branch for case in cases} == {code for code, _, _ in BRANCHES}
    assert {case.channel for case in cases} == set(demo.config.lists["channel"])
    assert {case.priority for case in cases} == {"P1", "P2", "P3", "P4"}
    assert demo.snapshot[Staff][ON_LEAVE].is_away(MORNING.date())


def test_home_is_lively(demo: Desk, found: Summary) -> None:
    calls = [call.due_on for call in demo.snapshot[FollowUp].values() if call.done_at is None]

    assert FULL <= found.cases <= FULL * 1.06
    assert 6 <= found.overdue <= 30
    assert 6 <= found.due_today <= 35
    assert found.stages["new"] >= 3
    assert found.stages["accepted"] >= 2
    assert sum(day == MORNING.date() for day in calls) >= 3
    assert sum(day < MORNING.date() for day in calls) >= 2


@pytest.mark.parametrize(
    ("due", "end", "low", "high"),
    [
        ("acknowledge_due", "acknowledged_at", 0.88, 0.99),
        ("contact_due", "contacted_at", 0.86, 0.99),
        ("plan_due", "planned_at", 0.80, 0.96),
        ("resolve_due", "answered_at", 0.80, 0.92),
    ],
)
def test_most_clocks_are_met(cases: list[Case], due: str, end: str, low: float, high: float) -> None:
    ended = [(getattr(case, end), getattr(case, due)) for case in cases if getattr(case, end) and getattr(case, due)]

    assert low <= share(sum(at <= until for at, until in ended), len(ended)) <= high


def test_clients_answer_and_most_are_content(demo: Desk, found: Summary) -> None:
    surveys = demo.snapshot[Survey].values()
    content = csat(surveys, demo.config.survey).value

    assert content is not None
    assert 0.72 <= content <= 0.9
    assert 0.4 <= share(found.answers, found.surveys) <= 0.7
    assert {survey.source for survey in surveys} == {"", "link", "phone"}
    assert {"recovery", "case_closed"} <= {call.purpose for call in demo.snapshot[FollowUp].values()}


def test_reviews_and_reopenings_happen(cases: list[Case]) -> None:
    results = Counter(case.review_result for case in cases)

    assert results["upheld"] > 0
    assert results["changed"] > 0
    assert sum(case.reopen_count > 0 for case in cases) >= 4


def test_no_two_reports_of_the_usual_cases_read_the_same(cases: list[Case]) -> None:
    texts = Counter(case.description for case in cases)

    assert sum(times - 1 for times in texts.values()) <= len(cases) * 0.01


def test_some_clients_come_back(cases: list[Case]) -> None:
    times = Counter(case.client_phone for case in cases)

    assert sum(count > 1 for count in times.values()) >= 30


def test_every_number_is_of_the_made_up_ranges(demo: Desk, cases: list[Case]) -> None:
    numbers = {case.client_phone for case in cases} | {person.phone for person in demo.snapshot[Staff].values()}

    assert all(number.startswith(("1990000", "1980000")) for number in numbers)


def test_rain_brings_leaks_and_one_community_stands_out(cases: list[Case]) -> None:
    leaks = Counter(case.taken_at.month in (6, 7) for case in cases if case.category == "quality.leak")
    lately = Counter(case.community for case in cases if case.taken_at > MORNING - timedelta(days=18))
    (first, most), (_, next_most) = lately.most_common(2)

    assert leaks[True] > leaks[False]
    assert first == "翠湖湾"
    assert most > next_most


def test_staff_work_in_working_hours(demo: Desk) -> None:
    at_work = {line.at for line in demo.history() if line.actor not in ("client", "system")}
    # The end of a span is already outside it, and work that fills a span ends there.
    outside = [at for at in at_work if not (demo.calendar.is_open(at) or demo.calendar.is_open(at - SECOND))]

    assert at_work
    assert outside == []


def test_evidence_can_be_opened(demo: Desk) -> None:
    evidence = list(demo.snapshot[Evidence].values())

    assert len(evidence) >= 40
    for one in evidence:
        assert check_upload(one.name, demo.files.get(one.sha256)).media_type == one.media_type


def test_pictures_are_images_and_differ() -> None:
    drawn = {picture(number) for number in range(12)}

    assert len(drawn) == 12
    assert {check_upload("a.png", content).media_type for content in drawn} == {"image/png"}


def test_the_clock_never_goes_back() -> None:
    clock = SteppingClock(MORNING)
    clock.step_to(MORNING + timedelta(hours=1))

    with pytest.raises(ValueError, match="cannot step"):
        clock.step_to(MORNING)
    with pytest.raises(ValueError, match="cannot step"):
        clock.step_to(datetime(2027, 1, 1))  # noqa: DTZ001


def test_weekends_rain_and_the_end_of_a_holiday_bring_more(demo: Desk) -> None:
    plain, saturday = date(2026, 3, 3), date(2026, 3, 7)
    holiday, after, rainy = date(2026, 10, 2), date(2026, 10, 8), date(2026, 6, 2)
    of = {day: weight(day, demo.calendar) for day in (plain, saturday, holiday, after, rainy)}

    assert of[holiday] < of[plain] < of[rainy] < of[after]
    assert of[saturday] > of[plain]


@pytest.mark.parametrize("topic", topics(), ids=lambda topic: topic.key)
def test_every_topic_names_what_the_lists_know(demo: Desk, topic: Topic) -> None:
    lists = demo.lists

    assert lists.has("category", topic.category)
    assert lists.has("department", topic.department)
    assert all(lists.has("kind", kind) for kind in topic.kinds)
    assert all(lists.has("relation", relation) for relation in topic.relations)
    assert all(lists.has("party", party) for party in topic.parties)
    assert all(lists.has("cause", cause) for cause in topic.causes)


@pytest.mark.parametrize("topic", topics(), ids=lambda topic: topic.key)
def test_every_text_of_a_topic_can_be_filled(topic: Topic) -> None:
    slots = draw(Random(1), topic, NOBODY, MORNING, channel="hotline").slots
    for text in (*topic.reports, *topic.wanted, *topic.findings, *topic.measures, *topic.answers, *topic.lessons):
        assert "{" not in text.format_map(slots)


def test_urgent_topics_are_critical(demo: Desk) -> None:
    worst = {
        topic.key: handling.assessment(
            demo, dict(zip(handling.SEVERITY_FIELDS, (low for low, _ in topic.severity), strict=True))
        )
        for topic in topics()
        if topic.urgent
    }

    assert worst
    assert {found.priority for found in worst.values() if found} == {"P1"}


def test_the_backlog_covers_every_stage_that_waits(demo: Desk) -> None:
    waiting = {stage.key for stage in demo.config.workflow.stage if stage.phase in ("open", "paused", "answered")}

    assert {one.stage for one in WAITING} == waiting | {"declined", "merged", "withdrawn"}
