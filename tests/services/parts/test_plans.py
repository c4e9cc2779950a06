"""Plan and consent (requirement D5): no work without the consent to a plan, no major plan that is not written down."""

from datetime import date, timedelta
from typing import Any

import pytest

from lib.desk.desk import Desk
from lib.documents.printing import make_plan, print_plan
from lib.domain.records.case import Case
from lib.domain.records.case_parts import Evidence
from lib.domain.rules.permissions import Actor, system_actor
from lib.errors import InvalidFields
from lib.i18n import Language
from lib.services.cases import handling
from lib.services.parts import evidence, plans
from lib.store.commit.batch import edit
from tests.cases import assigned, move
from tests.documents.reading import read
from tests.support import Clock

PLAN: dict[str, Any] = {"plan_measures": "更换厨房给水管接头，修复吊顶。"}
AGREED: dict[str, Any] = {"consent_how": "phone", "consent_by": "王小明"}


def investigated(desk: Desk, people: dict[str, Actor], priority: str = "P3") -> Case:
    case = assigned(desk, people, priority=priority)
    return move(desk, people["handler"], case, "investigate", contacted_at=desk.now())


def offer(desk: Desk, people: dict[str, Actor], case: Case, **more: Any) -> Case:
    values = {**PLAN, "plan_deadline": desk.today(), "promised_on": desk.today()}
    handling.make_move(desk, actor=people["handler"], case=case, move="offer_plan", values=values, **more)
    return desk.snapshot[Case][case.case_no]


def refused(desk: Desk, people: dict[str, Actor], case: Case, key: str, **values: Any) -> list[tuple[str, str]]:
    with pytest.raises(InvalidFields) as error:
        handling.make_move(desk, actor=people["handler"], case=case, move=key, values=values)
    return [(problem.field, problem.code) for problem in error.value.problems]


def test_consent_says_when_how_and_by_whom(desk: Desk, people: dict[str, Actor]) -> None:
    case = offer(desk, people, investigated(desk, people))
    assert refused(desk, people, case, "consent", consent_at=desk.now()) == [
        ("consent_how", "missing"),
        ("consent_by", "missing"),
    ]
    case = move(desk, people["handler"], case, "consent", consent_at=desk.now(), **AGREED)
    assert (case.stage, case.consent_how, case.consent_by) == ("in_progress", "phone", "王小明")


@pytest.mark.parametrize("way", ["start", "wait and resume"])
def test_work_does_not_begin_on_a_plan_without_consent(desk: Desk, people: dict[str, Actor], way: str) -> None:
    handler = people["handler"]
    case = move(desk, handler, offer(desk, people, investigated(desk, people)), "rework_plan")
    if way != "start":
        case = move(desk, handler, case, "wait", wait_reason="等物业", promised_on=desk.today())
        case = move(desk, handler, case, "resume")
    assert refused(desk, people, case, "start") == [
        ("consent_at", "missing"), ("consent_how", "missing"), ("consent_by", "missing"),
    ]  # fmt: skip
    assert move(desk, handler, case, "start", consent_at=desk.now(), **AGREED).stage == "in_progress"


def test_without_a_plan_nobody_is_asked(desk: Desk, people: dict[str, Actor]) -> None:
    assert move(desk, people["handler"], investigated(desk, people), "start").stage == "in_progress"


@pytest.mark.parametrize(
    ("field", "value"), [("plan_measures", "只刷漆"), ("plan_compensation", 1.0), ("plan_deadline", date(2026, 4, 1))]
)
def test_what_the_client_agreed_to_is_not_changed_behind_her_back(
    desk: Desk, people: dict[str, Actor], field: str, value: object
) -> None:
    case = offer(desk, people, investigated(desk, people))
    handling.edit_facts(desk, actor=people["handler"], case=case, values={"plan_effect": "停水半天"})
    case = move(desk, people["handler"], case, "consent", consent_at=desk.now(), **AGREED)
    for values in ({field: value}, {field: value, "title": "新标题"}):
        with pytest.raises(InvalidFields) as refused:
            handling.edit_facts(desk, actor=people["handler"], case=case, values=values)
        assert [(problem.field, problem.code) for problem in refused.value.problems] == [(field, "client_agreed")]
    with pytest.raises(InvalidFields):  # as if typed in the sheet
        desk.save(system_actor(), [edit(case, {field: value})])
    again = {field: value, "consent_at": desk.now() + timedelta(minutes=1), "consent_how": "wechat"}
    handling.edit_facts(desk, actor=people["handler"], case=case, values=again)
    assert getattr(desk.snapshot[Case][case.case_no], field) == value


def test_a_new_offer_needs_a_new_consent(desk: Desk, people: dict[str, Actor]) -> None:
    case = offer(desk, people, investigated(desk, people))
    case = move(desk, people["handler"], case, "consent", consent_at=desk.now(), **AGREED)
    case = offer(desk, people, case)
    assert (case.consent_at, case.consent_how, case.consent_by) == (None, "", "")
    assert ("consent_at", "missing") in refused(desk, people, case, "consent")


@pytest.mark.parametrize("priority", ["P1", "P2"])
def test_a_major_plan_is_written_down_before_it_is_offered(
    desk: Desk, people: dict[str, Actor], clock: Clock, priority: str
) -> None:
    case = investigated(desk, people, priority)
    values = {**PLAN, "plan_deadline": desk.today(), "promised_on": desk.today()}
    assert refused(desk, people, case, "offer_plan", **values) == [("written_plan", "needed_for_priority")]
    files = [("方案.txt", b"plan")]
    evidence.add(desk, actor=people["handler"], case=case, files=files, kind="contract")
    assert refused(desk, people, case, "offer_plan", **values) == [("written_plan", "needed_for_priority")]
    evidence.add(desk, actor=people["handler"], case=case, files=files, kind="plan")
    case = offer(desk, people, case)
    assert case.stage == "plan_offered"
    clock.forward(hours=1)
    case = move(desk, people["handler"], case, "rework_plan")
    assert refused(desk, people, case, "offer_plan", **values) == [("written_plan", "needed_for_priority")]


def test_a_plan_made_with_the_offer_is_kept_with_it(desk: Desk, people: dict[str, Actor]) -> None:
    case = investigated(desk, people, "P1")
    content = make_plan(desk, actor=people["handler"], case_no=case.case_no, language="zh_CN", values=PLAN)
    case = offer(desk, people, case, written_plan=("plan.pdf", content))
    kept = next(iter(desk.snapshot[Evidence].values()))
    assert (kept.kind, kept.media_type, kept.case_no) == ("plan", "application/pdf", case.case_no)
    assert desk.files.get(kept.sha256) == content
    assert plans.latest(desk, case) == kept


def test_a_minor_plan_needs_no_paper(desk: Desk, people: dict[str, Actor]) -> None:
    assert offer(desk, people, investigated(desk, people, "P3")).stage == "plan_offered"


@pytest.mark.parametrize(("language", "words"), [("zh_CN", "处理方案"), ("en", "Handling plan")])
def test_the_plan_on_paper(desk: Desk, people: dict[str, Actor], language: Language, words: str) -> None:
    case = offer(desk, people, investigated(desk, people))
    content = print_plan(desk, actor=people["handler"], case_no=case.case_no, language=language)
    marks = read(content).marks
    assert "".join(words.split()) in marks
    assert PLAN["plan_measures"] in marks
    told = [line for line in desk.history(case_no=case.case_no) if line.action == "export"]
    assert [line.text for line in told] == ["plan"]
