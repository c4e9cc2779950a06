"""The checklist of the archive: which lines are asked of which case, and when each is there."""

from datetime import timedelta
from typing import Any

import pytest

from lib.config.settings import CONFIG, load_config, load_settings
from lib.domain.records.case import Case
from lib.domain.records.case_parts import Contact, Evidence, FollowUp, Survey, Task
from lib.domain.rules.completeness import ArchiveConfig, Parts, checklist, is_complete
from tests.support import MONDAY

CONFIG_FILE = load_config(load_settings(CONFIG), CONFIG).archive
WHOLE: dict[str, Any] = {
    "case_no": "TS-1", "taken_at": MONDAY, "stage": "closed", "kind": "repair", "priority": "P3", "client_name": "王",
    "client_phone": "19900001234", "community": "阳光花园", "description": "漏水", "category": "quality.leak",
    "answer_text": "已修", "answer_accepted": "yes", "cause": "material", "closed_at": MONDAY,
}  # fmt: skip
MAJOR: dict[str, Any] = {
    **WHOLE, "priority": "P1", "plan_measures": "更换", "consent_at": MONDAY, "consent_how": "phone",
}  # fmt: skip
SURVEY = Survey(survey_id="s", case_no="TS-1", sent_at=MONDAY, expires_at=MONDAY + timedelta(days=14))


def photo(kind: str = "photo") -> Evidence:
    return Evidence(evidence_id=kind, case_no="TS-1", added_at=MONDAY, kind=kind)


def call(*, done: bool) -> FollowUp:
    return FollowUp(follow_up_id="f", case_no="TS-1", due_on=MONDAY.date(), done_at=MONDAY if done else None)


def lacking(fields: dict[str, Any], parts: Parts) -> set[str]:
    lines = checklist(Case.model_validate(fields), parts, CONFIG_FILE)
    missing = {line.rule.key for line in lines if not line.done}
    assert is_complete(Case.model_validate(fields), parts, CONFIG_FILE) == (not missing)
    return missing


def test_a_complete_file() -> None:
    assert lacking(WHOLE, Parts(surveys=[SURVEY], follow_ups=[call(done=True)])) == set()
    assert lacking(MAJOR, Parts(surveys=[SURVEY], evidence=[photo(), photo("plan")])) == set()


@pytest.mark.parametrize(
    ("without", "line"),
    [
        ("client_phone", "client"),
        ("community", "property"),
        ("category", "report"),
        ("answer_text", "answer"),
        ("answer_accepted", "answer"),
        ("cause", "closing"),
    ],
)
def test_a_field_that_lacks(without: str, line: str) -> None:
    assert lacking({**WHOLE, without: ""}, Parts(surveys=[SURVEY])) == {line}


@pytest.mark.parametrize(
    ("parts", "lines"),
    [
        (Parts(surveys=[SURVEY], evidence=[photo("plan")]), set()),
        (Parts(surveys=[SURVEY], evidence=[photo()]), {"written_plan"}),
        (Parts(surveys=[SURVEY]), {"evidence", "written_plan"}),
        (Parts(evidence=[photo("plan")]), {"survey"}),
        (Parts(surveys=[SURVEY], evidence=[photo("plan")], follow_ups=[call(done=True), call(done=False)]),
         {"follow_up"}),
        (Parts(surveys=[SURVEY], evidence=[photo("plan")], tasks=[Task(task_id="t", case_no="TS-1")]), {"tasks"}),
        (Parts(surveys=[SURVEY], evidence=[photo("plan")], contacts=[Contact(contact_id="c", case_no="TS-1")]),
         {"contacts"}),
    ],
)  # fmt: skip
def test_a_part_that_lacks(parts: Parts, lines: set[str]) -> None:
    assert lacking(MAJOR, parts) == lines


def test_a_major_case_needs_plan_and_consent() -> None:
    parts = Parts(surveys=[SURVEY], evidence=[photo("plan")])
    assert lacking({**MAJOR, "plan_measures": "", "consent_at": None}, parts) == {"plan"}
    assert lacking({**MAJOR, "consent_at": None}, parts) == {"consent"}


def test_what_was_paid_needs_a_proof() -> None:
    paid = {**WHOLE, "plan_measures": "赔偿", "plan_compensation": 500.0, "consent_at": MONDAY, "consent_how": "phone"}
    assert lacking(paid, Parts(surveys=[SURVEY])) == {"paid"}


def test_a_review_must_be_reasoned_and_told() -> None:
    reviewed = {**WHOLE, "reviewed_at": MONDAY, "review_findings": "属实"}
    assert lacking(reviewed, Parts(surveys=[SURVEY])) == {"review"}
    assert lacking({**reviewed, "review_told_at": MONDAY}, Parts(surveys=[SURVEY])) == set()


def test_praise_and_declined_cases_need_less() -> None:
    assert lacking({"case_no": "TS-1", "taken_at": MONDAY, "stage": "closed", "kind": "praise"}, Parts()) == set()
    declined = {**WHOLE, "stage": "declined", "answer_text": "", "cause": "", "answer_accepted": ""}
    assert lacking(declined, Parts()) == {"declined"}
    assert lacking({**declined, "decline_ground": "unreasonable", "decline_reason": "超期"}, Parts()) == set()


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ({}, "fields or a part"),
        ({"fields": ["cause"], "part": "tasks"}, "fields or a part"),
        ({"fields": ["nothing"]}, "no field nothing"),
        ({"part": "tasks", "given": ["nothing"]}, "no field nothing"),
        ({"part": "letters"}, "Input should be"),
    ],
)
def test_a_wrong_rule_is_refused_when_loaded(rule: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        ArchiveConfig.model_validate({"after_days": 30, "rule": [{"key": "k", "zh": "中", "en": "E", **rule}]})


def test_years_of_keeping_are_years() -> None:
    with pytest.raises(ValueError, match="from 1 to 100"):
        ArchiveConfig.model_validate({"after_days": 30, "retention_years": {"repair": 0}})
